"""On a real pseudo-terminal: lines above, what goes on below, and a clean screen at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import pytest
from program import Program
from terminals import Terminal, timeless

LONG = "a_task_with_a_name_that_is_longer_than_a_terminal_of_80_columns_and_that_has_to_be_cut"
RULE = "────────────"
OUTPUT = r"\x1b[2J\x1b[31mred\x1b[0m\u202e\x07" + "漢" * 40 + " \u00e9nd"

flow = f"""
    name: thumbnails
    pool: {{max_workers: 20}}
    tasks:
      quick:
        run: echo hello
      broken:
        needs: [quick]
        run: |
          printf '\\033[2J\\033[31mred\\033[0m\\342\\200\\256\\007{"漢" * 40} e\u0301nd\\r\\n'
          exit 3
      fetch:
        when: always()
        needs: [broken]
        map: {{over: [cat, dog, owl]}}
        run: test $RUNNER_KEY = cat || until test -e fetch; do sleep 0.01; done
      flaky:
        when: always()
        needs: [broken]
        run: until test -e flaky$RUNNER_ATTEMPT; do sleep 0.01; done; test $RUNNER_ATTEMPT = 2
        retry: {{attempts: 2}}
      {LONG}:
        when: always()
        needs: [broken]
        run: until test -e rest; do sleep 0.01; done
"""
for number in range(1, 8):
    flow += f"""
      t{number}:
        when: always()
        needs: [broken]
        run: until test -e rest; do sleep 0.01; done
