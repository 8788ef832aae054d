"""The zip for a class: the site with its own Python, and a launcher.

Whoever has Python runs `start.py` and can run every cell, with no network. Whoever has
none opens `site/index.html` and reads.
"""

import zipfile
from fnmatch import fnmatch
from pathlib import Path

HERE = Path(__file__).parent
LIMIT = 50_000_000
"""How many bytes the zip may have: what mail and course systems take."""
UNUSED = ("*.map",)
"""Files that no page asks for."""
README = """The RMSprop book

To read and run it: install Python 3 if you have none, then open start.py with it, by a
double click or with

    python start.py

Your browser opens. The cells of every page run in it, and nothing is asked from the
internet. What you change stays in your browser, on this machine.

To read only: open site/index.html. The cells do not run then.

Text and figures: CC BY 4.0. Code: MIT license.
"""


def class_zip(site: Path, target: Path) -> None:
    """Pack a built site that carries its Python, with the launcher.

    Raises
    ------
    ValueError
        If the site must get its Python from the internet, or is too large.
    """
    if not (site / "lite" / "static" / "pyodide").is_dir():
        raise ValueError("the site must carry Pyodide: set RMSPROP_PYODIDE and build")
    root = Path("rmsprop-book")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(str(root / "README.txt"), README)
        archive.write(HERE / "pack_start.py", root / "start.py")
        for file in sorted(site.rglob("*")):
            name = file.relative_to(site)
            if file.is_file() and used(name.as_posix()):
                archive.write(file, root / "site" / name)
    if (size := target.stat().st_size) > LIMIT:
        raise ValueError(f"the zip must have at most {LIMIT} bytes, got {size}")


def used(name: str) -> bool:
    """Return whether any page may ask for a file of the site."""
    return not any(fnmatch(name, pattern) for pattern in UNUSED)
