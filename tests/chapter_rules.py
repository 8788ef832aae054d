"""The rules of a chapter: its head, lengths, captions and quizzes.

`book_rules.py` calls these rules after its own.
"""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import mean
from symtable import SymbolTable, symtable
from typing import NamedTuple

from notebooks import (
    Cell,
    Complaints,
    Notebook,
    Rule,
    cells,
    folded,
    images,
    prose,
    tags,
)

ROOT = Path(__file__).parents[1]
RUFF = tomllib.loads((ROOT / "book" / "ruff.toml").read_text(encoding="utf-8"))

MAX_WIDTH: int = RUFF["line-length"]
MAX_WORDS = {"core": 2000, "advanced": 2500}
MAX_MINUTES = {"core": 20, "advanced": 30}
MAX_PARAGRAPH = 80  # words
PACE, LOOK = 200, 0.5  # words a minute, minutes a cell or figure
FOLDS = {"drawing", "imports"}  # the tags of cells whose code is folded

MIN_QUESTIONS = 12  # before places and lengths of answers say anything
MIN_PLACE, MAX_PLACE = 0.22, 0.45  # the share of right answers at a place
MAX_LONGEST = 0.40  # the share of right answers that are the longest
MAX_OPENING = 3  # wrong answers that begin with the same four words


# --- Words ----------------------------------------------------------------------------

FENCE = re.compile(r"^(?P<fence>[:`]{3,})\{(?P<kind>\w+)\}")
MATH = re.compile(r"\$\$.*?\$\$|\\begin\{equation\*\}.*?\\end\{equation\*\}", re.DOTALL)
UNREAD = re.compile(
    r"^\([\w-]+\)=$|^:[\w-]+:.*$|^[:`]{3,}(?:\{\w+\})?"  # labels, options, fences
    r"|\]\([^)]*\)|<[^>]+>",  # targets of links, tags
    re.MULTILINE,
)


def words(notebook: Notebook) -> int:
    """Count the words that a reader meets: without what is folded, and without sources.

    A formula counts as one word, and so does each number of a Markdown table.
    """
    return sum(count(text) for text in paragraphs(notebook, with_folds=False))


def count(text: str) -> int:
    text = re.sub(r"\$[^$]+\$", "x", MATH.sub("x", text))
    return sum(bool(re.search(r"\w", word)) for word in UNREAD.sub(" ", text).split())


def paragraphs(notebook: Notebook, *, with_folds: bool) -> Iterator[str]:
    """Yield paragraphs, list items and rows of tables, but no source or solution."""
    for _, cell in cells(notebook, "markdown"):
        if "solution" in tags(cell) and not with_folds:
            continue
        text = MATH.sub("x", cell["source"])
        text = re.split(r"^## Sources$", text, flags=re.MULTILINE)[0]
        if not with_folds:
            text = without_dropdowns(text)
        for block in re.split(r"\n\s*\n|\n(?=[-|:`#]|\d+\. )", text):
            if block.strip():
                yield block.strip()


def without_dropdowns(text: str) -> str:
    """Leave out the answers of questions, which a click shows; keep what they offer."""
    kept, fence = [], ""
    for line in text.splitlines():
        found = FENCE.match(line)
        if not fence and found and found["kind"] == "dropdown":
            fence = found["fence"]
            kept.append(line)
        elif not fence:
            kept.append(line)
        elif line.strip() == fence:
            fence = ""
    return "\n".join(kept)


def short_paragraphs(notebook: Notebook) -> Complaints:
    """Keep a paragraph or an item of a list within 80 words."""
    for text in paragraphs(notebook, with_folds=True):
        if (length := count(text)) > MAX_PARAGRAPH:
            yield f"{length} words in the paragraph {text[:50]!r}"


# --- The head -------------------------------------------------------------------------

HEAD = re.compile(
    r"^\*\*You need\*\* (?P<needs>.+) · \*\*Reading\*\* (?P<reading>\d+) minutes"
    r" · \*\*Exercises\*\* (?P<exercises>\d+) minutes · \*(?P<level>core|advanced)\*$",
    re.MULTILINE,
)


