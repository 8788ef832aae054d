"""What the pages on privacy and accessibility say of the code is what it does."""

import json
import re
from urllib.parse import urlsplit

import live
import pytest
from live_tools import ROOT

STATIC = ROOT / "book" / "_static"
PRIVACY, ACCESSIBILITY = (
    (ROOT / "book" / "reference" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("privacy", "accessibility")
)


def scripts() -> dict[str, str]:
    files = [*STATIC.rglob("*.js"), *STATIC.rglob("*.mjs")]
    return {file.name: file.read_text(encoding="utf-8") for file in files}


def test_the_public_host_is_named() -> None:
    host = urlsplit(live.PUBLIC).hostname
    assert f"`{host}`" in PRIVACY


def test_no_script_of_the_book_names_another_host() -> None:
    assert scripts()
    for name, text in scripts().items():
        hosts = {
            urlsplit(url).hostname for url in re.findall(r"https?://[^\s\"'`)]+", text)
        }
        assert hosts <= {"www.w3.org"}, name  # the name of SVG, which nobody asks


@pytest.mark.parametrize(
    "store",
    ["localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches.open"],
)
def test_the_cells_keep_edits_and_nothing_else_is_kept(store: str) -> None:
    keepers = {name for name, text in scripts().items() if store in text}
    assert keepers == ({"edits.js"} if store == "localStorage" else set())


def test_what_is_kept_has_the_name_that_is_said() -> None:
    name = re.search(r"const KEY = `([a-z ]+) \$\{location", scripts()["edits.js"])
    assert name
    assert f"`{name[1]}`" in PRIVACY


def test_the_checker_has_the_version_that_is_said() -> None:
    file = ROOT / ".ci" / "javascript" / "package.json"
    version = json.loads(file.read_text(encoding="utf-8"))["devDependencies"][
        "axe-core"
    ]
    assert f"axe-core) {version} " in ACCESSIBILITY


@pytest.mark.parametrize("page", [PRIVACY, ACCESSIBILITY], ids=["privacy", "access"])
def test_what_was_tried_is_dated(page: str) -> None:
    assert re.search(r"[A-Z][a-z]+ \d{1,2}, 20\d\d", page)
