"""Runs the cells of one page in the reader's browser, and says what they show.

`live.py` packs this file for the pages, and their `worker.js` imports it in Pyodide.
What a cell shows goes to `send` at once, each part as its kind (`stdout`, `stderr`,
`error` or a MIME type) and its content.
"""

import ast
import io
import linecache
import re
import sys
import traceback
import types
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from types import CodeType
from typing import Any

LIMIT = 100_000
"""A cell that prints more characters than these is not heard any longer."""


class Printed(io.TextIOBase):
    """Where a cell prints to."""

    def __init__(self, send: Callable[[str, Any], object], kind: str) -> None:
        self.send, self.kind, self.left = send, kind, LIMIT

    def writable(self) -> bool:
        """Say that one can write here."""
        return True

    def write(self, text: str) -> int:
        """Send what is printed, as long as it is not too much."""
        if self.left > 0 and text:
            more = "" if len(text) <= self.left else "\n... and more.\n"
            self.send(self.kind, text[: self.left] + more)
        self.left -= len(text)
        return len(text)


class Kernel:
    """The names of a page, and what runs its cells on them."""

    def __init__(self, send: Callable[[str, Any], object]) -> None:
        self.send = send
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.later = stand_in()

    def run(self, code: str, cell: str) -> bool:
        """Run a cell, send what it shows, return whether it came to its end."""
        linecache.cache[cell] = len(code), None, code.splitlines(True), cell
        out, err = Printed(self.send, "stdout"), Printed(self.send, "stderr")
        try:
            with redirect_stdout(out), redirect_stderr(err):
                self.show(self.value(code, cell))
                self.show_figures()
        except BaseException as error:  # a reader's cell may do all
            self.send("error", self.told(error, cell))
            return False
        return True

    def value(self, code: str, cell: str) -> Any:
        """Execute a cell; return the value of its last line unless it ends in `;`."""
        tree = ast.parse(code, cell)
        last = tree.body[-1] if tree.body else None
        if not isinstance(last, ast.Expr) or code.rstrip().endswith(";"):
            self.execute(compile(tree, cell, "exec"))
            return None
        tree.body.pop()
        self.execute(compile(tree, cell, "exec"))
        return self.execute(compile(ast.Expression(last.value), cell, "eval"))

    def execute(self, code: CodeType) -> Any:
        """Execute a part of a cell among the names of the page."""
        return eval(code, self.names)  # noqa: S307 - it is what a reader asks for

    def show(self, value: Any) -> None:
        """Send a value as a table or a text."""
        if value is None:
            return
        html = getattr(value, "_repr_html_", None)
        if html is not None and not isinstance(value, type):
            self.send("text/html", html())
        else:
            self.send("text/plain", repr(value))

    def show_figures(self) -> None:
        """Send the figures that are open, and close them."""
        plt: Any = sys.modules.get("matplotlib.pyplot")
        for number in () if isinstance(plt, Later) else plt.get_fignums():
            file = io.BytesIO()
            plt.figure(number).savefig(file, format="png", bbox_inches="tight")
            plt.close(number)
            self.send("image/png", file.getvalue())

    def can_draw(self) -> None:
        """Put Matplotlib in its stand-ins' place; call it once it can be imported."""
        for name in self.later:
            sys.modules.pop(name, None)
        import logging  # noqa: PLC0415 - a table is there sooner without it

        logging.getLogger("matplotlib.font_manager").addFilter(
            lambda record: "building the font cache" not in record.msg
        )
        import matplotlib  # noqa: PLC0415 - can be imported only now

        matplotlib.use("agg")
        import matplotlib.pyplot as plt  # noqa: PLC0415 - only after `use`

        matplotlib.rcParams.update(self.later["matplotlib"].__dict__["rcParams"])
        plt.show = lambda *_args, **_options: self.show_figures()
        for name, value in self.names.items():
            if isinstance(value, Later):
                self.names[name] = sys.modules[value.__name__]

    def told(self, error: BaseException, cell: str) -> str:
        """Return the traceback from the reader's cell on, without what calls it."""
        place = error.__traceback__
        while place and place.tb_frame.f_code.co_filename != cell:
            place = place.tb_next
        return "".join(traceback.format_exception(type(error), error, place)).rstrip()


class Later(types.ModuleType):
    """Stands for Matplotlib until a cell draws: it takes three seconds to load."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise ImportError(f"{self.__name__} is loaded for a cell that names it")


def stand_in() -> dict[str, Later]:
    """Put stand-ins where Matplotlib will be; they note the settings for it."""
    later = {name: Later(name) for name in ("matplotlib", "matplotlib.pyplot")}
    settings: dict[str, Any] = {}
    for module in later.values():
        module.__dict__["rcParams"] = settings
    later["matplotlib"].__dict__["pyplot"] = later["matplotlib.pyplot"]
    sys.modules.update(later)
    return later


USUAL = re.compile(
    r"^import matplotlib(\.pyplot)?( as \w+)?$"
    r"|^from rmsprop import (\([^)]*\)|.*)$"
    r"|\bplotting\.use_style\(\)",
    flags=re.MULTILINE,
)
"""What names Matplotlib and can do without it for a while."""


def draws(code: str) -> bool:
    """Return whether a cell names Matplotlib beyond the usual imports and style."""
    names = r"\b(plt|matplotlib|mpl|pyplot|plotting)\b"
    return bool(re.search(names, USUAL.sub("", code)))
