"""Run notebooks top to bottom and save them as the book keeps them.

    python book/run.py book/example.ipynb ...

Outputs, execution counts and `language_info` are fresh, timings are left out, and
pictures keep a palette of 256 colors, which makes them a third as large.
"""

import base64
import sys
from io import BytesIO
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image


def run(path: Path) -> None:
    """Execute the notebook at `path` in its own folder, and save it in place."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": path.parent}},
        record_timing=False,
        coalesce_streams=True,
    )
    client.execute()
    notebook.metadata["language_info"].pop("version", None)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in (data := output.get("data", {})):
                data["image/png"] = with_palette(data["image/png"])
    nbformat.write(notebook, path)


def with_palette(png: str) -> str:
    """Return a base64 PNG with at most 256 colors."""
    image = Image.open(BytesIO(base64.b64decode(png))).convert("RGB").quantize(256)
    small = BytesIO()
    image.save(small, "PNG", optimize=True)
    return base64.b64encode(small.getvalue()).decode()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        run(Path(name))
