"""The text report: whole texts, as a user reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from event_streams import Stream, exit_failure

from runner.records import Failure, FailureKind, Item, Mark, Status

S, F, K, C = Status.SUCCEEDED, Status.FAILED, Status.SKIPPED, Status.CANCELLED
Told = Callable[..., str]


def test_a_run_that_succeeded_is_told_in_a_few_lines(stream: Stream, told: Told) -> None:
    stream.begin("fetch", "index")
    stream.map("fetch", [("a", 1, S, {}), ("b", 2, S, {})])
    stream.plain("index", result="index.html")
    stream.finish(outputs={"index": "index.html", "sizes": [1, {"é": None}]})
    assert told() == (
        "thumbnails succeeded (run RUN)\n"
        "\n"
        "succeeded  fetch  1.0s  2 items\n"
        "succeeded  index  1.0s\n"
        "\n"
        "outputs:\n"
        "  index: index.html\n"
        '  sizes: [1, {"é": null}]\n'
        "\n"
        "2 succeeded in 3.2s\n"
    )


def test_a_run_that_failed_tells_first_what_failed_where_and_why(stream: Stream, told: Told) -> None:
    stream.begin("fetch", "index", "notify")
    trace = (
        'Traceback (most recent call last):\n  File "load.py", line 3, in load\n    raise ValueError\n'
        "ValueError: bad\n"
    )
    stream.map(
        "fetch",
        [
            (
                "cat.jpg",
                "http://x/cat.jpg",
                F,
                {"failure": exit_failure(22, "curl: (22)\nno\n", "curl -f x")},
            ),
            ("dog.jpg", "http://x/dog.jpg", S, {}),
            (
                "owl.jpg",
                "http://x/owl.jpg",
                F,
                {
                    "attempts": 3,
                    "failure": Failure(FailureKind.EXCEPTION, "ValueError: bad", traceback=trace),
                },
            ),
        ],
        F,
        line=14,
        failure=Failure(FailureKind.BUDGET, "2 of 3 items failed"),
        seconds=95.0,
    )
    stream.plain("index", K, line=20, reason="needs fetch, which failed at flow.yml:14")
    stream.plain("notify", line=25)
    stream.notice("notify left a command running in the background: 123 sleep")
    stream.finish(F)
    assert told() == (
        "thumbnails failed (run RUN)\n"
        "\n"
        "flow.yml:14:3: fetch[cat.jpg] failed: exited with 22 [exit]\n"
        "    item  http://x/cat.jpg\n"
        "    $ curl -f x\n"
        "    | curl: (22)\n"
        "    | no\n"
        "\n"
        "flow.yml:14:3: fetch[owl.jpg] failed after 3 attempts: ValueError: bad [exception]\n"
        "    item  http://x/owl.jpg\n"
        "    Traceback (most recent call last):\n"
        '      File "load.py", line 3, in load\n'
        "        raise ValueError\n"
        "    ValueError: bad\n"
        "\n"
        "failed     fetch   1m 35s  1 of 3 items succeeded, 2 failed\n"
        "skipped    index           needs fetch, which failed at flow.yml:14\n"
        "succeeded  notify  1.0s\n"
        "\n"
        "note: notify left a command running in the background: 123 sleep\n"
        "\n"
        "1 failed, 1 skipped, 1 succeeded in 3.2s\n"
    )


def test_what_is_tolerated_flaky_or_within_budget_is_said(stream: Stream, told: Told) -> None:
    stream.begin("lint", "test", "many", "anew")
    stream.plain("lint", F, failure=exit_failure(1), marks=[Mark.TOLERATED])
    fan = stream.open("test")
    stream.retry(fan, Item(0, None, None), exit_failure(1))
    stream.settle(fan, Item(0, None, None, attempt=2), marks=(Mark.FLAKY,))
    stream.end(fan)
    reason = "tolerated by max_failures: 1"
    stream.map("many", [("a", 1, S, {}), ("b", 2, F, {"failure": exit_failure(3)})], S, reason=reason)
    stream.map("anew", [("a", 1, S, {}), ("b", 2, S, {"marks": (Mark.FLAKY,)})])
    stream.finish()
    assert told() == (
        "thumbnails succeeded (run RUN)\n"
        "\n"
        "flow.yml:1:3: lint failed (tolerated by allow_failure): exited with 1 [exit]\n"
        "    $ false\n"
        "\n"
        "flow.yml:1:3: many[b] failed (tolerated by max_failures: 1): exited with 3 [exit]\n"
        "    item  2\n"
        "    $ false\n"
        "\n"
        "failed     lint  1.0s  tolerated by allow_failure\n"
        "succeeded  test  1.0s  flaky: 2 attempts\n"
        "succeeded  many  1.0s  1 of 2 items succeeded, 1 failed; tolerated by max_failures: 1\n"
        "succeeded  anew  1.0s  2 items, 1 flaky\n"
        "\n"
        "1 failed (tolerated), 3 succeeded in 3.2s\n"
    )


def test_of_a_map_with_many_failures_the_first_are_told_in_full_and_the_others_in_a_line(
    stream: Stream, told: Told
) -> None:
    stream.begin("m", "n")
    failed = [(str(n), n, F, {"failure": Failure(FailureKind.EXIT, "no")}) for n in range(9)]
    over = Failure(FailureKind.BUDGET, "9 of 10 items failed (max_failures: 5)")
    stream.map("m", [*failed, ("x", 1, S, {})], F, failure=over)
    stream.map("n", failed[:1], F)
    stream.finish(F)
    assert told() == (
        "thumbnails failed (run RUN)\n"
        "\n"
        "flow.yml:1:3: m[0] failed: no [exit]\n"
        "\n"
        "flow.yml:1:3: m[1] failed: no [exit]\n"
        "\n"
        "flow.yml:1:3: m[2] failed: no [exit]\n"
        "\n"
        "flow.yml:1:3: m[3] failed: no [exit]\n"
        "\n"
        "flow.yml:1:3: m[4] failed: no [exit]\n"
        "m[5] failed: no [exit]\n"
        "m[6] failed: no [exit]\n"
        "m[7] failed: no [exit]\n"
        "m[8] failed: no [exit]\n"
        "\n"
        "flow.yml:1:3: n[0] failed: no [exit]\n"
        "\n"
        "failed  m  1.0s  1 of 10 items succeeded, 9 failed (max_failures: 5)\n"
        "failed  n  1.0s  0 of 1 item succeeded, 1 failed\n"
        "\n"
        "2 failed in 3.2s\n"
    )


def test_of_very_many_failing_tasks_and_items_the_report_stays_short(
    stream: Stream, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failed = [(str(n), n, F, {"failure": Failure(FailureKind.EXIT, "no\nnever")}) for n in range(300)]
    stream.begin("m", *(f"t{n}" for n in range(1000)))
    stream.map("m", failed, F)
    for n in range(1000):
        stream.plain(f"t{n}", F, failure=Failure(FailureKind.EXIT, "no"))
    stream.finish(F)
    lines = told().splitlines()
    assert len([line for line in lines if line.startswith("flow.yml:1:3: m[")]) == 5
    assert (
        len([line for line in lines if line.startswith("m[") and line.endswith(" failed: no never [exit]")])
        == 200
    )
    assert "… and 95 more of m: runner report RUN --format json" in lines
    assert len([line for line in lines if line.startswith("flow.yml:1:3: t")]) == 45
    assert (
        len([line for line in lines if line.startswith("t") and line.endswith(" failed: no [exit]")]) == 750
    )
    assert "… and more failures: runner report RUN --format json" in lines


def test_a_map_that_failed_before_its_first_item_says_why(stream: Stream, told: Told) -> None:
    stream.begin("m")
    fan = stream.open("m", mapped=True, line=7)
    stream.end(fan, F, failure=Failure(FailureKind.ITEMS, "'over' gave the text 'abc'\nuse split"))
    stream.finish(F)
    assert told() == (
        "thumbnails failed (run RUN)\n"
        "\n"
        "flow.yml:7:3: m failed: 'over' gave the text 'abc' [items]\n"
        "    use split\n"
        "\n"
        "failed  m\n"
        "\n"
        "1 failed in 3.2s\n"
    )


def test_groups_show_their_tasks_and_the_address_of_what_failed(stream: Stream, told: Told) -> None:
    stream.begin("country", "once")
    group = stream.open("country", kind="tasks", mapped=True, line=2)
    stream.plain("parse", F, within=(group, 0, "country[fr]"), line=4, failure=exit_failure(9))
    inner = Failure(FailureKind.EXIT, "exited with 9", address="country[fr].parse")
    stream.settle(group, Item(0, "fr", "fr"), F, failure=inner)
    stream.end(group, F, failure=Failure(FailureKind.BUDGET, "1 of 1 items failed"))
    once = stream.open("once", kind="tasks", line=9)
    stream.plain("late", line=12, within=(once, 0, "once"))
    stream.plain("early", F, line=11, within=(once, 0, "once"), failure=exit_failure(8))
    inner = Failure(FailureKind.EXIT, "exited with 8", address="once.early")
    stream.settle(once, Item(0, None, None), F, failure=inner)
    stream.end(once, F, failure=inner)
    stream.finish(F)
    assert told() == (
        "thumbnails failed (run RUN)\n"
        "\n"
        "flow.yml:4:3: country[fr].parse failed: exited with 9 [exit]\n"
        "    $ false\n"
        "\n"
        "flow.yml:11:3: once.early failed: exited with 8 [exit]\n"
        "    $ false\n"
        "\n"
        "failed     country  1.0s  0 of 1 item succeeded, 1 failed\n"
        "failed       parse        1 failed\n"
        "failed     once     1.0s  once.early failed\n"
        "failed       early  1.0s\n"
        "succeeded    late   1.0s\n"
        "\n"
        "2 failed in 3.2s\n"
    )


def test_a_run_that_goes_on_is_told_as_far_as_it_is(stream: Stream, told: Told) -> None:
    stream.begin("a", "m", "z")
    stream.plain("a")
    fan = stream.open("m", mapped=True)
    stream.start(fan, Item(0, "x", 0), Item(1, "y", 1))
    stream.settle(fan, Item(1, "y", 1))
    assert told() == (
        "thumbnails is still running (run RUN)\n"
        "\n"
        "succeeded  a  1.0s\n"
        "running    m        1 item so far\n"
        "waiting    z\n"
        "\n"
        "1 running, 1 waiting, 1 succeeded\n"
    )


def test_an_output_that_failed_is_told_with_the_failures(stream: Stream, told: Told) -> None:
    stream.begin("a")
    stream.plain("a")
    problem = Failure(FailureKind.EXPRESSION, "outputs.o: 'x' is undefined")
    stream.finish(F, outputs={"o": None}, problems=[problem])
    assert told() == (
        "thumbnails failed (run RUN)\n"
        "\n"
        "outputs.o: 'x' is undefined [expression]\n"
        "\n"
        "succeeded  a  1.0s\n"
        "\n"
        "outputs:\n"
        "  o: null\n"
        "\n"
        "1 succeeded in 3.2s\n"
    )


def test_an_interrupted_run_says_so(stream: Stream, told: Told) -> None:
    stream.begin("a")
    stream.plain("a", C, reason="interrupted by Ctrl-C")
    stream.finish(C)
    assert told() == (
        "thumbnails was cancelled (run RUN)\n\ncancelled  a  interrupted by Ctrl-C\n\n1 cancelled in 3.2s\n"
    )


hostile = "\x1b[2J\x1b]0;owned\x07 \x9b31m \u202eevil \r overwritten \udcff \x00"


def test_nothing_in_a_report_can_steer_the_terminal(stream: Stream, told: Told) -> None:
    stream.begin("a", "m")
    failure = Failure(FailureKind.EXIT, hostile, command=hostile, output=hostile, traceback=hostile)
    stream.plain("a", F, failure=failure)
    stream.map("m", [(f"k{hostile}", 1, F, {"failure": failure})], F, reason=hostile)
    stream.notice(hostile)
    stream.finish(F, outputs={hostile: hostile, "list": [hostile]}, problems=[failure])
    text = told()
    assert [letter for letter in text if not letter.isprintable() and letter != "\n"] == []
    assert "\\x1b[2J\\x1b]0;owned\\x07 \\x9b31m \\u202eevil \\x0d overwritten \\xff \\x00" in text


@pytest.mark.parametrize(("name", "columns"), [("漢字", 4), ("e\u0301", 1), ("plain", 5)])
def test_wide_characters_keep_the_columns_straight(
    stream: Stream, told: Told, name: str, columns: int
) -> None:
    stream.begin(name, "longer_name")
    stream.plain(name)
    stream.plain("longer_name")
    stream.finish()
    padding = " " * (len("longer_name") - columns)
    assert f"succeeded  {name}{padding}  1.0s\n" in told()


def test_what_is_around_a_failure_inside_a_map_is_shown_while_it_is_under_way(
    stream: Stream, told: Told
) -> None:
    stream.begin("country")
    country = stream.open("country", kind="tasks", mapped=True, total=2)
    stream.start(country, Item(0, "fr", "fr"))
    within = (country, 0, "country[fr]")
    city = stream.open("city", kind="tasks", within=within, line=3)
    stream.open("late", within=within, line=9)
    stream.start(city, Item(0, None, None))
    inner = (city, 0, "country[fr].city")
    stream.plain("parse", F, within=inner, line=5, failure=exit_failure(9))
    stream.open("write", within=inner, line=6)
    assert told() == (
        "thumbnails is still running (run RUN)\n"
        "\n"
        "flow.yml:5:3: country[fr].city.parse failed: exited with 9 [exit]\n"
        "    $ false\n"
        "\n"
        "running  country    0 of 2 items so far\n"
        "running    city     1 under way, 1 waiting\n"
        "failed       parse  1 failed, 1 waiting\n"
        "waiting      write  2 waiting\n"
        "waiting    late     2 waiting\n"
        "\n"
        "1 running\n"
    )


def test_a_command_that_nobody_can_read_is_shown_by_its_beginning(stream: Stream, told: Told) -> None:
    stream.begin("a")
    stream.plain("a", status=F, failure=exit_failure(1, "", "echo " + "x" * 100_000))
    stream.finish(status=F)
    command = next(line for line in told().splitlines() if line.startswith("    $ "))
    assert command.endswith("x… (100005 characters in all)")
    assert len(command) == 4130
