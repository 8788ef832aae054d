"""What the tests of the live notebooks, in the browser and in JupyterLab, share."""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[1]
RAW = (":::", "{eq}", "{ref}", "$$", ":label:", "(fig-", "(eq-", "(tab-", "](#")


def entries() -> list[str]:
    """List the files of the table of contents, `book/...` without suffix."""
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    return re.findall(r"^[\s-]*(?:root|file): (\S+)$", toc, flags=re.MULTILINE)


def chapters() -> list[str]:
    """List the notebooks among them."""
    return [name for name in entries() if (ROOT / f"{name}.ipynb").exists()]


def committed(chapter: str) -> list[Any]:
    """Return the code cells of a chapter as they are in the repository."""
    text = (ROOT / f"{chapter}.ipynb").read_text(encoding="utf-8")
    return code_cells(json.loads(text))


def code_cells(notebook: Any) -> list[Any]:
    """Return the cells that can be run."""
    return [c for c in notebook["cells"] if c["cell_type"] == "code" and c["source"]]


def compared(cells: list[Any]) -> list[bool]:
    """Tell of each cell whether another run must show the same; times are excused."""
    return ["nbval-ignore-output" not in c["metadata"].get("tags", []) for c in cells]


def texts(outputs: list[Any]) -> dict[str, str]:
    """Return what outputs say, kind by kind, as nbval compares it."""
    found: dict[str, str] = defaultdict(str)
    for output in outputs:
        if output["output_type"] == "stream":
            found[output["name"]] += "".join(output["text"])
        elif output["output_type"] == "error":
            found["error"] += output["evalue"]
        else:
            for kind, content in output["data"].items():
                if not kind.startswith("image/"):
                    found[kind] += "".join(content)
    return dict(found)


def assert_rendered(live: "Page") -> None:
    """Fail if a markdown cell shows its source where the page shows a box or a sum."""
    cells = live.locator(".jp-MarkdownCell")
    for cell in cells.all():
        cell.scroll_into_view_if_needed()
        shown = cell.inner_text()
        raw = [mark for mark in RAW if mark in shown]
        assert not raw, shown


def report(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Print a line that a reader of the test's log sees."""
    with capsys.disabled():
        sys.stdout.write(f"\n    {line} ")
