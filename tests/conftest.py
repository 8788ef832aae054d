"""The browser of the tests marked so: Debian's Chromium, or what `CHROMIUM` names.

The site that they drive it through is built once a session, with its own Pyodide.
"""

import http.server
import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from get_pyodide import get_pyodide
from live_tools import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def need(condition: bool, reason: str) -> None:
    """Skip with a reason what cannot run here; in CI that is a failure."""
    if not condition and os.environ.get("CI"):
        pytest.fail(f"in CI this test must run: {reason}")
    if not condition:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    need(
        importlib.util.find_spec("playwright") is not None,
        "Playwright is missing: pip install -r .ci/tools.txt",
    )
    need(Path(CHROMIUM).exists(), f"{CHROMIUM} is missing: apt-get install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may be absent

    with sync_playwright() as playwright:
        # Whatever does not stay on this machine runs into a closed port.
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=QUIET,
            proxy={"server": "http://127.0.0.1:9", "bypass": "127.0.0.1"},
        )
        yield browser
        browser.close()


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
        env={**os.environ, "RMSPROP_PYODIDE": pyodide, "PATH": pythons()},
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    expose(folder / "_build/html/lite/jupyter-lite.json")
    handler = partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/_build/html/"
        server.shutdown()


def expose(config: Path) -> None:
    """Leave the live notebook's application where a test can ask it."""
    text = json.loads(config.read_text(encoding="utf-8"))
    text["jupyter-config-data"]["exposeAppInBrowser"] = "true"
    config.write_text(json.dumps(text), encoding="utf-8")


def pythons() -> str:
    """Return the PATH, at its end pyenv's Python 3.12, which compiles the Pyodide."""
    found = sorted(Path.home().glob(".pyenv/versions/3.12*/bin"))
    return os.pathsep.join([os.environ["PATH"], *map(str, found)])


@pytest.fixture
def reader(browser: "Browser", site: str) -> "Iterator[BrowserContext]":
    """Open a browser that has never been here; at the end it must have no complaint."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(60_000)
    complaints = watch(context, site)
    yield context
    context.close()
    assert not complaints


def watch(context: "BrowserContext", site: str) -> list[str]:
    """Return a list that fills with the pages' errors and requests to other hosts."""
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
    return complaints
