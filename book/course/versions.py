"""What a seed decides about the assignment, and what the marker takes from its source.

The marker's own Python imports this and nothing of Jupyter, which takes seconds.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SOURCE = Path(__file__).with_name("assignment.ipynb")
DATA = SOURCE.parents[1] / "data" / "digits.npz"
STARTS = ("divided", "growing")
BUGS = 8
"""How many wrong versions question 2 has in store."""


@dataclass(frozen=True)
class Version:
    """What a seed decides about the assignment.

    Attributes
    ----------
    power : int
        The power of the gradient that question 1 averages.
    start : str
        How question 1 corrects the start, one of `STARTS`.
    eta, decay : float
        The rate and the decay of questions 1 and 3.
    bugs : tuple of int
        The bugs of the versions A to D in question 2.
    setting : dict
        The arguments of question 4, in TensorFlow's words.
    """

    power: int
    start: str
    eta: float
    decay: float
    bugs: tuple[int, ...]
    setting: dict[str, Any]


def version(seed: int) -> Version:
    """Return the version of the assignment with this seed."""
    rng = np.random.default_rng([seed, 0])
    return Version(
        power=int(rng.choice([3, 4, 6])),
        start=str(rng.choice(STARTS)),
        eta=float(rng.choice([0.02, 0.05, 0.1, 0.2])),
        decay=float(rng.choice([0.6, 0.7, 0.75, 0.8, 0.9])),
        bugs=tuple(map(int, rng.choice(BUGS, 4, replace=False) + 1)),
        setting={
            "learning_rate": float(rng.choice([0.0005, 0.001, 0.002, 0.004])),
            "decay": float(rng.choice([0.85, 0.92, 0.95, 0.98])),
            "momentum": float(rng.choice([0.0, 0.5, 0.8, 0.9])),
            "epsilon": float(rng.choice([0.0004, 0.0025, 0.01, 0.04])),
            "centered": bool(rng.choice([False, True])),
        },
    )


def cells() -> list[Any]:
    """Return the cells of the source, each text in one piece."""
    stored = json.loads(SOURCE.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in stored]


def given() -> str:
    """Return the code that every version gets as it stands, for the marker's use."""
    code = "\n\n".join(c["source"] for c in cells() if "given" in tags(c))
    return code.replace("../data/", "data/")


def bugs() -> list[Any]:
    """Return the wrong versions of question 2 as functions, in the list's order."""
    found: dict[str, Any] = {}
    for cell in cells():
        for tag in tags(cell):
            if tag.startswith("bug-"):
                names: dict[str, Any] = {"np": np}
                exec(cell["source"], names)  # noqa: S102 - our own cell
                found[tag] = names["step"]
    return [found[f"bug-{place}"] for place in range(1, BUGS + 1)]


def tags(cell: Any) -> set[str]:
    """Return the tags of a cell."""
    return set(cell["metadata"].get("tags", []))
