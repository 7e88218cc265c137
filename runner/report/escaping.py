"""Texts as they are written in HTML, XML and Markdown: nothing in them is markup there."""

from __future__ import annotations

import re
from itertools import groupby

from runner.display import visible
from runner.regex import regex

_marks = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;")]
_not_in_xml = regex("[\ufffe\uffff]")
_line_ends = regex(r"\s*\n\s*")
_markdown = regex(r"([\\`*_\[\]|~$]|^[#+=-])")
_numbered = regex(r"^(\d{1,9})([.)])(?=\s|$)")


def escape_html(text: str) -> str:
    """Text for HTML, in elements and in quoted attributes."""
    text = visible(text)
    for mark, written in _marks:  # many times as fast as `translate`
        text = text.replace(mark, written)
    return text


def escape_xml(text: str) -> str:
    """Text for XML: without the characters that XML cannot hold."""
    escaped = escape_html(text)
    return escaped if escaped.isascii() else _not_in_xml.sub("\ufffd", escaped)


def escape_markdown(text: str) -> str:
    """Text for one paragraph, heading or cell of Markdown: what would be markup is shown."""
    line = _line_ends.sub(" ", visible(text))
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _numbered.sub(r"\1\\\2", _markdown.sub(r"\\\1", line))


def fenced(text: str, language: str = "") -> str:
    """Text as a block of code, whatever backticks are in it."""
    text = visible(text).strip("\n")
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}\n"


def code(text: str, *, cell: bool = False) -> str:
    """Text as code in a line, or in a `cell` of a table, where a bar would end it."""
    line = _line_ends.sub(" ", visible(text).strip("\n"))
    if not line.strip():
        return ""
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    space = " " if line[0] in "` " or line[-1] in "` " else ""
    span = f"{fence}{space}{line}{space}{fence}"
    return span.replace("|", "\\|") if cell else span


def unlinked(text: str, *, cell: bool = False) -> str:
    """Text for one paragraph of Markdown, or a `cell` of a table, in which nothing becomes a link.

    Services that show Markdown make links of addresses, mentions, numbers of issues and hashes of commits,
    escaped or not, but not in code.
    """
    words = _line_ends.sub(" ", visible(text)).split(" ")
    runs = ((links, " ".join(run)) for links, run in groupby(words, key=_makes_a_link))
    return " ".join(code(run, cell=cell) if links else escape_markdown(run) for links, run in runs)


def _makes_a_link(word: str) -> bool:
    return _linked.search(word) is not None


_linked = regex(
    r"@\w|#\d|\bGH-\d|://|\bwww\.|\b(?:mailto|xmpp):"  # addresses, mentions, issues
    r"|:[a-z+-][\w+-]*:|\b(?=[a-f]*\d)[0-9a-f]{7,40}\b",  # pictures by name, commits
    re.IGNORECASE,
)