def head(notebook: Notebook) -> Complaints:
    """Say below the title what a chapter needs, how long it takes, and its level."""
    first = notebook["cells"][0]["source"]
    if not (found := HEAD.search(first)):
        yield (
            "the title cell needs '**You need** ... · **Reading** 15 minutes"
            " · **Exercises** 40 minutes · *core*' (or *advanced*)"
        )
        return
    if not re.search(r"^\*\*The question:\*\* ", first, re.MULTILINE):
        yield "the title cell needs a line '**The question:** ...'"
    level, said = found["level"], int(found["reading"])
    takes, length = minutes(notebook), words(notebook)
    if abs(said - takes) > max(0.2 * takes, 2):
        yield f"reading is said to take {said} minutes and takes {takes:.0f}"
    if takes > MAX_MINUTES[level]:
        yield f"reading takes {takes:.1f} minutes, more than {MAX_MINUTES[level]}"
    if length > MAX_WORDS[level]:
        yield f"{length} words, more than {MAX_WORDS[level]}"


def minutes(notebook: Notebook) -> float:
    """Return how long a chapter takes to read: its words, code in sight and figures."""
    seen = [c for _, c in cells(notebook, "code") if "solution" not in tags(c)]
    looks = sum((not folded(cell)) + len(images(cell)) for cell in seen)
    return words(notebook) / PACE + LOOK * looks


OBJECTIVES = re.compile(
    r"^([:`]{3,})\{admonition\} What you will be able to do\n(.*?)^\1$", re.M | re.S
)
TRAINED = re.compile(r"\((?:(?:, | and )?\[Exercises? [\d.]+\]\(#ex-[\w-]+\))+\)\.?$")


def objectives(notebook: Notebook) -> Complaints:
    """Set 3 to 5 objectives, each with links to the exercises that train it."""
    text = prose(notebook)
    box = OBJECTIVES.search(text)
    items = re.split(r"^- ", box[2] if box else "", flags=re.MULTILINE)[1:]
    if not 3 <= len(items) <= 5:
        yield f"{len(items)} objectives, not 3 to 5"
    for item in map(str.strip, items):
        if not TRAINED.search(item):
            yield f"{item[:50]!r} does not end with links: ([Exercise 2.1](#ex-...))"
    set_here = set(re.findall(r"^:label: *(ex-\S+)$", text, re.MULTILINE))
    trained = set(re.findall(r"\(#(ex-[\w-]+)\)", "".join(items)))
    yield from (f"no objective names {label}" for label in sorted(set_here - trained))
    yield from (f"no exercise {label} here" for label in sorted(trained - set_here))


# --- Code and what it shows -----------------------------------------------------------


def line_width(notebook: Notebook) -> Complaints:
    """End a line of code at the column that `book/ruff.toml` sets."""
    for place, cell in cells(notebook, "code"):
        width = max(map(len, cell["source"].splitlines()), default=0)
        if width > MAX_WIDTH:
            yield f"cell {place}: a line of {width} characters, more than {MAX_WIDTH}"


def folds(notebook: Notebook) -> Complaints:
    """Fold the imports and what only draws, and compute nothing there."""
    owner: dict[str, int] = {}  # the drawing that set a name last
    for place, cell in cells(notebook, "code"):
        kinds = tags(cell) & FOLDS
        if kinds and not (folded(cell) and "hide-input" in tags(cell)):
            yield f"cell {place}: is not folded; book/run.py folds it"
        if "drawing" in kinds and not images(cell):
            yield f"cell {place}: has the tag drawing and shows no image"
        assigned, used = names(cell["source"])
        if "drawing" in kinds:
            owner |= dict.fromkeys(assigned, place)
            continue
        for name in sorted(used & owner.keys()):
            yield f"cell {place}: uses {name} of the drawing in cell {owner[name]}"
        for name in assigned:
            owner.pop(name, None)


