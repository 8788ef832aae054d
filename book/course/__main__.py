"""The commands of the course pack: `cd book && python -m course --help`."""

import argparse
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from course import assignment, nbgrader
from course.bank import write_bank
from course.editions import ROOT, leaks, notebooks_zip, student_edition
from course.exam import key, paper
from course.marking import report, runner
from course.objectives import write_table
from course.pack import class_zip
from course.print_book import build_site, contents
from course.print_epub import make_epub
from course.print_pdf import chromium, make_pdf, text_of
from course.slides import make_slides

SEED = 0
"""The version of the assignment that is in the student edition."""


def main(arguments: list[str] | None = None) -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m course", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (add_editions, add_marks, add_questions, add_files):
        add(commands)
    chosen = parser.parse_args(arguments)
    chosen.command(chosen)


def add_editions(commands: Any) -> None:
    """Add what takes out solutions, and the exam."""
    student = commands.add_parser(
        "student",
        help="the student edition: its sources, a site and a zip of notebooks",
    )
    student.add_argument("folder", type=Path, help="an empty or new folder")
    student.set_defaults(command=make_student_edition)
    written = commands.add_parser("exam", help="a written exam with its key")
    written.add_argument("seed", type=int, help="every seed is another paper")
    written.add_argument("folder", type=Path)
    written.set_defaults(command=make_exam)


def add_marks(commands: Any) -> None:
    """Add the assignment and its marks."""
    task = commands.add_parser("assignment", help="a version of the assignment")
    task.add_argument("kind", choices=assignment.KINDS)
    task.add_argument("seed", type=int, help="every seed is another version")
    task.add_argument("folder", type=Path)
    task.set_defaults(command=make_assignment)
    marks = commands.add_parser("mark", help="the marks of submitted assignments")
    marks.add_argument("submissions", type=Path, nargs="+", metavar="SUBMISSION.ipynb")
    marks.add_argument("--seed", type=int, default=SEED, help="of their version")
    marks.add_argument("--out", type=Path, required=True, help="a folder for reports")
    marks.add_argument("--limit", type=float, default=runner.LIMIT, help="seconds")
    marks.add_argument(
        "--hand", action="append", default=[], metavar="QUESTION=POINTS", type=by_hand
    )
    marks.set_defaults(command=mark)


def add_questions(commands: Any) -> None:
    """Add what is made of questions and objectives."""
    questions = commands.add_parser("bank", help="all questions, for Canvas and Moodle")
    questions.add_argument("folder", type=Path)
    questions.set_defaults(command=lambda chosen: write_bank(chosen.folder))
    aims = commands.add_parser("objectives", help="the table of the teaching guide")
    aims.set_defaults(command=lambda _: write_table())


def add_files(commands: Any) -> None:
    """Add what a class takes along: slides, print, a zip."""
    slides = commands.add_parser("slides", help="a deck of slides for each chapter")
    slides.add_argument("folder", type=Path, help="keeps what is in its `remarks`")
    slides.set_defaults(command=make_decks)
    for kind, needs in (("pdf", "Chromium"), ("epub", "pandoc")):
        printed = commands.add_parser(kind, help=f"the book in one file; needs {needs}")
        printed.add_argument("folder", type=Path)
        printed.add_argument("--student", action="store_true", help="no solutions")
        printed.set_defaults(command=make_print, kind=kind)
    pack = commands.add_parser(
        "pack",
        help="a zip for a class: the site with the Pyodide of RMSPROP_PYODIDE",
    )
    pack.add_argument("folder", type=Path)
    pack.add_argument("--site", type=Path, help="one that is built already")
    pack.set_defaults(command=make_pack)


def make_student_edition(chosen: argparse.Namespace) -> None:
    """Write the student edition, build its site, and look for leaks in both."""
    folder, sources = chosen.folder, chosen.folder / "sources"
    student_edition(sources)
    handed_out = assignment.write(SEED, "student", sources / "book")
    notebooks_zip(sources, folder / "notebooks.zip")
    build = Path(sys.executable).with_name("jupyter-book")
    subprocess.run(  # noqa: S603 - our own command
        [build, "build", sources, "--path-output", folder, "-W", "-n"],
        check=True,
    )
    found = [*leaks(folder, sources, ROOT), *assignment.leaks(handed_out)]
    if found:
        sys.exit("\n".join(["the edition holds solutions:", *found]))
    sys.stdout.write(f"The student edition is in {folder}.\n")


def make_exam(chosen: argparse.Namespace) -> None:
    """Write the paper and the marking key of an exam."""
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("paper", paper), ("key", key)):
        file = chosen.folder / f"exam-{chosen.seed}-{name}.md"
        file.write_text(text(chosen.seed), encoding="utf-8")


def make_assignment(chosen: argparse.Namespace) -> None:
    """Write a version of the assignment."""
    path = assignment.write(chosen.seed, chosen.kind, chosen.folder)
    if chosen.kind == "nbgrader":
        nbgrader.prepare(path, chosen.seed)
    sys.stdout.write(f"The notebook is {path}.\n")


def by_hand(text: str) -> tuple[int, float]:
    """Read the points that somebody gave by hand, such as 6=4.5."""
    question, _, points = text.partition("=")
    return int(question), float(points)


def mark(chosen: argparse.Namespace) -> None:
    """Write a report and Gradescope's JSON for each submission, and a table of all."""
    chosen.out.mkdir(parents=True, exist_ok=True)
    several = []
    for path in chosen.submissions:
        marks = runner.mark(path, chosen.seed, chosen.limit, dict(chosen.hand))
        for suffix, text in (("md", report.markdown), ("json", report.gradescope)):
            file = chosen.out / f"{path.stem}.{suffix}"
            file.write_text(text(marks), encoding="utf-8")
        several.append(marks)
    (chosen.out / "marks.csv").write_text(report.table(several), encoding="utf-8")


def make_decks(chosen: argparse.Namespace) -> None:
    """Write the slides, and name the remarks whose slide is gone."""
    for name in make_slides(chosen.folder):
        sys.stderr.write(f"no slide has this name any more: {name}\n")


def make_print(chosen: argparse.Namespace) -> None:
    """Print the book from a site of its own, and look for what is cut off or leaks."""
    chosen.folder.mkdir(parents=True, exist_ok=True)
    name = "rmsprop-student" if chosen.student else "rmsprop"
    target = chosen.folder / f"{name}.{chosen.kind}"
    edition = "Student edition, without solutions" if chosen.student else ""
    found = []
    with TemporaryDirectory() as scratch:
        sources, text = Path(scratch, "sources"), Path(scratch, "text")
        if chosen.student:
            student_edition(sources)
        site = build_site(sources if chosen.student else ROOT, Path(scratch, "site"))
        if chosen.kind == "epub":
            make_epub(site, target, contents(), edition)
            zipfile.ZipFile(target).extractall(text)
        else:
            with chromium() as browser:
                found = make_pdf(browser, site, target, contents(), edition)
            text.mkdir()
            (text / "pdf.txt").write_text(text_of(target), encoding="utf-8")
        if chosen.student:
            found += leaks(text, sources, ROOT)
    if found:
        sys.exit("\n".join(["this does not fit on a page, or is a solution:", *found]))


def make_pack(chosen: argparse.Namespace) -> None:
    """Pack the site, built here unless it is given, with its launcher."""
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        site = chosen.site or build_site(ROOT, Path(scratch))
        class_zip(site, chosen.folder / "rmsprop-class.zip")


if __name__ == "__main__":
    main()
