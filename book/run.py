"""Run notebooks top to bottom and save them as the book keeps them.

    python book/run.py book/example.ipynb ...

Outputs, execution counts and `language_info` are fresh, timings are left
out, and pictures keep a palette of 256 colors, which makes them a third as
large. What folds a cell follows from its tag (`TAGS`); metadata that the
book does not use are dropped.
"""

import base64
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

CELL_KEYS = {"tags", "mystnb", "jupyter", "quoted", "exact", "figure"}
NOTEBOOK_KEYS = {"kernelspec", "language_info"}
# The tag of a code cell: the tag that folds it, and what the fold says
TAGS = {
    "drawing": ("hide-input", "How this was drawn"),
    "imports": ("hide-input", "The imports"),
    "solution": ("hide-cell", "The code of the solution"),
}


def run(path: Path) -> None:
    """Execute the notebook at `path` in its own folder, and save it."""
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
    tidy(notebook)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in (data := output.get("data", {})):
                data["image/png"] = with_palette(data["image/png"])
    nbformat.write(notebook, path)


def tidy(notebook: Any) -> None:
    """Write the metadata that follow from cells' tags; drop others."""
    for key in set(notebook["metadata"]) - NOTEBOOK_KEYS:
        del notebook["metadata"][key]
    for cell in notebook["cells"]:
        metadata = cell["metadata"]
        for key in set(metadata) - CELL_KEYS:
            del metadata[key]
        own = [tag for tag in metadata.get("tags", []) if tag in TAGS]
        if cell["cell_type"] == "code" and own:
            fold, prompt = TAGS[own[0]]
            metadata["tags"] = sorted({*metadata["tags"], fold})
            metadata["jupyter"] = {"source_hidden": True}
            if fold == "hide-cell":
                metadata["jupyter"]["outputs_hidden"] = True
            metadata.setdefault("mystnb", {})
            metadata["mystnb"]["code_prompt_show"] = prompt
            metadata["mystnb"]["code_prompt_hide"] = prompt


def with_palette(png: str) -> str:
    """Return a base64 PNG with at most 256 colors."""
    image = (
        Image.open(BytesIO(base64.b64decode(png)))
        .convert("RGB")
        .quantize(256)
    )
    small = BytesIO()
    image.save(small, "PNG", optimize=True)
    return base64.b64encode(small.getvalue()).decode()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        run(Path(name))
