"""The rules that the pages of the book keep: one function a rule.

A rule takes a notebook and yields complaints, which name the cell, counted from 1.
A Markdown page is taken as a notebook of one Markdown cell. To check some chapters:

    python tests/book_rules.py book/example.ipynb
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import TypeGuard

import chapter_rules
from notebooks import (
    Cell,
    Complaints,
    Notebook,
    Rule,
    cells,
    folded,
    images,
    printed,
    prose,
    read,
    tags,
)

MAX_LINES, MAX_FUNCTION, MAX_FUNCTIONS = 15, 8, 2
MAX_IMAGE, MAX_MEDIAN_IMAGE = 200_000, 60_000  # bytes
MIN_ALT = 40  # characters


# --- Execution ------------------------------------------------------------------------


def execution(notebook: Notebook) -> Complaints:
    """Run from top to bottom in a fresh kernel, without errors or warnings."""
    if "language_info" not in notebook["metadata"]:
        yield "metadata lack language_info, which a browser kernel needs"
    for wanted, (place, cell) in enumerate(cells(notebook, "code"), start=1):
        if (count := cell["execution_count"]) != wanted:
            yield f"cell {place}: execution count is {count}, not {wanted}"
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                yield f"cell {place}: raised {output['ename']}"
            if output.get("name") == "stderr":
                yield f"cell {place}: wrote to stderr"


MACHINE_PATH = re.compile(r"(?<![\w.~])/(work|home|tmp|root|Users|opt|mnt)/|[A-Z]:\\")


def machine_paths(notebook: Notebook) -> Complaints:
    """Name no path of the machine that a page was made on."""
    for place, cell in enumerate(notebook["cells"], start=1):
        for text in [cell["source"], *printed(cell)]:
            if found := MACHINE_PATH.search(text):
                yield f"cell {place}: a machine's path, {found[0]}"


def objects_shown(notebook: Notebook) -> Complaints:
    """Show no bare repr such as ``<Axes: ...>``; end the cell with ``plt.show()``.

    A semicolon at the end hides the repr from a reader, but not from nbval. Older
    Matplotlibs need the call, too: they show the first figure a cell late without it.
    """
    for place, cell in cells(notebook, "code"):
        if images(cell) and not cell["source"].rstrip().endswith("plt.show()"):
            yield f"cell {place}: draws and does not end with plt.show()"
        if cell["source"].rstrip().endswith(";"):
            yield f"cell {place}: ends with a semicolon"
        for output in cell["outputs"]:
            text = output.get("data", {}).get("text/plain", "")
            is_result = output["output_type"] == "execute_result"
            if is_result and re.match(r"[\[(]*<", text):
                yield f"cell {place}: shows the repr {text[:30]}"


def excused(notebook: Notebook) -> Complaints:
    """Excuse an output from comparison only with a reason, in the metadata `exact`."""
    for place, cell in cells(notebook, "code"):
        if "nbval-ignore-output" in tags(cell) and not cell["metadata"].get("exact"):
            yield f"cell {place}: is not compared, and does not say why"


# --- Code -----------------------------------------------------------------------------


def cell_size(notebook: Notebook) -> Complaints:
    """Keep a code cell within 15 lines."""
    for place, cell in cells(notebook, "code"):
        lines = cell["source"].splitlines()
        if not 1 <= len(lines) <= MAX_LINES:
            yield f"cell {place}: {len(lines)} lines, not 1 to {MAX_LINES}"


def definitions(notebook: Notebook) -> Complaints:
    """Define at most two functions, of at most eight lines, where they are the idea.

    Functions of one line and those of solutions do not count.
    """
    long = []
    for place, cell in cells(notebook, "code"):
        try:
            tree = ast.parse(cell["source"])
        except SyntaxError:
            yield f"cell {place}: is not plain Python"
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield f"cell {place}: defines the class {node.name}"
            if is_function(node) and (size := height(node)) > MAX_FUNCTION:
                yield f"cell {place}: {node.name} has {size} lines"
            if is_function(node) and "solution" not in tags(cell):
                long += [node.name] if len(node.body) > 1 or height(node) > 2 else []
    if len(long) > MAX_FUNCTIONS:
        yield f"defines {', '.join(long)}: more than {MAX_FUNCTIONS} functions"


def height(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def is_function(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


MAY_HIDE = {"solution", "drawing", "imports"}


def hidden_cells(notebook: Notebook) -> Complaints:
    """Hide nothing from the reader but solutions, drawings and imports."""
    for place, cell in enumerate(notebook["cells"], start=1):
        hidden = any(tag.startswith(("hide-", "remove-")) for tag in tags(cell))
        if (hidden or folded(cell)) and MAY_HIDE.isdisjoint(tags(cell)):
            yield f"cell {place}: is hidden and none of {', '.join(sorted(MAY_HIDE))}"


# --- Figures --------------------------------------------------------------------------

IDLE_ALT = re.compile(
    r"(an? |the )?(figure|image|picture|(plot|graph) (of|show))", re.I
)
MARKDOWN_IMAGE = re.compile(
    r"!\[([^\]]*)\]\(|<img\b(?:[^>]*?\balt=\"([^\"]*)\")?[^>]*>"
)
IMAGE_DIRECTIVE = re.compile(
    r"^([:`]{3,})\{(?:image|figure)\}(.*?)^\1\s*$", re.M | re.S
)


def alt_texts(notebook: Notebook) -> Complaints:
    """Give every picture its own alt text, which says what the picture shows."""
    seen = set()
    for place, alt in _alts(notebook):
        if len(alt) < MIN_ALT:
            yield f"cell {place}: alt text under {MIN_ALT} characters: {alt!r}"
        if IDLE_ALT.match(alt):
            yield f"cell {place}: alt text says that it is a figure: {alt!r}"
        if alt in seen:
            yield f"cell {place}: alt text used before: {alt!r}"
        seen.add(alt)


def _alts(notebook: Notebook) -> Iterator[tuple[int, str]]:
    """Yield the place and the alt text of every picture, "" if it has none."""
    for place, cell in cells(notebook, "code"):
        alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
        for _ in images(cell):
            yield place, alt.strip()
    for place, cell in cells(notebook, "markdown"):
        for found in MARKDOWN_IMAGE.finditer(cell["source"]):
            yield place, (found[1] or found[2] or "").strip()
        for found in IMAGE_DIRECTIVE.finditer(cell["source"]):
            option = re.search(r"^:alt:(.*)$", found[2], re.M)
            yield place, option[1].strip() if option else ""


def image_bytes(image: str) -> int:
    """Return an image's size; base64 writes three bytes as four characters."""
    is_text = image.lstrip().startswith("<")
    return len(image) if is_text else len(image.strip()) * 3 // 4


