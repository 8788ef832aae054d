"""Serve scripts from a folder that is named by what they say.

Scripts import each other by name. A browser that keeps some of them and fetches others
anew would mix two editions of the book; in a new folder all of them are new.
"""

import hashlib
import shutil
from functools import partial
from pathlib import Path

from sphinx.application import Sphinx


def add_edition(app: Sphinx, name: str) -> None:
    """Name the edition of a folder of `_static/`; a new one writes all pages again."""
    folder = Path(app.srcdir, "book", "_static", name)
    app.add_config_value(f"{name}_edition", edition(folder), "html", str)
    later = partial(lay_out, name=name)
    app.connect("build-finished", later, priority=900)  # after all that adds to it


def edition(folder: Path) -> str:
    """Return a digest of the scripts in a folder, and of the package they speak of."""
    package = folder.parents[2] / "rmsprop"
    files = [*sorted(folder.glob("*.js")), *sorted(package.rglob("*.py"))]
    said = [(path.name, path.read_bytes()) for path in files]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12]


def address(app: Sphinx, name: str, script: str) -> str:
    """Return where under `_static/` a script of a folder is served."""
    return f"{name}/{app.config[f'{name}_edition']}/{script}"


def lay_out(app: Sphinx, error: Exception | None, name: str) -> None:
    """Copy a folder's scripts and data to where the pages look for them."""
    if error or app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static", name)
    target = Path(app.outdir, "_static", address(app, name, ""))
    target.mkdir(exist_ok=True)  # older ones stay: a page may not be written again
    for path in folder.glob("*.js*"):
        shutil.copy(path, target)
