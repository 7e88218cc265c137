"""Reading a workflow file from disk or from standard input."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from runner.problem import Problem, write_text
from runner.source.reading import SourceError, read_text


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(path: str, stdin: io.BytesIO | None = None) -> str:
    with pytest.raises(SourceError) as caught:
        read_text(path, stdin)
    return write_text([Problem.of(caught.value.fault)])


def test_a_file_is_read_as_it_is() -> None:
    Path("flow.yml").write_bytes("a: größe\r\n\tb\n".encode())
    assert read_text("flow.yml") == "a: größe\r\n\tb\n"


def test_standard_input_is_read() -> None:
    assert read_text("-", io.BytesIO("a: é".encode())) == "a: é"


def test_a_missing_file_suggests_one_that_is_there() -> None:
    Path("workflow.yml").touch()
    Path("notes.txt").touch()
    assert (
        refused("workflw.yml")
        == """\
workflw.yml: error: there is no such file [not-found]
      = did you mean 'workflow.yml'?
1 error
"""
    )
    assert refused("./workflow.yaml").splitlines()[1] == "      = did you mean './workflow.yml'?"
    assert refused("notes.yml") == "notes.yml: error: there is no such file [not-found]\n1 error\n"


def test_a_common_suffix_makes_no_file_likely() -> None:
    for name in ("01unknown_key.yml", "08item.yml", "base.yml", "flow.yml", "flows_of_old.yaml"):
        Path(name).touch()

    def suggested(name: str) -> str:
        return refused(name).splitlines()[1].strip()

    assert suggested("none.yml") == "1 error"
    assert suggested("images.yml") == "1 error"
    assert suggested("i.yml") == "1 error"
    assert suggested("basse.yml") == "= did you mean 'base.yml'?"
    assert suggested("flow.yaml") == "= did you mean 'flow.yml'?"
    assert suggested("flow") == "= did you mean 'flow.yml'?"
    assert suggested("flow-s.yml") == "= did you mean 'flow.yml'?"
    Path("flow.yaml").touch()
    assert suggested("flw.yaml") == "= did you mean 'flow.yaml'?"


def test_a_missing_folder_is_named() -> None:
    assert (
        refused("flows/main.yml")
        == """\
flows/main.yml: error: there is no such file [not-found]
      = there is no folder 'flows'
1 error
"""
    )


def test_a_folder_is_no_file() -> None:
    Path("flows").mkdir()
    assert refused("flows") == "flows: error: this is a folder, not a file [not-a-file]\n1 error\n"
    Path("flows/workflow.yaml").touch()
    assert refused("flows").splitlines()[1] == "      = did you mean 'flows/workflow.yaml'?"


def test_a_file_below_a_file_cannot_be_read() -> None:
    Path("flow.yml").touch()
    assert (
        refused("flow.yml/x")
        == "flow.yml/x: error: the file cannot be read: Not a directory [unreadable]\n1 error\n"
    )
    assert (
        refused("a\0b") == "a␀b: error: the file cannot be read: embedded null byte [unreadable]\n1 error\n"
    )


def test_what_is_not_utf_8_is_refused_at_its_first_byte() -> None:
    Path("flow.yml").write_bytes("a: 1\nb: größe".encode() + "größe".encode("latin-1"))
    assert (
        refused("flow.yml")
        == """\
flow.yml:2:11: error: byte 0xF6 is not UTF-8 [not-utf-8]
      = save the file as UTF-8
1 error
"""
    )
    assert refused("-", io.BytesIO(b"\xff")).startswith("-:1:1: error: byte 0xFF is not UTF-8")


@pytest.mark.parametrize("order", ["", "-le", "-be"])
@pytest.mark.parametrize("name", ["UTF-16", "UTF-32"])
def test_another_encoding_is_called_by_its_name(name: str, order: str) -> None:
    mark = "\ufeff" if order else ""
    Path("flow.yml").write_bytes(f"{mark}a: 1".encode(name + order))
    assert refused("flow.yml") == (
        f"flow.yml:1:1: error: the file is {name}, and UTF-8 is expected [not-utf-8]\n"
        "      = save the file as UTF-8\n"
        "1 error\n"
    )


def test_a_file_over_64_mb_is_not_read() -> None:
    with Path("flow.yml").open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    assert refused("flow.yml") == "flow.yml: error: the file is larger than 64 MB [too-large]\n1 error\n"
