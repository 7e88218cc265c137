"""Report templates: Jinja2 in a sandbox, where every value is escaped for the kind of text it enters.

It does not know what a report tells. Templates may loop and branch; they reach no Python object
but what JSON holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.display import one_line, took, visible
from runner.expression.filters import tests
from runner.links import broken_link
from runner.problem import UserError
from runner.report.escaping import code, escape_html, escape_markdown, escape_xml, fenced, unlinked
from runner.report.excerpts import Excerpt, first_lines, in_bytes, last_lines, traceback_lines

if TYPE_CHECKING:
    from jinja2 import Environment, Template

BUILT_IN = Path(__file__).parent / "templates"
"""Templates that come with the program; others may extend or include them as `runner/<name>`."""

_kinds = {
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".xml": "xml",
    ".svg": "xml",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
}
_of_formats = {"html": "html", "junit": "xml", "markdown": "markdown"}
_largest_result = 10_000_000
_held_in_memory = 1 << 20
_piece = 1 << 16
_at_once = 1000
_save = "save the file as UTF-8"
_endings = (".j2", ".jinja", ".jinja2")


class TemplateError(UserError):
    """A template cannot be used, or failed; the message says where."""


def kind_of(template: str, form: str | None = None, written: str | None = None) -> str:
    """What a template makes, by its name: `report.html.j2` makes HTML.

    Where its name does not say: by the format that is asked for, else by the name of what is written.
    """
    name = Path(template).name.lower()
    for ending in _endings:
        name = name.removesuffix(ending)
    by_format = _of_formats.get(form or "")
    return (
        _kinds.get(Path(name).suffix) or by_format or _kinds.get(Path(written or "").suffix.lower(), "text")
    )


def load_template(name: str, kind: str) -> Template:
    """A template that is ready to render; raises `TemplateError` with the place of what is wrong.

    `kind` is that of the text which it makes.
    """
    from jinja2 import TemplateNotFound, TemplateSyntaxError

    path = Path(name)
    if path.exists() and not path.is_file():
        raise TemplateError(f"cannot read the template {path}: it is no file")
    try:
        return _environment(kind, path.resolve().parent).get_template(path.name)
    except TemplateNotFound as error:
        message = f"cannot read the template {path}: there is no such file"
        raise TemplateError(message, broken_link(str(path))) from error
    except TemplateSyntaxError as error:
        raise TemplateError(f"{path}:{error.lineno}: {error.message}") from error
    except UnicodeDecodeError as error:
        raise TemplateError(f"{path}:{_not_utf8(error)}", _save) from error
    except OSError as error:
        raise TemplateError(f"cannot read the template {path}: {error.strerror}") from error


def render(template: Template, context: Mapping[str, Any]) -> Iterator[str]:
    """The text that a template makes, in pieces, once it is whole: one that fails has made nothing."""
    from tempfile import SpooledTemporaryFile

    from jinja2 import TemplateNotFound, TemplateSyntaxError

    try:
        with SpooledTemporaryFile(
            _held_in_memory, "w+", encoding="utf-8", newline="", errors="surrogatepass"
        ) as made:
            pieces = template.generate(dict(context))
            while some := list(islice(pieces, _at_once)):
                made.write("".join(some))
            made.seek(0)
            while piece := made.read(_piece):
                yield piece
    except UserError:
        raise
    except TemplateSyntaxError as error:
        raise TemplateError(f"{error.filename}:{error.lineno}: {error.message}") from error
    except TemplateNotFound as error:
        place = _place(error, template)
        raise TemplateError(f"{place}: there is no template '{error.name}' beside this one") from error
    except UnicodeDecodeError as error:
        place = _place(error, template)
        raise TemplateError(
            f"{place}: in a template that is named here, line {_not_utf8(error)}", _save
        ) from error
    except Exception as error:
        place = _place(error, template)
        raise TemplateError(f"{place}: {str(error) or type(error).__name__}") from error


def _not_utf8(error: UnicodeDecodeError) -> str:
    """What is wrong, after its line."""
    line = error.object.count(b"\n", 0, error.start) + 1
    return f"{line}: byte 0x{error.object[error.start]:02X} is not UTF-8"


def _place(error: BaseException, template: Template) -> str:
    """The line of the template that failed: the innermost one in a template."""
    place = template.filename or template.name or "template"
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if not code.co_filename.endswith(".py") and not code.co_filename.startswith("<"):
            place = f"{code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


@lru_cache(maxsize=8)
def _environment(kind: str, folder: Path) -> Environment:
    from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from markupsafe import Markup

    class Sandbox(ImmutableSandboxedEnvironment):
        """Where `a.b` is the key of a mapping before it is anything else, and nothing grows without end."""

        intercepted_binops = frozenset({"**", "*"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if _result_size(operator, left, right) > _largest_result:
                raise OverflowError(f"`{operator}` would make more than {_largest_result:,} characters")
            return super().call_binop(context, operator, left, right)

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, Mapping) and attribute in obj:
                return obj[attribute]
            return super().getattr(obj, attribute)

    escape = _escapes[kind]

    @pass_context  # what is constant is written when the template is read, and not by this, unless it asks
    def finalize(_: object, value: Any) -> Any:
        if type(value) is str:
            return Markup(escape(value))
        return value if hasattr(value, "__html__") else Markup(escape(_text(value)))

    environment = Sandbox(
        loader=ChoiceLoader([FileSystemLoader(folder), PrefixLoader({"runner": FileSystemLoader(BUILT_IN)})]),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    del environment.globals["lipsum"]
    environment.filters |= _filters
    environment.tests |= {name: tests[name] for name in ("startswith", "endswith")}
    if kind == "html":
        environment.filters["json"] = lambda value: Markup(_json_in_html(value))
        environment.filters["allowed"] = _allowed
    environment.filters["tojson"] = environment.filters["json"]
    return environment


def _result_size(operator: str, left: Any, right: Any) -> float:
    """About how many characters or bits an operation makes."""
    numbers = isinstance(left, int) and isinstance(right, int)
    if operator == "**":
        return left.bit_length() * max(right, 0) if numbers else 0
    for sequence, times in ((left, right), (right, left)):
        if isinstance(sequence, str | list | tuple) and isinstance(times, int):
            return len(sequence) * max(times, 0)
    return 0


def _text(value: Any) -> Any:
    """A value as text: nothing for None, JSON for what is no text."""
    from jinja2 import Undefined

    if isinstance(value, str | Undefined):
        return str(value)
    return "" if value is None else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


def _json_in_html(value: Any) -> str:
    """JSON that may stand in a script: nothing in it can end the script."""
    return _json(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _allowed(text: str) -> str:
    """What a Content-Security-Policy says to allow an inline script or style with this text."""
    from base64 import b64encode
    from hashlib import sha256

    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _plain(value: Any) -> Any:
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"JSON cannot hold a {type(value).__name__}")


def _one_line(value: Any, most: int = 200) -> str:
    return one_line(_text(value), most)


def _output(value: Any) -> str:
    """An output on one line: a text of several lines as JSON, which shows where they end."""
    return _one_line(_json(value) if isinstance(value, str) and "\n" in value else value)


def _at_most(value: Any, size: int, *, ending: bool = False) -> str:
    """As much of a text as has `size` bytes, from its beginning or its end, and how much is left out."""
    left_out = ""
    if isinstance(value, Excerpt) and value.ending == ending:  # what that leaves out is left out as well
        text, left_out = visible(value.shown), visible(value.left_out)
    else:
        text = visible(_text(value))
    written = text.encode("utf-8", "replace")
    if len(written) <= size:
        return visible(_text(value))
    part = (written[-size:] if ending else written[:size]).decode("utf-8", "ignore")
    whole_lines = part.partition("\n")[2] if ending else part.rpartition("\n")[0]
    part = whole_lines or part
    if ending:
        return f"… ({in_bytes(left_out + text.removesuffix(part))} left out)\n{part}"
    return f"{part}\n… ({in_bytes(text.removeprefix(part) + left_out)} left out)"


def _bytes(value: Any) -> int:
    """How many bytes a text has as UTF-8."""
    return len(str(value).encode("utf-8", "backslashreplace"))


def _fenced(text: str, language: str = "") -> Any:
    from markupsafe import Markup

    return Markup(fenced(text, language))


def _code(text: str, *, cell: bool = False) -> Any:
    from markupsafe import Markup

    return Markup(code(text, cell=cell))


def _unlinked(text: str, *, cell: bool = False) -> Any:
    from markupsafe import Markup

    return Markup(unlinked(text, cell=cell))


def _moment(value: str) -> str:
    """A time as people write it; `value` is ISO 8601."""
    from datetime import datetime

    return datetime.fromisoformat(value).strftime("%-d %B %Y, %H:%M:%S %Z").strip()


def _thousands(value: int) -> str:
    return f"{value:,}"


def _change(factor: float | None) -> str:
    """How much longer or shorter something took, by the factor."""
    if factor is None:
        return ""
    if factor >= 2:
        return f"\u00d7 {factor:.1f}"
    percent = round(100 * (factor - 1))
    return f"{percent:+}%".replace("-", "\u2212") if percent else "same"


_filters: dict[str, Callable[..., Any]] = {
    "took": took,
    "moment": _moment,
    "thousands": _thousands,
    "change": _change,
    "first_lines": first_lines,
    "last_lines": last_lines,
    "traceback_lines": traceback_lines,
    "one_line": _one_line,
    "at_most": _at_most,
    "bytes": _bytes,
    "output": _output,
    "json": _json,
    "fenced": _fenced,
    "code": _code,
    "unlinked": _unlinked,
}

_escapes: dict[str, Callable[[str], str]] = {
    "html": escape_html,
    "xml": escape_xml,
    "markdown": escape_markdown,
    "text": visible,
}
