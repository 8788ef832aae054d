"""Pytest's part: runs a submission, and writes down what each test finds.

The job stands in the file that `RMSPROP_MARKING` names: the submission, the seed, the
limit, and what to leave out because it took too long before. A line of JSON is written
at every start and end, so that the runner knows what was going on when Python ended.
"""

import json
import math
import os
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from course.marking import cells

TOO_LONG = 86
"""How Python ends when something has taken too long."""


class Job:
    """What there is to do, and a watch over the time that it takes."""

    def __init__(self, path: Path) -> None:
        given = json.loads(path.read_text(encoding="utf-8"))
        self.submission, self.seed = Path(given["submission"]), int(given["seed"])
        self.limit, self.log = float(given["limit"]), Path(given["log"])
        self.skipped, self.done = set(given["skipped"]), set(given["done"])
        self.test = "start"
        self.write(start=self.test)
        self.deadlines = math.inf, math.inf  # until the first cell: imports take theirs
        threading.Thread(target=self.watch, daemon=True).start()

    def write(self, **line: Any) -> None:
        """Add a line to the log."""
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{json.dumps(line)}\n")

    def start(self, name: str) -> None:
        """Say what runs now, and give it all of the time."""
        self.write(start=name)
        waiting = time.monotonic() + 5 * self.limit
        self.deadlines = time.process_time() + self.limit, waiting

    def watch(self) -> None:
        """End this Python as soon as something has used up its time."""
        while True:
            time.sleep(0.05)
            computed, waited = self.deadlines
            if time.process_time() > computed or time.monotonic() > waited:
                os._exit(TOO_LONG)


def pytest_configure(config: pytest.Config) -> None:
    """Read the job."""
    config.stash[JOB] = Job(Path(os.environ["RMSPROP_MARKING"]))


JOB = pytest.StashKey[Job]()


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Tell the runner of all tests, and leave out those that are done."""
    job = config.stash[JOB]
    for item in items:
        points, question = marked(item)
        job.write(test=item.name, points=points, question=question, asked=asked(item))
    items[:] = [item for item in items if item.name not in job.done | job.skipped]


def marked(item: pytest.Item) -> tuple[int, int]:
    """Return what a test is worth, and its question."""
    marker = item.get_closest_marker("points")
    if marker is None:
        raise pytest.UsageError(f"a test must have its points, got {item.name}")
    worth, question = marker.args
    return worth, question


def asked(item: Any) -> str:
    """Return what a test asks for: its docstring, with its parameters filled in."""
    text = " ".join((item.obj.__doc__ or "").split())
    call = getattr(item, "callspec", None)
    return text.format(**call.params) if call else text


@pytest.fixture(scope="session")
def names(pytestconfig: pytest.Config) -> dict[str, Any]:
    """Run the submission and return what its cells defined."""
    job = pytestconfig.stash[JOB]
    skipped = {int(name[5:]) for name in job.skipped if name.startswith("cell ")}
    found, failed = cells.run(
        cells.code(job.submission), skipped, lambda place: job.start(f"cell {place}")
    )
    job.write(failed=failed)
    job.start(job.test)  # which may need more than these names
    return found


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """Return the teacher's seed."""
    return pytestconfig.stash[JOB].seed


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Say that all went to its end, if nothing of the marker's own failed."""
    job, ends = session.config.stash[JOB], pytest.ExitCode
    ended = {ends.OK, ends.TESTS_FAILED}
    if job.done | job.skipped:  # the last test was left out, too
        ended.add(ends.NO_TESTS_COLLECTED)
    if session.exitstatus in ended:
        job.write(finished=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give what a test needs its time; the cells of the submission have their own."""
    job = item.config.stash[JOB]
    job.test = item.name
    job.start(job.test)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Give every test its time, which the cells have not used up."""
    item.config.stash[JOB].start(item.name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: Any
) -> Generator[None, Any, Any]:
    """Write down what a test found; what failed says why in one sentence."""
    report = yield
    if report.when == "call" or report.failed:
        text = str(call.excinfo.value) if call.excinfo else ""
        if call.excinfo and not call.excinfo.errisinstance(AssertionError):
            text = f"It raised {call.excinfo.exconly()}."
        text = text.partition("\nassert ")[0].strip()
        item.config.stash[JOB].write(end=item.name, passed=report.passed, text=text)
    return report
