"""The assignment: one notebook, from which a seed makes what students get.

The source is `assignment.ipynb`. The tags of its cells say what becomes of them:

- `solution`: dropped for students.
- `start-divided`, `start-growing`: kept in one of the two kinds of question 1.
- `bug-1` to `bug-8`: four of them are the versions A to D of question 2.
- `numbers`, `key`: written anew for the seed, as `{{power}}` is in the text.
- `given`, `answer`, `check` and `Q1` to `Q5` are for the marker and for nbgrader.

    cd book && python -m course assignment student 7 FOLDER
"""

import copy
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from course.editions import printed, windows, words
from course.versions import DATA, SOURCE, STARTS, Version, tags, version

KINDS = ("student", "solution", "nbgrader")
NUMBERS = """# The numbers of your version
POWER, ETA, DECAY = {power}, {eta}, {decay}
SETTING = {{
    "learning_rate": {learning_rate},
    "decay": {setting_decay},
    "momentum": {momentum},
    "epsilon": {epsilon},
    "centered": {centered},
}}"""


def derive(seed: int, kind: str) -> Any:
    """Return the notebook of a seed, not yet run.

    Parameters
    ----------
    seed : int
        Every seed is another version.
    kind : str
        "solution" for the version with solutions, "student" or "nbgrader" for the
        one without.

    Returns
    -------
    nbformat.NotebookNode
        The notebook.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    made = version(seed)
    notebook = nbformat.read(SOURCE, as_version=4)
    skip = {f"start-{start}" for start in STARTS if start != made.start}
    skip |= set() if kind == "solution" else {"solution"}
    cells = [cell for cell in notebook.cells if skip.isdisjoint(tags(cell))]
    notebook.cells = [_for_version(cell, made) for cell in _bugs(cells, made)]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _bugs(cells: list[Any], made: Version) -> list[Any]:
    """Put the four versions of question 2 in place of all bugs."""
    bugs = [cell for cell in cells if any(tag.startswith("bug-") for tag in tags(cell))]
    place = cells.index(bugs[0])
    chosen = [
        copy.deepcopy(next(cell for cell in bugs if f"bug-{bug}" in tags(cell)))
        for bug in made.bugs
    ]
    for letter, cell in zip("abcd", chosen, strict=True):
        cell.source = cell.source.replace("def step(", f"def step_{letter}(")
        cell.metadata.tags = ["answer", "Q2"]  # its tag would name the bug
        cell.id = f"version-{letter}"
    others = [cell for cell in cells if cell not in bugs]
    return [*others[:place], *chosen, *others[place:]]


def _for_version(cell: Any, made: Version) -> Any:
    cell.source = cell.source.replace("../data/", "data/")
    if cell.cell_type == "markdown":
        cell.source = cell.source.replace("{{power}}", str(made.power))
    if "numbers" in tags(cell):
        cell.source = numbers(made)
    if "key" in tags(cell):
        lines = cell.source.splitlines()
        key = ", ".join(
            f'"{name}": {bug}' for name, bug in zip("ABCD", made.bugs, strict=True)
        )
        cell.source = "\n".join([*lines[:-1], f"bugs = {{{key}}}"])
    return cell


def numbers(made: Version) -> str:
    """Return the cell with the numbers of a version."""
    setting = {**made.setting, "setting_decay": made.setting["decay"]}
    return NUMBERS.format(
        **{**setting, "power": made.power, "eta": made.eta, "decay": made.decay}
    )


def run(notebook: Any, folder: Path) -> None:
    """Run a notebook in a folder that holds its data, and keep what it prints."""
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": folder}},
        record_timing=False,
        coalesce_streams=True,
    )
    client.execute()
    notebook.metadata.language_info.pop("version", None)


def write(seed: int, kind: str, folder: Path) -> Path:
    """Write a version with its data into a folder, and run it.

    Returns
    -------
    Path
        The notebook, `assignment.ipynb`, or `solution.ipynb`.
    """
    (folder / "data").mkdir(parents=True, exist_ok=True)
    if not (folder / "data" / DATA.name).exists():
        shutil.copy(DATA, folder / "data")
    notebook = derive(seed, kind)
    run(notebook, folder)
    name = "solution.ipynb" if kind == "solution" else "assignment.ipynb"
    nbformat.write(notebook, folder / name)
    return folder / name


def leaks(path: Path) -> list[str]:
    """List the pieces of solutions in a student's version of the assignment."""
    cells = nbformat.read(SOURCE, as_version=4).cells
    handed_out = _pieces(cell for cell in cells if "solution" not in tags(cell))
    secret = _pieces(cell for cell in cells if "solution" in tags(cell)) - handed_out
    found = _pieces(nbformat.read(path, as_version=4).cells)
    return [f"{path.name}: {piece}" for piece in sorted(found & secret)]


def _pieces(cells: Iterable[Any]) -> set[str]:
    texts = (text for cell in cells for text in (cell.source, printed(cell)))
    lines = (line for text in texts for line in text.splitlines())
    return {piece for line in lines for piece in windows(words(line))}