def image_size(notebook: Notebook) -> Complaints:
    """Draw no picture above 200 kB."""
    for place, cell in cells(notebook, "code"):
        for size in map(image_bytes, images(cell)):
            if size > MAX_IMAGE:
                yield f"cell {place}: a picture of {size // 1000} kB"


def median_image_size(notebooks: Iterable[Notebook]) -> Complaints:
    """Keep the median picture of several notebooks under 60 kB."""
    sizes = [
        image_bytes(image)
        for notebook in notebooks
        for _, cell in cells(notebook, "code")
        for image in images(cell)
    ]
    if sizes and median(sizes) >= MAX_MEDIAN_IMAGE:
        yield f"the median picture has {median(sizes) / 1000:.0f} kB, not under 60 kB"


# --- Numbers --------------------------------------------------------------------------

NUMBER = re.compile(
    r"(?<![\w.])(?P<digits>(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?)(?:[eE][-+]?\d+)?"
)
NOT_PROSE = re.compile(
    r"\[[^\[\]]*\]\([^()\s]*#(?:fig|tab|eq|ex)-[\w-]+\)"  # links to numbers
    r"|\*\*(?:Figure|Table) \d+\.\d+\.\*\*|\\tag\{[\d.]+\}"  # and what has them
    r"|\]\([^)]*\)"  # the target of a link
    r"|https?://\S+|\barXiv:\S+|\b10\.\d{4,}/\S+"  # addresses
    r"|^:[\w-]+:.*$|^\([\w-]+\)=$"  # options and labels
    r"|\{\w+\}`[^`]*`|\(eq-[\w-]+\)"  # references
    r"|\bv?\d+(?:\.\d+){2,}",  # versions such as 2.0.2
    re.MULTILINE,
)


