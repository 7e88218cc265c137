"""`download` against a real server that answers rightly, wrongly and not at all."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from http_server import Site, refusing_port, serve

from runner.actions import DownloadError, TemporaryDownloadError, download

picture = bytes(range(256)) * 1200


@pytest.fixture(scope="module")
def shared_site() -> Iterator[Site]:
    with serve() as site:
        yield site


@pytest.fixture
def site(shared_site: Site) -> Site:
    shared_site.pictures = {"cat.png": picture}
    shared_site.seen.clear()
    shared_site.gate = None
    return shared_site


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


def everything_in(folder: str = ".") -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))


# What arrives ---------------------------------------------------------------------------------


def test_the_file_holds_the_bytes_of_the_picture_and_its_path_is_returned(site: Site) -> None:
    assert download(f"{site.url}/pictures/cat.png", "new/folder/my.png") == "new/folder/my.png"
    assert Path("new/folder/my.png").read_bytes() == picture
    assert everything_in() == ["new", "new/folder", "new/folder/my.png"]


@pytest.mark.parametrize("sort", ["chunks", "until-close", "moved"])
def test_every_way_to_send_a_body_arrives(site: Site, sort: str) -> None:
    download(f"{site.url}/broken/{sort}", "it")
    assert Path("it").read_bytes() == b"hello world"


def test_a_file_url_is_copied_with_its_escapes_read(tmp_path: Path) -> None:
    source = tmp_path / "50% of #1?.png"
    source.write_bytes(picture)
    assert download(source.as_uri(), "copy.png") == "copy.png"
    assert Path("copy.png").read_bytes() == picture


def test_a_file_url_may_name_localhost(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture)
    download(f"file://localhost{tmp_path}/a.png", "copy.png")
    assert Path("copy.png").read_bytes() == picture


def test_a_file_may_be_copied_onto_itself(tmp_path: Path) -> None:
    Path("a.png").write_bytes(picture)
    download(f"file://{tmp_path}/a.png", "a.png")
    assert Path("a.png").read_bytes() == picture


def test_a_named_file_is_replaced(site: Site) -> None:
    Path("my.png").write_bytes(b"old")
    download(f"{site.url}/cat.png", "my.png")
    assert Path("my.png").read_bytes() == picture


def test_a_new_file_has_the_usual_permissions(site: Site) -> None:
    usual = Path("usual")
    usual.touch()
    download(f"{site.url}/cat.png", "my.png")
    assert stat.S_IMODE(os.stat("my.png").st_mode) == stat.S_IMODE(usual.stat().st_mode)


@pytest.mark.parametrize("typed", ["a b.png", "a%20b.png"])
def test_a_url_may_hold_spaces_and_escapes(site: Site, typed: str) -> None:
    Path("to").mkdir()
    site.pictures = {"a%20b.png": b"spaced"}
    assert download(f"{site.url}/{typed}", "to") == "to/a b.png"
    assert Path("to/a b.png").read_bytes() == b"spaced"


def test_letters_outside_ascii_travel_escaped(site: Site) -> None:
    with pytest.raises(DownloadError):
        download(f"{site.url}/naïve?q=ü", "x")
    assert [path for path, _ in site.seen] == ["/na%C3%AFve?q=%C3%BC"]


def test_spaces_around_a_url_do_not_matter(site: Site) -> None:
    download(f"  {site.url}/cat.png\r", "my.png")
    assert Path("my.png").read_bytes() == picture


# Names ----------------------------------------------------------------------------------------


def test_in_a_folder_the_url_gives_the_name(site: Site) -> None:
    Path("there").mkdir()
    assert download(f"{site.url}/pictures/cat.png?size=1#top", "there") == "there/cat.png"
    assert download(f"{site.url}/pictures/cat.png", "made/") == "made/cat.png"
    assert everything_in() == ["made", "made/cat.png", "there", "there/cat.png"]


def test_where_the_url_has_no_name_one_is_made_of_host_and_media_type(site: Site) -> None:
    site.pictures = {"": picture}
    path = download(f"{site.url}/", "pictures/")
    assert re.fullmatch(r"pictures/127\.0\.0\.1-[0-9a-f]{8}\.png", path)
    assert Path(path).read_bytes() == picture
    assert download(f"{site.url}/", "pictures/") == path
    other = download(f"{site.url}/?another", "pictures/")
    assert other != path
    assert len(everything_in("pictures")) == 2


@pytest.mark.parametrize("name", ["..", "%2e%2e", "%2e", "..%2f..%2fescaped", "..%5cescaped", "%00x", "%0a"])
def test_no_url_can_name_a_file_outside_the_folder(site: Site, name: str) -> None:
    site.pictures = {name: picture}
    path = download(f"{site.url}/{name}", "inside/")
    assert Path(path).parent == Path("inside")
    assert everything_in() == ["inside", str(Path(path))]
    assert Path(path).name.isprintable()


def test_a_host_is_a_name_as_it_is_written_and_none_beside_a_login(site: Site) -> None:
    site.pictures = {"%2e": picture}
    assert re.fullmatch(r"to/LocalHost-[0-9a-f]{8}\S*", download(f"http://LocalHost:{site.port}/%2e", "to/"))
    assert re.fullmatch(
        r"to/file-[0-9a-f]{8}\S*", download(f"http://me:secret@LocalHost:{site.port}/%2e", "to/")
    )


def test_a_name_too_long_for_the_file_system_is_shortened_and_keeps_its_suffix(site: Site) -> None:
    name = "n" * 300
    site.pictures = {f"{name}.png": picture, f"{name}é.png": picture[1:], f"{name}%C3%A9.png": picture[1:]}
    first = download(f"{site.url}/{name}.png", "to/")
    second = download(f"{site.url}/{name}é.png", "to/")
    assert first != second
    assert re.fullmatch(r"to/n{150}-[0-9a-f]{8}\.png", first)
    assert Path(first).read_bytes() == picture
    assert Path(second).read_bytes() == picture[1:]


def test_downloading_again_into_a_folder_changes_nothing(site: Site) -> None:
    first = download(f"{site.url}/cat.png", "to/")
    assert download(f"{site.url}/cat.png", "to/") == first == "to/cat.png"
    assert everything_in("to") == ["cat.png"]


def test_two_urls_of_the_same_name_lose_nothing(site: Site, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/cat.png").write_bytes(picture[:-1] + b"?")
    paths = [download(url, "to/") for url in (f"{site.url}/cat.png", f"file://{tmp_path}/other/cat.png")]
    assert paths[0] == "to/cat.png"
    assert re.fullmatch(r"to/cat-[0-9a-f]{8}\.png", paths[1])
    assert Path(paths[0]).read_bytes() == picture
    assert Path(paths[1]).read_bytes() == picture[:-1] + b"?"
    again = [download(url, "to/") for url in (f"{site.url}/cat.png", f"file://{tmp_path}/other/cat.png")]
    assert again == paths
    assert len(everything_in("to")) == 2


# What goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sort", "message", "kind"),
    [
        ("error-404", "404 Not Found", DownloadError),
        ("error-500", "500 Internal Server Error", TemporaryDownloadError),
        ("error-503-own-words", "503 Back Soon", TemporaryDownloadError),
        ("error-without-reason", "418 I'm a Teapot", DownloadError),
        ("accepted", "202 Accepted", DownloadError),
        ("part", "206 Partial Content", DownloadError),
        ("no-content", "204 No Content", DownloadError),
        ("empty", "empty body", DownloadError),
        ("empty-until-close", "empty body", DownloadError),
        ("empty-chunks", "empty body", DownloadError),
        ("cut-off", "cut off half-way at 200000 of 300000 bytes", TemporaryDownloadError),
        ("cut-off-before-body", "cut off half-way at 0 of 300000 bytes", TemporaryDownloadError),
        ("cut-off-chunk", "cut off half-way after 8 bytes", TemporaryDownloadError),
        ("cut-off-in-first-chunk", "cut off half-way after 3 bytes", TemporaryDownloadError),
        ("cut-off-before-chunks", "cut off half-way at the beginning", TemporaryDownloadError),
        ("cut-off-between-chunks", "cut off half-way after 5 bytes", TemporaryDownloadError),
        ("closed", "connection closed without an answer", TemporaryDownloadError),
        ("gibberish", "the answer is not HTTP", TemporaryDownloadError),
        ("many-headers", "the answer has more than 100 header lines", DownloadError),
        ("long-header", "the answer has a header line of more than 64 KiB", DownloadError),
        ("circle", "302 redirects without end", DownloadError),
    ],
)
def test_a_broken_answer_is_told_in_one_line_and_leaves_nothing(
    site: Site, sort: str, message: str, kind: type[Exception]
) -> None:
    url = f"{site.url}/broken/{sort}"
    Path("to").mkdir()
    with pytest.raises(DownloadError) as caught:
        download(url, "to/it.png")
    assert str(caught.value) == f"{message}: {url}"
    assert type(caught.value) is kind
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert everything_in("to") == []


def test_a_reset_connection_is_told_and_leaves_nothing(site: Site) -> None:
    url = f"{site.url}/broken/reset"
    with pytest.raises(TemporaryDownloadError) as caught:
        download(url, "to/")
    assert str(caught.value) == f"cut off half-way at 1000 of 300000 bytes: {url}"
    assert everything_in("to") == []


def test_a_silent_server_is_given_up_after_the_timeout(site: Site) -> None:
    url = f"{site.url}/broken/silent"
    with pytest.raises(TemporaryDownloadError) as caught:
        download(url, "it", timeout=0.05)
    assert str(caught.value) == f"no answer within 0.05 s: {url}"
    assert everything_in() == []


def test_a_server_that_falls_silent_half_way_is_given_up_after_the_timeout(site: Site) -> None:
    url = f"{site.url}/broken/silent-half-way"
    with pytest.raises(TemporaryDownloadError) as caught:
        download(url, "it", timeout=0.5)
    assert str(caught.value) == f"nothing more came within 0.5 s, at 1000 of 300000 bytes: {url}"
    assert everything_in() == []


@pytest.mark.parametrize("sort", ["begun", "waits", "closes"])
def test_a_server_that_does_not_speak_tls_is_told(site: Site, sort: str) -> None:
    sent = {"begun": b"HTTP/1.1 400 Bad Request\r\n\r\n", "waits": b"220 mail\r\n" * 9, "closes": b""}[sort]
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as pool:
        url = f"https://127.0.0.1:{server.getsockname()[1]}/cat.png"
        pool.submit(_answer_once, server, sent)
        with pytest.raises(DownloadError) as caught:
            download(url, "it", timeout=30)
    if sent:
        assert str(caught.value) == f"the server does not speak TLS there, as https:// asks for: {url}"
        assert type(caught.value) is DownloadError
    else:
        assert str(caught.value) == f"connection closed without an answer: {url}"
        assert type(caught.value) is TemporaryDownloadError


def _answer_once(server: socket.socket, sent: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1 << 16)
        connection.sendall(sent)


def test_a_refused_connection_is_told() -> None:
    with refusing_port() as port, pytest.raises(TemporaryDownloadError) as caught:
        download(f"http://127.0.0.1:{port}/cat.png", "it")
    assert str(caught.value) == f"connection refused: http://127.0.0.1:{port}/cat.png"


def test_an_unknown_host_is_told() -> None:
    with pytest.raises(TemporaryDownloadError) as caught:
        download("http://no-such-host.invalid/cat.png", "it")
    assert str(caught.value) == "unknown host: http://no-such-host.invalid/cat.png"


def test_a_redirect_never_reads_a_local_file(site: Site) -> None:
    Path("private.txt").write_text("mine")
    url = f"{site.url}/broken/moved-elsewhere?{Path('private.txt').absolute().as_uri()}"
    with pytest.raises(DownloadError, match=r"^302 "):
        download(url, "it")
    assert everything_in() == ["private.txt"]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("cat.png", "not a URL (it has no scheme such as https://): cat.png"),
        ("", "not a URL (it has no scheme such as https://): ''"),
        ("ftp://host/cat.png", "unsupported scheme, expected http, https or file: ftp://host/cat.png"),
        ("http:///cat.png", "not a URL (it names no host): http:///cat.png"),
        ("http://host:many/", "not a URL (bad port): http://host:many/"),
        ("http://a..b/", "not a URL (bad host name): http://a..b/"),
        ("http://my host/a.png", "not a URL (bad host name): http://my host/a.png"),
        ("http://[::1/a.png", "not a URL (bad host name): http://[::1/a.png"),
        ("http://me:se/cret@h/", "not a URL (bad port; a login is written percent-encoded): http://…"),
        ("http://me:se@no-such.invalid/cret@h/x", "unknown host: http://…"),
        ("http://me:secret@No-Such.invalid:8/x?key=y", "unknown host: http://…"),
        ("http://No-Such.invalid:8/x@2", "unknown host: http://No-Such.invalid:8/x@2"),
        ("file://other/cat.png", "a file on another host: file://other/cat.png"),
        ("file:///no/such.png", "no such file: file:///no/such.png"),
        ("file:///", "not a plain file: file:///"),
    ],
)
def test_what_is_no_url_is_told(url: str, message: str) -> None:
    with pytest.raises(DownloadError) as caught:
        download(url, "it")
    assert str(caught.value) == message
    assert everything_in() == []


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"to": 3}, "'to' is a value of type int, expected a file or a folder: http://a"),
        ({"to": ""}, "'to' is empty, expected a file or a folder: http://a"),
        (
            {"to": "x", "headers": ["a"]},
            "'headers' is a value of type list, expected names with texts: http://a",
        ),
        *(
            (
                {"to": "x", "timeout": wrong},
                f"'timeout' is {wrong}, expected seconds above 0, up to a thousand million: http://a",
            )
            for wrong in (-1, 0, 0.0, float("nan"), float("inf"), 10**400)
        ),
        *(
            (
                {"to": "x", "timeout": wrong},
                f"'timeout' is a value of type {kind}, expected a number of seconds: http://a",
            )
            for wrong, kind in (("30s", "str"), (True, "bool"), (None, "NoneType"))
        ),
    ],
)
def test_what_else_is_not_as_it_must_be_is_told(others: dict[str, Any], message: str) -> None:
    with pytest.raises(DownloadError) as caught:
        download("http://a", **others)
    assert str(caught.value) == message


def test_what_is_no_text_is_told() -> None:
    with pytest.raises(DownloadError, match=r"^a URL is text, not list: \['http://a'\]$"):
        download(["http://a"], "it")  # type: ignore[arg-type]


def test_an_empty_local_file_is_told() -> None:
    Path("empty.png").touch()
    url = Path("empty.png").absolute().as_uri()
    with pytest.raises(DownloadError) as caught:
        download(url, "it")
    assert str(caught.value) == f"empty body: {url}"
    assert everything_in() == ["empty.png"]


def test_a_failure_leaves_the_earlier_file_as_it_was(site: Site) -> None:
    Path("it").write_bytes(b"earlier")
    with pytest.raises(DownloadError):
        download(f"{site.url}/broken/cut-off", "it")
    assert Path("it").read_bytes() == b"earlier"
    assert everything_in() == ["it"]


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("", "'to' is empty, expected a file or a folder: URL"),
        ("plain/cat.png", "cannot write plain/cat.png: below a file: URL"),
        ("plain/deeper/cat.png", "cannot write plain/deeper/cat.png: below a file: URL"),
        ("/dev/null", "cannot write /dev/null: not a plain file: URL"),
        ("nul\0", "'to' holds a NUL, expected a file or a folder: URL"),
    ],
)
def test_where_nothing_can_be_written_it_is_told(site: Site, to: str, message: str) -> None:
    Path("plain").touch()
    url = f"{site.url}/cat.png"
    with pytest.raises(DownloadError) as caught:
        download(url, to)
    assert str(caught.value) == message.replace("URL", url)
    assert everything_in() == ["plain"]


def test_a_full_disk_leaves_nothing(site: Site) -> None:
    script = (
        "import resource, signal, sys\n"
        "from runner.actions import download\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "download(sys.argv[1], 'to/')\n"
    )
    url = f"{site.url}/cat.png"
    done = subprocess.run([sys.executable, "-c", script, url], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == (
        f"runner.actions.DownloadError: cannot write to/cat.png: file too large: {url}"
    )
    assert everything_in() == ["to"]


# Logins and headers ---------------------------------------------------------------------------


def test_a_login_in_the_url_is_sent_as_a_header_and_never_shown(site: Site) -> None:
    address = f"http://me:p%40ss@127.0.0.1:{site.port}"
    download(f"{address}/cat.png", "it")
    assert site.seen[0][1]["Authorization"] == "Basic bWU6cEBzcw=="
    with pytest.raises(DownloadError) as caught:
        download(f"{address}/nothing.png", "it")
    assert str(caught.value) == "404 Not Found: http://…"


def test_headers_are_sent_but_authorization_does_not_follow_a_redirect(site: Site) -> None:
    url = f"{site.url}/broken/moved"
    download(url, "it", headers={"Authorization": "Bearer t0ken", "Accept": "image/png"})
    first, second = (headers for _, headers in site.seen)
    assert (first["Authorization"], first["Accept"]) == ("Bearer t0ken", "image/png")
    assert (second.get("Authorization"), second["Accept"]) == (None, "image/png")


# Many at once, and sudden ends ------------------------------------------------------------------


def test_thirty_two_threads_download_at_once(site: Site) -> None:
    names = {f"{number:02}.png": bytes([number]) * (50_000 + number) for number in range(1, 33)}
    site.pictures = names
    site.gate = threading.Barrier(32)
    with ThreadPoolExecutor(32) as pool:
        paths = list(pool.map(lambda name: download(f"{site.url}/{name}", "all/"), names))
    assert paths == [f"all/{name}" for name in names]
    assert {path.name: path.read_bytes() for path in Path("all").iterdir()} == names


def test_threads_that_fight_for_one_name_lose_nothing(site: Site) -> None:
    bodies = {f"cat.png?{number}": bytes([number]) * 9_000 for number in range(16)}
    sources = []
    for number, body in enumerate(bodies.values()):
        Path(f"{number}").mkdir()
        Path(f"{number}/cat.png").write_bytes(body)
        sources.append(Path(f"{number}/cat.png").absolute().as_uri())
    with ThreadPoolExecutor(16) as pool:
        paths = list(pool.map(lambda url: download(url, "all/"), sources))
    assert [Path(path).read_bytes() for path in paths] == list(bodies.values())
    assert sorted(paths) == [f"all/{name}" for name in everything_in("all")]


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="this system has no files without names")
def test_a_killed_program_leaves_no_half_file(site: Site) -> None:
    script = "import sys; from runner.actions import download; download(sys.argv[1], 'to/it.png')"
    url = f"{site.url}/broken/silent-half-way"
    program = subprocess.Popen([sys.executable, "-c", script, url])
    try:
        wait_for_open_draft(program.pid)
    finally:
        program.send_signal(signal.SIGKILL)
        program.wait()
    assert everything_in() == ["to"]


def wait_for_open_draft(pid: int) -> None:
    """Return once the process has an unnamed file open in the folder that it writes to."""
    folder = str(Path("to").absolute())
    while True:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if os.readlink(entry).startswith(folder):
                    return
            except FileNotFoundError:
                continue


def test_where_files_must_have_names_a_failure_leaves_nothing_either(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    assert download(f"{site.url}/cat.png", "to/") == "to/cat.png"
    download(f"{site.url}/cat.png", "to/my.png")
    with pytest.raises(DownloadError):
        download(f"{site.url}/broken/cut-off", "to/half.png")
    assert everything_in("to") == ["cat.png", "my.png"]
    assert Path("to/cat.png").read_bytes() == Path("to/my.png").read_bytes() == picture
