"""The zip for a class: what it holds, and a launcher that names every type right."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest
from course import pack, pack_start

FILES = {
    "index.html": "text/html; charset=utf-8",
    "_static/book.css": "text/css; charset=utf-8",
    "_static/cells.js": "text/javascript; charset=utf-8",
    "lite/static/pyodide/pyodide.mjs": "text/javascript; charset=utf-8",
    "lite/static/pyodide/pyodide.asm.wasm": "application/wasm",
    "lite/static/pyodide/numpy.whl": "application/zip",
    "lite/files/definition.ipynb": "application/json; charset=utf-8",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / "html" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "html" / name).write_text(name, encoding="utf-8")
    return tmp_path / "html"


def test_the_launcher_serves_every_file_with_its_type(
    site: Path, tmp_path: Path
) -> None:
    pack.class_zip(site, tmp_path / "class.zip")
    with zipfile.ZipFile(tmp_path / "class.zip") as archive:
        archive.extractall(tmp_path)
    started = subprocess.Popen(  # noqa: S603 - our own launcher
        [sys.executable, tmp_path / "rmsprop-book" / "start.py"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "BROWSER": f"{sys.executable} -c 0 %s"},
    )
    try:
        assert started.stdout is not None
        address = started.stdout.readline().split()[-1]
        assert address.startswith("http://127.0.0.1:")
        for name, kind in FILES.items():
            with urlopen(address + name) as answer:  # noqa: S310 - this machine
                assert answer.headers["Content-Type"] == kind
                assert answer.read().decode() == name
    finally:
        started.terminate()
        started.communicate()


def test_the_types_do_not_depend_on_the_system() -> None:
    for suffix, kind in pack_start.TYPES.items():
        assert pack_start.Handler.extensions_map[suffix] == kind


def test_the_zip_says_how_to_begin(site: Path, tmp_path: Path) -> None:
    pack.class_zip(site, tmp_path / "class.zip")
    with zipfile.ZipFile(tmp_path / "class.zip") as archive:
        names = archive.namelist()
        text = archive.read("rmsprop-book/README.txt").decode()
    assert "python start.py" in text
    assert {f"rmsprop-book/site/{name}" for name in FILES} <= set(names)


def test_what_no_page_asks_for_stays_out() -> None:
    assert pack.used("_static/math.woff2")
    assert not pack.used("_static/scripts/fontawesome.js.map")


def test_a_site_without_its_own_python_is_refused(site: Path, tmp_path: Path) -> None:
    (site / "lite" / "static" / "pyodide").rename(tmp_path / "gone")
    with pytest.raises(ValueError, match="must carry Pyodide: set RMSPROP_PYODIDE"):
        pack.class_zip(site, tmp_path / "class.zip")


def test_a_zip_that_is_too_large_is_named(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "LIMIT", 100)
    with pytest.raises(ValueError, match="must have at most 100 bytes, got"):
        pack.class_zip(site, tmp_path / "class.zip")
