"""The HTML report as a browser shows it: Debian's Chromium, without a screen."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from event_streams import BEGIN, Stream, exit_failure, outcome

from runner.records import Failure, FailureKind, Item, ItemsSettled, Mark, Outcome, Status
from runner.report import write_report
from runner.store import Store
from runner.store.stored_run import StoredRun

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
MISSING = [
    name
    for name, there in (
        ("chromium", CHROMIUM),
        ("chromedriver", DRIVER),
        ("selenium", find_spec("selenium")),
        ("axe-core-python", find_spec("axe_core_python")),
    )
    if not there
]

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"THE HTML REPORT IS NOT LOOKED AT: there is no {', no '.join(MISSING)}"
)

S, F = Status.SUCCEEDED, Status.FAILED
MIB = 1 << 20
Browser = Any


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    """One browser for all tests here."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for flag in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def browser(started: Browser) -> Browser:
    """The browser as it was at the beginning."""
    started.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    started.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    _window(started, 1280)
    for log in ("browser", "performance"):
        started.get_log(log)
    return started


def _window(browser: Browser, width: int) -> None:
    sizes = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", sizes)


@pytest.fixture
def page(store: Store, tmp_path: Path) -> Callable[[], str]:
    """The address of the report of the run so far."""

    def written() -> str:
        path = tmp_path / "report.html"
        with StoredRun(store.folder) as stored:
            write_report(stored, str(path))
        return path.as_uri()

    return written


@pytest.fixture
def report(stream: Stream, page: Callable[[], str]) -> str:
    """Of a run with 60 items, of which some failed, and one was tried again."""
    stream.begin("fetch", "index")
    fan = stream.open("fetch", mapped=True, total=60, line=14)
    hostile = exit_failure(1, "</pre></script><script>document.title = 'taken'</script>\n", "echo '<b>'")
    for n in range(60):
        item = Item(n, f"photo-{n}<i>.jpg", None)
        if n == 7:
            stream.retry(fan, item, Failure(FailureKind.EXCEPTION, "lost </script>"), worker="worker-2")
            item = Item(n, item.key, None, attempt=2)
        marks = (Mark.FLAKY,) if n == 7 else ()
        details = {"worker": f"worker-{n % 8 + 1}", "seconds": 0.1 * (n % 10 + 1)}
        broken = n % 20 == 19
        stream.settle(
            fan,
            item,
            F if broken else S,
            failure=hostile if broken else None,
            details=details,
            seconds=details["seconds"],
            marks=marks,
            attempts=item.attempt,
        )
    stream.end(fan, F, failure=Failure(FailureKind.BUDGET, "3 of 60 items failed"))
    stream.plain("index", Status.SKIPPED, line=30, reason="needs fetch, which failed at flow.yml:14")
    stream.finish(F)
    return page()


def rows(browser: Browser) -> list[str]:
    """The addresses in the table, as far as it is drawn."""
    drawn = "document.querySelectorAll('#table tbody tr[aria-rowindex]')"
    return list(browser.execute_script(f"return [...{drawn}].map(it => it.cells[1].textContent)"))


def found(browser: Browser) -> str:
    return browser.find_element("id", "found").text


def test_nothing_is_asked_for_elsewhere_and_nothing_hostile_runs(browser: Browser, report: str) -> None:
    browser.get(report)
    assert browser.title == "thumbnails: failed"
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [it["params"]["request"]["url"] for it in messages if it["method"] == "Network.requestWillBeSent"]
    assert asked == [report]
    assert browser.get_log("browser") == []
    assert "document.title = 'taken'" in browser.find_element("css selector", "#failures").text
    browser.execute_script(
        "const it = document.createElement('script'); it.textContent = 'window.taken = 1';"
        "document.body.append(it)"
    )
    assert browser.execute_script("return window.taken") is None
    (refused,) = browser.get_log("browser")
    assert "Content Security Policy" in refused["message"]


def test_axe_finds_nothing_serious(browser: Browser, report: str) -> None:
    from axe_core_python.selenium import Axe

    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        browser.get(report)
        told = Axe().run(browser)
        assert len(told["passes"]) > 30
        assert [(it["impact"], it["id"], it["nodes"][0]["html"]) for it in told["violations"]] == []


def test_failures_and_pictures_need_no_script(browser: Browser, report: str) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(report)
    text = browser.find_element("tag name", "body").text
    for said in ("fetch[photo-19<i>.jpg]", "flow.yml:14:3", "exited with 1"):
        assert said in text
    assert "The table of items needs JavaScript" in text
    assert not browser.find_element("id", "explorer").is_displayed()
    for picture in ("svg.chart", "svg.graph"):
        size = browser.find_element("css selector", picture).size
        assert size["width"] > 100 and size["height"] > 40