"""


@pytest.fixture
def at_a_terminal(runner: Program) -> Iterator[Callable[..., Terminal]]:
    """Starts the program as a person does, at a terminal; it has ended when the test has."""
    clean = ("NO_COLOR", "FORCE_COLOR", "CI", "COLUMNS", "LINES", "TERM")
    kept = {name: value for name, value in runner.environment.items() if name not in clean}
    environment = {**kept, "TERM": "xterm-256color"}
    opened = []

    def start(*arguments: str, columns: int = 80, rows: int = 40, **more: str) -> Terminal:
        command = runner.command(*arguments)
        where = environment | more
        opened.append(Terminal(command, columns, rows, folder=runner.folder, environment=where))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def wrapped(line: str, columns: int) -> list[str]:
    """A line as a terminal shows it that has so many columns."""
    rows, used = [""], 0
    for letter in line:
        cells = 2 if letter == "漢" else 1
        if used + cells > columns:
            rows.append("")
            used = 0
        rows[-1] += letter
        used += cells
    return [row.rstrip() for row in rows]


def seconds_of(word: str, lines: Sequence[str]) -> list[float]:
    """The times in the lines that begin with this word; a screen may be half drawn."""
    found = [it for line in lines if (it := re.match(rf" *{word} \[ *([\d.]+)(ms|s)\]", line))]
    return [float(it[1]) / (1000 if it[2] == "ms" else 1) for it in found]


def goes_on(times: Sequence[float]) -> bool:
    """Whether the second of two lines was drawn some time after the first was told."""
    return len(times) == 2 and times[1] > times[0] + 0.1


def let_go(runner: Program, name: str) -> None:
    """Open the gate at which tasks wait."""
    (runner.folder / name).touch()


@pytest.mark.parametrize("columns", [80, 200])
def test_what_has_happened_stands_above_and_what_goes_on_below(
    runner: Program, at_a_terminal: Callable[..., Terminal], columns: int
) -> None:
    runner.write(flow)
    terminal = at_a_terminal("run", columns=columns, rows=80)
    told = [
        "   succeeded [   TIME] quick",
        "      failed [   TIME] broken: exit code 3 [exit]",
        *wrapped(f"             | {OUTPUT}", columns),
        "   succeeded [   TIME] fetch[cat]",
    ]
    done, room = (6, 32) if columns == 80 else (11, 60)
    running = f"     running [   TIME] {'━' * done}{'─' * (room - done)}  2 of 12 tasks, 1 failed"
    rest = [
        f"             [   TIME] {LONG}" if columns == 200 else f"             [   TIME] {LONG[:56]}…",
        *(f"             [   TIME] t{number}" for number in range(1, 6)),
        "                       … and 2 more",
    ]
    fetching = "             [   TIME] fetch: 1 of 3, 2 running"
    terminal.shows([*told, "", running, fetching, "             [   TIME] flaky", *rest])

    let_go(runner, "flaky1")
    told += ["  TRY 1 FAIL [   TIME] flaky: exit code 1 [exit]; tries again"]
    terminal.shows([*told, "", running, fetching, "       TRY 2 [   TIME] flaky", *rest])

    terminal.press("typed\r")
    told += ["typed"]
    terminal.shows([*told, "", running, fetching, "       TRY 2 [   TIME] flaky", *rest])

    for gate in ("fetch", "flaky2", "rest"):
        let_go(runner, gate)
    assert terminal.end() == 1
    lines = timeless(terminal.lines)
    assert lines[: len(told)] == told
    assert lines[lines.index(RULE) :][:5] == [
        RULE,
        "      failed [   TIME] thumbnails: 1 failed, 11 succeeded",
        "thumbnails failed (run ID)",
        "",
        "workflow.yml:7:3: broken failed: exit code 3 [exit]",
    ]
    assert sorted(lines[len(told) : lines.index(RULE)]) == sorted(
        [
            "   succeeded [   TIME] fetch[dog]",
            "   succeeded [   TIME] fetch[owl]",
            "   succeeded [   TIME] fetch: 3 items",
            "   succeeded [   TIME] flaky: flaky; 2 attempts",
            *wrapped(f"   succeeded [   TIME] {LONG}", columns),
            *(f"   succeeded [   TIME] t{number}" for number in range(1, 8)),
        ]
    )


def test_when_the_window_gets_another_size_what_goes_on_is_drawn_for_it(
    runner: Program, at_a_terminal: Callable[..., Terminal]
) -> None:
    runner.write(flow)
    terminal = at_a_terminal("run", columns=100)
    terminal.until(lambda lines: lines[-1:] == ["                       … and 2 more"])
    told = terminal.lines[: terminal.lines.index("")]

    terminal.resize(40)
    terminal.shows(
        [
            *(line[:40].rstrip() for line in timeless(told)),
            "",
            "     running [   TIME] 2 of 12 tasks, 1…",
            "             [   TIME] fetch: 1 of 3, 2…",
            "             [   TIME] flaky",
            f"             [   TIME] {LONG[:16]}…",
            *(f"             [   TIME] t{number}" for number in range(1, 6)),
            "                       … and 2 more",
        ]
    )
    terminal.resize(60, 9)
    terminal.until(lambda lines: lines[-1:] == ["                       … and 5 more"])
    assert len(terminal.lines) <= 9
    for gate in ("fetch", "flaky1", "flaky2", "rest"):
        let_go(runner, gate)
    assert terminal.end() == 1


def test_of_a_long_name_less_is_shown_than_of_how_far_it_is_and_the_bar_goes_on_within_groups(
    runner: Program, at_a_terminal: Callable[..., Terminal]
) -> None:
    task = "compile_with_optimisations_for_release"
    runner.write(f"""
        tasks:
          build_all_packages:
            tasks:
              {task}:
                map: {{over: [0, 1, 2, 3]}}
                run: "until test {{{{ item }}}} -lt 3 || test -e rest; do sleep 0.01; done"
          later: {{needs: [build_all_packages], run: echo}}
    """)
    terminal = at_a_terminal("run")
    bar = f"{'━' * 16}{'─' * 27}"  # three quarters of one of two
    terminal.until(
        lambda lines: (
            timeless(lines)[-2:]
            == [
                f"     running [   TIME] {bar}  0 of 2 tasks",
                "             [   TIME] build_all_packages.compile_with_optim…: 3 of 4, 1 running",
            ]
        )
    )
    let_go(runner, "rest")
    assert terminal.end() == 0


def test_the_bar_goes_on_within_a_mapped_group_before_any_pass_is_done(
    runner: Program, at_a_terminal: Callable[..., Terminal]
) -> None:
    runner.write("""
        tasks:
          packages:
            map: {over: [0, 1]}
            tasks:
              fetch: {run: "true"}
              build:
                needs: [fetch]
                map: {over: [0, 1]}
                run: "test {{ item }} = 0 || until test -e rest; do sleep 0.01; done"
              check: {map: {over: "{{ tasks.build.results }}"}, run: "true"}
          later: {needs: [packages], run: echo}
    """)
    terminal = at_a_terminal("run", "-j", "4")
    bar = f"{'━' * 14}{'─' * 29}"  # all of one, and half of two, of three, in one of two
    terminal.until(lambda lines: f"     running [   TIME] {bar}  0 of 2 tasks" in timeless(lines))
    let_go(runner, "rest")
    assert terminal.end() == 0


def test_ctrl_c_tells_what_it_ends_and_a_second_one_ends_it_at_once(
    runner: Program, at_a_terminal: Callable[..., Terminal]
) -> None:
    runner.write(
        """
        name: thumbnails
        tasks:
          deaf:
            run: |
              trap '' TERM
              touch begun
              sleep 60
          later:
            needs: [deaf]
            run: echo
        """
    )
    terminal = at_a_terminal("run")
    terminal.until(lambda lines: (runner.folder / "begun").exists())
    terminal.press("\x03")
    told = [
        "    stopping [   TIME] Ctrl-C: ending 1 task within 5s (Ctrl-C again: at once): deaf",
        "   cancelled           later: stopped by SIGINT",
    ]
    bar = f"{'━' * 21}{'─' * 22}"
    below = [f"    stopping [   TIME] {bar}  1 of 2 tasks", "             [   TIME] deaf"]
    terminal.shows([*wrapped(told[0], 80), told[1], "", *below])
    # Two at a time would be taken for one.
    terminal.until(lambda lines: goes_on(seconds_of("stopping", lines)))
    terminal.press("\x03")
    assert terminal.end() == 130
    lines = timeless(terminal.lines)
    assert lines[: lines.index("thumbnails was cancelled (run ID)")] == [
        *wrapped(told[0], 80),
        told[1],
        "    stopping [   TIME] Ctrl-C: killing 1 task: deaf",
        "   cancelled [   TIME] deaf: stopped by SIGINT",
        RULE,
        "   cancelled [   TIME] thumbnails: 2 cancelled",
    ]


quick = """
    name: thumbnails
    tasks:
      quick: {run: echo hello}
      broken: {needs: [quick], run: exit 3}
      left_out: {needs: [broken], run: echo}
