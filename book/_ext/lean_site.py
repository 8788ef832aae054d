"""A page asks for what it uses, and for nothing else: a small Sphinx extension.

The theme's pages load an icon font's script (most of their weight), the index of the
search, and scripts for what the book does not have. As each page is rendered, this
module

- draws the few icons that are used into the page,
- drops the scripts and styles that it has no use for, and defers the others,
- gives every picture its size, and loads it when it comes near,
- names each fold by its title,
- tells search engines what the page is about.

At the end the landing page also stands at the root of the site, where Sphinx has left a
page that only leads on.
"""

import re
import shutil
import struct
from collections.abc import Callable
from html import escape
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any, cast

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.errors import ExtensionError
from sphinx_exercise.nodes import solution_node

FILE = "M6 3h8l5 5v13H6z M14 3v5h5"
ICONS = {
    "angle-left": "M15 5l-7 7 7 7",
    "angle-right": "M9 5l7 7-7 7",
    "arrow-up": "M12 20V5 M5 12l7-7 7 7",
    "bars": "M4 6h16 M4 12h16 M4 18h16",
    "book-open": "M12 6C9 4 6 4 3 4.5v14C6 18 9 18 12 20"
    "c3-2 6-2 9-1.5v-14C18 4 15 4 12 6z M12 6v14",
    "circle-half-stroke": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z"
    " M12 3v18 M15 4v16 M18 6v12",
    "code": "M8 7l-5 5 5 5 M16 7l5 5-5 5",
    "code-branch": "M7 5v14 M17 5v3a4 4 0 0 1-4 4H7 M7 3v4 M17 3v4 M7 17v4",
    "download": "M12 3v12 M7 10l5 5 5-5 M4 20h16",
    "expand": "M4 9V4h5 M15 4h5v5 M20 15v5h-5 M9 20H4v-5",
    "file": FILE,
    "file-pdf": f"{FILE} M9 13h7 M9 17h5",
    "lightbulb": "M9 17v-2a6 6 0 1 1 6 0v2z M10 21h4",
    "list": "M9 6h11 M9 12h11 M9 18h11 M4 6h1 M4 12h1 M4 18h1",
    "magnifying-glass": "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12z M15 15l6 6",
    "moon": "M20 14A8 8 0 1 1 10 4a7 7 0 0 0 10 10z",
    "pencil-alt": "M4 20l1-5L16 4l4 4L9 19z",
    "play": "M7 4l13 8-13 8z",
    "rocket": "M12 3c4 3 5 8 3 13H9C7 11 8 6 12 3z M9 16l-3 4 M15 16l3 4",
    "sun": "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z M12 2v3 M12 19v3 M2 12h3 M19 12h3"
    " M5 5l2 2 M17 17l2 2 M5 19l2-2 M17 7l2-2",
}
"""The icons by their names in the theme, as strokes in a box of 24 by 24."""

ICON = re.compile(r'<(i|span)\s+class="([^"]*\bfa[bs]?\b[^"]*)"([^>]*)>\s*</\1>')
SCRIPT = re.compile(r"<script\b(?P<tag>[^>]*)>(?P<body>.*?)</script>\s*", re.DOTALL)
STYLE = re.compile(r'<link\b[^>]*href="(?P<file>[^"]*\.css)[^>]*>\s*')
IMAGE = re.compile(r"<img\b[^>]*>")
FOLD = re.compile(
    r'<summary aria-label="Toggle hidden content">\s*'
    r'<p class="collapsed admonition-title">(.*?)</p>.*?</summary>',
    re.DOTALL,
)
TOOLTIP = 'data-bs-placement="bottom" data-bs-toggle="tooltip">'
FAULTS = (
    (' id="solution-content"', ""),  # more than one on a page
    ('<th class="head"><p></p></th>', "<td></td>"),
    (' role="doc-biblioentry"', ""),
    (' role="list" class="citation-list"', ' class="citation-list"'),
    (f'title="Search" aria-label="Search" {TOOLTIP}\n <i', ">\n <i"),  # it says more
    (
        '<div id="pst-primary-sidebar"',
        '<div role="region" aria-label="Site" id="pst-primary-sidebar"',
    ),
)
"""What keeps a screen reader from the theme's pages, and what mends it."""