def test_counts_of_a_map_stand_whole_in_its_box(
    browser: Browser, stream: Stream, page: Callable[[], str]
) -> None:
    stream.begin("fetch")
    fan = stream.open("fetch", mapped=True, total=60)
    ends = {3: F, 5: F, 7: Status.SKIPPED, 9: Status.CANCELLED}
    for n in range(60):
        stream.settle(fan, Item(n, str(n), None), ends.get(n, S))
    stream.end(fan, F)
    stream.finish(F)
    browser.get(page())
    assert browser.find_element("css selector", "svg.graph .task").text.split("\n") == [
        "fetch",
        "56 of 60, 2 failed",
        "1 skipped, 1 cancelled",
    ]
    assert texts_outside_their_boxes(browser) == []


def texts_outside_their_boxes(browser: Browser) -> list[str]:
    """What lies over the edge of a box of the graph."""
    found: list[str] = browser.execute_script("""
        return [...document.querySelectorAll('svg.graph :is(.task, .group) > text')].filter(text => {
            const box = text.parentNode.querySelector('.box').getBoundingClientRect();
            const it = text.getBoundingClientRect();
            return it.right > box.right || it.bottom > box.bottom;
        }).map(text => text.textContent)""")
    return found


@pytest.mark.parametrize(
    "name", ["very_long_name_of_a_task", "mmmmwwwwMMMMWWWW", "illicit_title_list_il", "B0" * 20]
)
def test_names_of_any_length_stand_in_their_boxes(
    browser: Browser, stream: Stream, page: Callable[[], str], name: str
) -> None:
    stream.begin(name, f"{name}_group")
    stream.plain(name)
    group = stream.open(f"{name}_group", kind="tasks")
    stream.plain("a", within=(group, 0, f"{name}_group"))
    stream.settle(group, Item(0, None, None))
    stream.end(group)
    stream.finish()
    browser.get(page())
    names = [each.text for each in browser.find_elements("css selector", "svg.graph .name")]
    assert len(names) == 3
    assert all(each == "a" or each.startswith(name[:8]) for each in names)
    assert texts_outside_their_boxes(browser) == []


def test_items_are_searched_filtered_and_sorted_by_keyboard(browser: Browser, report: str) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.get(report)
    assert found(browser) == "61 items"
    assert rows(browser)[:2] == ["fetch[photo-0<i>.jpg]", "fetch[photo-1<i>.jpg]"]
    search = browser.find_element("id", "search")
    search.send_keys("photo-1 EXITED")
    assert (found(browser), rows(browser)) == ("1 of 61 items", ["fetch[photo-19<i>.jpg]"])
    search.send_keys(Keys.CONTROL, "a")
    search.send_keys(Keys.DELETE, Keys.TAB, "flaky", Keys.TAB)
    assert (found(browser), rows(browser)) == ("1 of 61 items", ["fetch[photo-7<i>.jpg]"])
    browser.find_element("id", "status").send_keys("any")
    assert found(browser) == "61 items"
    head = browser.find_element("css selector", "[data-by=seconds]")
    head.send_keys(Keys.ENTER)
    assert rows(browser)[0] == "fetch[photo-9<i>.jpg]"
    head.send_keys(Keys.SPACE)
    assert browser.find_element("css selector", "[aria-sort]").get_attribute("aria-sort") == "ascending"
    browser.find_element("id", "window").send_keys(Keys.END)
    wait_for(browser, "document.querySelector('#table tbody tr:last-child').ariaRowIndex === '62'")
    assert rows(browser)[-2:] == ["fetch[photo-59<i>.jpg]", "index"]


@pytest.mark.parametrize("by", ["note", "worker", "start", "seconds", "attempts"])
def test_items_of_which_a_column_says_nothing_come_last_whichever_way_it_is_sorted(
    browser: Browser, stream: Stream, page: Callable[[], str], by: str
) -> None:
    stream.begin("m")
    fan = stream.open("m", mapped=True, total=3)
    stream.settle(fan, Item(0, "a", None), Status.SKIPPED)
    for n, key in ((1, "b"), (2, "c")):
        failure = exit_failure(n)
        details = {"worker": f"worker-{n}", "seconds": float(n), "started": BEGIN + n}
        times = {"started": BEGIN + n, "seconds": float(n), "attempts": n}
        stream.settle(fan, Item(n, key, None), F, failure=failure, details=details, **times)
    stream.end(fan, F)
    stream.finish(F)
    browser.get(page())
    head = browser.find_element("css selector", f"[data-by={by}]")
    head.click()
    one = rows(browser)
    head.click()
    assert (one[-1], rows(browser)[-1]) == ("m[a]", "m[a]")
    assert sorted([one[:2], rows(browser)[:2]]) == [["m[b]", "m[c]"], ["m[c]", "m[b]"]]


def wait_for(browser: Browser, condition: str) -> None:
    """Until something holds that will soon."""
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 30, poll_frequency=0.02).until(lambda it: it.execute_script(f"return {condition}"))


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_a_telephone_and_a_desk(browser: Browser, report: str, width: int) -> None:
    _window(browser, width)
    browser.get(report)
    page = "document.documentElement"
    assert browser.execute_script(f"return {page}.scrollWidth - {page}.clientWidth") == 0