"""


@pytest.mark.parametrize("variables", [{}, {"FORCE_COLOR": "1"}, {"NO_COLOR": ""}, {"CI": ""}])
def test_words_have_their_colours(
    runner: Program, at_a_terminal: Callable[..., Terminal], variables: dict[str, str]
) -> None:
    runner.write(quick)
    terminal = at_a_terminal("run", **variables)
    assert terminal.end() == 1
    assert terminal.colours == {"green": {"succeeded"}, "red": {"failed"}, "brown": {"skipped"}}


@pytest.mark.parametrize("arguments", [["run"], ["run", "--no-progress"]])
def test_without_colour_there_is_none(
    runner: Program, at_a_terminal: Callable[..., Terminal], arguments: list[str]
) -> None:
    runner.write(quick)
    terminal = at_a_terminal(*arguments, NO_COLOR="1", FORCE_COLOR="1")
    assert terminal.end() == 1
    assert terminal.colours == {}
    assert re.findall(rb"\x1b\[[0-9;]*m", terminal.sent) == []


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({"CI": "true"}, True),
        ({"CI": "true", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": ""}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
)
def test_where_nothing_can_be_drawn_there_are_lines_alone(
    runner: Program, at_a_terminal: Callable[..., Terminal], variables: dict[str, str], coloured: bool
) -> None:
    runner.write(quick)
    terminal = at_a_terminal("run", **variables)
    assert terminal.end() == 1
    assert {found[-1:] for found in re.findall(rb"\x1b\[[?0-9;]*[A-Za-z]", terminal.sent)} == (
        {b"m"} if coloured else set()
    )
    lines = timeless(terminal.lines)
    assert lines[: lines.index("thumbnails failed (run ID)")] == [
        "   succeeded [   TIME] quick",
        "      failed [   TIME] broken: exit code 3 [exit]",
        "     skipped           left_out: needs broken, which failed at workflow.yml:5",
        RULE,
        "      failed [   TIME] thumbnails: 1 failed, 1 skipped, 1 succeeded",
    ]


def test_what_fails_for_good_is_told_however_many_tries_went_before_it(
    runner: Program, at_a_terminal: Callable[..., Terminal]
) -> None:
    runner.write("""
        pool: {executor: inline}
        tasks:
          get:
            map: {over: "{{ range(6) }}"}
            run: echo "no {{ item }}"; exit 1
            retry: {attempts: 5, delay: 0}
    """)
    terminal = at_a_terminal("run", rows=80)
    assert terminal.end() == 1
    lines = timeless(terminal.lines)
    told = lines[: lines.index(RULE)]
    assert [line for line in told if line.startswith("      failed")] == [
        *(f"      failed [   TIME] get[{number}]: exit code 1 [exit]; 5 attempts" for number in range(6)),
        "      failed [   TIME] get: 0 of 6 items succeeded, 6 failed",
    ]
    assert sum(line.startswith("  TRY ") for line in told) == 10


@pytest.mark.parametrize("asked", [["--format", "json"], ["--format", "text"]])
def test_elsewhere_there_are_lines_and_what_failed_comes_again_unless_it_stands_in_the_report(
    runner: Program, asked: list[str]
) -> None:
    runner.write(quick)
    lines = [
        "   succeeded [   TIME] quick",
        "      failed [   TIME] broken: exit code 3 [exit]",
        "     skipped           left_out: needs broken, which failed at workflow.yml:5",
        RULE,
        "      failed [   TIME] thumbnails: 1 failed, 1 skipped, 1 succeeded",
    ]
    again = ["      failed [   TIME] broken: exit code 3 [exit]"]
    onward = ["to do what failed or never ran, and keep the rest: runner resume ID"]
    apart = runner("run", *asked)
    assert timeless(apart.err.splitlines()) == lines + again + (onward if "text" in asked else [])
    together = runner.shell(f"runner run {' '.join(asked)} 2>&1")
    said = timeless(together.out.splitlines())
    assert said[: len(lines)] == lines
    assert said[len(lines) :][:1] == (again if "json" in asked else ["thumbnails failed (run ID)"])
