"""The book keeps its rules, and each rule is seen to refuse what breaks it."""

import copy
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import book_rules as rules
import chapter_rules
import number
import pytest
from fragile import fragile
from notebooks import Cell, Notebook, cells, markdown_cell, printed, prose, read

ROOT = Path(__file__).parents[1]
PAGES = rules.pages(ROOT)
NOTEBOOKS = [page for page in PAGES if page.suffix == ".ipynb"]
BIBLIOGRAPHY = ROOT / "book" / "references.bib"


# --- The book as it is ----------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_keeps_the_rules(page: Path) -> None:
    assert not list(rules.complaints(page))


def test_every_page_is_in_the_table_of_contents() -> None:
    assert not list(rules.not_in_toc(ROOT))


def test_the_median_picture_is_small() -> None:
    assert not list(rules.median_image_size(map(read, NOTEBOOKS)))


def test_every_exercise_label_is_there_once() -> None:
    labels = Counter(
        label for page in PAGES for label in rules.exercise_labels(read(page))
    )
    assert [label for label, times in labels.items() if times > 1] == []


@pytest.mark.parametrize(
    "page", [p for p in PAGES if p.suffix == ".md"], ids=lambda page: page.name
)
def test_numbers_of_a_page_stand_in_the_notebooks_it_links_to(page: Path) -> None:
    notebook = read(page)
    for link in set(re.findall(r"\]\(([^)#]+\.ipynb)(?:#[\w-]+)?\)", prose(notebook))):
        linked = read(page.parent / link)
        notebook["cells"] += [cell for _, cell in cells(linked, "code")]
    assert not list(rules.numbers(notebook))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_source_is_in_the_bibliography(page: Path) -> None:
    bibliography = BIBLIOGRAPHY.read_text(encoding="utf-8")
    assert not list(rules.not_in_bibliography(read(page), bibliography))


def test_numbers_of_the_book_are_right() -> None:
    known = number.places()
    wrong = [line for page in number.pages() for line in number.wrong(page, known)]
    assert wrong == []


def test_answers_of_the_book_do_not_tell() -> None:
    assert list(chapter_rules.quizzes(map(read, NOTEBOOKS))) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_links_to_are_there(page: Path) -> None:
    linked = re.findall(r"\]\((?!\w+:)([^)#\s]+)", prose(read(page)))
    assert [file for file in linked if not (page.parent / file).exists()] == []


# --- A small chapter that keeps all rules ---------------------------------------------

TITLE = """# 1. Good

**You need** [slopes](a.md) · **Reading** 2 minutes · **Exercises** 20 minutes · *core*

:::{admonition} What you will be able to do
:class: tip
- one ([Exercise 1.1](#ex-good-one))
- two, with a line
  more ([Exercise 1.2](#ex-good-two), [Exercise 1.3](#ex-good-three))
- three ([Exercise 1.1](#ex-good-one) and [Exercise 1.3](#ex-good-three)).
:::

**The question:** how?
"""
ALT = "Loss against step: RMSprop falls to 0.1 in ten steps and stays there"
QUESTION = """
**{}.** Which way does the first step go?

:::{{dropdown}} a) Down
**Right.** It goes against the sign of the gradient.
:::
:::{{dropdown}} b) Up
**Not quite.** That is where the loss grows.
:::
"""


def code_cell(count: int, source: str, *outputs: Cell, **metadata: object) -> Cell:
    return {
        "cell_type": "code",
        "execution_count": count,
        "metadata": metadata,
        "source": source,
        "outputs": list(outputs),
    }


def stream(text: str, name: str = "stdout") -> Cell:
    return {"output_type": "stream", "name": name, "text": text}


def result(text: str) -> Cell:
    return {"output_type": "execute_result", "data": {"text/plain": text}}


