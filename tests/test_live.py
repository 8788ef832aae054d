"""Every chapter runs in the browser and prints there what it prints here.

    pytest -m browser

builds the site with its own Pyodide, serves it under a path and drives Chromium.
See `conftest.py` for the browser.
"""

import json
import time
from collections.abc import Callable
from itertools import compress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from live_tools import (
    assert_rendered,
    chapters,
    code_cells,
    committed,
    compared,
    entries,
    report,
    texts,
)
from notebooks import folded

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("default"),  # the driver's own are not ours to mend
]

HELD = "JSON.stringify(window.jupyterapp.shell.currentWidget.model.toJSON())"
STATUS = "window.jupyterapp.shell.currentWidget.sessionContext.kernelDisplayStatus"
SAVED = """async ([site, path]) => {
    const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = reject;
    });
    const base = await done(indexedDB.open(`JupyterLite Storage - ${site}`));
    const file = await done(base.transaction("files").objectStore("files").get(path));
    base.close();
    return file ? JSON.stringify(file.content) : null;
}"""


def press_run(context: "BrowserContext", site: str, chapter: str) -> "Page":
    """Open a chapter's page, press its button, return the live notebook."""
    page = context.new_page()
    page.goto(f"{site}{chapter}.html")
    with context.expect_page() as opened:
        page.click("a.btn-live")
    page.close()
    live = opened.value
    live.wait_for_selector(".jp-Notebook .jp-Cell")
    return live


def choose(live: "Page", menu: str, entry: str) -> None:
    """Choose an entry of a menu."""
    live.get_by_role("menuitem", name=menu, exact=True).click()
    live.locator(".lm-Menu-item").get_by_text(entry, exact=True).click()


def held(live: "Page") -> Any:
    """Return the notebook as the application holds it (see `expose`)."""
    return json.loads(live.evaluate(HELD))


def saved(live: "Page", chapter: str) -> Any:
    """Return the notebook as the browser keeps it, None before there is one."""
    path = urlsplit(live.url).path.partition("/lite/")[0] + "/lite/"
    text = live.evaluate(SAVED, [path, chapter.removeprefix("book/") + ".ipynb"])
    return None if text is None else json.loads(text)


def kept(live: "Page", chapter: str, number: int) -> tuple[str, str]:
    """Return what the browser keeps of a code cell: its source and what it printed."""
    notebook = saved(live, chapter)
    if notebook is None:
        return "", ""
    cell = code_cells(notebook)[number]
    return "".join(cell["source"]), texts(cell["outputs"]).get("stdout", "")


def wait_until(holds: Callable[[], bool], timeout: float) -> None:
    """Ask twice a second until the answer is yes."""
    end = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < end, f"not so after {timeout:.0f} s"
        time.sleep(0.5)


def run_all(live: "Page", timeout: float = 300.0) -> tuple[Any, float]:
    """Run all cells; return the notebook and when its first output stood there.

    The notebook is the one that the application holds. What the browser keeps of it
    lags behind: after a save JupyterLab waits ten times as long as that save took, on a
    slow machine minutes. If one saves besides, it asks who changed the file.
    """
    choose(live, "Edit", "Clear Outputs of All Cells")
    choose(live, "Run", "Run All Cells")
    live.wait_for_selector(".jp-OutputArea-output pre", state="attached")
    first = time.monotonic()
    wait_until(lambda: finished(live), timeout)
    return held(live), first


def finished(live: "Page") -> bool:
    """Tell whether all cells ran and nothing runs any more."""
    ran = all(cell["execution_count"] for cell in code_cells(held(live)))
    return ran and live.evaluate(STATUS) == "idle"


@pytest.mark.parametrize("chapter", chapters())
def test_prints_in_the_browser_what_it_prints_here(
    chapter: str,
    reader: "BrowserContext",
    site: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    start = time.monotonic()
    live = press_run(reader, site, chapter)
    notebook, first = run_all(live)
    report(
        capsys,
        f"{chapter}: from the click to the first printed line {first - start:.1f} s,"
        f" to the last {time.monotonic() - start:.1f} s",
    )
    assert live.locator(".jp-Dialog").count() == 0
    assert_rendered(live)
    cells = committed(chapter)
    here = [texts(cell["outputs"]) for cell in compress(cells, compared(cells))]
    there = compress(code_cells(notebook), compared(cells))
    assert [texts(cell["outputs"]) for cell in there] == here


def test_keeps_an_edit(
    reader: "BrowserContext", site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    chapter, edit = chapters()[0], "print(6 * 7)"
    press_run(reader, site, chapter).close()
    start = time.monotonic()
    live = press_run(reader, site, chapter)
    _, first = run_all(live)
    report(capsys, f"{chapter}, warm: to the first printed line {first - start:.1f} s")
    shown = [not folded(cell) for cell in committed(chapter)].index(True)
    cell = live.locator(".jp-CodeCell").nth(shown)
    cell.locator(".cm-content").click()
    live.keyboard.press("Control+End")
    live.keyboard.type(f"\n{edit}")
    live.keyboard.press("Shift+Enter")
    cell.locator("pre", has_text="42").wait_for()

    def is_kept() -> bool:  # what was typed may be saved before what it prints
        source, printed = kept(live, chapter, shown)
        return edit in source and printed.endswith("42\n")

    wait_until(is_kept, 400)
    live.reload()
    cell.locator(".cm-content", has_text=edit).wait_for()  # or the test times out
    cell.locator("pre", has_text="42").wait_for()
    assert is_kept()


def test_kernel_starts_without_installing_anything(
    reader: "BrowserContext", site: str
) -> None:
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    live = press_run(reader, site, chapters()[0])
    run_all(live)
    assert any("pyodide_kernel" in url for url in asked)
    assert not [url for url in asked if "/pypi/" in url]  # what `piplite` installs from


def test_pages_ask_no_other_host(reader: "BrowserContext", site: str) -> None:
    page = reader.new_page()
    for entry in entries():
        page.goto(f"{site}{entry}.html", wait_until="networkidle")