UNUSED = (
    "fontawesome",
    "language_data.js",  # the search is the book's own: section_search.py
    "searchindex.js",
    "searchtools.js",
    "thebe",
    "toggleHint",
    "toggleOpenOnPrint",
    "togglebutton",
)
ADDRESS = re.compile(r'\b(href|src|action)="(?![a-z]+:|[#/])([^"]*)"')


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.setup_extension("sphinx_exercise")  # whose boxes fold by a script
    app.add_node(solution_node, override=True, html=(open_solution, close_solution))
    app.connect("builder-inited", take_over)
    app.connect("html-page-context", describe)
    app.connect("build-finished", finish, priority=900)  # after what leads on
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def take_over(app: Sphinx) -> None:
    """Let every page pass through here when it has been rendered."""
    if not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    builder, render = app.builder, app.builder.templates.render

    def lean_render(template: str, context: dict[str, Any]) -> str:
        text = render(template, context)
        if not template.endswith(".html"):
            return cast(str, text)
        sources = {name: source for source, name in builder.images.items()}
        return lean(text, lambda name: size_of(Path(app.srcdir, sources[name])))

    builder.templates.render = lean_render


def lean(text: str, size: Callable[[str], tuple[int, int]]) -> str:
    """Return a page with what it needs, and without what it does not.

    Parameters
    ----------
    text : str
        The page as the theme renders it.
    size : function
        Returns the width and the height of a picture in `_images/`.
    """
    for fault, mended in FAULTS:
        text = text.replace(fault, mended)
    body = text[text.find("<body") :]
    text = ICON.sub(lambda found: icon(*found.groups()), text)
    text = SCRIPT.sub(lambda found: script(found, body), text)
    text = STYLE.sub(lambda found: found[0] if uses(body, found["file"]) else "", text)
    text = IMAGE.sub(lambda found: image(found[0], size), text)
    return FOLD.sub(r"<summary>\1</summary>", text)


def open_solution(self: Any, node: solution_node) -> None:
    """Write the start of a solution that the browser folds, without a script."""
    title = node.pop(0)
    self.body.append(self.starttag(node, "details"))
    self.body.append("<summary>")
    for part in title.children:
        part.walkabout(self)
    self.body.append("</summary>\n")


def close_solution(self: Any, _node: solution_node) -> None:
    """Write its end."""
    self.body.append("</details>\n")


def icon(_tag: str, classes: str, rest: str) -> str:
    """Return the drawing of an icon, which says nothing to a screen reader."""
    names = classes.split()
    if "fab" in names:
        drawn = "code-branch"  # the mark of whoever keeps the repository
    else:
        named = [n[3:] for n in names if n.startswith("fa-")]
        drawn = next((name for name in named if name in ICONS), "")
    if not drawn:
        raise ExtensionError(f"lean_site.ICONS has no drawing for {classes!r}")
    kept = " ".join(["icon", *(n for n in names if not re.match(r"fa[bs]?\b", n))])
    rest = re.sub(r'\s*(title|aria-hidden)="[^"]*"', "", rest)
    return (
        f'<svg class="{kept}"{rest} viewBox="0 0 24 24" aria-hidden="true">'
        f'<path d="{ICONS[drawn]}"/></svg>'
    )


def script(found: re.Match[str], body: str) -> str:
    """Return a script that no longer keeps the page waiting; nothing if unused."""
    tag, code = found["tag"], found["body"]
    if not uses(body, f"{tag}{code}"):
        return ""
    if "src=" in tag and "defer" not in tag and "module" not in tag:
        return found[0].replace("<script", "<script defer", 1)
    if code.startswith("DOCUMENTATION_OPTIONS."):  # they come with a deferred one
        return found[0].replace("<script", '<script type="module"', 1)
    return found[0]