def numbers(notebook: Notebook) -> Complaints:
    """Print every number of the prose that has three or more significant digits.

    An output of the notebook must hold the same value, or the cell's metadata `quoted`
    must name its source. Years from 1900 to 2099 and the section Sources need neither.
    """
    outputs = {
        value(number)
        for _, cell in cells(notebook, "code")
        for text in printed(cell)
        for number in NUMBER.finditer(text)
    }
    in_sources = False
    for place, cell in cells(notebook, "markdown"):
        text, in_sources = without_sources(cell["source"], in_sources)
        precise = [n for n in NUMBER.finditer(plain(text)) if is_precise(n)]
        quoted = cell["metadata"].get("quoted", {})
        known = {value(n) for key in quoted for n in NUMBER.finditer(key)}
        for number in precise:
            if value(number) not in outputs | known:
                yield f"cell {place}: no output holds {number[0]}"
        if known - {value(number) for number in precise}:
            yield f"cell {place}: quotes a number that is not in its text"
        if any(len(source.strip()) < 3 for source in quoted.values()):
            yield f"cell {place}: quotes a number without its source"


def without_sources(text: str, in_sources: bool) -> tuple[str, bool]:
    """Return a text without its section Sources, and whether it ends inside of it."""
    kept = []
    for line in text.splitlines():
        if line.startswith("## "):
            in_sources = line.strip() == "## Sources"
        if not in_sources:
            kept.append(line)
    return "\n".join(kept), in_sources


def plain(text: str) -> str:
    """Return a text without addresses and labels, its numbers as Python writes them."""
    text = NOT_PROSE.sub(" ", text).replace("{,}", ",").replace(r"\,", ",")
    return re.sub(r"\s*(?:\\times|\\cdot|\u00d7)\s*10\^\{?(-?\d+)\}?", r"e\1", text)


def value(number: re.Match[str]) -> Decimal:
    return Decimal(number[0].replace(",", ""))


def is_precise(number: re.Match[str]) -> bool:
    """Return whether a number has three significant digits and is no year."""
    if re.fullmatch(r"(19|20)\d\d", number[0]):
        return False
    digits = number["digits"].replace(",", "")
    significant = digits.replace(".", "").lstrip("0")
    return len(significant if "." in digits else significant.rstrip("0")) >= 3


# --- Figures to touch -----------------------------------------------------------------


def figures_to_touch(notebook: Notebook) -> Complaints:
    """Give a figure to touch an element, at most two knobs, a question, its answer."""
    for place, cell in enumerate(notebook["cells"], start=1):
        figure = cell["metadata"].get("figure")
        if figure is None:
            continue
        if not cell.get("outputs"):
            yield f"cell {place}: a figure to touch without its static twin"
        if not (SCRIPTS / f"{figure.get('element')}.js").exists():
            yield f"cell {place}: no element {figure.get('element')}"
        if len(figure.get("knobs", "").split()) > 2:
            yield f"cell {place}: a figure to touch has more than two knobs"
        question, answer = figure.get("question", ""), figure.get("answer", "")
        if "?" not in question or len(answer) < MIN_ALT:
            yield f"cell {place}: a figure to touch asks for a prediction and answers"


SCRIPTS = Path(__file__).parents[1] / "book" / "_static" / "figures"


