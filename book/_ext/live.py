"""Every chapter to run, in its page and as a live notebook: a small Sphinx extension.

`_static/cells/` runs the cells of a page where they stand. When the pages are written
the extension builds what that needs, and JupyterLite, into the site's folder `lite/`:

- the pages of the table of contents (the notebooks among them) and the book's data,
- wheels of `rmsprop` and of what runs a page's cells, packed at that moment,
- a button on every chapter, its link relative: the site may lie under any path.

Their Python is Pyodide. It comes from its own public address, unless the environment
variable `RMSPROP_PYODIDE` names a folder or an archive of a Pyodide distribution: then
the site carries a small copy of it, and needs no network. If there is a Python 3.12, it
compiles that copy, which then starts faster.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import nbformat
from jupyter_core.paths import jupyter_path
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging

import page_kernel
from editions import add_edition, address
from figures import without_touch

SITE, APPS = "lite", ("notebooks", "tree", "edit", "lab")
KERNEL, PYODIDE = "@jupyterlite/pyodide-kernel-extension", "0.27"
PUBLIC = "https://cdn.jsdelivr.net/pyodide/v0.27.6/full/"  # the kernel's own choice
EXTENSIONS = (KERNEL, "jupyterlab-myst", "jupyterlab_pygments")

NOT_COMPILED = 3
"""What `lean_pyodide.py` says when its Python is not that of Pyodide."""

EPOCH = "1767225600"
"""The time of all live files, 2026 begins: two builds of one commit are the same."""

STARTUP = '''\
"""Runs when a kernel starts: that fonts are being listed is no message to a reader."""

import logging

logging.getLogger("matplotlib.font_manager").addFilter(
    lambda record: "building the font cache" not in record.msg
)
del logging
'''

SETTINGS = {
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},  # light or dark
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 5},  # seconds
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},  # find in page
}


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("html-page-context", add_button, priority=502)  # after the theme's
    app.connect("html-page-context", add_cells)
    app.connect("html-page-context", drop_thebe, priority=900)  # after all that adds
    app.connect("build-finished", build_live)
    add_edition(app, "cells")
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_button(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], doctree: object
) -> None:
    """Give a page that is a notebook the link to its live twin."""
    if doctree is None or (source := source_of(app, page)).suffix != ".ipynb":
        return
    index = context["pathto"](f"{SITE}/{APPS[0]}/index.html", 1)
    button = {
        "type": "link",
        "url": f"{index}?path={quote(live_path(app, source).as_posix())}",
        "icon": "fas fa-book-open",
        "text": "Open as a notebook",
        "tooltip": "Open this chapter as a notebook in the browser",
        "label": "live",
    }
    context["header_buttons"].insert(0, button)


def drop_thebe(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: object
) -> None:
    """Drop the theme's scripts for another kind of live code, which fail unused."""
    context["script_files"] = [
        script
        for script in context["script_files"]
        if "thebe" not in f"{script.filename} {script.attributes.get('body')}".lower()
    ]


def add_cells(
    app: Sphinx, page: str, _template: str, _context: object, doctree: object
) -> None:
    """Give a page that is a notebook what runs its cells."""
    if doctree is not None and source_of(app, page).suffix == ".ipynb":
        app.add_js_file(address(app, "cells", "cells.js"), type="module")
        app.add_css_file("cells/cells.css")


def build_live(app: Sphinx, error: Exception | None) -> None:
    """Build the live notebooks into the site."""
    if error or app.builder.format != "html":
        return
    site = Path(app.outdir, SITE)
    with TemporaryDirectory() as folder:
        lite = Path(folder)
        copy_contents(app, lite / "contents")
        wheels = make_wheels(Path(app.srcdir, "rmsprop"), lite / "wheels")
        run_lean(*wheels)
        ours, comm, startup, kernel = (wheel.relative_to(lite) for wheel in wheels)
        loads, pyodide = [comm.as_posix()], PUBLIC
        if given := os.environ.get("RMSPROP_PYODIDE"):
            added = [wheels[1], *kernel_wheels()]
            carry_pyodide(Path(given).expanduser(), lite, added)
            loads = [wheel.name.split("-")[0] for wheel in added]
            pyodide = f"{SITE}/static/pyodide/"
        write_settings(lite, [*loads, ours.as_posix(), startup.as_posix()])
        run_jupyter_lite(lite, site)
        shutil.copytree(lite / "wheels", site / "wheels")
        files = (lite / "contents" / "data").iterdir()
        data = sorted(path.name for path in files if path.suffix != ".md")
    cells = {
        "pyodide": pyodide,
        "wheels": [f"{SITE}/{wheel.as_posix()}" for wheel in (ours, kernel)],
        "data": data,
    }
    (site / "cells.json").write_text(json.dumps(cells), encoding="utf-8")
    name_an_icon(site)
    logging.getLogger(__name__).info("The live notebooks are in %s.", site)


