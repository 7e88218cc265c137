"""The hook as pre-commit installs it and calls it, in a repository of somebody's."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from installing import need_packages, repository, root
from program import Program

hooks = root / ".pre-commit-hooks.yaml"
Said = subprocess.CompletedProcess[str]


def git(folder: Path, *words: str) -> str:
    """What git says in a folder."""
    own = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    command = ["git", *own, "-c", "commit.gpgsign=false", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def pre_commit(tmp_path: Path) -> Callable[..., Said]:
    """pre-commit in the repository `tmp_path / "theirs"`, or loudly not at all."""
    if importlib.util.find_spec("pre_commit") is None:
        pytest.skip("NOT TESTED, since pre-commit is not installed here: `pip install -r requirements.lock`")
    (tmp_path / "theirs").mkdir()
    git(tmp_path / "theirs", "init", "--quiet")
    environment = Program(tmp_path).environment | {"PRE_COMMIT_HOME": str(tmp_path / "home")}
    environment.pop("PYTHONPATH", None)  # what is installed is to be run

    def call(*words: str) -> Said:
        return subprocess.run(
            [sys.executable, "-m", "pre_commit", *words],
            cwd=tmp_path / "theirs",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    return call


def test_the_hook_is_declared_as_pre_commit_wants_it(pre_commit: Callable[..., Said]) -> None:
    checked = pre_commit("validate-manifest", str(hooks))
    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.timeout(900)
def test_pre_commit_installs_the_hook_and_refuses_what_is_wrong(
    pre_commit: Callable[..., Said], tmp_path: Path
) -> None:
    need_packages(tmp_path)
    ours, theirs = repository(tmp_path), tmp_path / "theirs"
    git(ours, "init", "--quiet")
    git(ours, "add", "--all")
    git(ours, "commit", "--quiet", "--message", "all")
    revision = git(ours, "rev-parse", "HEAD")
    config = [{"repo": str(ours), "rev": revision, "hooks": [{"id": "runner-validate"}]}]
    (theirs / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": config}))
    (theirs / "workflow.yml").write_text("tasks: {one: {run: [echo, hi]}}\n")
    (theirs / "docker-compose.yml").write_text("services: {}\n")
    git(theirs, "add", "--all")
    sound = pre_commit("run", "--all-files")
    assert sound.returncode == 0, sound.stdout
    assert re.search(r"^validate workflow files\.+Passed$", sound.stdout, re.MULTILINE)
    (theirs / "workflows").mkdir()
    (theirs / "workflows" / "b.yml").write_text("tasks: {one: {rum: [echo, hi]}}\n")
    git(theirs, "add", "--all")
    wrong = pre_commit("run")
    assert wrong.returncode == 1
    assert re.sub(r"\.{3,}", "...", wrong.stdout) == (
        "validate workflow files...Failed\n"
        "- hook id: runner-validate\n"
        "- exit code: 2\n"
        "\n"
        "workflows/b.yml:1:15: error: unknown key 'rum' in task 'one' [unknown-key]\n"
        "    1 | tasks: {one: {rum: [echo, hi]}}\n"
        "      |               ^^^\n"
        "      = did you mean 'run'?\n"
        "1 error\n"
        "\n"
    )


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("workflow.yml", True),
        ("workflow.yaml", True),
        ("workflows/a.yml", True),
        ("workflows/parts/a.yaml", True),
        (".github/workflows/ci.yml", False),
        ("my-workflow.yml", False),
        ("workflows/a.txt", False),
    ],
)
def test_the_hook_looks_at_the_files_that_are_usually_workflows(name: str, is_one: bool) -> None:
    (hook,) = yaml.safe_load(hooks.read_text())
    assert bool(re.search(hook["files"], name)) == is_one
