"""The main job over real HTTP: 200 pictures, slow to answer, five of them broken, 32 workers."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from http_server import refusing_port, serve
from started import Program

pictures = {f"{number:03}.png": bytes([number % 251]) * (20_000 + number) for number in range(195)}


def test_195_of_200_pictures_arrive_and_5_failures_say_why(
    program: Program, workflows: Path, here: Path
) -> None:
    with serve(pictures, latency=0.05) as site, refusing_port() as port:
        broken = {
            f"{site.url}/pictures/missing.png": "404 Not Found",
            f"http://127.0.0.1:{port}/refused.png": "connection refused",
            f"{site.url}/broken/empty": "empty body",
            f"{site.url}/broken/cut-off": "cut off half-way at 200000 of 300000 bytes",
            f"{site.url}/broken/error-500": "500 Internal Server Error",
        }
        urls = [f"{site.url}/pictures/{name}" for name in pictures]
        for place, url in zip((0, 50, 100, 150, 199), broken, strict=True):
            urls.insert(place, url)
        (here / "urls.txt").write_text("\n".join(urls) + "\n")
        ended = program(workflows / "download_images.yml", "-p", "urls=urls.txt", "-j", "32")

    assert ended.code == 1
    task = ended.report["tasks"]["download"]
    assert task["status"] == "failed"
    assert {path.name: path.read_bytes() for path in (here / "downloads").iterdir()} == pictures
    assert [item["item"] for item in task["items"]] == urls
    failed = {item["item"]: item["error"] for item in task["items"] if item["status"] == "failed"}
    assert list(failed) == list(broken)
    for url, reason in broken.items():
        assert failed[url]["kind"] == "exception"
        assert f"{reason}: {url}" in failed[url]["message"]
        assert f"{reason}: {url}" in ended.out
    assert task["results"] == [f"downloads/{name}" for name in pictures]
    assert 1 < site.peak <= 32


def test_32_workers_really_work_at_once(program: Program, workflows: Path, here: Path) -> None:
    names = dict(list(pictures.items())[:32])
    with serve(names) as site:
        site.gate = threading.Barrier(32)
        (here / "urls.txt").write_text("".join(f"{site.url}/{name}\n" for name in names))
        ended = program(workflows / "download_images.yml", "-p", "urls=urls.txt")
    assert ended.code == 0, ended.out + ended.err
    assert {path.name: path.read_bytes() for path in (here / "downloads").iterdir()} == names


def test_a_url_without_a_name_gets_one(program: Program, workflows: Path, here: Path) -> None:
    with serve({"": b"front page", "cat.png": b"first", "dog.png": b"other"}) as site:
        (here / "urls.txt").write_text(f"{site.url}/\n{site.url}/a/cat.png\n{site.url}/a/dog.png?size=1#x\n")
        ended = program(workflows / "download_images.yml", "-p", "urls=urls.txt")
    assert ended.code == 0, ended.out + ended.err
    first, *others = ended.outputs["pictures"]
    assert others == ["downloads/cat.png", "downloads/dog.png"]
    assert (here / first).read_bytes() == b"front page"
    assert len(list((here / "downloads").iterdir())) == 3


def test_the_same_picture_twice_and_two_pictures_of_one_name_lose_nothing(
    program: Program, workflows: Path, here: Path
) -> None:
    with serve({"cat.png": b"first"}) as one, serve({"cat.png": b"other"}) as other:
        urls = [f"{one.url}/cat.png", f"{one.url}/cat.png", f"{other.url}/cat.png"]
        (here / "urls.txt").write_text("\n".join(urls))
        ended = program(workflows / "download_images.yml", "-p", "urls=urls.txt")
    assert ended.code == 0, ended.out + ended.err
    contents = [(here / path).read_bytes() for path in ended.outputs["pictures"]]
    assert contents == [b"first", b"first", b"other"]
    assert len({*ended.outputs["pictures"]}) >= 2


def test_only_what_may_go_better_is_tried_again(program: Program, here: Path) -> None:
    (here / "flow.yml").write_text(
        "params: {site: {type: str, required: true}}\n"
        "tasks:\n"
        "  download:\n"
        "    map: {over: [error-500, error-404], as: sort}\n"
        "    call: runner.actions:download\n"
        "    with: {url: '{{ params.site }}/broken/{{ sort }}', to: out/}\n"
        "    retry: {attempts: 2, on: {exceptions: [TemporaryDownloadError]}}\n"
    )
    with serve() as site:
        ended = program("flow.yml", "-p", f"site={site.url}")
    assert ended.code == 1
    assert [item["attempts"] for item in ended.report["tasks"]["download"]["items"]] == [2, 1]
    assert sorted(path for path, _ in site.seen) == [
        "/broken/error-404",
        "/broken/error-500",
        "/broken/error-500",
    ]


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="this system has no files without names")
def test_ctrl_c_leaves_no_half_file(program: Program, workflows: Path, here: Path) -> None:
    with serve() as site:
        (here / "urls.txt").write_text(f"{site.url}/broken/silent-half-way\n" * 3)
        process = program.start("run", workflows / "download_images.yml", "-p", "urls=urls.txt")
        while not (here / "downloads").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate()
    assert process.returncode == 130
    assert out.startswith("download-images was cancelled")
    assert list((here / "downloads").iterdir()) == []
