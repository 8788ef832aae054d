"""The Sphinx extension behind the live notebooks packs and refuses what it should."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import editions
import figures
import lean_pyodide
import live
import pytest
from live_tools import ROOT, entries
from sphinx.errors import ExtensionError


def pyodide(folder: Path, version: str) -> Path:
    """Make what the extension takes for a Pyodide distribution."""
    folder.mkdir()
    for name in lean_pyodide.CORE:
        (folder / name).write_bytes(b"core")
    files = {"os.py": "x = {1, 2}", "test/test_os.py": "", "bad.py": "for"}
    archive(folder / lean_pyodide.STDLIB, files)
    packages = {}
    for name in (*lean_pyodide.NEEDS, "cycler", "scipy"):
        file = f"{name}-1-py3-none-any.whl"
        archive(folder / file, {f"{name}/a.py": "'why'", f"{name}/tests/b.py": ""})
        depends = ["cycler"] if name == "matplotlib" else []
        packages[name] = {"depends": depends, "file_name": file, "sha256": ""}
    lock = json.dumps({"info": {"version": version}, "packages": packages})
    (folder / "pyodide-lock.json").write_text(lock, encoding="utf-8")
    return folder


def archive(path: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as new:
        for name, content in files.items():
            new.writestr(name, content)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


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


def test_pages_keep_their_words_where_nothing_can_be_touched() -> None:
    pages = [ROOT / f"{name}.md" for name in entries()]
    texts = [page.read_text(encoding="utf-8") for page in pages if page.exists()]
    assert sum("{touch}" in text for text in texts) >= 2
    for text in texts:
        left = figures.without_touch(text)
        assert "{touch}" not in left
        options = r"^:{3}\{touch\}.*\n|^:(knobs|parts|preset|question|answer):.*\n"
        words = re.sub(options, "", text, flags=re.MULTILINE).split()
        assert [word for word in words if word != ":::"] == [
            word for word in left.split() if word != ":::"
        ]


def test_change_of_any_script_or_of_the_package_is_a_new_edition(
    tmp_path: Path,
) -> None:
    scripts = tmp_path / "book" / "_static" / "figures"
    shutil.copytree(ROOT / "book" / "_static" / "figures", scripts)
    shutil.copytree(ROOT / "rmsprop", tmp_path / "rmsprop")
    seen = {editions.edition(scripts)}
    for file in (scripts / "compute.js", tmp_path / "rmsprop" / "optimizer.py"):
        file.write_text(f"{file.read_text(encoding='utf-8')}\n", encoding="utf-8")
        seen.add(editions.edition(scripts))
    assert len(seen) == 3


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


def test_copy_of_a_pyodide_is_small_and_the_same_each_time(tmp_path: Path) -> None:
    given = pyodide(tmp_path / "pyodide", "0.27.7")
    live.make_lean(given, tmp_path / "one")
    live.make_lean(given, tmp_path / "two")
    made = contents(tmp_path / "one")
    assert made == contents(tmp_path / "two")
    assert "scipy-1-py3-none-any.whl" not in made
    lock = json.loads(made["pyodide-lock.json"])
    for package in lock["packages"].values():
        digest = hashlib.sha256(made[package["file_name"]]).hexdigest()
        assert package["sha256"] == digest
    assert "cycler" in lock["packages"]  # Matplotlib needs it
    with zipfile.ZipFile(tmp_path / "one" / "numpy-1-py3-none-any.whl") as numpy:
        assert {name.partition(".")[0] for name in numpy.namelist()} == {"numpy/a"}


def test_copy_is_compiled_by_a_python_312_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = pyodide(tmp_path / "pyodide", "0.27.7")
    monkeypatch.setattr(lean_pyodide, "compiles", lambda: False)
    lean_pyodide.make_lean(given, tmp_path / "sources")
    with zipfile.ZipFile(tmp_path / "sources" / lean_pyodide.STDLIB) as stdlib:
        assert stdlib.namelist() == ["os.py", "test/test_os.py", "bad.py"][::2]
    monkeypatch.setattr(lean_pyodide, "compiles", lambda: True)
    lean_pyodide.make_lean(given, tmp_path / "compiled")
    with zipfile.ZipFile(tmp_path / "compiled" / lean_pyodide.STDLIB) as stdlib:
        assert stdlib.namelist() == ["os.pyc", "bad.py"]
        assert stdlib.read("os.pyc").startswith(lean_pyodide.MAGIC)


def test_wheel_of_our_own_becomes_a_package_of_the_copy(tmp_path: Path) -> None:
    given = pyodide(tmp_path / "pyodide", "0.27.7")
    wheel = tmp_path / "two_words-1.5-py3-none-any.whl"
    archive(wheel, {"two_words.py": "x = 1"})
    live.make_lean(given, tmp_path / "copy", wheel)
    lock = json.loads(
        (tmp_path / "copy" / "pyodide-lock.json").read_text(encoding="utf-8")
    )
    package = lock["packages"]["two-words"]
    content = (tmp_path / "copy" / package["file_name"]).read_bytes()
    assert package["sha256"] == hashlib.sha256(content).hexdigest()
    assert (package["version"], package["imports"]) == ("1.5", ["two_words"])


def test_wheel_keeps_its_modules_beside_their_byte_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lean_pyodide, "compiles", lambda: True)
    wheel = tmp_path / "a-1-py3-none-any.whl"
    archive(wheel, {"a.py": "x = 1", "b/c.py": "y = 2", "b/py.typed": ""})
    lean_pyodide.add_byte_code(wheel)
    with zipfile.ZipFile(wheel) as made:
        assert made.read("b/c.py") == b"y = 2"
        assert set(made.namelist()) - {"a.py", "b/c.py", "b/py.typed"} == {
            "__pycache__/a.cpython-312.pyc",
            "b/__pycache__/c.cpython-312.pyc",
        }


def test_kernel_finds_all_that_it_would_install() -> None:
    names = [wheel.name.split("-")[0] for wheel in live.kernel_wheels()]
    assert names == ["piplite", "ipykernel", "pyodide_kernel"]


def test_python_that_is_found_is_one_for_pyodide() -> None:
    python = live.find_python()
    if python is not None:
        call = [python, "-c", "import sys; print(sys.version_info[:2])"]
        assert subprocess.check_output(call, encoding="utf-8") == "(3, 12)\n"  # noqa: S603


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
