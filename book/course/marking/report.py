"""What came out of marking: a report to learn from, Gradescope's JSON, a table."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from course.marking.runner import BY_HAND, Finding, Marks

TITLES = (
    "A rule that the package does not hold",
    "Four optimizers, four bugs",
    "The first step and the cycle",
    "A setting moves to PyTorch",
    "A rate for the digits",
    "A small study",
)

CHAPTERS = (
    "*Definition*",
    "*Definition* and *When RMSprop misbehaves*",
    "*Properties* and *Does it arrive, and where?*",
    "*Frameworks*",
    "*A neural network* and *Choosing the settings*",
    "*A neural network*",
)


def markdown(marks: Marks) -> str:
    """Return the report for the student."""
    return "\n\n".join(_parts(marks)) + "\n"


def _parts(marks: Marks) -> Iterator[str]:
    possible = sum(map(marks.possible, marks.questions))
    open_points = _open(marks)
    yield f"# {marks.name}: {marks.total:g} of {possible} points"
    if open_points:
        yield f"{open_points} of these points are still to be given by hand."
    rows = ["| question | points | of |", "|---|---|---|"]
    rows += [
        f"| {q} {TITLES[q - 1]} | {marks.of(q):g} | {marks.possible(q)} |"
        for q in marks.questions
    ]
    yield "\n".join(rows)
    if marks.cells:
        yield "## Cells that did not work"
        yield "\n".join(f"- Cell {n}: {_line(t)}" for n, t in marks.cells.items())
        yield "Count the cells of code only. What later cells needed was missing."
    for question in marks.questions:
        yield f"## Question {question}"
        tested = [f for f in marks.findings if f.question == question]
        if tested:
            yield "\n".join(map(_item, tested))
        if not all(finding.passed for finding in tested):
            yield f"To read again: {CHAPTERS[question - 1]}."
        if question in BY_HAND:
            yield from _by_hand(marks, question)


def _item(finding: Finding) -> str:
    points = finding.points if finding.passed else 0
    head = f"- **{points} of {finding.points}** {finding.asked}"
    if finding.passed:
        return head
    text, case, block = finding.text.partition("called with")
    head = f"{head} *{_line(text) or 'Not yet.'}*"
    if not case:
        return head
    lines = "\n".join(f"  {line}" for line in f"{case}{block}".splitlines())
    return f"{head}\n\n  ```text\n{lines}\n  ```\n"


def _line(text: str) -> str:
    return " ".join(text.split())


def _by_hand(marks: Marks, question: int) -> Iterator[str]:
    given = marks.hand.get(question)
    points = "not yet given" if given is None else f"{given:g}"
    yield f"**By hand: {points}** of {BY_HAND[question]}"
    text = marks.texts.get(question, "There is no text for this question.")
    yield "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _open(marks: Marks) -> int:
    return sum(most for q, most in BY_HAND.items() if q not in marks.hand)


def gradescope(marks: Marks) -> str:
    """Return the results as Gradescope's autograder reads them."""
    tests = [
        {
            "name": f.asked,
            "number": f"{f.question}.{place}",
            "score": f.points if f.passed else 0,
            "max_score": f.points,
            "output": f.text,
            "visibility": "after_published",
        }
        for place, f in enumerate(marks.findings, start=1)
    ]
    tests += [
        {
            "name": f"Question {question}, by hand",
            "number": f"{question}.hand",
            "score": marks.hand.get(question, 0),
            "max_score": most,
            "output": marks.texts.get(question, ""),
            "visibility": "after_published",
        }
        for question, most in BY_HAND.items()
    ]
    result = {"score": marks.total, "output": f"Seed {marks.seed}", "tests": tests}
    return json.dumps(result, indent=1, ensure_ascii=False) + "\n"


def table(several: Iterable[Marks]) -> str:
    """Return the points of several submissions as CSV, a row a submission."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["submission", *(f"question {q}" for q in range(1, 7)), "total", "open"]
    )
    for marks in several:
        points = [f"{marks.of(q):g}" for q in range(1, 7)]
        writer.writerow([marks.name, *points, f"{marks.total:g}", _open(marks)])
    return text.getvalue()
