"""Reports of runs that failed, made by the program: what comes first, where time went, what is better now."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from program import Program


def analysis(runner: Program, part: str) -> Any:
    """A part of what templates get of the newest run."""
    runner.write(f"{{{{ analysis.{part} | json }}}}", "part.txt.j2")
    return json.loads(runner("report", "--template", "part.txt.j2").out)


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_what_the_run_fails_for_is_told_in_full_however_much_was_tolerated_before(
    runner: Program, form: str
) -> None:
    over = "{over: '{{ range(210) }}', max_failures: 100%}"
    maps = "\n".join(f"          m{number}: {{map: {over}, call: 'lib.py:fail'}}" for number in range(6))
    runner.write("def fail():\n    raise ValueError('tolerated')\n", "lib.py")
    runner.write(
        f"""
        tasks:
{maps}
          real: {{needs: [m0, m1, m2, m3, m4, m5], when: always(), run: "echo THE REASON; exit 3"}}
        """
    )
    assert runner("run", "--quiet").code == 1
    told = runner("report", "--format", form).out
    assert told.index("THE REASON") < told.index("ValueError: tolerated")


def test_what_is_skipped_in_between_hides_nothing_of_the_critical_path(runner: Program) -> None:
    runner.write(
        """
        tasks:
          cleanup: {needs: [last], when: always(), run: echo}
          last: {needs: [test], run: echo}
          test: {needs: [build], run: echo}
          build: {run: exit 1}
        """
    )
    assert runner("run", "--quiet").code == 1
    assert [step["address"] for step in analysis(runner, "critical_path")] == ["build", "cleanup"]


def test_what_was_not_done_is_no_better_than_before(runner: Program) -> None:
    runner.write(
        """
        params: {bad: true}
        tasks:
          lint: {run: exit 1}
          first: {run: "test {{ params.bad }} = true"}
          dep: {needs: [first], run: "test {{ params.bad }} = false"}
          other: {run: "test {{ params.bad }} = false"}
        """
    )
    assert runner("run", "--quiet").code == 1
    assert runner("run", "--quiet", "--skip", "lint", "-p", "bad=false").code == 1
    assert analysis(runner, "previous.mended")["addresses"] == ["other"]


wanting = """
    params: {stop: 'no'}
    tasks:
      each: {map: {over: [a, b, c]}, run: "test {{ item }} = c"}
      late:
        needs: [each]
        when: always()
        run: "test {{ params.stop }} = no || { kill -INT $PPID; sleep 60; }"
