"""Formulas as MathML, made when the book is built: a small Sphinx extension.

Browsers typeset MathML themselves, so that no page runs a typesetter, and a screen
reader gets the formula. What converts is Docutils, which knows the LaTeX that the book
uses but for a few words; these are put into its words here. `_static/math.woff2` has
the letters and the stretching signs; `math_font.py` made it.
"""

import re
from html import escape
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.math import get_node_equation_number

WORDS = (
    (re.compile(r"\\(begin|end)\{(equation\*?|split)\}"), ""),
    (re.compile(r"\\\\\[[^]]*\]"), r"\\\\"),  # how far apart lines are
    (re.compile(r"\\dots\b"), r"\\ldots"),
    (re.compile(r"(\\t?frac)(\d)(\d)"), r"\1{\2}{\3}"),
)
"""What Docutils does not know, and what says the same."""

FUNCTION = r"<mi[^>]*>[a-z]{2,}</mi><mo>&ApplyFunction;</mo>"
SPACE = '<mspace width="0.17em"></mspace>'
LOOKS = (
    (re.compile(r"\n\s*"), ""),
    (re.compile(r' xmlns="[^"]*"'), ""),
    (
        re.compile(r"<mo[^>]*>([|‖/])</mo>"),
        r'<mo stretchy="false" lspace="0" rspace="0">\1</mo>',
    ),
    (re.compile(r'<mi class="capital-greek">'), '<mi mathvariant="normal">'),
    (re.compile(r"<mo>(max|min|det)</mo>"), r'<mo lspace="0" rspace="0">\1</mo>'),
    (re.compile(rf"({FUNCTION})(?!<mo)"), rf"\1{SPACE}"),
    (re.compile(rf"(</m[a-z]+>)(?<!</mo>)({FUNCTION})"), rf"\1{SPACE}\2"),
)
"""What TeX does with bars, slashes, capitals and functions, and Docutils does not."""

TAG = re.compile(r"\s*\\tag\{([^}]*)\}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def convert(tex: str, *, block: bool) -> str:
    """Return a formula as MathML.

    Raises
    ------
    ExtensionError
        If the formula cannot be converted.

    Examples
    --------
    >>> convert("a_1", block=False)
    '<math><msub><mi>a</mi><mn>1</mn></msub></math>'
    """
    for word, other in WORDS:
        tex = word.sub(other, tex)
    try:
        made = str(tex2mathml(tex.strip(), as_block=block))
    except MathError as error:
        raise ExtensionError(f"no MathML for {tex!r}: {error}") from None
    for form, better in LOOKS:
        made = form.sub(better, made)
    return made


def visit_math(self: Any, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    self.body.append(f'<span class="math">{convert(node.astext(), block=False)}</span>')
    raise nodes.SkipNode


def visit_block(self: Any, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, with its number on the right."""
    tex = node.astext()
    tag = TAG.search(tex)
    number = tag[1] if tag else node["number"] and get_node_equation_number(self, node)
    self.body.append(self.starttag(node, "div", CLASS="math"))
    self.body.append(convert(TAG.sub("", tex), block=True))
    if number:
        self.body.append(f'<span class="eqno">({escape(str(number))})</span>')
    self.body.append("</div>\n")
    raise nodes.SkipNode
