"""The book's Markdown, read for slides: blocks, and their HTML with MathML."""

import re
from collections.abc import Iterator
from html import escape
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mathml import TAG, convert
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin


class Block(NamedTuple):
    """A block of a page: what it is, its HTML, and its text.

    `kind` is the parser's word for it, such as ``paragraph`` or ``table``; of a
    heading with its level, ``heading2``; of a directive its name, ``dropdown``, whose
    `title` stands after the name and whose `text` is the Markdown inside, with the
    options.
    """

    kind: str
    html: str
    text: str
    title: str = ""


def reader() -> MarkdownIt:
    """Return a parser of what the notebooks hold."""
    parser = MarkdownIt("commonmark", {"typographer": True})
    parser.enable(["table", "smartquotes", "replacements"])
    for plugin in (amsmath_plugin, colon_fence_plugin, myst_block_plugin):
        parser.use(plugin)
    parser.use(dollarmath_plugin, renderer=tex)
    parser.add_render_rule("amsmath", ams)
    parser.add_render_rule("link_open", link)
    return parser


def tex(content: str, options: dict[str, Any]) -> str:
    """Return a formula as the pages show it."""
    return convert(content.strip(), block=bool(options["display_mode"]))


def ams(_renderer: Any, tokens: list[Token], index: int, *_rest: Any) -> str:
    """Return an equation with its number on the right."""
    tex = tokens[index].content
    tag = TAG.search(tex)
    number = f'<span class="eqno">({escape(tag[1])})</span>' if tag else ""
    formula = convert(TAG.sub("", tex), block=True)
    return f'<div class="math">{formula}{number}</div>'


def link(renderer: Any, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    """Send a link to a chapter to its deck; other pages of the book have none."""
    target = str(tokens[index].attrs["href"])
    if not re.match(r"https?:|#", target):
        deck = re.search(r"(\w+)\.ipynb(#.*)?$", target)
        target = f"{deck[1]}.html{deck[2] or ''}" if deck else "index.html"
    tokens[index].attrs["href"] = target
    return str(renderer.renderToken(tokens, index, options, env))


READER = reader()


def to_html(text: str) -> str:
    """Return Markdown as HTML.

    Examples
    --------
    >>> to_html("The *mean* square").strip()
    '<p>The <em>mean</em> square</p>'
    """
    return str(READER.render(options(text)))


def line_html(text: str) -> str:
    """Return one line of Markdown, such as a title, as HTML without a paragraph."""
    return str(READER.renderInline(text))


def options(text: str) -> str:
    """Return the inside of a directive without its options."""
    return re.sub(r"^:[\w-]+:.*\n", "", text, flags=re.MULTILINE)


def blocks(text: str) -> Iterator[Block]:
    """Yield the outermost blocks of a text in order."""
    opened: list[Token] = []
    for token in READER.parse(text):
        opened.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield block(opened)
            opened = []


def block(tokens: list[Token]) -> Block:
    """Return what one outermost block is."""
    first = tokens[0]
    kind = first.type.removesuffix("_open")
    text = "\n".join(token.content for token in tokens if token.content)
    if kind == "colon_fence":
        name, _, title = first.info.strip().partition(" ")
        return Block(name.strip("{}"), "", text, title)
    if kind == "heading":
        kind += first.tag[1:]
        return Block(kind, line_html(text), text)
    html = str(READER.renderer.render(tokens, READER.options, {}))
    return Block(kind, html, text)