def uses(body: str, asset: str) -> bool:
    """Return whether a page has what a script or a style is for."""
    if any(name in asset for name in UNUSED):
        return False
    if "design-tabs" in asset:
        return "sd-tab-set" in body
    if "sphinx-design" in asset:
        return 'class="sd-' in body
    return True


def image(tag: str, size: Callable[[str], tuple[int, int]]) -> str:
    """Return a picture with its size, loaded when it comes near."""
    name = re.search(r'src="[^"]*_images/([^"]+\.png)"', tag)
    if name is None:
        return tag
    extra = ' loading="lazy"'
    if not re.search(r'\b(width|height)="', tag):
        extra += ' width="{}" height="{}"'.format(*size(name[1]))
    return tag.replace("<img", f"<img{extra}", 1)


def size_of(picture: Path) -> tuple[int, int]:
    """Return the width and the height of a PNG."""
    with picture.open("rb") as file:
        width, height = struct.unpack(">II", file.read(24)[16:])
    return width, height


def describe(
    _app: Sphinx,
    _page: str,
    _template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Tell what a page is about, in the words with which it begins."""
    title = re.sub("<[^>]*>", "", context.get("title", ""))
    about = (doctree and opening(doctree)) or f"{title} of the book about RMSprop."
    tag = f'<meta name="description" content="{escape(about)}" />'
    context["metatags"] = f"{context.get('metatags') or ''}\n{tag}"


def opening(document: nodes.document, most: int = 160) -> str:
    """Return the first sentences in plain words, at most so many characters."""
    for paragraph in document.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        in_text = isinstance(paragraph.parent, nodes.section)
        says_what = len(text) > 60 and not text.startswith("You need")
        if in_text and says_what and not has_math(paragraph):
            whole = text[: most + 1].rpartition(". ")[0]
            return f"{whole}." if whole else f"{text[:most].rpartition(' ')[0]} …"
    return ""


def has_math(node: nodes.Node) -> bool:
    """Return whether there is a formula in a node."""
    return next(iter(node.findall(nodes.math)), None) is not None


def finish(app: Sphinx, error: Exception | None) -> None:
    """Put the landing page at the root, and clear away what no page asks for."""
    if error or not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    site = Path(app.outdir)
    home = app.config.root_doc
    page = (site / f"{home}.html").read_text(encoding="utf-8")
    (site / "index.html").write_text(at_root(page, home), encoding="utf-8")
    (site / ".buildinfo").unlink(missing_ok=True)  # each time another one
    static = site / "_static"
    shutil.rmtree(static / "vendor" / "fontawesome", ignore_errors=True)
    for unused in (static / "scripts").glob("fontawesome*"):
        unused.unlink()
    theme = static / "scripts" / "sphinx-book-theme.js"
    text = theme.read_text(encoding="utf-8")
    theme.write_text(text.replace("t.blur()", "t"), encoding="utf-8")  # keep the focus
    style = static / "styles" / "pydata-sphinx-theme.css"
    style.write_text(without_icons(style.read_text(encoding="utf-8")), encoding="utf-8")


def at_root(page: str, home: str) -> str:
    """Return a page with its links as they are from the root of the site."""

    def moved(found: re.Match[str]) -> str:
        path, mark, anchor = found[2].partition("#")
        return f'{found[1]}="{normpath(join(dirname(home), path))}{mark}{anchor}"'

    page = re.sub(r'data-content_root="[^"]*"', 'data-content_root="./"', page)
    return ADDRESS.sub(moved, page)


def without_icons(style: str) -> str:
    """Return the theme's style without the rules of its icon font."""
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    style = re.sub(r"@font-face\{[^}]*Font ?Awesome[^}]*\}", "", style)
    rules = r"(?<=[{};])(?:\.fa[a-z]?(?![a-z])[^{},;]*,?)+\{[^{}]*\}"
    return re.sub(rules, "", re.sub(r"/\*# source.*", "", style))
