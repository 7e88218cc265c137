"""The service at which the program runs, where one reads along what it prints: GitHub Actions or GitLab CI.

It tells by the environment which it is. What is done for each is in a module of its own, which nobody else
imports.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from runner.hosts.host import Host

_here: Host | None = None


def here() -> Host:
    """The service at which this program runs, or none."""
    global _here
    if _here is None:
        _here = _host(os.environ)
    return _here


def _host(environment: Mapping[str, str]) -> Host:
    if "RUNNER_RUN_ID" in environment:  # what a task prints is text
        return Host()
    if environment.get("GITHUB_ACTIONS") == "true":
        from runner.hosts.github import GitHub

        return GitHub(environment)
    if environment.get("GITLAB_CI") == "true":
        from runner.hosts.gitlab import GitLab

        return GitLab()
    return Host()
