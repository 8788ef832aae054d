"""Search that lands on the section: a small Sphinx extension.

Sphinx's own search finds pages. Here the index holds every section with its text, and
`_static/search/search.js` ranks and shows them. The index is a script, since a page
opened from a file may load a script and nothing else; it is loaded with the first
search. It is made from the texts as they were read, so solutions, answers, code and
what code printed are left out by their place and not by their looks.

In the index a section is [page, anchor, title, weight, text, asked], and each line of
its text a paragraph. A line that begins with "#anchor " has a place of its own: a
caption or an exercise. A weight is lowered where a page only mentions what others
explain. What people ask for in other words stands in `_static/search/asked.json`.
"""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import lookup

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.logging import getLogger
from sphinx_exercise.nodes import exercise_node, solution_node

LOGGER = getLogger(__name__)
HERE = Path(__file__).parent
DATA = HERE.with_name("_static") / "search"

MISTAKES = "Common mistakes"
TERM = 0.9  # a term of the glossary
EMPTY = 0.7  # a heading right above another
CALL = 0.5  # a function or class
PAGES = {
    "book/reference/api": 0.5,
    "book/reference/bibliography": 0.4,
    "book/reference/vectors": 0.8,
    "book/explore": 0.6,
    "book/index": 0.6,
}
TITLES = {
    "Check yourself": 0.4,
    MISTAKES: 0.7,
    "Exercises": 0.5,
    "Sources": 0.4,
    "What to remember": 0.6,
}
SIGNS = {
    "sqrt": "√",
    "infty": "∞",
    "leftarrow": "←",
    "to": "→",
    "le": "≤",
    "ge": "≥",
    "approx": "≈",
    "cdot": "·",
    "odot": "⊙",
    "varepsilon": "ε",
    "lambda": "λ",  # which Unicode writes without its b
}
COMMAND = re.compile(r"\\([A-Za-z]+)(?: (?=[\w\\]))?")
ABOVE = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
BELOW = str.maketrans("0123456789t", "₀₁₂₃₄₅₆₇₈₉ₜ")
LEFT_OUT = (
    addnodes.index,
    addnodes.desc_signature,
    nodes.comment,
    nodes.literal_block,
    nodes.doctest_block,
    nodes.math_block,
    nodes.raw,
    nodes.section,
    nodes.target,
    nodes.title,
    solution_node,
)


class Section(NamedTuple):
    """What a search may find."""

    page: int
    anchor: str
    title: str
    weight: float
    text: str
    asked: str = ""


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("config-inited", add_template)
    app.connect("doctree-read", add_places)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", write_index)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_template(_app: Sphinx, config: Any) -> None:
    """Put our search page before the theme's."""
    config.templates_path = [*config.templates_path, str(HERE / "../_templates")]


def add_script(app: Sphinx, *_context: Any) -> None:
    """Let every page open the search, and load the rest only then."""
    app.add_js_file("search/open.js", loading_method="defer")
    app.add_css_file("search/search.css")


def add_places(_app: Sphinx, document: nodes.document) -> None:
    """Give what one may look for places that one can go to."""
    for box in document.findall(nodes.admonition):
        if box[0].astext() == MISTAKES:
            box["ids"].append(nodes.make_id(MISTAKES))
    for section in document.findall(nodes.section):
        if "glossary" in section["ids"]:
            for term in section.findall(nodes.term):
                term["ids"].append("term-" + nodes.make_id(term.astext()))


def write_index(app: Sphinx, error: Exception | None) -> None:
    """Write the index as a script."""
    if error or app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static/search")
    folder.mkdir(parents=True, exist_ok=True)
    text = script(app.env, app.builder.get_target_uri)
    (folder / "index.js").write_text(text, encoding="utf-8")


def script(env: BuildEnvironment, address: Any) -> str:
    """Return the script that holds the index, the same for the same sources."""
    asked = json.loads((DATA / "asked.json").read_text(encoding="utf-8"))
    pages, sections = [], []
    for number, name in enumerate(sorted(env.found_docs)):
        pages.append([address(name), env.titles[name].astext()])
        questions = asked.pop(name, {})
        for section in env.get_doctree(name).findall(nodes.section):
            for entry in entries(section):
                weight = round(PAGES.get(name, 1.0) * entry.weight, 2)
                words = questions.pop(entry.anchor, "")
                sections.append(entry._replace(page=number, weight=weight, asked=words))
        if questions:
            LOGGER.warning("asked.json: %s has no %s", name, ", ".join(questions))
    if asked:
        LOGGER.warning("asked.json: there is no %s", ", ".join(asked))
    words = json.loads((DATA / "words.json").read_text(encoding="utf-8"))
    index = {"pages": pages, "sections": sections, **words}
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    return f"window.sectionIndex={text};\n"


