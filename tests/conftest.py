"""The browser of the tests marked so: Debian's Chromium, or what `CHROMIUM` names."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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
        pytest.fail(f"in CI the browser tests must run: {reason}")
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
