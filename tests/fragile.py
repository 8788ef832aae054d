"""Find the printed digits that a start moved by 1e-12 changes.

    python tests/fragile.py                    # all chapters, in two minutes
    python tests/fragile.py book/example.ipynb

Such a digit is an accident of rounding, and no fact. A cell that shows exact arithmetic
on purpose says so in its metadata: `"exact": "why"`. Drawings are passed over.
"""

import ast
import io
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, redirect_stdout
from functools import wraps
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any
from unittest import mock

import matplotlib as mpl
import numpy as np
from book_rules import pages
from chapter_rules import ROOT
from notebooks import Cell, cells, image_kinds, read, tags

import rmsprop

RUNS = ("minimize", "follow")  # their second argument is the start
SHIFT = 1e-12


def fragile(path: Path, shift: float = SHIFT) -> Iterator[str]:
    """Yield the first line that changes in each cell of a notebook."""
    scope: dict[str, Any] = {"__name__": "__main__"}
    with ExitStack() as stack:
        stack.enter_context(chdir(path.parent))
        stack.enter_context(mpl.rc_context({"backend": "agg"}))
        for module in [rmsprop, *submodules()]:
            for name in RUNS:
                if callable(function := getattr(module, name, None)):
                    moved = moving(function, shift)
                    stack.enter_context(mock.patch.object(module, name, moved))
        for place, cell in cells(read(Path(path.name)), "code"):
            if "drawing" in tags(cell):
                continue
            new, old = run(cell["source"], scope).splitlines(), shown(cell).splitlines()
            if new != old and not cell["metadata"].get("exact"):
                pairs = zip([*old, ""], [*new, ""], strict=False)
                was, now = next((a, b) for a, b in pairs if a != b)
                yield f"cell {place}: {was!r} becomes {now!r}"


def submodules() -> list[Any]:
    found = iter_modules(rmsprop.__path__, "rmsprop.")
    return [import_module(module.name) for module in found]


def moving(function: Callable[..., Any], shift: float) -> Callable[..., Any]:
    """Return the function with every start moved, each number up or down by chance."""
    rng = np.random.default_rng(0)

    @wraps(function)
    def moved(grad: Any, theta0: Any, *args: Any, **options: Any) -> Any:
        theta = np.asarray(theta0)
        size = np.maximum(np.abs(theta), 1.0)  # a start at 0 moves, too
        start = theta + shift * size * rng.choice([-1.0, 1.0], size=theta.shape)
        start = start.astype(theta.dtype)[()]
        return function(grad, start, *args, **options)

    return moved


def shown(cell: Cell) -> str:
    """Return what a cell printed, with the text of its last expression."""
    texts = []
    for output in cell["outputs"]:
        data = output.get("data", {})
        text = "" if image_kinds(data) else data.get("text/plain", "")
        texts.append(output.get("text", text).rstrip("\n"))
    return "\n".join(filter(None, texts))


def run(source: str, scope: dict[str, Any]) -> str:
    """Run a cell; return what it prints, with the text of its last expression."""
    tree, printed = ast.parse(source), io.StringIO()
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), scope)  # noqa: S102 - the book's own code
        if isinstance(last, ast.Expr):
            code = compile(ast.Expression(last.value), "cell", "eval")
            value = eval(code, scope)  # noqa: S307
            sys.stdout.write("" if value is None else repr(value))
    return printed.getvalue().rstrip("\n")


if __name__ == "__main__":
    warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")
    chapters = [page for page in pages(ROOT) if page.suffix == ".ipynb"]
    files = [Path(name) for name in sys.argv[1:]] or chapters
    found = [f"{file.name}: {line}" for file in files for line in fragile(file)]
    sys.exit("\n".join(found) or None)