# --- The shape of a chapter -----------------------------------------------------------

SECTIONS = {
    "# Title": r"\A# \S",
    "box What you will be able to do": r"^[:`]{3,}\{admonition\} What you will be able",
    "box Common mistakes": r"^[:`]{3,}\{admonition\} Common mistakes$",
    "## Check yourself": r"^## Check yourself$",
    "## Exercises": r"^## Exercises$",
    "## What to remember": r"^## What to remember$",
    "## Sources": r"^## Sources$",
}
BLOCK = re.compile(r"^[:`]{3,}\{(exercise|solution)\} *(.*)$", re.MULTILINE)
LABEL = re.compile(r"^:label: *(\S+)$", re.MULTILINE)


def sections(notebook: Notebook) -> Complaints:
    """Have the parts of a chapter, each once and in order."""
    text, last = prose(notebook), -1
    for name, pattern in SECTIONS.items():
        found = [match.start() for match in re.finditer(pattern, text, re.MULTILINE)]
        if len(found) != 1:
            yield f"{name}: is there {len(found)} times, not once"
        elif found[0] < last:
            yield f"{name}: comes too late for the parts before it"
        last = max([last, *found])


def questions(notebook: Notebook) -> Complaints:
    """Ask 2 to 4 questions; every answer says why it is right or not quite right."""
    after = prose(notebook).partition("\n## Check yourself\n")[2]
    text = re.split(r"^## ", after, flags=re.MULTILINE)[0]
    asked = re.split(r"^\*\*\d+\.\*\*", text, flags=re.MULTILINE)[1:]
    if not 2 <= len(asked) <= 4:
        yield f"Check yourself asks {len(asked)} questions, not 2 to 4"
    for i, question in enumerate(asked, start=1):
        answers = len(re.findall(r"^[:`]{3,}\{dropdown\}", question, re.MULTILINE))
        right, wrong = question.count("**Right.**"), question.count("**Not quite.**")
        if right != 1 or wrong < 1 or right + wrong != answers:
            yield f"question {i}: {answers} answers, {right} right, {wrong} not quite"


def exercises(notebook: Notebook) -> Complaints:
    """Set 3 to 5 exercises, the last one open; solve each in the next cell."""
    titles = []
    for place, cell in cells(notebook, "markdown"):
        blocks = BLOCK.findall(cell["source"])
        titles += [title for kind, title in blocks if kind == "exercise"]
        if len(blocks) > 1:
            yield f"cell {place}: holds more than one exercise or solution"
        elif blocks and blocks[0][0] == "exercise":
            following = notebook["cells"][place : place + 1]
            yield from _exercise(place, cell, *following)
    if not 3 <= len(titles) <= 5:
        yield f"{len(titles)} exercises, not 3 to 5"
    if titles and not titles[-1].endswith("(open)"):
        yield f"the last exercise is not open: {titles[-1]!r}"


def _exercise(place: int, exercise: Cell, *following: Cell) -> Complaints:
    label = LABEL.search(exercise["source"])
    if not label or not re.fullmatch(r"ex(-[a-z0-9_]+){2,}", label[1]):
        yield f"cell {place}: an exercise without :label: ex-<chapter>-<name>"
    elif not any(
        ("solution", label[1]) in BLOCK.findall(c["source"]) for c in following
    ):
        yield f"cell {place}: no solution of {label[1]} in the next cell"


def exercise_labels(notebook: Notebook) -> list[str]:
    """Return the labels of a notebook's exercises; in the book each is there once."""
    sources = (cell["source"] for _, cell in cells(notebook, "markdown"))
    return [
        name for text in sources if "{exercise}" in text for name in LABEL.findall(text)
    ]