def entries(section: nodes.section) -> Iterator[Section]:
    """Return a section without those below it, and what it lists by name."""
    title = next((plain(n) for n in section if isinstance(n, nodes.title)), "")
    if not title:  # the inside of an exercise
        return
    lines = [line for child in section for line in paragraphs(child)]
    weight = TITLES.get(title, 1.0) * (1 if lines else EMPTY)
    yield Section(0, section["ids"][0], title, weight, "\n".join(lines))
    for box in below(section, nodes.admonition):
        if box["ids"]:
            text = "\n".join(line for part in box[1:] for line in paragraphs(part))
            yield Section(0, box["ids"][0], MISTAKES, TITLES[MISTAKES], text)
    for item in below(section, nodes.definition_list_item):
        term = item[0]
        if term["ids"] and isinstance(term, nodes.term):
            text = "\n".join(line for part in item[1:] for line in paragraphs(part))
            yield Section(0, term["ids"][0], plain(term), TERM, text)
    for item in below(section, addnodes.desc):
        signature = item[0]
        if signature["ids"]:
            text = "\n".join(paragraphs(item[-1]))
            yield Section(0, signature["ids"][0], signature["fullname"], CALL, text)


def below(section: nodes.section, kind: type[nodes.Element]) -> Iterator[Any]:
    """Return the nodes of a kind that stand in a section itself."""
    for child in section:
        if isinstance(child, kind):
            yield child
        elif isinstance(child, nodes.definition_list):
            yield from below(child, kind)


def paragraphs(node: nodes.Node) -> Iterator[str]:
    """Return the lines that a reader sees unfolded, each with its place if it has one.

    Examples
    --------
    >>> caption = nodes.paragraph("", "Two runs.", ids=["fig-path"])
    >>> list(paragraphs(nodes.container("", caption)))
    ['#fig-path Two runs.']
    """
    if is_result(node):
        for table in node.findall(nodes.raw):
            yield from rows(table.astext())
    elif is_left_out(node):
        return
    elif isinstance(node, exercise_node):
        inside = [plain(part) for part in node.findall(nodes.paragraph)]
        yield f"#{node['label']} " + " ".join([plain(node[0][-1]), *inside])
    elif isinstance(node, nodes.row):
        cells = [plain(cell) for cell in node if isinstance(cell, nodes.entry)]
        yield " · ".join(filter(None, cells))
    elif isinstance(node, nodes.TextElement):
        text = plain(node)
        ids = [i for i in node["ids"] if i.startswith(("fig-", "tab-"))]
        yield f"#{ids[0]} {text}" if ids else text
    else:
        for child in node.children:
            yield from paragraphs(child)


def is_result(node: nodes.Node) -> bool:
    """Return whether a node is a cell that shows a result, and not a solution's."""
    classes = node.get("classes", ()) if isinstance(node, nodes.container) else ()
    return "cell" in classes and "tag_solution" not in classes


def rows(table: str) -> Iterator[str]:
    """Return the rows of a table of HTML that have words in them.

    Examples
    --------
    >>> list(rows("<tr><td>1</td></tr><tr><th>Keras 3</th><td>1e-7</td></tr>"))
    ['Keras 3 · 1e-7']
    """
    for row in re.findall(r"<tr.*?</tr>", table, flags=re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)
        line = " · ".join(unescape(cell) for cell in cells if cell)
        if re.search("[A-Za-z]{3}", line):
            yield line


def is_left_out(node: nodes.Node) -> bool:
    """Return whether a node is code, a solution, an answer, or found by itself."""
    if isinstance(node, nodes.Element):
        folded = node.get("design_component") == "dropdown"
        listed = (
            isinstance(node, addnodes.desc)
            or (isinstance(node, nodes.definition_list_item) and node[0]["ids"])
            or (isinstance(node, nodes.admonition) and node["ids"])
        )
        if folded or listed or "cell" in node.get("classes", ()):
            return True
    return isinstance(node, LEFT_OUT)


def plain(node: nodes.Node) -> str:
    r"""Return a node's words on one line, its formulas as a reader would type them.

    Examples
    --------
    >>> plain(nodes.paragraph("", "", nodes.math("", r"\eta/\sqrt{1-\pi}")))
    'η/√(1-π)'
    """
    text = "".join(
        formula(part.astext()) if isinstance(part.parent, nodes.math) else part
        for part in node.findall(nodes.Text)
    )
    return " ".join(text.split())


def formula(tex: str) -> str:
    """Return a short formula without TeX's commands."""
    tex = re.sub(r"\\[td]?frac\s*(\w|\{[^{}]*\})\s*(\\?\w+|\{[^{}]*\})", r"\1/\2", tex)
    tex = re.sub(r"\\(sqrt)\{(\w{2,}|[^{}]*[^{}\w\\][^{}]*)\}", r"√(\2)", tex)
    tex = re.sub(COMMAND, lambda found: sign(found[1]), tex)
    tex = re.sub(r"\^\{?(-?\d+)\}?", lambda found: found[1].translate(ABOVE), tex)
    tex = re.sub(r"_\{?(\d+|t)\}?", lambda found: found[1].translate(BELOW), tex)
    return re.sub(r"\\[,;:!]|[{}$]", "", tex)


def sign(name: str) -> str:
    """Return the sign that a command of TeX stands for; nothing if it only dresses."""
    try:
        return SIGNS.get(name) or lookup(f"greek small letter {name}")
    except KeyError:
        return ""
