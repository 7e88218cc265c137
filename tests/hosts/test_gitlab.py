"""Under GitLab: what succeeded is in sections that are folded, what failed is open."""

from __future__ import annotations

import re

from served import Served

# As GitLab reads its log.
_mark = re.compile(r"section_(start|end):(\d+):([a-zA-Z0-9_.-]+)(\[[^\]]*\])?\r(?:\x1b\[0K)?")

flow = r"""
    pool: {executor: inline}
    tasks:
      quiet: {run: "true"}
      talks:
        needs: [quiet]
        run: |
          echo one
          printf 'section_start:1:mine\r\033[0Kmine\n\033[0Ksection_end:1:mine\r\033[0K\nno end'
      fails:
        needs: [talks]
        run: "echo so; echo section_end:1:x; exit 3"
"""


def test_what_succeeded_is_folded_and_what_failed_is_open(gitlab: Served) -> None:
    gitlab.write(flow)
    said = gitlab.said(code=1)
    assert said == (
        "   succeeded [TIME] quiet\n"
        "\x1b[0Ksection_start:NOW:runner_ID_1[collapsed=true]\r\x1b[0Ksucceeded [TIME] talks\n"
        "    | one\n"
        "    | section_start:1:mine\\x0d\\x1b[0Kmine\n"
        "    | \\x1b[0Ksection_end:1:mine\\x0d\\x1b[0K\n"
        "    | no end\n"
        "\x1b[0Ksection_end:NOW:runner_ID_1\r\x1b[0K\n"
        "      failed [TIME] fails: exit code 3 [exit]\n"
        "    | so\n"
        "    | section_end:1:x\n"
        "────────────\n"
        "      failed [TIME] workflow: 1 failed, 2 succeeded\n"
    )


def test_only_our_own_sections_are_sections_and_each_has_its_name(gitlab: Served) -> None:
    gitlab.write("""
        pool: {executor: inline}
        tasks:
          each:
            map: {over: [1, 2, 3]}
            run: printf 'section_start:1:mine[collapsed=true]\\r\\033[0Khidden\\n'
    """)
    text = gitlab("run").err
    marks = [(found[1], found[3].rpartition("_")[2], found[4]) for found in _mark.finditer(text)]
    assert marks == [
        mark for number in "123" for mark in (("start", number, "[collapsed=true]"), ("end", number, None))
    ]


def test_the_report_of_tests_is_a_file(gitlab: Served) -> None:
    gitlab.write(flow)
    gitlab.said("--report", "junit.xml", code=1)
    assert '<failure type="exit" message="exit code 3"' in (gitlab.folder / "junit.xml").read_text()


def test_output_that_nobody_wants_is_not_shown(gitlab: Served) -> None:
    gitlab.write(flow)
    assert gitlab.said("--output", "none", code=1).splitlines() == [
        "   succeeded [TIME] quiet",
        "   succeeded [TIME] talks",
        "      failed [TIME] fails: exit code 3 [exit]",
        "────────────",
        "      failed [TIME] workflow: 1 failed, 2 succeeded",
        "      failed [TIME] fails: exit code 3 [exit]",
    ]


def test_what_fails_for_good_is_open_however_many_tries_went_before_it(gitlab: Served) -> None:
    gitlab.write(tried_in_vain)
    lines = gitlab.said(code=1).splitlines()
    for number in range(6):
        at = lines.index(f"      failed [TIME] get[{number}]: exit code 1 [exit]; 5 attempts")
        assert lines[at + 1] == f"    | no {number}, 5"
    assert sum("[collapsed=true]" in line for line in lines) == 10


tried_in_vain = """
    pool: {executor: inline}
    tasks:
      get:
        map: {over: "{{ range(6) }}"}
        run: echo "no {{ item }}, $RUNNER_ATTEMPT"; exit 1
        retry: {attempts: 5, delay: 0}
"""
