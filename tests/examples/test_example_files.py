"""Every workflow of the folder `workflows` is run, and does what its first lines say."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from started import Program, root

files = sorted((root / "workflows").glob("*.yml"))
names = [file.name for file in files]


def test_the_folder_holds_the_promised_workflows() -> None:
    assert names == [
        "ci.yml",
        "download_images.yml",
        "etl.yml",
        "map.yml",
        "matrix.yml",
        "one_after_another.yml",
        "submit.yml",
    ]


@pytest.mark.parametrize("file", files, ids=names)
def test_a_workflow_begins_by_saying_what_it_teaches(file: Path) -> None:
    first, blank, *rest = file.read_text().splitlines()
    comment = [line for line in rest if line.startswith("#")]
    assert first == "# yaml-language-server: $schema=../schemas/workflow.schema.json"
    assert blank == "#"
    assert any(line.startswith("# It teaches: ") for line in comment)


@pytest.mark.parametrize("file", files, ids=names)
def test_a_workflow_fits_the_schema_that_it_names(file: Path) -> None:
    schema = json.loads((root / "schemas" / "workflow.schema.json").read_text())
    jsonschema.validate(yaml.safe_load(file.read_text()), schema)


def test_validate_has_nothing_to_say(program: Program) -> None:
    done = program.command("validate", "--strict", *files)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# The programs of the tutorial -------------------------------------------------------------------


def start_and_end(task: dict[str, Any]) -> tuple[float, float]:
    start = datetime.fromisoformat(task["started"]).timestamp()
    return start, start + float(task["seconds"])


def test_one_after_another_never_overlap(program: Program, workflows: Path) -> None:
    ended = program(workflows / "one_after_another.yml")
    assert ended.code == 0
    first, second = map(start_and_end, ended.report["tasks"].values())
    assert list(ended.report["tasks"]) == ["first", "second"]
    assert first[1] - first[0] >= 1
    assert second[1] - second[0] >= 1
    assert second[0] >= first[1] - 0.002, "times are rounded to milliseconds"


def test_submitted_tasks_overlap(program: Program, workflows: Path) -> None:
    ended = program(workflows / "submit.yml")
    assert ended.code == 0
    first, second = map(start_and_end, ended.report["tasks"].values())
    assert max(first[0], second[0]) < min(first[1], second[1])
    assert ended.outputs == {"first": "waited 1 s", "second": "waited 1 s"}


def test_results_of_a_map_are_in_input_order_though_the_second_item_was_quicker(
    program: Program, workflows: Path
) -> None:
    ended = program(workflows / "map.yml")
    assert ended.code == 0
    assert ended.outputs == {"squares": [1, 4]}
    task = ended.report["tasks"]["square"]
    assert task["results"] == [1, 4]
    assert [(item["index"], item["item"], item["result"]) for item in task["items"]] == [(0, 1, 1), (1, 2, 4)]
    one, two = (item["seconds"] for item in task["items"])
    assert two < one
    assert task["seconds"] < one + two, "the items overlapped"


# Pictures ---------------------------------------------------------------------------------------


def test_pictures_arrive_as_they_are(program: Program, workflows: Path, here: Path) -> None:
    ended = program(workflows / "download_images.yml")
    assert ended.code == 0, ended.out + ended.err
    listed = (workflows / "pictures" / "urls.txt").read_text().split()
    assert ended.outputs == {"pictures": [f"downloads/{name}" for name in listed]}
    originals = {name: (root / "workflows" / "pictures" / name).read_bytes() for name in listed}
    assert {path.name: path.read_bytes() for path in (here / "downloads").iterdir()} == originals
    assert len(set(originals.values())) == len(listed) >= 5
    assert [item["key"] for item in ended.report["tasks"]["download"]["items"]] == listed


def test_every_picture_of_the_folder_is_listed_and_they_are_small() -> None:
    folder = root / "workflows" / "pictures"
    pictures = sorted(path for path in folder.iterdir() if path.suffix == ".png")
    assert sorted((folder / "urls.txt").read_text().split()) == [path.name for path in pictures]
    assert all(path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n") for path in pictures)
    assert sum(path.stat().st_size for path in pictures) < 100_000


def test_a_picture_that_is_missing_is_told_and_the_others_come(
    program: Program, workflows: Path, here: Path
) -> None:
    (here / "mine.txt").write_text("planet.png\n\n  no such.png  \nflag.png\n")
    ended = program(workflows / "download_images.yml", "-p", "urls=mine.txt", "-p", "to=there")
    assert ended.code == 1
    assert sorted(path.name for path in (here / "there").iterdir()) == ["flag.png", "planet.png"]
    missing = [item for item in ended.report["tasks"]["download"]["items"] if item["status"] == "failed"]
    assert [item["item"] for item in missing] == ["no such.png"]
    assert "no such file: file://" in missing[0]["error"]["message"]
    assert "no%20such.png" in ended.out


# Daily life -------------------------------------------------------------------------------------


def test_all_checks_of_the_sample_project_succeed(program: Program, workflows: Path) -> None:
    ended = program(workflows / "ci.yml")
    assert ended.code == 0, ended.out + ended.err
    assert ended.outputs == {"summary": "lint   succeeded\ntypes  succeeded\ntests  succeeded"}


def test_the_summary_comes_whatever_the_checks_find(program: Program, workflows: Path) -> None:
    (workflows / "sample" / "greeting" / "untyped.py").write_text("def untyped(x):\n    return x\n")
    (workflows / "sample" / "tests" / "test_more.py").write_text("assert not 'finished'\n")
    ended = program(workflows / "ci.yml")
    assert ended.code == 1
    assert ended.outputs == {"summary": "lint   succeeded\ntypes  failed\ntests  failed"}
    assert "untyped does not say what 'x' is" in ended.out
    assert "AssertionError" in ended.out


def test_broken_code_fails_the_lint(program: Program, workflows: Path) -> None:
    (workflows / "sample" / "greeting" / "broken.py").write_text("def broken(:\n")
    ended = program(workflows / "ci.yml")
    assert ended.code == 1
    assert ended.outputs["summary"].startswith("lint   failed\n")


def test_the_checks_can_be_given_as_params(program: Program, workflows: Path, here: Path) -> None:
    (here / "code.py").write_text("x = 1\n")
    checks = ("lint", "types", "tests")
    params = [word for check in checks for word in ("-p", f"{check}=[printf, '%s {check} {{}}', ls]")]
    ended = program(workflows / "ci.yml", "-p", "project=.", *params)
    assert ended.code == 0
    assert [ended.report["tasks"][check]["result"] for check in checks] == [
        f"ls {check} {{}}. {check} {{}}" for check in checks
    ]


def test_the_matrix_tests_each_combination(program: Program, workflows: Path) -> None:
    ended = program(workflows / "matrix.yml")
    assert ended.code == 0, ended.out + ended.err
    keys = ["plain-0", "plain-1", "optimised-0", "optimised-1", "careful-0", "plain-random"]
    assert ended.outputs == {"tested": keys}


def test_sales_are_ranked(program: Program, workflows: Path, here: Path) -> None:
    ended = program(workflows / "etl.yml")
    assert ended.code == 0, ended.out + ended.err
    best_first = ["Japan,260.70", "France,245.40", "Kenya,154.20"]
    assert ended.outputs == {"ranking": best_first, "left_out": 2}
    assert (here / "out" / "sales.csv").read_text().splitlines() == best_first
    assert [item["key"] for item in ended.report["tasks"]["extract"]["items"]] == [
        "2026-01",
        "2026-02",
        "2026-03",
    ]


def test_rows_that_cannot_be_read_are_told_in_the_log(program: Program, workflows: Path) -> None:
    ended = program(workflows / "etl.yml")
    done = program.command("logs", ended.report["run"]["id"], "extract[2026-02]")
    assert "line 5 was left out: " in done.stdout
    assert "'quantity': 'two'" in done.stdout


def test_an_empty_folder_of_sales_is_a_failure(program: Program, workflows: Path, here: Path) -> None:
    (here / "none").mkdir()
    ended = program(workflows / "etl.yml", "-p", "folder=none")
    assert ended.code == 1
    assert ended.report["tasks"]["extract"]["error"]["kind"] == "items"
    assert ended.report["tasks"]["load"]["status"] == "skipped"


def test_a_hostile_path_stays_one_argument(program: Program, workflows: Path, here: Path) -> None:
    path = "$(touch hacked) 'a' \"b\" `c`;*.csv"
    ended = program(workflows / "etl.yml", "-p", f"to={path}")
    assert ended.code == 0, ended.out + ended.err
    assert (here / path).read_text().startswith("Japan,")
    assert not (here / "hacked").exists()


# One worker -------------------------------------------------------------------------------------


def test_one_worker_is_enough_for_all(workflows: Path, tmp_path: Path) -> None:
    def run(name: str) -> tuple[int, set[str]]:
        here = tmp_path / name
        here.mkdir()
        ended = Program(here)(workflows / name, "-j", "1")
        return ended.code, {task["status"] for task in ended.report["tasks"].values()}

    with ThreadPoolExecutor() as pool:
        assert list(pool.map(run, names)) == [(0, {"succeeded"})] * len(names)