"""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["run", "--only", "each[c]", "--again"], 0),
        (["run", "--only", "each[a]"], 1),
        (["run", "--skip", "each"], 0),
        (["run", "-p", "stop=yes"], 130),
    ],
)
def test_a_run_is_not_compared_with_one_of_a_part_nor_with_one_that_was_stopped(
    runner: Program, arguments: list[str], code: int
) -> None:
    runner.write(wanting)
    assert runner("run", "--quiet").code == 1
    assert runner(*arguments, "--quiet").code == code
    assert runner("run", "--quiet").code == 1
    whole = json.loads(runner("runs", "--format", "json").out)[-1]["id"]
    assert analysis(runner, "previous.run.id") == whole
    assert analysis(runner, "previous.failed_anew") == {"total": 0, "addresses": []}
    assert analysis(runner, "previous.mended") == {"total": 0, "addresses": []}


def test_nor_with_one_that_was_continued_in_part(runner: Program) -> None:
    runner.write(wanting)
    assert runner("run", "--quiet").code == 1
    assert runner("resume", "--quiet", "--only", "each[a]").code == 1
    assert runner("run", "--quiet").code == 1
    assert analysis(runner, "previous") is None


def test_a_run_of_a_part_is_compared_with_the_last_one_that_did_as_much(runner: Program) -> None:
    runner.write(wanting)
    ids, compared = [], []
    for words in (
        [],
        ["--only", "late"],
        ["--only", "each[a]"],
        ["--only", "each[a]"],
        ["--only", "each[b]"],
    ):
        runner("run", "--quiet", *words)
        ids.append(json.loads(runner("runs", "--format", "json").out)[0]["id"])
        other = analysis(runner, "previous")
        compared.append(other and ids.index(other["run"]["id"]))
    assert compared == [None, 0, 0, 2, 0]


@pytest.mark.parametrize(
    ("command", "end"),
    [
        ("seq 20; exit 1", [str(number) for number in range(1, 21)]),
        ("seq 21; exit 1", ["… 1 line before this", *(str(number) for number in range(2, 22))]),
        (
            "seq 3000; seq 5 >&2; exit 1",
            ["… 2985 lines before this", *map(str, range(2986, 3001)), "1", "2", "3", "4", "5"],
        ),
        (
            "seq 50; seq 4000 >&2; exit 1",
            [
                *["… 40 lines before this", *map(str, range(41, 51))],
                *["… 3990 lines before this", *map(str, range(3991, 4001))],
            ],
        ),
        ("seq 300000; exit 1", ["… 1988755 bytes before this", *map(str, range(299981, 300001))]),
        ("printf %04098d 7; exit 1", ["… 2 bytes before this", "0" * 4095 + "7"]),
    ],
)
def test_of_output_that_is_cut_it_is_told_how_much_was_before(
    runner: Program, command: str, end: list[str]
) -> None:
    runner.write(f"tasks: {{a: {{run: '{command}'}}}}")
    ended = runner("run")
    assert ended.code == 1
    margin = "             | "
    assert [line.removeprefix(margin) for line in ended.err.splitlines() if line.startswith(margin)] == end
    assert [
        line.removeprefix("    | ") for line in ended.out.splitlines() if line.startswith("    | ")
    ] == end
    assert json.loads(runner("report", "--format", "json").out)["tasks"]["a"]["error"]["output"] == "\n".join(
        end
    )


def test_of_a_message_of_many_lines_the_first_are_told_and_of_its_traceback_the_calls(
    runner: Program,
) -> None:
    runner.write(
        """
        def outer(n): inner(n)
        def inner(n): raise ValueError("\\n".join(f"line {i}" for i in range(n)))
        """,
        "calls.py",
    )
    runner.write("tasks: {a: {call: calls.py:outer, with: {n: 300}}}")
    assert runner("run", "-q").code == 1
    told = [f"line {number}" for number in range(40)]
    text = [line.strip() for line in runner("report").out.splitlines()]
    start = text.index("line 1")
    assert text[start - 1].endswith("ValueError: line 0 [exception]")
    assert text[start : start + 40] == [*told[1:], "… 260 lines more"]
    calls = text[start + 40 : text.index("", start)]
    assert [line for line in calls if line.startswith("File")] != []
    assert calls[-2:] == ["ValueError: line 0", "… 299 lines more"]
    page = runner("report", "--format", "html").out
    assert "\n".join(["ValueError: line 0", *told[1:], "… 260 lines more</p>"]) in page
    assert "\nValueError: line 0\n… 299 lines more</pre>" in page
    summary = runner("report", "--format", "markdown").out
    assert "\n".join(["```text", *told[1:], "line 40", "… 259 lines more", "```"]) in summary
    assert "\nValueError: line 0\n… 299 lines more\n```" in summary
    error = json.loads(runner("report", "--format", "json").out)["tasks"]["a"]["error"]
    assert error["message"].endswith("\nline 299")
    assert error["traceback"].endswith("\nline 299\n") or error["traceback"].endswith("\nline 299")
    assert "\nline 299\n" in runner("report", "--format", "junit").out


def test_of_a_message_that_was_not_recorded_whole_that_is_told_too(runner: Program) -> None:
    runner.write("def f(): raise ValueError('\\n'.join(f'line {i:05}' for i in range(5000)))\n", "calls.py")
    runner.write("tasks: {a: {call: calls.py:f}}")
    assert runner("run", "-q").code == 1
    text = [line.strip() for line in runner("report").out.splitlines()]
    start = text.index("line 00001")
    assert text[start + 38 : start + 40] == ["line 00039", "… 321 lines and 51,028 characters more"]
    last = text[text.index("", start) - 1]  # how much it is hangs on how long the path of the file is
    assert re.fullmatch(r"… 3,\d{3} lines and 1\d,\d{3} characters more", last)
    error = json.loads(runner("report", "--format", "json").out)["tasks"]["a"]["error"]
    assert "\n… 51011 characters left out …\n" in error["message"]
    junit = runner("report", "--format", "junit").out
    assert "\n… 51011 characters left out …\n" in junit


def test_of_long_lines_all_that_is_left_out_is_counted(runner: Program) -> None:
    runner.write("def f(): raise ValueError('x' * 100_000)\n", "calls.py")
    script = f": {'y' * 50_000}"
    runner.write(f"""
        tasks:
          raised: {{call: calls.py:f}}
          long:
            run: |
              {script}
              exit 3
    """)
    assert runner("run", "-q").code == 1
    page, summary = (runner("report", "--format", form).out for form in ("html", "markdown"))
    assert f"{script[:8000]}… 1 line and 42,002 characters more</pre>" in page
    assert f"\n{script[:2000]}\n… (48,009 bytes left out)\n" in summary
    for told in (runner("report").out, page, summary):
        raised = re.search(r"(ValueError: x+)… ([\d,]+) characters more", told)
        assert raised and len(raised[1]) == 500
        assert 500 + int(raised[2].replace(",", "")) == len("ValueError: ") + 100_000


@pytest.mark.parametrize("kind", ["KeyError", "Missing"])
def test_a_key_error_of_many_lines_is_told_on_as_many(runner: Program, kind: str) -> None:
    runner.write(
        f"""
        class Missing(KeyError): pass
        def f(): raise {kind}("\\n".join(f"line {{i}}" for i in range(60)))
        def one(): raise {kind}("a key")
        """,
        "calls.py",
    )
    runner.write("tasks: {a: {call: calls.py:f}, b: {call: calls.py:one}}")
    assert runner("run", "-q").code == 1
    text = [line.strip() for line in runner("report").out.splitlines()]
    start = text.index("line 1")
    assert text[start - 1].endswith(f"{kind}: line 0 [exception]")
    assert text[start + 38 : start + 40] == ["line 39", "… 20 lines more"]
    assert text[text.index("", start) - 2 : text.index("", start)] == [
        f"{'' if kind == 'KeyError' else 'calls.'}{kind}: line 0",
        "… 59 lines more",
    ]
    assert any(line.endswith(f"{kind}: 'a key' [exception]") for line in text)


def test_a_traceback_that_is_not_long_is_told_whole_with_its_message(runner: Program) -> None:
    runner.write("def f(): raise ValueError('one\\ntwo\\nthree')\n", "calls.py")
    runner.write("tasks: {a: {call: calls.py:f}}")
    assert runner("run", "-q").code == 1
    assert "    ValueError: one\n    two\n    three\n\n" in runner("report").out


def test_a_command_is_told_with_the_env_of_its_task(runner: Program) -> None:
    runner.write(
        """
        secrets: [TOKEN]
        env: {EVERYWHERE: x}
        tasks:
          group:
            env: {GROUP: x}
            tasks:
              listed:
                map: {over: [fast, slow]}
                env: {SUITE: "{{ item }} suite", TOKEN: "{{ secrets.TOKEN }}"}
                run: [sh, -c, 'test "$SUITE" != "slow suite"']
          script: {env: {A: 1}, run: 'test "$A" = 2'}
          late: {env: {A: 1}, timeout: 100ms, run: [sleep, 60]}
          none: {env: {A: 1}, run: [no-such-program]}
        """
    )
    done = runner("run", "--quiet", environment={"TOKEN": "it's a secret"})
    assert {line for line in done.out.splitlines() if line.startswith("    $")} == {
        "    $ A=1 no-such-program",
        '    $ export A=1; test "$A" = 2',
        "    $ SUITE='slow suite' TOKEN='***' sh -c 'test \"$SUITE\" != \"slow suite\"'",
        "    $ A=1 sleep 60",
    }


which = """
    tasks:
      test:
        map:
          matrix: {suite: [fast], mode: ["", -O], level: [3, '3', '007', 'on: x', [null, true]]}
        run: test 3 != {{ item.level | json }}
      named: {map: {over: [cat, {dog: 'a "b"'}, '']}, run: exit 1}
      keyed: {map: {over: [http://x/cat.jpg], key: "{{ item | basename }}"}, run: exit 1}
      said: {map: {over: [http://x/cat.jpg], key: "{{ item | basename }}"}, run: "exit 1; echo {{ item }}"}
      listed: {map: {over: {a: [1, {b: c}]}}, run: exit 1}
      group:
        map: {over: [{day: 1}]}
        tasks:
          plain: {run: exit 1}
          inner: {map: {over: [{hour: 2}]}, tasks: {last: {call: "lib.py:fail"}}}
          named: {map: {over: [x]}, run: exit 1}
"""


def test_which_item_failed_is_told_where_its_key_does_not_say_it(runner: Program) -> None:
    runner.write("def fail():\n    raise ValueError('no')\n", "lib.py")
    runner.write(which)
    done = runner("run", "--no-progress")
    told = re.findall(
        r"^workflow.yml\S+ (\S+) failed: .*\n((?:    (?:item|group).*\n)*)", done.out, re.MULTILINE
    )
    assert {address: [line.strip() for line in lines.splitlines()] for address, lines in told} == {
        "test[0]": ["item  {suite: fast, mode: '', level: 3}"],
        "test[5]": ["item  {suite: fast, mode: -O, level: 3}"],
        "named[cat]": [],
        "named[1]": ["item  {dog: 'a \"b\"'}"],
        "named[2]": ["item  ''"],
        "keyed[cat.jpg]": ["item  http://x/cat.jpg"],
        "said[cat.jpg]": [],
        "listed[a]": ["item  [1, {b: c}]"],
        "group[0].plain": ["group[0]  {day: 1}"],
        "group[0].inner[0].last": ["group[0].inner[0]  {hour: 2}", "group[0]  {day: 1}"],
        "group[0].named[x]": ["group[0]  {day: 1}"],
    }
    said = "failed .*test.5.: exit code 1 .exit.; item {suite: fast, mode: -O, level: 3}\n"
    assert re.search(said, done.err)
    assert re.search(r"failed .*\.last: .*; group.0..inner.0. {hour: 2}; group.0. {day: 1}\n", done.err)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("markdown", "at `workflow.yml:2:3`, `item  {level: [null]}`"),
        ("html", "<code>item  {level: [null]}</code>"),
        ("junit", "exit code 1\nitem  {level: [null]}\n\n$ exit 1\n"),
    ],
)
def test_every_report_for_people_tells_it(runner: Program, form: str, told: str) -> None:
    runner.write("tasks:\n  m: {map: {over: [{level: [null]}]}, run: exit 1}\n")
    runner("run", "--quiet")
    assert told in runner("report", "--format", form).out


def test_an_item_that_is_told_is_cut_to_a_line_and_masked(runner: Program) -> None:
    runner.write(
        """
        secrets: [TOKEN]
        tasks:
          m: {map: {over: [["{{ 'two\\nlines, ' * 1000 }}"]]}, run: exit 1}
          s: {map: {over: [{token: "a secret"}]}, run: exit 1}
        """
    )
    done = runner("run", "--no-progress", environment={"TOKEN": "a secret"})
    lines = [line for line in done.out.splitlines() if line.startswith("    item")]
    assert len(lines[0]) == 210
    assert lines[0].startswith("    item  ['two lines, two lines, ")
    assert lines[0].endswith("…")
    assert lines[1:] == ["    item  {token: '***'}"]
    assert "a secret" not in done.out + done.err
