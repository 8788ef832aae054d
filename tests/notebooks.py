"""Reading the pages of the book: what the rules of all pages and of chapters share."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Cell = dict[str, Any]
Notebook = dict[str, Any]
Complaints = Iterator[str]
Rule = Callable[[Notebook], Complaints]


def read(path: Path) -> Notebook:
    """Return a notebook with each text in one piece, or a page as one Markdown cell."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return {"metadata": {}, "cells": [markdown_cell(text)]}
    notebook: Notebook = json.loads(text, object_hook=_joined)
    return notebook


def _joined(part: dict[str, Any]) -> dict[str, Any]:
    """Join the lists of lines that notebooks are stored as."""
    lines = {"source", "text", *(kind for kind in part if "/" in kind)}
    return {
        key: "".join(value) if key in lines and isinstance(value, list) else value
        for key, value in part.items()
    }


def markdown_cell(source: str, **metadata: Any) -> Cell:
    return {"cell_type": "markdown", "metadata": metadata, "source": source}


def cells(notebook: Notebook, kind: str) -> Iterator[tuple[int, Cell]]:
    """Yield the cells of a kind with their places, counted from 1."""
    for place, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == kind:
            yield place, cell


def tags(cell: Cell) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def folded(cell: Cell) -> bool:
    """Return whether JupyterLab folds a cell's code away."""
    return bool(cell["metadata"].get("jupyter", {}).get("source_hidden"))


def image_kinds(data: dict[str, str]) -> list[str]:
    return [kind for kind in data if kind.startswith("image/")]


def images(cell: Cell) -> list[str]:
    """Return the images among a cell's outputs, as they are stored."""
    data = (output.get("data", {}) for output in cell.get("outputs", []))
    return [item[kind] for item in data for kind in image_kinds(item)]


def printed(cell: Cell) -> list[str]:
    """Return the texts that a cell's outputs show; beside an image none is shown."""
    outputs = cell.get("outputs", [])
    data = [output.get("data", {}) for output in outputs]
    texts = [
        d[kind] for d in data if not image_kinds(d) for kind in d if "text/" in kind
    ]
    return texts + [output["text"] for output in outputs if "text" in output]


def prose(notebook: Notebook) -> str:
    return "\n\n".join(cell["source"] for _, cell in cells(notebook, "markdown"))
