"""The commands of the course pack: `cd book && python -m course --help`."""

import argparse
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from course.editions import ROOT, leaks, notebooks_zip, student_edition
from course.exam import key, paper
from course.pack import class_zip
from course.print_book import build_site, contents
from course.print_epub import make_epub
from course.print_pdf import chromium, make_pdf, text_of
from course.slides import make_slides


def main(arguments: list[str] | None = None) -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m course", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
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
    chosen = parser.parse_args(arguments)
    chosen.command(chosen)


def make_student_edition(chosen: argparse.Namespace) -> None:
    """Write the student edition, build its site, and look for leaks in both."""
    folder, sources = chosen.folder, chosen.folder / "sources"
    student_edition(sources)
    notebooks_zip(sources, folder / "notebooks.zip")
    build = Path(sys.executable).with_name("jupyter-book")
    subprocess.run(  # noqa: S603 - our own command
        [build, "build", sources, "--path-output", folder, "-W", "-n"],
        check=True,
    )
    if found := leaks(folder, sources, ROOT):
        sys.exit("\n".join(["the edition holds solutions:", *found]))
    sys.stdout.write(f"The student edition is in {folder}.\n")


def make_exam(chosen: argparse.Namespace) -> None:
    """Write the paper and the marking key of an exam."""
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("paper", paper), ("key", key)):
        file = chosen.folder / f"exam-{chosen.seed}-{name}.md"
        file.write_text(text(chosen.seed), encoding="utf-8")


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