def test_on_a_telephone_the_table_of_items_shows_that_there_is_more_beside_it(
    browser: Browser, report: str
) -> None:
    _window(browser, 400)
    browser.get(report)
    found = browser.execute_script("""
        const view = document.getElementById("window"), right = view.getBoundingClientRect().right;
        const seen = [...document.querySelectorAll("#table th")]
            .filter((it) => it.getBoundingClientRect().right <= right).map((it) => it.textContent);
        return [seen, getComputedStyle(view).backgroundImage.split("linear-gradient").length];
    """)
    shadows_and_what_covers_them = 4
    assert found == [["Status", "Item", "Start"], 1 + shadows_and_what_covers_them]


def test_on_paper_there_is_what_can_be_read_there(browser: Browser, report: str) -> None:
    browser.get(report)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = [
        it.get_attribute("id")
        for it in browser.find_elements("css selector", "nav, section")
        if it.is_displayed()
    ]
    assert shown == ["failures", "timeline", "graph", "tasks", "critical", "retries", "items", "about"]
    items = browser.find_element("id", "items").text.replace("\n", " ")
    assert re.fullmatch(
        r"All items The table of items is not printed; "
        r"runner report \S+ --format json tells of all of them\.",
        items,
    )
    lines = "[...document.querySelectorAll('.scroll')].map((it) => getComputedStyle(it).backgroundImage)"
    assert set(browser.execute_script(f"return {lines}")) == {"none"}


def test_on_paper_all_retries_are_unfolded(browser: Browser, stream: Stream, page: Callable[[], str]) -> None:
    stream.begin("m")
    fan = stream.open("m", mapped=True, total=14)
    for n in range(14):
        stream.retry(fan, Item(n, f"k{n}", None), Failure(FailureKind.EXCEPTION, "once"))
        stream.settle(fan, Item(n, f"k{n}", None, attempt=2), S, attempts=2, marks=(Mark.FLAKY,))
    stream.end(fan)
    stream.finish(S)
    browser.get(page())
    browser.execute_script(
        "addEventListener('beforeprint', () => { window.open_ = document.querySelector('details').open; })"
    )
    browser.execute_cdp_cmd("Page.printToPDF", {})
    assert browser.execute_script("return [window.open_, document.querySelector('details').open]") == [
        True,
        False,
    ]


@pytest.mark.parametrize(("items", "most", "seconds"), [(10_000, MIB, 0.5), (100_000, 6 * MIB, 2.0)])
def test_many_items_are_small_and_soon_there(
    browser: Browser,
    stream: Stream,
    store: Store,
    tmp_path: Path,
    items: int,
    most: int,
    seconds: float,
) -> None:
    stream.begin("fetch")
    fan = stream.open("fetch", mapped=True, total=items)
    for start in range(0, items, 1000):
        several = [
            Item(n, f"{n * 2654435761 % 2**32:08x}/photo-{n}.jpg", n) for n in range(start, start + 1000)
        ]
        if start:
            stream.tell(ItemsSettled(fan, tuple(several), [done(item) for item in several], 1))
        for item in several if not start else ():
            stream.settle(fan, item, F, failure=exit_failure(item.index % 7, f"line {item.index}\n" * 40))
    stream.end(fan, F, failure=Failure(FailureKind.BUDGET, f"1000 of {items} items failed"))
    stream.finish(F)
    path = tmp_path / "report.html"
    assert memory_for(store, path) <= 100 * MIB
    assert path.stat().st_size <= most
    browser.get("about:blank")
    browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    before = busy(browser)
    browser.get(path.as_uri())
    assert found(browser) == f"{items:,} items"
    assert busy(browser) - before <= seconds
    browser.find_element("css selector", "[data-by=address]").send_keys("\n")
    assert len(rows(browser)) < 100
    assert browser.execute_script("return document.querySelectorAll('*').length") < 20_000


def done(item: Item) -> Outcome:
    """An outcome that shares little with those of its neighbours."""
    n = item.index
    times = {"started": BEGIN + n * 0.137 + n * 31 % 97, "seconds": n * 7919 % 100_000 / 1000}
    return outcome(item, result=n, made=1, worker=f"worker-{n * 5 % 8 + 1}", **times)


def memory_for(store: Store, path: Path) -> int:
    """The most memory that a process has which writes the report, all of its own included."""
    script = (
        "import re, sys; from pathlib import Path; from runner.report import write_report;"
        "from runner.store.stored_run import StoredRun;"
        "write_report(StoredRun(Path(sys.argv[1])), sys.argv[2]);"
        r"print(re.search(r'VmHWM:\s*(\d+)', open('/proc/self/status').read())[1])"
    )
    command = [sys.executable, "-c", script, str(store.folder), str(path)]
    return 1024 * int(subprocess.run(command, capture_output=True, check=True).stdout)


def busy(browser: Browser) -> float:
    """The seconds in which the page's own thread worked: what else the machine does counts for nothing."""
    metrics = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return float(next(it["value"] for it in metrics if it["name"] == "TaskDuration"))
