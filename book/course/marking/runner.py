"""Mark a submission in a Python of its own, which is ended when it takes too long.

This keeps a student's mistakes away from the marker. It is no prison for an attack:
the code may read and write whatever you may. Mark the work of people whom you do not
trust in a container or a virtual machine.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course.editions import ROOT
from course.marking import cells
from course.versions import DATA

LIMIT = 20.0
"""How many seconds a cell or a test may compute; five times as long it may wait."""
SILENCE = 60.0
"""How long after that a Python that cannot even look at its watch is ended."""
BY_HAND = {4: 2, 5: 2, 6: 6}
"""What a person marks: points of each question."""


@dataclass(frozen=True)
class Finding:
    """What one test found: its points count if it passed, else the text says why."""

    name: str
    question: int
    points: int
    asked: str
    passed: bool
    text: str


@dataclass(frozen=True)
class Marks:
    """The marks of a submission.

    Attributes
    ----------
    name : str
        The name of the file, without its suffix.
    seed : int
        The seed of the version.
    findings : tuple of Finding
        What the tests found, in the order of the questions.
    cells : dict
        What went wrong in cells, by their number.
    texts : dict
        What there is to read, by the number of the question.
    hand : dict
        What a person gave for the texts, by the number of the question.
    """

    name: str
    seed: int
    findings: tuple[Finding, ...]
    cells: dict[int, str]
    texts: dict[int, str]
    hand: dict[int, float] = field(default_factory=dict)

    def of(self, question: int) -> float:
        """Return the points of a question."""
        found = (f for f in self.findings if f.question == question and f.passed)
        return sum(f.points for f in found) + self.hand.get(question, 0)

    def possible(self, question: int) -> int:
        """Return the points that a question can bring, with those by hand."""
        found = (f.points for f in self.findings if f.question == question)
        return sum(found) + BY_HAND.get(question, 0)

    @property
    def questions(self) -> list[int]:
        """The numbers of the questions."""
        return sorted({f.question for f in self.findings} | set(BY_HAND))

    @property
    def total(self) -> float:
        """The points of all questions."""
        return sum(map(self.of, self.questions))


def mark(
    submission: Path,
    seed: int,
    limit: float = LIMIT,
    hand: dict[int, float] | None = None,
) -> Marks:
    """Mark a submission.

    Parameters
    ----------
    submission : Path
        A notebook, by whatever name.
    seed : int
        The seed that its version was made with.
    limit : float
        How many seconds a cell or a test may compute.
    hand : dict, optional
        Points by hand, by the number of the question.

    Raises
    ------
    ValueError
        If the file is no notebook, or points by hand lie outside their range.
    RuntimeError
        If the marker itself fails.
    """
    for question, points in (hand := hand or {}).items():
        if not 0 <= points <= BY_HAND.get(question, 0):
            most = BY_HAND.get(question, 0)
            raise ValueError(
                f"points by hand for question {question} must lie in 0 to {most}, "
                f"got {points:g}"
            )
    texts = cells.texts(submission)
    with tempfile.TemporaryDirectory() as folder:
        log = _log(submission.resolve(), seed, limit, Path(folder))
    return Marks(
        submission.stem,
        seed,
        tuple(_findings(log)),
        _failed(log),
        texts,
        hand,
    )


# --- Python after Python --------------------------------------------------------------


def _log(submission: Path, seed: int, limit: float, folder: Path) -> list[Any]:
    """Run the tests until nothing takes too long any more; return what was logged."""
    (folder / "data").mkdir()
    shutil.copy(DATA, folder / "data")
    log, job = folder / "log.jsonl", folder / "job.json"
    entries: list[Any] = []
    while True:
        given = {
            "submission": str(submission),
            "seed": seed,
            "limit": limit,
            "log": str(log),
            "skipped": [e["ended"] for e in entries if "ended" in e],
            "done": [e["end"] for e in entries if "end" in e],
        }
        job.write_text(json.dumps(given), encoding="utf-8")
        log.unlink(missing_ok=True)
        output = _python(job, log, limit, folder)
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        new = [json.loads(line) for line in lines]
        entries += new
        if new and "finished" in new[-1]:
            return entries
        last = [e["start"] for e in new if "start" in e][-1:]
        if last in ([], ["start"]):
            raise RuntimeError(f"the marker itself failed:\n{output}")
        entries.append({"ended": last[0]})


def _python(job: Path, log: Path, limit: float, folder: Path) -> str:
    """Run pytest until it ends, or until it has long been silent."""
    tests = Path(__file__).with_name("questions.py")
    settings = tests.with_name("pytest.ini")
    options = ["-c", str(settings), "-p", "course.marking.plugin", "-q", "--tb=short"]
    environment = {
        **os.environ,
        "RMSPROP_MARKING": str(job),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "book")]),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "MPLBACKEND": "Agg",
    }
    environment.pop("PYTEST_ADDOPTS", None)
    with (folder / "output.txt").open("w+", encoding="utf-8") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "pytest", *options, "-p", "no:cacheprovider", tests],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        size, heard = 0, time.monotonic()
        while process.poll() is None:
            time.sleep(0.05)
            if log.exists() and log.stat().st_size != size:
                size, heard = log.stat().st_size, time.monotonic()
            if time.monotonic() > heard + 5 * limit + SILENCE:
                process.kill()
        output.seek(0)
        return output.read()[-4000:]


def _findings(log: list[Any]) -> list[Finding]:
    tests = {e["test"]: e for e in log if "test" in e}
    ends = {e["end"]: e for e in log if "end" in e}
    late = "It took too long, or it ended Python."
    for entry in log:
        if "ended" in entry:
            ends.setdefault(entry["ended"], {"passed": False, "text": late})
    missing = {"passed": False, "text": "It was not run."}
    return [
        Finding(
            name,
            test["question"],
            test["points"],
            test["asked"],
            ends.get(name, missing)["passed"],
            ends.get(name, missing)["text"],
        )
        for name, test in tests.items()
    ]


def _failed(log: list[Any]) -> dict[int, str]:
    late = {
        int(e["ended"].removeprefix("cell ")): "It took too long, or it ended Python."
        for e in log
        if e.get("ended", "").startswith("cell ")
    }
    raised = [e["failed"] for e in log if "failed" in e][-1:]
    return {**{int(k): v for found in raised for k, v in found.items()}, **late}
