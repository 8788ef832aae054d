"""Make a small, precompiled copy of a Pyodide.

`python lean_pyodide.py FROM TO WHEEL...` makes it; the wheels become packages of it.
`python lean_pyodide.py WHEEL...` adds byte code to wheels of our own.

A Pyodide brings its modules as sources, and each start in a browser compiles them
again. Python 3.12 compiles them here, once; the same Python writes the same bytes each
time. Any other Python leaves them as they are. Either way the copy holds what the book
needs (`NEEDS`), without tests, headers and type stubs, and nothing else.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path
from types import CodeType

MAGIC = (3531).to_bytes(2, "little") + b"\r\n"
"""The mark of the byte code of Python 3.12, which Pyodide 0.27 runs."""

CORE = ("pyodide.asm.js", "pyodide.asm.wasm", "pyodide.js", "pyodide.mjs")
STDLIB = "python_stdlib.zip"
NEEDS = (
    *("numpy", "matplotlib"),
    *("micropip", "ssl", "sqlite3", "jedi", "ipython"),  # of the live notebooks
)

DROP = re.compile(
    r"(^|/)(_?tests?|testing|f2py|distutils|sphinxext|doc|idlelib|turtledemo)/"
    r"|\.(pyi|pyx|pxd|h|c|a|afm)$|/sample_data/|/web_backend/"
)
KEEP = re.compile(  # NumPy and Matplotlib import these of their tests and fonts
    r"numpy/testing/(__init__|overrides|_private/(__init__|utils|extbuild))\.py$"
    r"|numpy/_core/tests/_natype|cmr10|cmsy10|cmex10|cmmi10|unittest/"
)
TRIM = ("numpy-", "matplotlib-", STDLIB)


def make_lean(given: Path, copy: Path, *wheels: Path) -> None:
    """Write the copy, with some wheels as packages of its own."""
    lock = json.loads((given / "pyodide-lock.json").read_text(encoding="utf-8"))
    copy.mkdir(parents=True)
    for name in CORE:
        shutil.copyfile(given / name, copy / name)
    repack(given / STDLIB, copy / STDLIB)
    packages = closure(lock["packages"])
    files = {str(package["file_name"]): given for package in packages.values()}
    for wheel in wheels:
        packages |= entry(wheel)
        files[wheel.name] = wheel.parent
    lock["packages"] = packages
    for package in packages.values():
        name = str(package["file_name"])
        repack(files[name] / name, copy / name)
        package["sha256"] = hashlib.sha256((copy / name).read_bytes()).hexdigest()
    (copy / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")


def closure(packages: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """Return the packages that `NEEDS` names, with all that they depend on."""
    wanted, found = list(NEEDS), set()
    while wanted:
        name = wanted.pop().lower().replace("_", "-")
        if name not in found:
            found.add(name)
            wanted += packages[name]["depends"]  # type: ignore[arg-type]
    return {name: packages[name] for name in sorted(found)}


def entry(wheel: Path) -> dict[str, dict[str, object]]:
    """Return what the lock says of a wheel; whoever names it names what it needs."""
    module, version = wheel.name.split("-")[:2]
    name = module.replace("_", "-")
    says = {"name": name, "version": version, "file_name": wheel.name}
    kind = {"package_type": "package", "install_dir": "site", "unvendored_tests": False}
    return {name: {**says, **kind, "imports": [module], "depends": []}}


def repack(given: Path, copy: Path) -> None:
    """Copy an archive, with less in it and the modules compiled."""
    if not zipfile.is_zipfile(given):
        shutil.copyfile(given, copy)
        return
    trim = given.name.startswith(TRIM)
    with zipfile.ZipFile(given) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            if name.endswith("/") or (trim and is_spare(name)):
                continue
            write(new, *compiled(name, old.read(name)))


def is_spare(name: str) -> bool:
    """Return whether nothing of the book needs a file of an archive."""
    return bool(DROP.search(name)) and not KEEP.search(name)


def write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a file that bears no trace of when it was made."""
    info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
    archive.writestr(info, content, zipfile.ZIP_DEFLATED, 9)


def compiled(name: str, content: bytes) -> tuple[str, bytes]:
    """Return a module compiled, where this Python can, and any other file unchanged."""
    if not (compiles() and name.endswith(".py")):
        return name, content
    try:
        code = compile(content, name, "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError):  # a template, or a test of bad syntax
        return name, content
    return f"{name}c", pyc(code, content)


def add_byte_code(wheel: Path) -> None:
    """Add to a wheel what its modules compile to; errors still quote the modules."""
    with zipfile.ZipFile(wheel) as old:
        files = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(wheel, "w") as new:
        for name, content in files.items():
            write(new, name, content)
            folder, _, module = name.rpartition("/")
            cache = f"{folder}/__pycache__/".lstrip("/")
            path, code = compiled(module, content)
            if path.endswith(".pyc"):
                write(new, f"{cache}{path[:-4]}.cpython-312.pyc", code)


def pyc(code: CodeType, source: bytes) -> bytes:
    """Return byte code in the form that is never compared with its source."""
    import marshal  # noqa: PLC0415 - Bandit's list: what we write we never read

    flags = (0b01).to_bytes(4, "little")  # by hash, unchecked
    return MAGIC + flags + importlib.util.source_hash(source) + marshal.dumps(code)


def compiles() -> bool:
    """Return whether this Python writes the byte code that Pyodide reads."""
    return importlib.util.MAGIC_NUMBER == MAGIC


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # else sets are written in any order
        sys.exit("set PYTHONHASHSEED=0")
    given = [Path(name) for name in sys.argv[1:]]
    if all(path.suffix == ".whl" for path in given):
        for wheel in given:
            add_byte_code(wheel)
    else:
        make_lean(*given)
    sys.exit(0 if compiles() else 3)
