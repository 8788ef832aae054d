"""The Sphinx extension behind the live notebooks packs and refuses what it should."""

import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import live
import pytest
from live_tools import ROOT
from sphinx.errors import ExtensionError


def pyodide(folder: Path, version: str) -> Path:
    """Make what the extension takes for a Pyodide distribution."""
    folder.mkdir()
    lock = json.dumps({"info": {"version": version}})
    (folder / "pyodide-lock.json").write_text(lock, encoding="utf-8")
    return folder


def test_wheel_holds_the_modules_of_the_working_tree(tmp_path: Path) -> None:
    wheel = live.make_wheels(ROOT / "rmsprop", tmp_path)[0]
    with zipfile.ZipFile(wheel) as archive:
        for file in (ROOT / "rmsprop").glob("*.py"):
            assert archive.read(f"rmsprop/{file.name}") == file.read_bytes()


def test_changed_module_changes_the_address_of_the_wheel(tmp_path: Path) -> None:
    package = shutil.copytree(ROOT / "rmsprop", tmp_path / "rmsprop")
    before = live.make_wheels(package, tmp_path / "a")[0].relative_to(tmp_path / "a")
    same = live.make_wheels(package, tmp_path / "b")[0].relative_to(tmp_path / "b")
    with (package / "optimizer.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    after = live.make_wheels(package, tmp_path / "c")[0].relative_to(tmp_path / "c")
    assert before == same
    assert before != after


def test_pip_takes_every_wheel(tmp_path: Path) -> None:
    wheels = live.make_wheels(ROOT / "rmsprop", tmp_path / "wheels")
    pip = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--quiet"]
    subprocess.run(  # noqa: S603 - our own command
        [*pip, f"--target={tmp_path / 'site'}", *wheels], check=True
    )
    assert (tmp_path / "site" / "rmsprop" / "optimizer.py").exists()
    assert (tmp_path / "site" / "comm" / "__init__.py").exists()
    assert (tmp_path / "site" / "live_startup.py").exists()


def test_package_without_a_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("", encoding="utf-8")
    with pytest.raises(ExtensionError, match="must state its __version__"):
        live.make_wheels(tmp_path, tmp_path / "wheels")


@pytest.mark.parametrize("packed", [None, "bztar", "zip"])
def test_pyodide_may_be_a_folder_or_an_archive(
    tmp_path: Path, packed: str | None
) -> None:
    given = pyodide(tmp_path / "pyodide", "0.27.7")
    if packed:
        name = str(tmp_path / "packed")
        given = Path(shutil.make_archive(name, packed, tmp_path, "pyodide"))
    lite = tmp_path / "lite"
    lite.mkdir()
    live.carry_pyodide(given, lite)
    assert (lite / "static" / "pyodide" / "pyodide-lock.json").exists()


def test_pyodide_is_copied_where_no_link_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise OSError("a required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    (tmp_path / "lite").mkdir()
    live.carry_pyodide(pyodide(tmp_path / "pyodide", "0.27.7"), tmp_path / "lite")
    assert (tmp_path / "lite" / "static" / "pyodide" / "pyodide-lock.json").exists()


@pytest.mark.skipif(not hasattr(tarfile, "data_filter"), reason="Python before 3.11.4")
def test_archive_may_not_write_outside_its_folder(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("../outside"))
    with pytest.raises(tarfile.OutsideDestinationError):
        live.unpack(tmp_path / "bad.tar", tmp_path / "inside" / "folder")


def test_missing_pyodide_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExtensionError, match=r"must name a Pyodide, got .*nowhere"):
        live.carry_pyodide(tmp_path / "nowhere", tmp_path)


def test_other_pyodide_is_refused(tmp_path: Path) -> None:
    given = pyodide(tmp_path / "pyodide", "0.29.1")
    with pytest.raises(ExtensionError, match=r"needs Pyodide 0.27, got 0.29.1"):
        live.carry_pyodide(given, tmp_path)


@pytest.mark.parametrize(
    ("page", "up"), [("book/example", ""), ("book/applications/control", "../")]
)
def test_button_leads_to_the_chapter_from_any_depth(page: str, up: str) -> None:
    env = SimpleNamespace(doc2path=lambda name: ROOT / f"{name}.ipynb")
    app: Any = SimpleNamespace(env=env, srcdir=ROOT)
    context: dict[str, Any] = {
        "pathto": lambda path, _resource: f"../{up}{path}",
        "header_buttons": [],
    }
    live.add_button(app, page, "page.html", context, object())
    notebook = page.removeprefix("book/")
    assert context["header_buttons"][0]["url"] == (
        f"../{up}lite/notebooks/index.html?path={notebook}.ipynb"
    )