def names(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a cell sets, and those that it takes from other cells."""
    try:
        top = symtable(source, "cell", "exec")
    except SyntaxError:  # which another rule refuses
        return set(), set()
    assigned = {s.get_name() for s in top.get_symbols() if s.is_assigned()}
    assigned |= {s.get_name() for s in top.get_symbols() if s.is_imported()}
    used = {
        symbol.get_name()
        for table in tables(top)
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (table is top or symbol.is_global())
    }
    # From Python 3.12 on, the variables of comprehensions stand among the others.
    inner = set(variables_of_comprehensions(ast.parse(source)))
    return assigned - inner, used - assigned - inner


def variables_of_comprehensions(tree: ast.AST) -> Iterator[str]:
    """Yield the names that nothing but comprehensions sets."""
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.comprehension)]
    within = Counter(name for loop in loops for name in stored(loop.target))
    everywhere = Counter(stored(tree))
    yield from (name for name in within if within[name] == everywhere[name])


def stored(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def tables(top: SymbolTable) -> Iterator[SymbolTable]:
    yield top
    for child in top.get_children():
        yield from tables(child)


CAPTIONS = {"fig": "Figure", "tab": "Table"}


def captions(notebook: Notebook) -> Complaints:
    """Follow a figure or a table at once by its caption, or by what to see in it."""
    following = [*notebook["cells"][1:], {"cell_type": "none", "source": ""}]
    for (place, cell), after in zip(
        enumerate(notebook["cells"], start=1), following, strict=True
    ):
        if cell["cell_type"] != "code" or "solution" in tags(cell):
            continue
        kind = "fig" if images(cell) else "tab" if shows_html(cell) else ""
        text = after["source"] if after["cell_type"] == "markdown" else ""
        if kind and not re.match(
            rf"\({kind}-[\w-]+\)=\n\*\*{CAPTIONS[kind]} \d+\.\d+\.\*\* \S", text
        ):
            form = f"({kind}-...)= **{CAPTIONS[kind]} 2.1.** ..."
            yield f"cell {place}: no caption {form} next"
        if shows_numbers(cell) and not re.match(r"[\w*$`\[(\"']", text):
            yield f"cell {place}: no paragraph after it says what to see in the numbers"


def shows_html(cell: Cell) -> bool:
    return any("text/html" in out.get("data", {}) for out in cell["outputs"])


def shows_numbers(cell: Cell) -> bool:
    """Return whether the text under a cell has two lines with two numbers or more."""
    texts = [
        out.get("text", "") or out.get("data", {}).get("text/plain", "")
        for out in cell["outputs"]
        if not shows_image(out)
    ]
    lines = "\n".join(texts).splitlines()
    return sum(len(re.findall(r"(?<![\w.])-?\d", line)) > 1 for line in lines) > 1


def shows_image(output: Cell) -> bool:
    return any(kind.startswith("image/") for kind in output.get("data", {}))


# --- Quizzes --------------------------------------------------------------------------


class Answer(NamedTuple):
    """What a question offers, and what a click on it says."""

    offer: str
    reason: str

    @property
    def right(self) -> bool:
        return self.reason.startswith("**Right.**")


ANSWER = re.compile(
    r"^([:`]{3,})\{dropdown\} (?:[a-z]\) )?(?P<offer>.*)\n(?P<reason>(?:.*\n)*?)\1$",
    re.MULTILINE,
)


def asked(notebook: Notebook) -> list[str]:
    """Return the questions of a chapter, each with its answers."""
    after = prose(notebook).partition("\n## Check yourself\n")[2]
    text = re.split(r"^## ", after, flags=re.MULTILINE)[0]
    return re.split(r"^\*\*\d+\.\*\*", text, flags=re.MULTILINE)[1:]


def stem(question: str) -> str:
    """Return what a question asks, without its answers."""
    return re.split(r"^[:`]{3,}\{dropdown\}", question, flags=re.MULTILINE)[0].strip()


def answers(question: str) -> list[Answer]:
    """Return the answers of a question."""
    return [Answer(a["offer"], a["reason"].strip()) for a in ANSWER.finditer(question)]


def quiz(notebook: Notebook) -> list[list[Answer]]:
    """Return the questions of a chapter as their answers."""
    return [answers(question) for question in asked(notebook)]


def quizzes(notebooks: Iterable[Notebook]) -> Complaints:
    """Let neither place nor length nor wording of an answer say which is right."""
    return telling([question for notebook in notebooks for question in quiz(notebook)])


def telling(asked: list[list[Answer]]) -> Complaints:
    """Say by what the answers of some questions tell which is right."""
    yield from same_openings(asked)
    if len(asked) < MIN_QUESTIONS:
        return
    three = [q for q in asked if len(q) == 3]
    for place, letter in enumerate("abc"):
        share = mean(question[place].right for question in three)
        if not MIN_PLACE <= share <= MAX_PLACE:
            yield f"answer {letter} is right in {share:.0%} of {len(three)} questions"
    share = mean(longest_is_right(question) for question in asked)
    if share > MAX_LONGEST:
        yield f"the longest answer is right in {share:.0%} of {len(asked)} questions"


def longest_is_right(question: list[Answer]) -> bool:
    right = max((len(answer.offer) for answer in question if answer.right), default=0)
    return all(len(answer.offer) < right for answer in question if not answer.right)


def same_openings(asked: list[list[Answer]]) -> Complaints:
    openings = Counter(
        " ".join(answer.reason.removeprefix("**Not quite.**").lower().split()[:4])
        for question in asked
        for answer in question
        if not answer.right
    )
    for opening, times in openings.items():
        if times > MAX_OPENING:
            yield f"{times} wrong answers begin with {opening!r}"


RULES: tuple[Rule, ...] = (
    head,
    objectives,
    short_paragraphs,
    line_width,
    folds,
    captions,
)
