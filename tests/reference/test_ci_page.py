"""The page on continuous integration: what it shows is what comes out, and its files do what it says.

The words after a block's language mark it: `file=NAME` is a file that the others find, `github` and
`gitlab` are where it belongs.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from program import Ended, Program

root = Path(__file__).parents[2]
page = (root / "schemas" / "ci.md").read_text(encoding="utf-8")
blocks = re.findall(r"^```(\w+) ([^\n]+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
services = {
    "github": {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "summary.md"},
    "gitlab": {"GITLAB_CI": "true"},
}


def texts(*mark: str) -> list[str]:
    return [text for *words, text in blocks if tuple(words) == mark]


@pytest.fixture
def at(runner: Program) -> Callable[[str], Program]:
    """The program at a service, with the page's workflow."""
    (workflow,) = texts("yaml", "file=workflow.yml")
    runner.write(workflow)

    def served(service: str) -> Program:
        runner.environment |= {**services[service], "CI": "true", "GITHUB_WORKSPACE": str(runner.folder)}
        return runner

    return served


def unvaried(text: str) -> str:
    """Without times and ids, and with the signs by which the page shows controls."""
    text = text.replace("\r", "CR ").replace("\x1b", "ESC")
    text = re.sub(r"\[ *[\d.]+m?s\]", "[TIME]", text)
    text = re.sub(r"section_(start|end):\d+:", r"section_\1:NOW:", text)
    return re.sub(r"\d{8}-\d{6}-[0-9a-f]{4}", "ID", text)


def test_every_block_is_looked_at() -> None:
    known = {("yaml", "file=workflow.yml"), ("yaml", "pre-commit")}
    known |= {(language, service) for language in ("yaml", "console") for service in services}
    assert {tuple(words) for *words, _ in blocks} == known
    assert page.count("\n```") == 2 * len(blocks)


@pytest.mark.parametrize("service", services)
def test_every_command_says_what_is_shown(service: str, at: Callable[[str], Program]) -> None:
    for shown in texts("console", service):
        command, _, said = shown.removeprefix("$ ").partition("\n")
        ended: Ended = at(service).shell(command)
        assert ended.out == ""
        assert unvaried(ended.err) == unvaried(said)


def test_the_files_for_github_run_what_is_there(at: Callable[[str], Program]) -> None:
    action = yaml.safe_load((root / ".github/actions/runner/action.yml").read_text())
    for text in texts("yaml", "github"):
        for part in yaml.safe_load(text)["jobs"]["checks"]["steps"]:
            if "run" in part:
                ended = at("github").shell(part["run"])
                assert (ended.code, "::error file=workflow.yml" in ended.err) == (1, True)
                assert (at("github").folder / "summary.md").read_text().startswith("# workflow: failed\n")
                assert (at("github").folder / "out/junit.xml").is_file()
            elif "OWNER" in part["uses"]:
                assert part["uses"].split("/", 2)[2] == ".github/actions/runner@COMMIT"
                assert set(part["with"]) == set(action["inputs"])


def test_the_file_for_gitlab_keeps_what_is_written(at: Callable[[str], Program]) -> None:
    (text,) = texts("yaml", "gitlab")
    checks = yaml.safe_load(text)["checks"]
    (line,) = checks["script"]
    assert at("gitlab").shell(line).code == 1
    assert "<testsuites " in (at("gitlab").folder / checks["artifacts"]["reports"]["junit"]).read_text()


def test_the_hook_is_named_as_it_is_declared(tmp_path: Path) -> None:
    (text,) = texts("yaml", "pre-commit")
    named = [hook["id"] for repository in yaml.safe_load(text)["repos"] for hook in repository["hooks"]]
    declared = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    assert named == [hook["id"] for hook in declared]
    if importlib.util.find_spec("pre_commit"):
        (tmp_path / "config.yaml").write_text(text)
        command = [sys.executable, "-m", "pre_commit", "validate-config", str(tmp_path / "config.yaml")]
        subprocess.run(command, check=True)


def headings(text: str) -> Iterator[str]:
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_link_leads_somewhere() -> None:
    reference = set(headings((root / "schemas" / "README.md").read_text(encoding="utf-8")))
    links: list[Any] = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", page)
    assert links
    for name, anchor in links:
        assert (root / "schemas" / name).exists()
        assert not anchor or anchor in reference
