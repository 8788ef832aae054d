"""The whole book as one page, made of its built site, for print and for e-readers.

Chromium prints that page to PDF. It stands in the site's folder, so that pictures and
fonts are where they are. What a reader would press or unfold is open or gone.
"""

import re
import subprocess
import sys
from html import escape
from pathlib import Path
from posixpath import dirname, join, normpath
from string import Template

from bs4 import BeautifulSoup, Tag
from rmsprop import __version__

from course.editions import ROOT

HERE = Path(__file__).parent
LEFT_OUT = {"book/explore"}
"""Pages that live by being touched."""
FRONT = "About this book"


def build_site(sources: Path, folder: Path) -> Path:
    """Build the site of some sources, and return where it lies below a folder."""
    build = Path(sys.executable).with_name("jupyter-book")
    subprocess.run(  # noqa: S603 - our own command
        [build, "build", sources, "--path-output", folder, "-W", "-n"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder / "_build" / "html"


def contents(book: Path = ROOT) -> list[str]:
    """Return the pages that are printed, in order, without the ends of their names."""
    text = (book / "_toc.yml").read_text(encoding="utf-8")
    names = re.findall(r"(?:root|file): (\S+)", text)
    return [name for name in names if name not in LEFT_OUT]


def one_page(site: Path, names: list[str], edition: str = "") -> str:
    """Return the pages of a site as one page for the site's folder.

    Parameters
    ----------
    site
        The folder of the built site.
    names
        Its pages in order, such as ``book/definition``.
    edition
        What the title page says of the edition.
    """
    chapters = [chapter(site, name, names) for name in names]
    page = Template((HERE / "print.html").read_text(encoding="utf-8"))
    return page.substitute(
        css=(HERE / "print.css").read_text(encoding="utf-8"),
        edition=escape(edition),
        version=__version__,
        contents=table_of_contents(chapters),
        chapters="\n".join(map(str, chapters)),
    )


def chapter(site: Path, name: str, names: list[str]) -> Tag:
    """Return the article of a page, ready to stand among the others."""
    text = (site / f"{name}.html").read_text(encoding="utf-8")
    article = BeautifulSoup(text, "html.parser").select_one("article")
    if article is None:
        raise ValueError(f"a page of the site must have an article, got {name}")
    soup = BeautifulSoup("", "html.parser")
    if name == names[0]:
        title = article.select_one("h1")
        assert title is not None  # noqa: S101 - each page has one
        title.string = FRONT
    drop_buttons(article)
    unfold(article, soup)
    anchor(article, name, names)
    article["id"], article["class"] = anchor_of(name), "chapter"
    return article


def drop_buttons(article: Tag) -> None:
    """Take away what can only be pressed; a moving figure keeps its picture."""
    for tag in article.select("a.headerlink, button, script, style, svg"):
        tag.decompose()
    for tag in article.find_all(re.compile("^rmsprop-")):
        tag.name, tag.attrs = "div", {"class": "figure"}


def unfold(article: Tag, soup: BeautifulSoup) -> None:
    """Open every fold: its summary becomes a line above what it held."""
    for fold in article.find_all("details"):
        summary = fold.find("summary")
        if isinstance(summary, Tag):
            lines = summary.select("p") or [summary]
            line = soup.new_tag("p", attrs={"class": "summary"})
            line.extend(list(lines[0].contents))
            summary.replace_with(line)
        fold.name, fold.attrs = "div", {"class": "fold"}


def anchor_of(name: str, label: str = "") -> str:
    """Return where a page, or a label on it, lies in the one page.

    Examples
    --------
    >>> anchor_of("book/definition", "eq-definition-rule")
    'definition--eq-definition-rule'
    """
    page = re.sub(r"\W", "-", name.removeprefix("book/"))
    return "--".join([page, re.sub(r"[^\w-]", "-", label)]) if label else page


def anchor(article: Tag, name: str, names: list[str]) -> None:
    """Make names, links and pictures those of the one page."""
    seen = {""}
    for tag in article.select("[id]"):
        label = str(tag["id"])
        tag["id"] = anchor_of(name, label)
        if label in seen:
            del tag["id"]
        seen.add(label)
    for tag in article.select("a[href]"):
        lead(tag, name, names)
    for picture in article.select("img[src]"):
        picture.attrs.pop("loading", None)  # a printer scrolls to none
        if not str(picture["src"]).startswith("data:"):
            picture["src"] = normpath(join(dirname(name), str(picture["src"])))


def lead(tag: Tag, name: str, names: list[str]) -> None:
    """Make a link lead to its place in the one page; one to elsewhere is unwrapped."""
    target, _, label = str(tag["href"]).partition("#")
    if re.match(r"https?:|mailto:", target):
        return
    page = normpath(join(dirname(name), target)) if target else name
    page = page.removesuffix(".html")
    if page in names:
        tag["href"] = f"#{anchor_of(page, label)}"
    else:
        tag.unwrap()


def table_of_contents(chapters: list[Tag]) -> str:
    """Return the titles of chapters and sections, each with room for a page number."""
    lines = []
    for article in chapters:
        for title in article.select("h1, h2"):
            anchor = title.parent["id"] if title.parent else ""
            text = title.decode_contents()
            lines.append(
                f'<p class="{title.name}"><a href="#{anchor}">{text}</a>'
                f'<span class="page" data-to="{anchor}"></span></p>'
            )
    return "\n".join(lines)


def pages_filled(text: str, pages: dict[str, int]) -> str:
    """Return the one page with page numbers in its contents."""

    def number(found: re.Match[str]) -> str:
        return f"{found[0]}{pages.get(found[1], '')}"

    return re.sub(r'<span class="page" data-to="([^"]*)">', number, text)
