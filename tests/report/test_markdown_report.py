"""The Markdown report: whole texts, and how a renderer reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from event_streams import Stream, exit_failure
from markdown_it import MarkdownIt

from runner.records import Failure, FailureKind, Item, Mark, Status
from runner.report import eject

S, F, K = Status.SUCCEEDED, Status.FAILED, Status.SKIPPED
Told = Callable[..., str]


def test_a_run_that_succeeded(stream: Stream, told: Told) -> None:
    stream.begin("fetch", "index")
    stream.map("fetch", [("a", 1, S, {}), ("b", 2, S, {})])
    stream.plain("index", result="index.html")
    stream.finish(outputs={"index": "index.html", "sizes": [1, 2]})
    assert told("markdown") == (
        "# thumbnails: succeeded\n"
        "\n"
        "2 succeeded in 3.2s\n"
        "\n"
        "Run `RUN` of `/home/me/flow.yml`, started 2025-11-22T14:00:00.000+00:00\n"
        "\n"
        "## Tasks\n"
        "\n"
        "| Status | Task | Time | Note |\n"
        "|---|---|---|---|\n"
        "| succeeded | `fetch` | 1.0s | 2 items |\n"
        "| succeeded | `index` | 1.0s |  |\n"
        "\n"
        "## Outputs\n"
        "\n"
        "- `index`: `index.html`\n"
        "- `sizes`: `[1,2]`\n"
    )


def test_outputs_that_differ_in_blanks_and_line_ends_are_told_apart(stream: Stream, told: Told) -> None:
    stream.begin("a")
    stream.plain("a")
    lines = "one  two\nthree\n\n `four`"
    stream.finish(outputs={"lines": lines, "blanks": " one  two three ", "list": [lines], "none": ""})
    text = told("markdown")
    assert text.partition("## Outputs\n\n")[2].splitlines() == [
        r'- `lines`: ``"one  two\nthree\n\n `four`"``',
        "- `blanks`: `  one  two three  `",
        r'- `list`: ``["one  two\nthree\n\n `four`"]``',
        "- `none`: ",
    ]
    tokens = MarkdownIt("commonmark").parse(text)
    parts = [child for token in tokens for child in token.children or ()]
    assert " one  two three " in [part.content for part in parts if part.type == "code_inline"]


def test_a_run_that_failed(stream: Stream, told: Told) -> None:
    stream.begin("fetch", "g", "index")
    failed = [(f"{n}.jpg", n, F, {"failure": exit_failure(22, "curl: no\n", "curl x")}) for n in range(7)]
    stream.map("fetch", [*failed[:1], *failed[1:]], F, line=14)
    group = stream.open("g", kind="tasks", line=20)
    error = Failure(FailureKind.EXCEPTION, "ValueError: [1] *a*", traceback="Traceback:\nValueError\n")
    stream.plain("t", F, within=(group, 0, "g"), line=21, failure=error, attempts=2)
    stream.settle(group, Item(0, None, None), F, failure=Failure(error.kind, "no", address="g.t"))
    stream.end(group, F, failure=Failure(error.kind, "no", address="g.t"))
    stream.plain("index", K, line=30, reason="needs fetch, which failed at flow.yml:14")
    stream.notice("fetch left a command running in the background: 12 sleep")
    stream.finish(F, problems=[Failure(FailureKind.EXPRESSION, "outputs.o: 'x' is undefined")])
    one_item = (
        "### `fetch[{n}.jpg]`\n"
        "\n"
        "exited with 22 \\[exit\\], at `flow.yml:14:3`\n"
        "\n"
        "```sh\n"
        "curl x\n"
        "```\n"
        "\n"
        "```text\n"
        "curl: no\n"
        "```\n"
        "\n"
    )
    assert told("markdown") == (
        "# thumbnails: failed\n"
        "\n"
        "2 failed, 1 skipped in 3.2s\n"
        "\n"
        "Run `RUN` of `/home/me/flow.yml`, started 2025-11-22T14:00:00.000+00:00\n"
        "\n"
        "## Failures\n"
        "\n"
        + "".join(one_item.format(n=n) for n in range(5))
        + "- `fetch[5.jpg]`: exited with 22 \\[exit\\]\n"
        "- `fetch[6.jpg]`: exited with 22 \\[exit\\]\n"
        "\n"
        "### `g.t`\n"
        "\n"
        "ValueError: \\[1\\] \\*a\\* \\[exception\\], after 2 attempts, at `flow.yml:21:3`\n"
        "\n"
        "```text\n"
        "Traceback:\n"
        "ValueError\n"
        "```\n"
        "\n"
        "- outputs.o: 'x' is undefined \\[expression\\]\n"
        "\n"
        "## Tasks\n"
        "\n"
        "| Status | Task | Time | Note |\n"
        "|---|---|---|---|\n"
        "| failed | `fetch` | 1.0s | 0 of 7 items succeeded, 7 failed |\n"
        "| failed | `g` | 1.0s | g.t failed |\n"
        "| failed | · `t` | 1.0s |  |\n"
        "| skipped | `index` |  | needs fetch, which failed at flow.yml:14 |\n"
        "\n"
        "## Notes\n"
        "\n"
        "- fetch left a command running in the background: 12 sleep\n"
    )


hostile = (
    "# h\n- | a | <script>alert(1)</script> ![x](http://e/x.png) `c` ``` ~~~ [l](u) *b* _i_ &lt; $x$ \x1b[31m"
)


def test_nothing_that_a_task_says_is_markup(stream: Stream, told: Told) -> None:
    stream.begin("a", "m")
    failure = Failure(FailureKind.EXIT, hostile, command=hostile, output=hostile, traceback=hostile)
    stream.plain("a", F, failure=failure, marks=[Mark.TOLERATED])
    key = hostile.replace("[", "").replace("]", "").replace("\n", "")
    stream.map("m", [(key, 1, F, {"failure": failure})], F, reason=hostile)
    stream.notice(hostile)
    stream.finish(F, outputs={hostile: hostile}, problems=[failure])
    text = told("markdown")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in [*tokens, *inline]}
    assert (
        kinds & {"html_block", "html_inline", "image", "link_open", "em_open", "strong_open", "hr"} == set()
    )
    headings = [
        tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"
    ]
    assert [heading.partition("[")[0] for heading in headings] == [
        "thumbnails: failed",
        "Failures",
        "````m" if "````" in headings[2] else "`m",
        "`a` (tolerated by allow\\_failure)",
        "Tasks",
        "Outputs",
        "Notes",
    ]
    assert sum(token.type == "tr_open" for token in tokens) == 3
    assert "\x1b" not in text


def test_the_template_that_is_written_out_gives_the_same_report(
    stream: Stream, told: Told, tmp_path: Path
) -> None:
    stream.begin("a")
    stream.plain("a", F, failure=exit_failure(2, "no\n"))
    stream.finish(F)
    mine = tmp_path / "mine.md.j2"
    mine.write_text(eject("markdown"))
    assert told(template=mine) == told("markdown")


def test_a_bar_in_a_name_is_shown_as_it_is_in_and_outside_of_a_table(stream: Stream, told: Told) -> None:
    stream.begin("t")
    stream.map("t", [("a|b", 1, F, {"failure": exit_failure(1, "", "false")})], F, line=14)
    stream.finish(F, outputs={"o|p": "x|y"})
    text = told("markdown")
    assert "### `t[a|b]`\n" in text
    assert "- `o|p`: `x|y`\n" in text
    shown = MarkdownIt("commonmark").enable("table").render(text)
    assert "<h3><code>t[a|b]</code></h3>" in shown


def test_of_a_long_text_its_beginning_or_its_end_is_shown(stream: Stream, told: Told) -> None:
    stream.begin("a")
    lines = "".join(f"line {number} é\n" for number in range(2000))
    failure = Failure(FailureKind.EXIT, "no" * 2000, command=lines, traceback=lines, output="x" * 7000)
    stream.plain("a", F, failure=failure)
    stream.finish(F)
    text = told("markdown")
    assert "no" * 1000 + " … (2,000 bytes left out) \\[exit\\], at `flow.yml:1:3`\n" in text
    assert "```sh\nline 0 é\nline 1 é\n" in text
    assert "\nline 39 é\n… 1,960 lines more\n```\n" in text
    assert "```text\n… 1,960 lines before this\nline 1960 é\nline 1961 é\n" in text
    assert "\nline 1999 é\n```\n" in text
    assert f"```text\n… (1,000 bytes left out)\n{'x' * 6000}\n```\n" in text


def test_nothing_that_a_task_says_becomes_a_link_or_a_mention(stream: Stream, told: Told) -> None:
    linked = (
        "@octocat #12 https://evil.example/x www.evil.com ![i](http://e/x|y.png) a@b.c GH-7 :+1: 3f2a9bc1"
    )
    stream.begin("a", "m")
    failure = Failure(FailureKind.EXCEPTION, f"ValueError: no {linked} end\nmore {linked}\n")
    stream.plain("a", F, failure=failure, reason=f"of {linked} end")
    stream.map("m", [(f"k{n} @octocat", n, F, {"failure": failure}) for n in range(6)], F, reason=linked)
    stream.notice(linked)
    stream.finish(F, problems=[failure])
    text = told("markdown")
    assert f"ValueError: no `{linked}` end \\[exception\\], of `{linked}` end, at `flow.yml:1:3`\n" in text
    assert f"\n```text\nmore {linked}\n```\n" in text
    assert f"| failed | `a` | 1.0s | of `{linked.replace('|', chr(92) + '|')}` end |" in text
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    outside = [part.content for token in tokens for part in token.children or () if part.type == "text"]
    assert [words for words in outside if re.search(r"@|#\d|GH-|://|:\+|www|3f2a", words)] == []


MIB = 1 << 20
"""So much GitHub takes as the summary of a step."""


def test_it_stays_under_a_mebibyte_whatever_the_run(stream: Stream, told: Told) -> None:
    names = [f"t{number}_{'x' * 400}" for number in range(250)]
    stream.begin(*names)
    long = hostile * 100
    failure = Failure(FailureKind.EXIT, long, command=long, output=long, traceback=long)
    for name in names:
        keys = [f"{n} \u202e{'😀' * 100}" for n in range(3)]
        stream.map(name, [(key, 1, F, {"failure": failure}) for key in keys], F, reason=long)
    for number in range(100):
        stream.notice(f"{number} {long}")
    outputs = {f"{name}_o": long for name in names}
    stream.finish(F, outputs=outputs, problems=[failure] * 100)
    text = told("markdown")
    assert MIB * 3 // 5 < len(text.encode()) < MIB
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    headings = [
        tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"
    ]
    assert headings[:2] == ["thumbnails: failed", "Failures"]
    assert headings[-3:] == ["Tasks", "Outputs", "Notes"]
    assert all(heading.startswith("`t") for heading in headings[2:-3])
    left_out = [token.content for token in tokens if token.content.startswith("… and ")]
    assert left_out == [
        "… and 452 more failures: `runner report RUN --format json`",
        "… and 79 more",
        "… and 48 more",
        "… and 186 more",
        "… and 71 more",
    ]
