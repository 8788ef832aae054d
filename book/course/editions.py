"""The student edition: the book without its solutions, and a search for leaks.

What is a solution says the book's source: cells with the tag `solution`, and
parts of pages between the comments `% teachers only` and `% everyone` (in the table
of contents with `#`, in the README as `<!-- teachers only -->`). They are dropped
before anything is built, so that no later step can bring them back.
"""

import html
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TAKEN = (
    "_config.yml",
    "_toc.yml",
    "book",
    "LICENSE",
    "pyproject.toml",
    "README.md",
    "requirements.txt",
    "rmsprop",
    "tests",
)
# The tests of what a student uses. Others hold right answers, ask each exercise for
# its solution, or are about the making of the site and of releases.
TESTS = {
    "test_baselines.py",
    "test_frameworks.py",
    "test_minimize.py",
    "test_numbers.py",
    "test_objectives.py",
    "test_optimizer.py",
    "test_plotting.py",
    "test_sweep.py",
    "test_tables.py",
    "test_vectors.py",
}
# Leftovers, the teacher's pages, and the tools of whoever writes the book.
LEFT = (
    ".*",
    "__pycache__",
    "*.egg-info",
    "course",
    "number.py",
    "run.py",
    "book_rules.py",
    "chapter_rules.py",
    "fragile.py",
)
NOTE = """:::{admonition} Student edition
This edition holds everything but the solutions of the exercises. Try an exercise
first, and let the checks in the chapters tell you how far you are.
:::
"""
WINDOW = 8
"""How many words in a row count as a piece of a solution, if they are long enough."""
MADE = ("translations.json",)
"""Files that hold only what the package says of itself, which anyone can ask it."""
LONG = 30
"""How many characters such a piece has at least."""


def student_edition(target: Path, source: Path = ROOT) -> None:
    """Write the sources of the student edition into an empty or new folder.

    Raises
    ------
    FileExistsError
        If `target` holds anything: an old file in it could hold a solution.
    """
    if target.exists() and any(target.iterdir()):
        raise FileExistsError(f"the folder must be empty or new, got {target}")
    target.mkdir(parents=True, exist_ok=True)
    for name in TAKEN:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=left)
        else:
            shutil.copy(source / name, target / name)
    for notebook in target.rglob("*.ipynb"):
        strip_notebook(notebook)
    for page in (*target.rglob("*.md"), target / "_toc.yml"):
        text = page.read_text(encoding="utf-8")
        page.write_text(for_everyone(text), encoding="utf-8")
    for name in ("README.md", "book/index.md"):
        say_what_it_is(target / name)


def left(folder: str, names: list[str]) -> set[str]:
    """Return what of a folder does not go along."""
    tests = {name for name in names if name.startswith("test_")} - TESTS
    return shutil.ignore_patterns(*LEFT)(folder, names) | tests


def strip_notebook(path: Path) -> None:
    """Drop the solutions of a notebook, and count its cells anew."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"] = [cell for cell in notebook["cells"] if not is_solution(cell)]
    code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    for count, cell in enumerate(code, start=1):
        cell["execution_count"] = count
        for output in cell["outputs"]:
            if "execution_count" in output:
                output["execution_count"] = count
    text = json.dumps(notebook, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def is_solution(cell: Any) -> bool:
    """Return whether a cell of a notebook belongs to a solution."""
    return "solution" in cell["metadata"].get("tags", [])


def for_everyone(text: str) -> str:
    """Return a page without the parts that only teachers get."""
    part = r"^ *(?:[%#]|<!--) teachers only\b.*?^ *(?:[%#]|<!--) everyone\b[^\n]*\n+"
    return re.sub(part, "", text, flags=re.MULTILINE | re.DOTALL)


def say_what_it_is(page: Path) -> None:
    """Write under the title of a page which edition this is."""
    title, rest = page.read_text(encoding="utf-8").split("\n", 1)
    note = NOTE
    if page.name == "README.md":  # read where no directive is understood
        note = f"**Student edition.** {' '.join(NOTE.splitlines()[1:-1])}\n"
    page.write_text(f"{title}\n\n{note}{rest}", encoding="utf-8")


def notebooks_zip(edition: Path, target: Path) -> None:
    """Pack the notebooks of an edition, with their data and the package."""
    taken = {"book", "rmsprop"}
    files = [file for file in sorted(edition.rglob("*")) if file.is_file()]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            name = file.relative_to(edition)
            if name.parts[0] in taken or name.name in {
                "LICENSE",
                "pyproject.toml",
                "README.md",
                "requirements.txt",
            }:
                archive.write(file, Path("rmsprop-book", name))


# --- Leaks ------------------------------------------------------------------


def words(text: str) -> list[str]:
    """Return the words and numbers of a text, whatever stands between them."""
    return re.findall(r"[a-z]+|\d+", text.lower())


def windows(found: list[str]) -> Iterator[str]:
    """Yield the runs of `WINDOW` words among words in a row."""
    for start in range(max(len(found) - WINDOW, 0) + 1):
        piece = " ".join(found[start : start + WINDOW])
        if len(piece) >= LONG:
            yield piece


def solutions(book: Path) -> Iterator[tuple[str, str]]:
    """Yield the solutions of a book, each with the notebook that it is from."""
    for path in sorted(book.rglob("*.ipynb")):
        if path.parts[-2].startswith("."):
            continue
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if is_solution(cell):
                yield path.stem, "".join(cell["source"])
                yield path.stem, printed(cell)


def printed(cell: Any) -> str:
    """Return what the outputs of a cell say as text."""
    parts = [
        output.get("text", output.get("data", {}).get("text/plain", []))
        for output in cell.get("outputs", [])
    ]
    return "\n".join("".join(part) for part in parts)


def leaks(edition: Path, sources: Path, full: Path = ROOT) -> list[str]:
    """List the pieces of solutions in a built edition, with file and notebook.

    Parameters
    ----------
    edition
        Whatever readers get: a folder with a site, notebooks, a PDF's text.
    sources
        The sources of that edition. What stands there stands there on purpose,
        such as the package's own `update`.
    full
        The full book, with its solutions.
    """
    open_to_all = " ".join(
        " ".join(words(readable(file))) for file in files_with_text(sources)
    )
    secret = {
        piece: stem
        for stem, text in solutions(full / "book")
        for line in text.splitlines()
        for piece in windows(words(line))
        if piece not in open_to_all
    }
    return [
        f"{file.relative_to(edition)}: {secret[piece]}: {piece}"
        for file in files_with_text(edition)
        if file.name not in MADE
        for piece in sorted({*windows(words(readable(file)))})
        if piece in secret
    ]


def files_with_text(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that hold text, in order."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            with file.open("rb") as start:
                if b"\0" not in start.read(8192):
                    yield file


def readable(file: Path) -> str:
    """Return the text of a file: of a page without tags, of JSON as it reads."""
    text = file.read_bytes().decode("utf-8", errors="replace")
    if file.suffix in {".html", ".xhtml", ".svg", ".xml"}:
        text = html.unescape(re.sub(r"<[^>]*>", " ", text))
    return re.sub(r"(?<!\\)\\[nt\"]", " ", text)