def name_an_icon(site: Path) -> None:
    """Give the live pages an empty icon, else browsers ask the host for one."""
    icon = '<head>\n    <link rel="icon" href="data:," />'
    for page in site.rglob("index.html"):
        text = page.read_text(encoding="utf-8").replace("<head>", icon, 1)
        page.write_text(text, encoding="utf-8")


def source_of(app: Sphinx, page: str) -> Path:
    """Return the file that a page is made from."""
    return Path(app.env.doc2path(page))


def live_path(app: Sphinx, source: Path) -> Path:
    """Return where a file of `book/` lies among the live notebooks."""
    return source.relative_to(Path(app.srcdir, "book"))


def copy_contents(app: Sphinx, contents: Path) -> None:
    """Copy the book's pages and data, and nothing else that lies beside them."""
    sources = [source_of(app, page) for page in app.env.all_docs]
    sources += Path(app.srcdir, "book", "data").rglob("*.*")
    for source in sources:
        target = contents / live_path(app, source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix == ".ipynb":  # JupyterLite shows a list of lines with commas
            notebook = nbformat.read(source, as_version=4)
            text = nbformat.writes(notebook, split_lines=False)
            target.write_text(text, encoding="utf-8")
        elif source.suffix == ".md":  # where nothing can be touched
            text = without_touch(source.read_text(encoding="utf-8"))
            target.write_text(text, encoding="utf-8")
        else:
            shutil.copy(source, target)


def make_wheels(package: Path, folder: Path) -> list[Path]:
    """Pack what a kernel loads at its start: the package, two helpers, a page's own."""
    init = (package / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'__version__ = "(.+)"', init)
    if version is None:
        raise ExtensionError(f"{package} must state its __version__")
    ours = [file for file in package.rglob("*") if file.suffix in {".py", ".typed"}]
    comm = distribution("comm")  # otherwise the kernel asks PyPI for it
    theirs = [file for file in comm.files or [] if file.suffix == ".py"]
    return [
        pack(
            folder,
            ("rmsprop", version[1]),
            {
                file.relative_to(package.parent).as_posix(): file.read_bytes()
                for file in ours
            },
        ),
        pack(
            folder,
            ("comm", comm.version),
            {str(file): file.read_binary() for file in theirs},
        ),
        pack(folder, ("live_startup", "1"), {"live_startup.py": STARTUP.encode()}),
        pack(
            folder,
            ("page_kernel", "1"),
            {"page_kernel.py": Path(page_kernel.__file__).read_bytes()},
        ),
    ]


def pack(folder: Path, release: tuple[str, str], files: dict[str, bytes]) -> Path:
    """Write a wheel into a folder named by its digest: no cache serves an older one."""
    info = "{}-{}.dist-info".format(*release)
    files |= {
        f"{info}/METADATA": (
            "Metadata-Version: 2.1\nName: {}\nVersion: {}\n".format(*release).encode()
        ),
        f"{info}/WHEEL": (
            b"Wheel-Version: 1.0\nGenerator: live\n"
            b"Root-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in files).encode()
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:12]
    wheel = folder / digest / "{}-{}-py3-none-any.whl".format(*release)
    wheel.parent.mkdir(parents=True)
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    return wheel


def write_settings(lite: Path, packages: list[str]) -> None:
    """Tell the kernel what to load, and the notebooks how to look."""
    worker_to_site = "../../../.."  # the kernel runs in a worker deep in `extensions/`
    kernel = {
        "loadPyodideOptions": {
            "packages": [
                *("numpy", "matplotlib"),
                *("micropip", "ssl", "sqlite3", "jedi", "ipython"),  # at once: faster
                *(f"{worker_to_site}/{p}" if "/" in p else p for p in packages),
            ],
            "env": {"PYTHONSTARTUP": "/lib/python3.12/site-packages/live_startup.py"},
        }
    }
    settings = {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "RMSprop",
            "litePluginSettings": {f"{KERNEL}:kernel": kernel},
        },
    }
    (lite / "jupyter-lite.json").write_text(json.dumps(settings), encoding="utf-8")
    (lite / "overrides.json").write_text(json.dumps(SETTINGS), encoding="utf-8")


def kernel_wheels() -> list[Path]:
    """List what a kernel would else install one by one at its start."""
    pypi = Path(find_extensions()[0], "static", "pypi")
    names = ("piplite", "ipykernel", "pyodide_kernel")
    return [wheel for name in names for wheel in pypi.glob(f"{name}-*.whl")]


def carry_pyodide(given: Path, lite: Path, wheels: Sequence[Path] = ()) -> None:
    """Lay a Pyodide distribution, a folder or an archive, where it will be served."""
    folder = given
    if given.is_file():
        folder = lite / "unpacked"
        unpack(given, folder)
    found = sorted(folder.rglob("pyodide-lock.json"))
    if not found:
        raise ExtensionError(f"RMSPROP_PYODIDE must name a Pyodide, got {given}")
    lock = json.loads(found[0].read_text(encoding="utf-8"))
    version = lock["info"]["version"]
    if not version.startswith(f"{PYODIDE}."):
        raise ExtensionError(f"the kernel needs Pyodide {PYODIDE}, got {version}")
    make_lean(found[0].parent, lite / "static" / "pyodide", *wheels)


def run_lean(*given: Path) -> bool:
    """Compile what is given, if there is a Python for it; return whether there is."""
    python = find_python() or sys.executable
    done = subprocess.run(  # noqa: S603 - the command is spelled out here
        [python, "-s", Path(__file__).with_name("lean_pyodide.py"), *given],
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    if done.returncode not in {0, NOT_COMPILED}:
        raise ExtensionError(f"RMSPROP_PYODIDE cannot be copied:\n{done.stderr}")
    return done.returncode == 0


def make_lean(pyodide: Path, copy: Path, *wheels: Path) -> None:
    """Copy what the book needs of a Pyodide, compiled if there is a Python for it."""
    if not run_lean(pyodide, copy, *wheels):
        hint = "without a Python 3.12 its modules are not compiled: it starts slowly"
        logging.getLogger(__name__).info("Pyodide: %s.", hint)


def find_python() -> str | None:
    """Find a Python 3.12, whose byte code Pyodide runs: this one or another."""
    test = "import sys; sys.exit(sys.version_info[:2] != (3, 12))"
    for python in (sys.executable, shutil.which("python3.12")):
        if python and subprocess.call([python, "-c", test]) == 0:  # noqa: S603 - ours
            return python
    return None


def unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive; what a tar holds must stay inside the folder."""
    if tarfile.is_tarfile(archive) and hasattr(tarfile, "data_filter"):  # from 3.11.4
        shutil.unpack_archive(archive, folder, filter="data")
    else:
        shutil.unpack_archive(archive, folder)


def run_jupyter_lite(lite: Path, site: Path) -> None:
    """Call `jupyter lite build`; what it says matters only when it fails."""
    options = {
        "apps": APPS,
        "contents": [str(lite / "contents")],
        "federated_extensions": find_extensions(),
        "ignore_sys_prefix": ["federated_extensions"],
        "lite_dir": str(lite),
        "no_sourcemaps": True,
        "output_dir": str(site),
    }
    config = lite / "jupyter_lite_config.json"
    config.write_text(json.dumps({"LiteBuildConfig": options}), encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - the command is spelled out here
        [sys.executable, "-m", "jupyter", "lite", "build", f"--config={config}"],
        capture_output=True,
        check=False,
        cwd=lite,
        encoding="utf-8",
        env={"SOURCE_DATE_EPOCH": EPOCH, **os.environ, "PYTHONUTF8": "1"},
    )
    if done.returncode:
        raise ExtensionError(f"jupyter lite build failed:\n{done.stdout}{done.stderr}")


def find_extensions() -> list[str]:
    """Find the few extensions that the site carries, whatever else is installed."""
    folders = [Path(folder) for folder in jupyter_path("labextensions")]
    found = {
        name: str(folder / name)
        for name in EXTENSIONS
        for folder in reversed(folders)  # the first one wins
        if (folder / name).is_dir()
    }
    if missing := set(EXTENSIONS) - set(found):
        raise ExtensionError(f"not installed: {', '.join(sorted(missing))}")
    return list(found.values())