def solutions(notebook: Notebook) -> Complaints:
    """Fold every solution, and tag its cells so that they can be left out."""
    in_solution = False
    for place, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "markdown":
            in_solution = "solution" in dict(BLOCK.findall(cell["source"]))
            if in_solution and ":class: dropdown" not in cell["source"]:
                yield f"cell {place}: a solution without :class: dropdown"
        elif in_solution and not ("hide-cell" in tags(cell) and folded(cell)):
            yield f"cell {place}: the code of a solution is not hidden"
        if in_solution != ("solution" in tags(cell)):
            yield f"cell {place}: has the tag solution and is none, or lacks it"


# --- Words and sources ----------------------------------------------------------------

BANNED = re.compile(
    r"\b(simply|obviously|clearly|of course|trivial(?:ly)?|needless to say|shall"
    r"|(?:it )?can (?:easily )?be shown|it is (?:easy to see|worth noting)|note that"
    r"|powerful|crucial(?:ly)?|delve[ds]?|delving|leverag(?:e[ds]?|ing)|seamless(?:ly)?"
    r"|utilize[ds]?|utilizing|harness(?:es|ed|ing)?|unlock(?:s|ed|ing)?|in conclusion"
    r")\b",
    re.IGNORECASE,
)
IDENTIFIER = re.compile(
    r"https?://(?:www\.)?(?:(?:dx\.)?doi\.org/(10\.[^\s)>\"]+)"
    r"|arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5}|[\w-]+/\d{7}))"
)


def voice(notebook: Notebook) -> Complaints:
    """Use no word that stands in for a reason; quoted lines (``> ...``) are exempt."""
    for place, cell in cells(notebook, "markdown"):
        own = re.sub(r"^>.*$", "", cell["source"], flags=re.MULTILINE)
        for found in BANNED.finditer(own):
            yield f"cell {place}: says {found[0]!r}"


def not_in_bibliography(notebook: Notebook, bibliography: str) -> Complaints:
    """List every DOI and arXiv number of a page in the bibliography too."""
    for doi, arxiv in dict.fromkeys(IDENTIFIER.findall(prose(notebook))):
        if (doi or arxiv).lower() not in bibliography.lower():
            yield f"{doi or arxiv} is not in book/references.bib"


# --- The book -------------------------------------------------------------------------


def pages(root: Path) -> list[Path]:
    """Return the pages of the book; a README is none, and no assignment."""
    found = (p for p in (root / "book").rglob("*") if p.suffix in {".ipynb", ".md"})
    no_page = {".ipynb_checkpoints", "README.md", "assignment.ipynb"}
    return sorted(path for path in found if no_page.isdisjoint(path.parts))


def not_in_toc(root: Path) -> Complaints:
    """List every page in the table of contents, and there nothing else."""
    toc = (root / "_toc.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r"^[\s-]*(?:file|root): *(\S+)", toc, re.MULTILINE))
    there = {page.relative_to(root).with_suffix("").as_posix() for page in pages(root)}
    yield from (f"{page} is not in _toc.yml" for page in sorted(there - listed))
    yield from (f"{page} of _toc.yml is missing" for page in sorted(listed - there))


PAGE_RULES: tuple[Rule, ...] = (machine_paths, alt_texts, voice)
NOTEBOOK_RULES: tuple[Rule, ...] = (
    execution,
    excused,
    objects_shown,
    cell_size,
    definitions,
    hidden_cells,
    image_size,
    figures_to_touch,
    numbers,
    sections,
    questions,
    exercises,
    solutions,
)


def complaints(path: Path) -> Complaints:
    """Yield what all rules have to say against one page, after the rule's name."""
    page, rules = read(path), PAGE_RULES
    if path.suffix == ".ipynb":
        rules += NOTEBOOK_RULES + chapter_rules.RULES
    for rule in rules:
        for complaint in rule(page):
            yield f"{path.name}: {rule.__name__}: {complaint}"


if __name__ == "__main__":
    files = [Path(name) for name in sys.argv[1:]]
    found = [complaint for file in files for complaint in complaints(file)]
    found += median_image_size(read(file) for file in files)
    sys.exit("\n".join(found) or None)
