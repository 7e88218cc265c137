"""Reports by templates of the user's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import jsonschema
import pytest
from event_streams import Stream, exit_failure
from program import Program

from runner.problem import UserError
from runner.records import Item, Status
from runner.report import eject, writer
from runner.report.context import report_context
from runner.report.templating import TemplateError
from runner.store import Store
from runner.store.stored_run import StoredRun

S, F = Status.SUCCEEDED, Status.FAILED
Told = Callable[..., str]


@pytest.fixture
def written(tmp_path: Path, told: Told) -> Callable[..., str]:
    """What a template with this text makes of the run."""

    def write(text: str, name: str = "mine.txt.j2") -> str:
        path = tmp_path / name
        path.write_text(text)
        return told(template=path)

    return write


@pytest.fixture
def run(stream: Stream) -> Stream:
    stream.begin("fetch", "index", params={"width": 3, "flag": True, "none": None})
    stream.map(
        "fetch",
        [
            ("a", "A", S, {"result": {"size": 1}}),
            ("b", "B", F, {"failure": exit_failure(2, "no\n")}),
            ("c", "C", S, {"result": {"size": 3}}),
        ],
        F,
    )
    stream.plain("index", result="<b>&*x*\n")
    stream.finish(F, outputs={"o": 1})
    return stream


def test_a_template_may_go_over_the_items_of_all_tasks(run: Stream, written: Callable[..., str]) -> None:
    template = (
        "{% for name, task in tasks.items() %}"
        "{{ name }}{% for item in task.items %} {{ item.key }}{% endfor %};{% endfor %}"
    )
    assert written(template) == "fetch a b c;index;"


def test_a_template_may_ask_how_text_begins_and_ends(run: Stream, written: Callable[..., str]) -> None:
    template = (
        "{{ ['a.py', 'b.txt'] | select('endswith', ['.py']) | join }} {{ run.status is startswith('fail') }}"
    )
    assert written(template) == "a.py true"


def test_a_template_names_what_the_json_report_holds(run: Stream, written: Callable[..., str]) -> None:
    template = (
        "{{ run.status }} {{ run.exit_code }} {{ workflow.name }} {{ params.width }} {{ outputs.o }}\n"
        "{% for item in tasks.fetch.items if item.status == 'succeeded' %}\n"
        "{{ item.index }} {{ item.key }} {{ item.item }} {{ item.result.size }}\n"
        "{% endfor %}\n"
        "{{ tasks.fetch.items[1].error.message }}, {{ tasks.fetch.items | length }} items,"
        " {{ tasks.fetch.results | map(attribute='size') | sum }}, {{ tasks.fetch.counts.failed }} failed\n"
        "{% for name, task in tasks.items() %}{{ name }}={{ task.status }} {% endfor %}"
        "{% for name, task in tasks | items %}{{ name }}@{{ task.position }} {% endfor %}"
    )
    assert written(template) == (
        "failed 1 thumbnails 3 1\n"
        "0 a A 1\n"
        "2 c C 3\n"
        "exited with 2, 3 items, 4, 1 failed\n"
        "fetch=failed index=succeeded fetch@flow.yml:1:3 index@flow.yml:1:3 "
    )


def test_values_print_as_json_does(run: Stream, written: Callable[..., str]) -> None:
    assert written("{{ params.flag }} {{ params.none }}| {{ tasks.fetch.results }} {{ 1.5 }}") == (
        'true | [{"size":1},{"size":3}] 1.5'
    )


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("r.html.j2", "&lt;b&gt;&amp;*x*\n"),
        ("r.HTML", "&lt;b&gt;&amp;*x*\n"),
        ("r.xml.jinja", "&lt;b&gt;&amp;*x*\n"),
        ("r.svg", "&lt;b&gt;&amp;*x*\n"),
        ("r.md.j2", "&lt;b&gt;&amp;\\*x\\* "),
        ("r.txt", "<b>&*x*\n"),
        ("r.csv.j2", "<b>&*x*\n"),
        ("summary", "<b>&*x*\n"),
    ],
)
def test_values_are_escaped_for_what_the_template_makes(
    run: Stream, written: Callable[..., str], name: str, escaped: str
) -> None:
    assert written("<i>{{ tasks.index.result }}", name) == f"<i>{escaped}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mine.txt.j2", "a&b<  true [1,null]"), ("mine.html.j2", "a&amp;b&lt;  true [1,null]")],
)
def test_what_stands_in_the_template_itself_is_written_as_values_are(
    run: Stream, written: Callable[..., str], name: str, expected: str
) -> None:
    assert written("{{ 'a' ~ '&b<' }} {{ none }} {{ true }} {{ [1, none] }}", name) == expected


def test_escaping_holds_through_macros_sets_and_filters(run: Stream, written: Callable[..., str]) -> None:
    template = (
        "{% macro show(x) %}({{ x }}){% endmacro %}{% set y %}{{ tasks.index.result }}{% endset %}"
        "{{ show(tasks.index.result) }}{{ y }}{{ tasks.index.result | upper }}{{ '<' ~ tasks.index.result }}"
    )
    once = "&lt;b&gt;&amp;*x*\n"
    assert written(template, "r.html") == f"({once}){once}&lt;B&gt;&amp;*X*\n&lt;{once}"
    once = "&lt;b&gt;&amp;\\*x\\* "
    assert written(template, "r.md") == f"({once}){once}&lt;B&gt;&amp;\\*X\\* &lt;{once}"


def test_json_in_html_cannot_end_its_script(stream: Stream, written: Callable[..., str]) -> None:
    stream.begin("a")
    stream.plain("a", result={"x": "</script><script>alert(1)//"})
    stream.finish()
    text = written("<script>const x = {{ tasks.a.result | json }}</script>", "r.html")
    assert text.count("</script>") == 1
    assert json.loads(text.removeprefix("<script>const x = ").removesuffix("</script>")) == {
        "x": "</script><script>alert(1)//"
    }


@pytest.mark.parametrize("name", ["r.txt", "r.html", "r.xml", "r.md"])
def test_control_characters_are_written_out_in_every_kind(
    stream: Stream, written: Callable[..., str], name: str
) -> None:
    stream.begin("a")
    stream.plain("a", result="x\x1b[2J\x00\udcff")
    stream.finish()
    shown = written("{{ tasks.a.result }}", name)
    assert shown == ("x\\\\x1b\\[2J\\\\x00\\\\xff" if name == "r.md" else "x\\x1b[2J\\x00\\xff")


def test_a_template_may_use_others_beside_it_and_those_of_the_program(
    run: Stream, written: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "part.txt").write_text("part {{ run.status }}\n")
    assert written("{% include 'part.txt' %}") == "part failed\n"
    assert written("{% include 'runner/report.md.j2' %}", "r.md").startswith("# thumbnails: failed\n")
    with pytest.raises(TemplateError, match="secret"):
        (tmp_path.parent / "secret.txt").write_text("no")
        written("{% include '../secret.txt' %}")


def test_a_task_called_items_does_not_hide_the_others(stream: Stream, written: Callable[..., str]) -> None:
    stream.begin("items", "get")
    stream.plain("items", result=1)
    stream.plain("get", result=2)
    stream.finish()
    assert written("{{ tasks.items.result }} {{ tasks.get.result }} {{ tasks | length }}") == "1 2 2"


def test_items_of_a_mapped_group_hold_their_tasks(stream: Stream, written: Callable[..., str]) -> None:
    stream.begin("g")
    group = stream.open("g", kind="tasks", mapped=True)
    for index, key in enumerate("ab"):
        stream.plain("t", within=(group, index, f"g[{key}]"), result=key * 2)
        stream.settle(group, Item(index, key, key))
    stream.end(group)
    stream.finish()
    assert written("{% for item in tasks.g.items %}{{ item.tasks.t.result }},{% endfor %}") == "aa,bb,"
    assert written("{{ tasks.g.items[-1].key }}{{ tasks.g.items[:1] | length }}") == "b1"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("ok\n{{ run.nam }}\n", "{path}:2: 'dict object' has no attribute 'nam'"),
        ("ok\n\n{{ tasks.fetsh.status }}\n", "{path}:3: 'dict object' has no attribute 'fetsh'"),
        ("{% for x in %}", "{path}:1: Expected an expression, got 'end of statement block'"),
        ("a\n{{ x | shout }}", "{path}:2: No filter named 'shout'."),
        ("{{ 1 / 0 }}", "{path}:1: division by zero"),
        ("\n{{ params.none.x }}", "{path}:2: 'None' has no attribute 'x'"),
        ("{% include 'no.txt' %}", "{path}:1: there is no template 'no.txt' beside this one"),
        (
            "{{ ''.__class__ }}",
            "{path}:1: access to attribute '__class__' of 'str' object is unsafe.",
        ),
        (
            "{{ tasks.fetch.items._read }}",
            "{path}:1: access to attribute '_read' of 'Lazy' object is unsafe.",
        ),
    ],
)
def test_what_is_wrong_with_a_template_is_said_with_its_line(
    run: Stream, written: Callable[..., str], tmp_path: Path, template: str, message: str
) -> None:
    with pytest.raises(TemplateError) as raised:
        written(template)
    assert raised.value.message == message.format(path=tmp_path / "mine.txt.j2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a\n{% include "nope.j2" %}', "2: there is no template 'nope.j2' beside this one"),
        ("{{ 10 ** 100000000 }}", "1: `**` would make more than 10,000,000 characters"),
        ('{{ "a" * 10 ** 9 }}', "1: `*` would make more than 10,000,000 characters"),
    ],
)
def test_what_a_template_cannot_do_is_said_in_words(
    run: Stream, written: Callable[..., str], tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        written(text)
    assert str(caught.value) == f"{tmp_path}/mine.txt.j2:{message}"


def test_a_folder_is_no_template(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="it is no file"):
        writer(None, str(tmp_path))


def test_json_elsewhere_is_as_it_is(run: Stream, written: Callable[..., str]) -> None:
    assert written("{{ tasks.index.result | json }} {{ [tasks.index.result] }}") == (
        '"<b>&*x*\\n" ["<b>&*x*\\n"]'
    )


def test_tojson_takes_what_is_read_when_it_is_gone_over(run: Stream, written: Callable[..., str]) -> None:
    assert written("{{ tasks.fetch.results | tojson }}") == '[{"size":1},{"size":3}]'
    assert json.loads(written("{{ tasks | tojson }}"))["fetch"]["items"][1]["key"] == "b"


def test_a_template_may_count_with_a_namespace(run: Stream, written: Callable[..., str]) -> None:
    template = "{% set n = namespace(x=0) %}{% for t in tasks %}{% set n.x = n.x + 1 %}{% endfor %}{{ n.x }}"
    assert written(template) == "2"


@pytest.mark.parametrize(
    "name", ["cycler", "namespace", "joiner", "lipsum", "dict", "self._TemplateReference__context"]
)
def test_templates_reach_no_python(run: Stream, written: Callable[..., str], name: str) -> None:
    with pytest.raises(TemplateError):
        written(f"{{{{ {name}.__init__.__globals__.os.getcwd() }}}}")


def test_a_template_that_is_not_there_is_a_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        writer(template=str(tmp_path / "no.md"))
    assert raised.value.message == f"cannot read the template {tmp_path / 'no.md'}: there is no such file"


def test_a_template_that_is_no_text_is_a_users_mistake(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_bytes(b"one\ntwo\xff\n")
    with pytest.raises(UserError) as raised:
        writer(template=str(tmp_path / "x.md"))
    assert raised.value.message == f"{tmp_path / 'x.md'}:2: byte 0xFF is not UTF-8"
    assert raised.value.hint == "save the file as UTF-8"


def test_a_template_that_is_no_text_is_told_where_it_is_named(
    run: Stream, tmp_path: Path, written: Callable[..., str]
) -> None:
    (tmp_path / "part.md").write_bytes(b"\xff")
    with pytest.raises(UserError) as raised:
        written("{% include 'part.md' %}", "whole.md")
    assert raised.value.message == (
        f"{tmp_path / 'whole.md'}:1: in a template that is named here, line 1: byte 0xFF is not UTF-8"
    )


def test_what_templates_get_is_what_the_schema_says(run: Stream, store: Store) -> None:
    schema = json.loads((Path(__file__).parents[2] / "schemas" / "report.schema.json").read_text())
    besides = schema["definitions"]["template"]
    with StoredRun(store.folder) as stored:
        context = json.loads(json.dumps(report_context(stored), default=_plain))
    jsonschema.validate(context, {**schema, **besides, "additionalProperties": True})
    assert set(context) == {*schema["properties"], *besides["properties"]}


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else list(value)  # type: ignore[call-overload]


@pytest.mark.parametrize("form", ["md", "text"])
def test_of_formats_that_cannot_be_written_out_those_that_can_are_told(runner: Program, form: str) -> None:
    told = runner("report", "--eject", form).err
    assert f"'{form}' is not one of 'html', 'markdown', 'junit'\n" in told
    assert "--eject <html|markdown|junit>" in runner("report", "--help").out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--format", "json"], "--format"),
        (["--template", "mine.j2"], "--template"),
        (["20261122", "--format", "json", "--template", "mine.j2"], "RUN, --format and --template"),
    ],
)
def test_writing_out_a_template_takes_nothing_that_a_report_takes(
    runner: Program, given: list[str], said: str
) -> None:
    ended = runner("report", "--eject", "html", *given)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"error: --eject takes no {said}\n  = give one or the other\n"


def test_only_formats_that_are_templates_can_be_written_out() -> None:
    assert eject("markdown").startswith("{# The Markdown report.")
    with pytest.raises(UserError) as raised:
        eject("json")
    assert raised.value.message == "the json report is not made by a template"
    assert raised.value.hint == "these are: html, markdown, junit"
    with pytest.raises(UserError) as raised:
        eject("trace")
    assert raised.value.message == "the trace report is not made by a template"
