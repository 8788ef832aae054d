"""Every chapter runs in the browser and prints there what it prints here.

    pytest -m browser

builds the site with its own Pyodide, serves it under a path and drives Chromium.
See `conftest.py` for the browser.
"""

import http.server
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from get_pyodide import get_pyodide
from live_tools import (
    ROOT,
    assert_rendered,
    chapters,
    code_cells,
    committed,
    entries,
    texts,
)
from notebooks import folded

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("default"),  # the driver's own are not ours to mend
]

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


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve files silently."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
        pass


@pytest.fixture(scope="session")
def site(
    browser: "Browser",
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Build the site with its own Pyodide and serve it under a path."""
    del browser  # first of all there must be one
    given = os.environ.get("RMSPROP_PYODIDE")
    pyodide = given or str(get_pyodide(pytestconfig.cache.mkdir("pyodide")))
    folder = tmp_path_factory.mktemp("served")
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    done = subprocess.run(  # noqa: S603 - our own command
        [jupyter_book, "build", ".", "--path-output", folder],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "RMSPROP_PYODIDE": pyodide},
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    handler = partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/_build/html/"
        server.shutdown()


@pytest.fixture
def reader(browser: "Browser", site: str) -> "Iterator[BrowserContext]":
    """Open a browser that has never been here; at the end it must have no complaint."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(60_000)
    complaints: list[str] = []
    context.on(
        "console",
        lambda message: (
            complaints.append(f"console: {message.text}")
            if message.type == "error"
            else None
        ),
    )
    context.on(
        "weberror", lambda error: complaints.append(f"page: {error.error.stack}")
    )
    context.on(
        "request",
        lambda request: (
            complaints.append(f"request: {request.url}")
            if urlsplit(request.url).netloc not in {"", urlsplit(site).netloc}
            else None
        ),
    )
    yield context
    context.close()
    assert not complaints


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


def saved(live: "Page", chapter: str) -> Any:
    """Return the notebook as the browser keeps it, None before there is one."""
    path = urlsplit(live.url).path.partition("/lite/")[0] + "/lite/"
    text = live.evaluate(SAVED, [path, chapter.removeprefix("book/") + ".ipynb"])
    return None if text is None else json.loads(text)


def run_all(live: "Page", chapter: str, timeout: float = 300.0) -> tuple[Any, float]:
    """Run all cells; return the notebook and when its first output stood there.

    The notebook saves itself every 5 s. Saving by hand besides would overlap with that:
    on a slow machine JupyterLab then asks whether the file was changed by another.
    """
    choose(live, "Edit", "Clear Outputs of All Cells")
    choose(live, "Run", "Run All Cells")
    live.wait_for_selector(".jp-OutputArea-output pre", state="attached")
    first, end = time.monotonic(), time.monotonic() + timeout
    while time.monotonic() < end:
        time.sleep(0.5)
        notebook = saved(live, chapter)
        if notebook and all(cell["execution_count"] for cell in code_cells(notebook)):
            return notebook, first
    pytest.fail(f"{chapter} was still running after {timeout:.0f} s")


def report(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Print a line that a reader of the test's log sees."""
    with capsys.disabled():
        sys.stdout.write(f"\n    {line} ")


@pytest.mark.parametrize("chapter", chapters())
def test_prints_in_the_browser_what_it_prints_here(
    chapter: str,
    reader: "BrowserContext",
    site: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    start = time.monotonic()
    live = press_run(reader, site, chapter)
    notebook, first = run_all(live, chapter)
    report(
        capsys,
        f"{chapter}: from the click to the first printed line {first - start:.1f} s,"
        f" to the last (as saved) {time.monotonic() - start:.1f} s",
    )
    assert live.locator(".jp-Dialog").count() == 0
    assert_rendered(live)
    here = [texts(cell["outputs"]) for cell in committed(chapter)]
    assert [texts(cell["outputs"]) for cell in code_cells(notebook)] == here


def test_keeps_an_edit(
    reader: "BrowserContext", site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    chapter, edit = chapters()[0], "print(6 * 7)"
    press_run(reader, site, chapter).close()
    start = time.monotonic()
    live = press_run(reader, site, chapter)
    _, first = run_all(live, chapter)
    report(capsys, f"{chapter}, warm: to the first printed line {first - start:.1f} s")
    shown = [not folded(cell) for cell in committed(chapter)].index(True)
    cell = live.locator(".jp-CodeCell").nth(shown)
    cell.locator(".cm-content").click()
    live.keyboard.press("Control+End")
    live.keyboard.type(f"\n{edit}")
    live.keyboard.press("Shift+Enter")
    cell.locator("pre", has_text="42").wait_for()
    live.wait_for_timeout(7_000)  # it saves itself every 5 s
    live.reload()
    cell.locator(".cm-content", has_text=edit).wait_for()  # or the test times out
    cell.locator("pre", has_text="42").wait_for()
    assert edit in "".join(code_cells(saved(live, chapter))[shown]["source"])


def test_pages_ask_no_other_host(reader: "BrowserContext", site: str) -> None:
    page = reader.new_page()
    for entry in entries():
        page.goto(f"{site}{entry}.html", wait_until="networkidle")
