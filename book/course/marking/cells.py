"""Run the cells of a submission one by one; one that fails does not stop the rest."""

import json
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)
"""A line that only a notebook understands, such as `%matplotlib inline`."""


def code(submission: Path) -> list[str]:
    """Return the code cells of a notebook, without the lines for notebooks only."""
    return [
        MAGIC.sub("pass", "".join(cell["source"]))
        for cell in read(submission)["cells"]
        if cell["cell_type"] == "code"
    ]


def read(submission: Path) -> Any:
    """Return a notebook as it is stored."""
    try:
        notebook = json.loads(submission.read_text(encoding="utf-8"))
        notebook["cells"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{submission.name} is no notebook: {error}") from error
    return notebook


def run(
    sources: list[str], skipped: set[int], on_start: Callable[[int], None]
) -> tuple[dict[str, Any], dict[int, str]]:
    """Run cells in one namespace, in order.

    Parameters
    ----------
    sources : list of str
        The code of the cells.
    skipped : set of int
        The cells to leave out, counted from 1.
    on_start : callable
        Is told the number of each cell before it runs.

    Returns
    -------
    names : dict
        What the cells defined.
    failed : dict
        What cells raised, by their number.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    failed = {}
    for place, source in enumerate(sources, start=1):
        if place in skipped:
            continue
        on_start(place)
        try:
            exec(compile(source, f"cell {place}", "exec"), names)  # noqa: S102 - to mark
        except BaseException as error:  # SystemExit must not end the marking either
            failed[place] = traceback.format_exception_only(error)[-1].strip()
    return names, failed


WORDS = {
    4: "Your reasons for question 4:",
    5: "Your defense for question 5:",
    6: "Your study for question 6:",
}
"""How the cells begin that hold a student's texts."""


def texts(submission: Path) -> dict[int, str]:
    """Return the texts for the questions that are marked by hand."""
    found = {}
    for cell in read(submission)["cells"]:
        source = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
        for question, begin in WORDS.items():
            text = source.rpartition(begin)[2].removeprefix("**").strip()
            if begin in source and text.strip("*") not in {"", "nothing written yet"}:
                found[question] = text
    return found