def picture(size: int = 30_000) -> Cell:
    data = {"image/png": "A" * (size * 4 // 3), "text/plain": "<Figure with 1 Axes>"}
    return {"output_type": "display_data", "data": data}


def exercise(name: str, title: str, place: int) -> list[Cell]:
    label = f"ex-good-{name}"
    options = f":label: {label}\n:enumerator: 1.{place}"
    task = f"::::{{exercise}} {title}\n{options}\nTry it.\n::::"
    answer = f"::::{{solution}} {label}\n:class: dropdown\nSo.\n::::"
    return [markdown_cell(task), markdown_cell(answer, tags=["solution"])]


def good_chapter() -> Notebook:
    mistakes = ":::{admonition} Common mistakes\n:class: warning\n- one\n:::"
    draws = {
        "tags": ["drawing", "hide-input"],
        "jupyter": {"source_hidden": True},
        "mystnb": {"image": {"alt": ALT}},
    }
    hidden = {"source_hidden": True, "outputs_hidden": True}
    return {
        "metadata": {"language_info": {"name": "python"}},
        "cells": [
            markdown_cell(TITLE),  # 1
            code_cell(1, "print(0.316228)", stream("w=0.316228, G=1.7970e+03\n")),  # 2
            markdown_cell("The first $w$ is 0.316228, from 1,797 images."),  # 3
            code_cell(2, "f = lambda x: x\nplt.show()", picture(), **draws),  # 4
            markdown_cell(
                "(fig-good-one)=\n**Figure 1.1.** The web has 1.23e4 pages.",
                quoted={"12,300": "A Count"},
            ),  # 5
            markdown_cell(f"{mistakes}\n\n## Check yourself\n"),  # 6
            markdown_cell(QUESTION.format(1) + QUESTION.format(2)),  # 7
            markdown_cell("## Exercises"),  # 8
            *exercise("one", "One line", 1),  # 9, 10
            *exercise("two", "Two lines", 2),  # 11, 12
            *exercise("three", "More (open)", 3),  # 13, 14
            code_cell(3, "1 + 1", tags=["hide-cell", "solution"], jupyter=hidden),  # 15
            markdown_cell(
                "## What to remember\nMuch.\n\n## Sources\n"
                "[A paper](https://arxiv.org/abs/1904.09237v2), volume 12345, "
                "and [another](https://doi.org/10.1000/182)."
            ),  # 16
        ],
    }


def all_complaints(notebook: Notebook, folder: Path) -> list[str]:
    path = folder / "chapter.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return list(rules.complaints(path))


def test_good_chapter_passes(tmp_path: Path) -> None:
    assert all_complaints(good_chapter(), tmp_path) == []


# --- What breaks each rule ------------------------------------------------------------


def source(place: int, text: str) -> Callable[[Notebook], object]:
    """Return a change that puts another source into the cell at a place."""
    return lambda notebook: notebook["cells"][place - 1].update(source=text)


def replaced(place: int, old: str, new: str) -> Callable[[Notebook], object]:
    def change(notebook: Notebook) -> None:
        cell = notebook["cells"][place - 1]
        assert old in cell["source"]
        cell["source"] = cell["source"].replace(old, new)

    return change


def outputs(place: int, *new: Cell) -> Callable[[Notebook], object]:
    return lambda notebook: notebook["cells"][place - 1].update(outputs=list(new))


def metadata(place: int, **new: object) -> Callable[[Notebook], object]:
    return lambda notebook: notebook["cells"][place - 1].update(metadata=new)


def alt(text: str) -> Callable[[Notebook], object]:
    return lambda notebook: notebook["cells"][3]["metadata"].update(
        mystnb={"image": {"alt": text}}
    )


def without(place: int) -> Callable[[Notebook], object]:
    return lambda notebook: notebook["cells"].pop(place - 1)


def swapped(one: int, other: int) -> Callable[[Notebook], object]:
    def change(notebook: Notebook) -> None:
        cells = notebook["cells"]
        cells[one - 1], cells[other - 1] = cells[other - 1], cells[one - 1]

    return change


LONG = "Loss told in more than forty characters, for the sake of the test"
ERROR = {"output_type": "error", "ename": "ZeroDivisionError"}
TWO_LINES = "def {}(x):\n    y = x\n    return y"
LONG_FUNCTION = "def f(x):\n" + 8 * "    x = x\n"
HEAD = "**You need** [slopes](a.md) · **Reading** 2 minutes"
SAID_5 = HEAD.replace("2", "5")
BOTH = "([Exercise 1.2](#ex-good-two), [Exercise 1.3](#ex-good-three))"
DRAWN = {"tags": ["drawing", "hide-input"], "jupyter": {"source_hidden": True}}
TABLE = {"output_type": "execute_result", "data": {"text/html": "<table></table>"}}


def indented(text: str) -> str:
    return text.replace("\n", "\n    ")


def numbers_shown() -> Cell:
    return code_cell(0, "print(x)", stream("1 2\n3 4\n"))


def many(words: int) -> str:
    return "0.316228 " + "\n\n".join(["word " * 50] * (words // 50))


TOUCH = {
    "element": "valley",
    "knobs": "rate",
    "question": "What moves?",
    "answer": "Nothing, because a factor in all gradients cancels.",
}
FIGURE = "```{{figure}} a.png\n:alt: {}\n```"

BAD = [
    ("execution", lambda notebook: notebook["metadata"].clear()),
    ("execution", lambda notebook: notebook["cells"][1].update(execution_count=2)),
    ("execution", lambda notebook: notebook["cells"][1].update(execution_count=None)),
    ("execution", outputs(2, stream("0.316228 1797"), ERROR)),
    ("execution", outputs(2, stream("0.316228 1797", name="stderr"))),
    ("machine_paths", outputs(2, stream("0.316228 1797 in /home/me/book"))),
    ("machine_paths", source(3, "See `/tmp/data.csv`: 0.316228.")),
    ("machine_paths", source(2, r"open('C:\Users\me')")),
    ("objects_shown", outputs(2, stream("0.316228 1797"), result("<Axes: >"))),
    (
        "objects_shown",
        outputs(2, stream("0.316228 1797"), result("[<Line2D at 0x7f>]")),
    ),
    ("objects_shown", source(2, "ax.plot(x);\n")),
    ("objects_shown", source(4, "f = lambda x: x")),
    ("cell_size", source(2, "pass\n" * 16)),
    ("cell_size", source(2, "")),
    ("definitions", source(2, LONG_FUNCTION)),
    ("definitions", source(15, LONG_FUNCTION)),
    ("definitions", source(2, f"if True:\n    async {indented(LONG_FUNCTION)}")),
    ("definitions", source(2, "\n".join(TWO_LINES.format(i) for i in "fgh"))),
    ("definitions", source(2, "class A: pass")),
    ("definitions", source(2, "%matplotlib inline")),
    ("hidden_cells", metadata(2, tags=["hide-input"])),
    ("hidden_cells", metadata(2, tags=["remove-cell"])),
    ("hidden_cells", metadata(2, jupyter={"source_hidden": True})),
    ("hidden_cells", metadata(3, tags=["hide-cell"])),
    ("alt_texts", metadata(4)),
    ("alt_texts", alt("Loss against step")),
    ("alt_texts", alt("Figure that shows the loss against the step of a run")),
    ("alt_texts", alt("A plot of the loss against the step of a long run")),
    ("alt_texts", alt("Image in which the loss falls against the step")),
    ("alt_texts", outputs(4, picture(), picture())),
    ("alt_texts", source(3, "0.316228 ![](a.png)")),
    ("alt_texts", source(3, '0.316228 <img src="a.png" alt="short">')),
    ("alt_texts", source(3, "0.316228 <img src='a.png'>")),
    ("alt_texts", source(3, f"![{LONG}](a.png) ![{LONG}](b.png)")),
    ("alt_texts", source(3, FIGURE.format("short"))),
    ("alt_texts", source(3, "```{image} a.png\n:width: 3\n```")),
    ("figures_to_touch", metadata(4, figure=TOUCH | {"element": "none"})),
    ("figures_to_touch", metadata(4, figure=TOUCH | {"knobs": "a b c"})),
    ("figures_to_touch", metadata(4, figure=TOUCH | {"answer": ""})),
    ("figures_to_touch", metadata(1, figure=TOUCH)),
    ("image_size", outputs(4, picture(200_400))),
    ("numbers", source(3, "The first $w$ is 0.316229.")),
    ("numbers", source(3, "The first $w$ is 0.316.")),
    ("numbers", source(3, "The first $w$ is $0.316228 \\times 10^{-3}$.")),
    ("numbers", source(3, "There are $1{,}798$ images.")),
    ("numbers", source(3, "There are `1798` images.")),
    ("numbers", source(3, "In 2,024 cases.")),
    ("numbers", source(3, "The mean is 1.00.")),
    ("numbers", metadata(5)),
    ("numbers", metadata(5, quoted={"12,300": ""})),
    ("numbers", metadata(5, quoted={"12,300": "A Count", "456": "Another"})),
    ("sections", replaced(1, "# 1. Good", "Good")),
    ("sections", replaced(1, "What you will", "What you shall")),
    ("sections", replaced(6, "Common mistakes", "Mistakes")),
    ("sections", replaced(6, "## Check yourself", "## Check")),
    ("sections", replaced(8, "## Exercises", "## Exercises\n\n## Exercises")),
    ("sections", replaced(16, "## What to remember", "### What to remember")),
    ("sections", replaced(16, "## Sources", "## Literature")),
    ("sections", swapped(1, 16)),
    ("sections", swapped(6, 8)),
    ("questions", source(7, QUESTION.format(1))),
    ("questions", source(7, "".join(map(QUESTION.format, range(1, 6))))),
    ("questions", replaced(7, "**Right.**", "**Not quite.**")),
    ("questions", replaced(7, "**Not quite.**", "**Right.**")),
    ("questions", replaced(7, "**Not quite.**", "No.")),
    ("exercises", without(11)),
    ("exercises", replaced(13, "(open)", "")),
    ("exercises", replaced(13, ":label: ex-good-three", "")),
    ("exercises", replaced(13, "ex-good-three", "three")),
    ("exercises", without(12)),
    ("exercises", swapped(10, 12)),
    ("exercises", replaced(9, "Try it.", ":::{exercise} Within")),
    ("solutions", metadata(10)),
    ("solutions", replaced(10, ":class: dropdown", "")),
    ("solutions", metadata(3, tags=["solution"])),
    ("solutions", metadata(15)),
    ("solutions", metadata(15, tags=["solution"], jupyter={"source_hidden": True})),
    ("solutions", metadata(15, tags=["solution", "hide-cell"])),
    *(
        ("voice", source(3, f"It is {word} so: 0.316228."))
        for word in ("Simply", "obviously", "powerful", "crucial", "delving", "shall")
    ),
    ("voice", source(3, "It can be shown.")),
    ("head", replaced(1, "**You need**", "You need")),
    ("head", replaced(1, "*core*", "*easy*")),
    ("head", replaced(1, "**The question:**", "The question:")),
    ("head", replaced(1, HEAD, SAID_5)),
    ("head", source(3, many(600))),
    ("head", source(3, many(5000))),
    ("objectives", replaced(1, "- two, with", "two, with")),
    ("objectives", replaced(1, "more (", "more (as in ")),
    ("objectives", replaced(1, BOTH, "")),
    ("objectives", replaced(9, "ex-good-one", "ex-good-other")),
    ("short_paragraphs", source(3, "0.316228 " + "word " * 80)),
    ("short_paragraphs", replaced(7, "That is", "word " * 80)),
    ("short_paragraphs", replaced(10, "So.", "word " * 81)),
    ("line_width", source(2, "x = " + "1" * 73)),
    ("folds", metadata(4, tags=["drawing"], mystnb={"image": {"alt": ALT}})),
    ("folds", metadata(2, tags=["imports"])),
    ("folds", metadata(2, **DRAWN)),
    ("folds", lambda notebook: notebook["cells"][14].update(source="f(1)")),
    ("folds", lambda notebook: notebook["cells"][14].update(source="g = lambda: f")),
    ("captions", replaced(5, "(fig-good-one)=\n", "")),
    ("captions", replaced(5, "**Figure 1.1.**", "Figure 1.1.")),
    ("captions", without(5)),
    ("captions", outputs(2, stream("0.316228 1797"), TABLE)),
    ("captions", lambda notebook: notebook["cells"].insert(7, numbers_shown())),
]


@pytest.mark.parametrize(
    ("rule", "change"), BAD, ids=[f"{name}-{i}" for i, (name, _) in enumerate(BAD)]
)
def test_rule_refuses(
    rule: str, change: Callable[[Notebook], object], tmp_path: Path
) -> None:
    chapter = good_chapter()
    change(chapter)
    refused_by = {text.split(": ")[1] for text in all_complaints(chapter, tmp_path)}
    assert rule in refused_by


def test_every_rule_is_seen_to_refuse() -> None:
    every = rules.PAGE_RULES + rules.NOTEBOOK_RULES + chapter_rules.RULES
    named = {rule.__name__ for rule in every}
    assert {name for name, _ in BAD} == named


@pytest.mark.parametrize(
    "text",
    [
        "In 2018 and 1964, with 100, 1,000 and 1e-8, 0.10, x86, fp16 and float128.",
        "[Reddi](https://arxiv.org/abs/1904.09237), arXiv:1904.09237, NumPy 2.0.2.",
        "$0.316228$, $-0.316228$, $1{,}797$, $1.797 \\times 10^{3}$, 1797.0, 1797%",
        "(eq-12345)=\n$$x$$ (eq-12345)\n\n{eq}`eq-12345`",
        "> It is crucial, says the article, and powerful.",
        f"![{LONG}](a.png)",
        FIGURE.format(LONG),
        "https://example.org/home/index.html",
    ],
)
def test_rules_let_pass(text: str, tmp_path: Path) -> None:
    chapter = good_chapter()
    chapter["cells"][2]["source"] = text
    assert all_complaints(chapter, tmp_path) == []


def test_numbers_after_the_sources_count_again() -> None:
    chapter = good_chapter()
    chapter["cells"].append(markdown_cell("## More\n\nThere are 4567 more."))
    assert list(rules.numbers(chapter)) == ["cell 17: no output holds 4567"]


def test_lines_of_stored_notebooks_are_joined(tmp_path: Path) -> None:
    chapter = copy.deepcopy(good_chapter())
    cell = chapter["cells"][1]
    cell["source"] = ["print(0.316228)\n", "print(1797)"]
    cell["outputs"] = [stream("0.316228\n1797\n")]
    cell["outputs"][0]["text"] = ["0.316228\n", "1797\n"]
    path = tmp_path / "chapter.ipynb"
    path.write_text(json.dumps(chapter), encoding="utf-8")
    joined = read(path)["cells"][1]
    assert joined["source"] == "print(0.316228)\nprint(1797)"
    assert printed(joined) == ["0.316228\n1797\n"]
    assert list(rules.complaints(path)) == []


def test_markdown_pages_are_checked_too(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\nSimply ![](a.png) in /work/here", encoding="utf-8")
    refused_by = {text.split(": ")[1] for text in rules.complaints(page)}
    assert refused_by == {"voice", "alt_texts", "machine_paths"}


def test_median_picture_is_refused() -> None:
    small, large = good_chapter(), good_chapter()
    large["cells"][3]["outputs"] = [picture(100_000)]
    assert not list(rules.median_image_size([small, small, large]))
    assert len(list(rules.median_image_size([small, large, large]))) == 1
    assert rules.image_bytes("<svg></svg>") == 11


def test_missing_source_is_refused() -> None:
    chapter = good_chapter()
    missing = list(rules.not_in_bibliography(chapter, "doi = {10.1000/182}"))
    assert missing == ["1904.09237 is not in book/references.bib"]
    both = "eprint = {1904.09237}, doi = {10.1000/182}"
    assert not list(rules.not_in_bibliography(chapter, both))


def test_pages_outside_the_table_of_contents_are_refused(tmp_path: Path) -> None:
    (tmp_path / "book" / ".ipynb_checkpoints").mkdir(parents=True)
    for name in (
        "index.md",
        "README.md",
        "new.ipynb",
        ".ipynb_checkpoints/index.ipynb",
    ):
        (tmp_path / "book" / name).touch()
    toc = "root: book/index\nchapters:\n  - file: book/old\n"
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    assert list(rules.not_in_toc(tmp_path)) == [
        "book/new is not in _toc.yml",
        "book/old of _toc.yml is missing",
    ]


# --- Lengths and quizzes --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two words, $a + b = c$ and `code`.", 5),
        ("$$\na + b\n$$", 1),
        (
            "(eq-good-one)=\n\\begin{equation*}\na\n\n= b \\tag{1.1}\n\\end{equation*}",
            1,
        ),
        ("[two words](https://example.org/a/b) - and", 3),
        ("::::{exercise} Title\n:label: ex-good-one\nTry it.\n::::", 3),
        (":::{dropdown} a) Three words offered\n**Right.** Not counted.\n:::\nEnd", 5),
        ("One\n\n## Sources\n\n- not counted", 1),
    ],
)
def test_words_are_those_that_a_reader_meets(text: str, words: int) -> None:
    solution = markdown_cell("Not counted.", tags=["solution"])
    notebook = {"metadata": {}, "cells": [markdown_cell(text), solution]}
    assert chapter_rules.words(notebook) == words


def test_minutes_count_cells_in_sight_and_figures() -> None:
    chapter = good_chapter()  # a cell, and a folded one with a figure
    looks = chapter_rules.minutes(chapter) - chapter_rules.words(chapter) / 200
    assert looks == pytest.approx(2 * 0.5)


def test_names_taken_from_another_cell() -> None:
    code = "import a\nb = [c for c in d]\nf = lambda x: x + g\nb.h = a"
    assert chapter_rules.names(code) == ({"a", "b", "f"}, {"d", "g"})
    assert chapter_rules.names(f"{code}\nc = 1")[0] == {"a", "b", "c", "f"}


def test_name_of_a_drawing_may_be_set_again() -> None:
    chapter = good_chapter()
    chapter["cells"][14]["source"] = "f = 1"
    chapter["cells"].append(code_cell(4, "f + 1"))
    assert not list(chapter_rules.folds(chapter))
    chapter["cells"][14]["source"] = "h = 1"
    assert list(chapter_rules.folds(chapter)) == [
        "cell 17: uses f of the drawing in cell 4"
    ]


def quiz_of(*right: int, offers: str = "aaa", reason: str = "") -> Notebook:
    """Return questions with three answers each, the right ones at these places."""
    text = "\n## Check yourself\n"
    for i, place in enumerate(right):
        text += f"\n**{i + 1}.** What?\n\n"
        for answer in range(3):
            wrong = reason or " ".join(f"{word}{i}{answer}" for word in "abcd")
            told = "**Right.** So." if answer == place else f"**Not quite.** {wrong}"
            offer = offers[answer] * (2 if offers == "aab" and answer == place else 1)
            text += f":::{{dropdown}} {'abc'[answer]}) {offer}\n{told}\n:::\n"
    return {"metadata": {}, "cells": [markdown_cell(text)]}


def test_even_answers_pass() -> None:
    assert not list(chapter_rules.quizzes([quiz_of(*[0, 1, 2] * 4)]))


@pytest.mark.parametrize(
    ("quiz", "complaint"),
    [
        (quiz_of(*[0, 1, 1, 2] * 4), "answer b is right in 50% of 16 questions"),
        (quiz_of(*[0] * 6, *[1] * 5, *[2] * 2), "answer c is right in 15%"),
        (quiz_of(*[0, 1, 2] * 4, offers="aab"), "the longest answer is right in 100%"),
        (quiz_of(0, 1, reason="The same four words."), "4 wrong answers begin with"),
    ],
)
def test_answers_that_tell_are_refused(quiz: Notebook, complaint: str) -> None:
    found = list(chapter_rules.quizzes([quiz]))
    assert any(line.startswith(complaint) for line in found), found


# --- Digits that rounding decides -----------------------------------------------------


def test_digits_that_rounding_decides_are_found(tmp_path: Path) -> None:
    setup = "from rmsprop import GradientDescent, minimize"
    run = "walk = minimize(lambda w: w, 1.0, GradientDescent(0.5), 3)\nwalk.theta[-1]"
    shown = [f"print('{digits}' % walk.theta[-1])" for digits in ("%.6f", "%.17f")]
    cells = [
        code_cell(1, setup),
        code_cell(2, run, result("0.125"), exact="halves are exact"),
        code_cell(3, shown[0], stream("0.125000\n")),
        code_cell(4, shown[1], stream("0.12500000000000000\n")),
    ]
    path = tmp_path / "walk.ipynb"
    path.write_text(json.dumps({"metadata": {}, "cells": cells}), encoding="utf-8")
    assert [line.partition(":")[0] for line in fragile(path)] == ["cell 4"]
    assert list(fragile(path, shift=0.0)) == []
