"""In tmux: what goes on is drawn anew and anew, and leaves nothing for whoever scrolls back."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from program import Program, wait_until

pytestmark = pytest.mark.skipif(
    shutil.which("tmux") is None,
    reason="tmux is missing, in which a run would be looked at: apt-get install tmux",
)

flow = """
    tasks:
      long: {run: until test -e go; do sleep 0.01; done}
"""


class Tmux:
    """A server of its own, with one window in which one program runs; it stays when that has ended."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._socket = str(program.folder / "tmux")

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-f", "/dev/null", "-S", self._socket, *words],
            cwd=self._program.folder,
            env={
                key: it
                for key, it in self._program.environment.items()
                if key not in ("NO_COLOR", "TERM", "CI")
            },
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *arguments: str) -> None:
        window = ["new-session", "-d", "-x", "80", "-y", "24", *self._program.command(*arguments)]
        self("set-option", "-g", "remain-on-exit", "on", ";", *window)

    @property
    def shown(self) -> str:
        """All that stands in the window, and what one sees who scrolls back."""
        return self("capture-pane", "-p", "-S", "-")

    @property
    def is_over(self) -> bool:
        return self("display-message", "-p", "#{pane_dead}").strip() == "1"


@pytest.fixture
def tmux(runner: Program) -> Iterator[Tmux]:
    window = Tmux(runner)
    yield window
    window("kill-server")


def test_what_is_drawn_from_the_first_row_on_leaves_nothing_to_scroll_back_to(
    runner: Program, tmux: Tmux
) -> None:
    runner.write(flow)
    tmux.start("run")
    wait_until(lambda: re.search(r"running \[ +[1-9]\.", tmux.shown) is not None)
    (runner.folder / "go").touch()
    wait_until(lambda: tmux.is_over)
    shown = tmux.shown
    assert re.match(r" +succeeded \[.+\] long\n─+\n +succeeded \[.+\] workflow: 1 succeeded\n", shown)
    assert "running" not in shown
