"""The site is light: a page asks for what it uses, and has what a reader needs."""

import gzip
import json
import re
import struct
import time
import zlib
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lean_site
import live
import mathml
import pytest
from conftest import need
from docutils import nodes
from live_tools import ROOT, entries, report
from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

AXE = ROOT / ".ci" / "javascript" / "node_modules" / "axe-core" / "axe.min.js"

PAGE = """<head>
<link href="../_static/styles/theme.css" rel="stylesheet" />
<link href="../_static/sphinx-thebe.css" rel="stylesheet" />
<link rel="stylesheet" href="../_static/sphinx-design.min.css?v=1" />
<script defer src="../_static/scripts/fontawesome.js"></script>
<script src="../_static/documentation_options.js"></script>
<script>DOCUMENTATION_OPTIONS.pagename = 'book/one';</script>
<script src="../_static/design-tabs.js"></script>
<script src="../searchindex.js"></script>
</head>
<body>
<i class="theme-switch fa-solid fa-sun   fa-lg" data-mode="light" title="Light"></i>
<img alt="Its width" src="../_images/slope.png" />
<summary aria-label="Toggle hidden content">
<p class="collapsed admonition-title">The imports</p>
<p class="expanded admonition-title">The imports</p>
</summary>
<script type="text/x-thebe-config">{}</script>
</body>"""


def lean(text: str) -> str:
    return lean_site.lean(text, lambda _name: (640, 480))


def test_what_no_page_uses_is_not_asked_for() -> None:
    page = lean(PAGE)
    for word in ("fontawesome", "thebe", "design", "searchindex"):
        assert word not in page, word
    assert "theme.css" in page
    assert "design.min" in lean(PAGE.replace("<img", '<img class="sd-card"'))


def test_scripts_wait_in_their_order() -> None:
    page = lean(PAGE)
    assert '<script defer src="../_static/documentation_options.js">' in page
    assert '<script type="module">DOCUMENTATION_OPTIONS.pagename' in page


def test_icons_are_drawn_in_the_page() -> None:
    page = lean(PAGE)
    drawn = '<svg class="icon theme-switch" data-mode="light" viewBox="0 0 24 24"'
    assert drawn in page
    assert " fa-" not in page
    with pytest.raises(ExtensionError, match="fa-dragon"):
        lean('<i class="fas fa-dragon"></i>')


def test_pictures_have_a_size_and_folds_a_name(tmp_path: Path) -> None:
    page = lean(PAGE)
    assert '<img loading="lazy" width="640" height="480" alt="Its width"' in page
    assert "<summary>The imports</summary>" in page
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 3, 2)
    (tmp_path / "a.png").write_bytes(head + struct.pack(">I", zlib.crc32(head)))
    assert lean_site.size_of(tmp_path / "a.png") == (3, 2)


def test_a_page_is_described_by_its_first_sentences() -> None:
    document: Any = nodes.document("", "")
    section = nodes.section()
    document += section
    section += nodes.paragraph(
        "", "You need derivatives, NumPy arrays, and " + "a" * 60
    )
    section += nodes.paragraph("", "", nodes.math("", "G"), nodes.Text(" is " * 30))
    section += nodes.paragraph(
        "", "A slope is steep here and flat there. " + "It " * 60
    )
    assert lean_site.opening(document) == "A slope is steep here and flat there."


def test_the_landing_page_also_stands_at_the_root() -> None:
    page = (
        '<html data-content_root="../"><a href="one.html#two"><a href="#top">'
        '<a href="https://a.org"><img src="../_static/a.svg"><a href="../lite/?b=c/d">'
    )
    assert lean_site.at_root(page, "book/index") == (
        '<html data-content_root="./"><a href="book/one.html#two"><a href="#top">'
        '<a href="https://a.org"><img src="_static/a.svg"><a href="lite/?b=c/d">'
    )


def test_the_style_loses_the_rules_of_the_icon_font_only() -> None:
    style = (
        ".a{b:c}@font-face{font-family:Font Awesome\\ 6 Free;src:url(a)}"
        ".fa-sun:before,.fas{content:'x'}.fade{opacity:0}.fa-x,.b{d:e}"
    )
    left = ".a{b:c}.fade{opacity:0}.fa-x,.b{d:e}"
    assert lean_site.without_icons(style) == left
    assert lean_site.without_icons(left) == left


def transferred(page: "Page", address: str) -> dict[str, int]:
    """Open a page; return what it asks for, each with its size under gzip."""
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108
    page.goto(address, wait_until="networkidle")
    return {a.url: len(gzip.compress(a.body(), 9)) for a in answers if a.ok}


@pytest.mark.browser
@pytest.mark.filterwarnings("default")
def test_pages_are_light(
    reader: "BrowserContext", site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = reader.new_page()
    first = transferred(page, site)
    page = reader.new_page()
    second = transferred(page, f"{site}book/introduction.html")
    more = {url: size for url, size in second.items() if url not in first}
    weights = sum(first.values()) / 1024, sum(more.values()) / 1024
    report(capsys, "first visit {:.0f} KiB, next page {:.0f}".format(*weights))
    assert weights[0] <= FIRST, json.dumps(first, indent=1)
    assert weights[1] <= NEXT, json.dumps(more, indent=1)


FIRST, NEXT = 230, 110
"""KiB that a first visit and a next page may weigh."""


@pytest.mark.browser
@pytest.mark.filterwarnings("default")
def test_every_page_is_described_and_waits_for_no_script(
    reader: "BrowserContext", site: str
) -> None:
    page = reader.new_page()
    waits = "script[src]:not([defer], [async], [type=module])"
    for address in ["", *(f"{entry}.html" for entry in entries())]:
        page.goto(site + address)
        about = page.locator("meta[name=description]").get_attribute("content") or ""
        assert len(about) > 30, address
        assert page.locator(waits).count() == 0, address
        assert page.locator(".bd-content img:not([width])").count() == 0, address
        assert not re.search(r"\bfa-", page.content()), address


@pytest.mark.browser
@pytest.mark.filterwarnings("default")
def test_the_root_is_a_page_whose_links_lead_on(
    reader: "BrowserContext", site: str
) -> None:
    page = reader.new_page()
    page.goto(site)
    assert page.url == site
    links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    for link in {link.partition("#")[0] for link in links if link.startswith(site)}:
        assert page.request.get(link).ok, link
    page.keyboard.press("Control+k")
    page.keyboard.type("decay")
    page.keyboard.press("Enter")
    page.locator("#search-results li").first.wait_for()


FORMULAS = {
    r"|x|": '<mo stretchy="false" lspace="0" rspace="0">|</mo><mi>x</mi>',
    r"\Delta": '<mi mathvariant="normal">Δ</mi>',
    r"\eta\ln 2": "<mi>η</mi>" + mathml.SPACE + "<mi>ln</mi><mo>&ApplyFunction;</mo>",
    r"\ln 2": mathml.SPACE + "<mn>2</mn>",
    r"\tfrac12, \dots": "<mn>1</mn><mn>2</mn></mfrac>",
    r"\begin{aligned}a\\[1ex]b\end{aligned}": "<mtr><mtd><mi>b</mi>",
    r"\begin{split}x\end{split}": "<math><mi>x</mi></math>",
}


@pytest.mark.parametrize(("tex", "part"), FORMULAS.items())
def test_formulas_look_as_tex_sets_them(tex: str, part: str) -> None:
    assert part in mathml.convert(tex, block=False)


def test_a_formula_that_is_not_known_is_an_error() -> None:
    with pytest.raises(ExtensionError, match=r"no MathML for '\\\\dragon'"):
        mathml.convert(r"\dragon", block=False)


def test_the_font_has_every_sign_of_the_formulas() -> None:
    script = (ROOT / "book/_static/math_font.py").read_text(encoding="utf-8")
    listed = re.findall(r'^    "([ 0-9A-F-]+)"$', script, flags=re.MULTILINE)
    ranges = [part.split("-") for part in "".join(listed).split()]
    font = {n for r in ranges for n in range(int(r[0], 16), int(r[-1], 16) + 1)}
    signs = {sign: tex for tex in formulas() for sign in shown(tex)}
    assert len(signs) > 80
    assert not {s: tex for s, tex in signs.items() if ord(s) not in font}


def formulas() -> list[str]:
    """Return the formulas of the book's pages, without their numbers."""
    math = r"\$\$(.+?)\$\$|(?<![\\$])\$([^$\n]+)\$|\\begin\{equation\*\}(.+?)\\end"
    found = [
        "".join(parts)
        for text in map(prose, entries())
        for parts in re.findall(math, text, flags=re.DOTALL)
    ]
    return [mathml.TAG.sub("", tex) for tex in found]


def prose(entry: str) -> str:
    """Return the text of a page, without code."""
    notebook, page = ROOT / f"{entry}.ipynb", ROOT / f"{entry}.md"
    if notebook.exists():
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        texts = ("".join(c["source"]) for c in cells if c["cell_type"] != "code")
        text = "\n\n".join(texts)
    else:
        text = page.read_text(encoding="utf-8")
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def shown(tex: str) -> set[str]:
    """Return the signs that a formula shows."""
    made = mathml.convert(tex, block=True)
    return set(unescape(re.sub(r"<[^>]*>", "", made))) - {" "}


@pytest.mark.browser
@pytest.mark.filterwarnings("default")
def test_formulas_are_in_the_font_and_no_tab_stops(
    reader: "BrowserContext", site: str
) -> None:
    page = reader.new_page()
    page.goto(f"{site}book/definition.html", wait_until="networkidle")
    formula = page.locator("math").first
    assert formula.evaluate("m => getComputedStyle(m).fontFamily").startswith('"Book')
    assert page.evaluate("document.fonts.check('16px \"Book Math\"')")
    stops = page.locator("math, .math").evaluate_all(
        "all => all.filter(m => m.tabIndex >= 0).length"
    )
    assert stops == 0
    left, number = page.locator("div.math mtable"), page.locator("div.math .eqno")
    assert number.first.inner_text() == "(2.1)"
    edge = number.first.bounding_box(), left.first.bounding_box()
    assert edge[0]["x"] > edge[1]["x"] + edge[1]["width"]  # type: ignore[index]


def test_faults_of_the_theme_are_mended() -> None:
    page = lean(
        '<a title="Search" aria-label="Search" data-bs-placement="bottom"'
        ' data-bs-toggle="tooltip">\n <i class="fas fa-list"></i> Search Ctrl K</a>'
        '<th class="head"><p></p></th><div class="citation" role="doc-biblioentry">'
        '<div id="pst-primary-sidebar" class="a"><section id="solution-content">'
    )
    assert "aria-label" not in page.partition("<svg")[0]
    assert "<td></td><div class=" in page
    assert 'role="doc' not in page
    assert 'role="region" aria-label="Site" id="pst-primary-sidebar"' in page
    assert "<section>" in page


LETTERS = """() => {
    const range = document.createRange();
    return [...document.querySelectorAll(".bd-article section > p")].map((p) => {
        range.selectNodeContents(p);
        const tops = [...range.getClientRects()].map((r) => Math.round(r.top / 12));
        return p.textContent.length / new Set(tops).size;
    });
}"""
CUT = """() => [...document.querySelectorAll(".highlight pre")].filter((pre) =>
    pre.checkVisibility() && pre.scrollWidth > pre.clientWidth + 1
).map((pre) => pre.textContent)"""


@pytest.mark.browser
@pytest.mark.filterwarnings("default")
def test_lines_are_short_to_read_and_code_is_not_cut(
    reader: "BrowserContext", site: str
) -> None:
    page = reader.new_page()
    page.set_viewport_size({"width": 1300, "height": 900})
    for entry in entries():
        page.goto(f"{site}{entry}.html")
        assert page.evaluate(CUT) == [], entry
    page.goto(f"{site}book/definition.html")
    longest = sorted(page.evaluate(LETTERS))[-3]
    assert 60 <= longest <= 80


UNFOLD = "document.querySelectorAll('details').forEach(d => (d.open = true))"


@pytest.mark.browser
@pytest.mark.filterwarnings("default")
def test_nothing_bars_the_way_on_any_page(browser: "Browser", site: str) -> None:
    need(AXE.exists(), "axe is missing: npm --prefix .ci/javascript ci")
    found: list[Any] = []
    for count, entry in enumerate([*entries(), "genindex", "search"]):
        look: Any = ("light", "dark")[count % 2]
        context = browser.new_context(color_scheme=look)
        page = context.new_page()
        page.goto(f"{site}{entry}.html?highlight=gradient")
        page.evaluate(UNFOLD)
        page.add_script_tag(path=AXE)
        broken = page.evaluate("axe.run().then(({ violations }) => violations)")
        found += [(entry, look, v["id"], v["nodes"][0]["html"][:200]) for v in broken]
        page.set_viewport_size({"width": 320, "height": 800})
        page.wait_for_timeout(50)
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [(entry, width)] if width > 320 else []
        context.close()
    assert not found, json.dumps(found, indent=1)


@pytest.mark.browser
@pytest.mark.filterwarnings("default")
def test_paper_is_white_and_shows_all(browser: "Browser", site: str) -> None:
    context = browser.new_context(
        color_scheme="dark", viewport={"width": 700, "height": 900}
    )
    page = context.new_page()
    page.goto(f"{site}book/definition.html", wait_until="networkidle")
    page.emulate_media(media="print", color_scheme="dark")
    color = "e => getComputedStyle(e)"
    assert page.locator("body").evaluate(f"{color}.backgroundColor") == WHITE
    code = page.locator(".cell_input pre span").first
    assert code.evaluate(f"{color}.color") == "rgb(0, 0, 0)"
    assert page.evaluate(CUT) == []
    answer = page.locator("details.sd-dropdown:not([open]) p").first
    assert answer.evaluate("p => p.checkVisibility({ contentVisibilityAuto: true })")
    assert answer.bounding_box()
    assert page.locator("details.solution p").first.bounding_box()
    context.close()


WHITE = "rgb(255, 255, 255)"


@pytest.mark.browser
@pytest.mark.filterwarnings("default")
def test_the_theme_switch_keeps_the_focus_and_folds_have_names(
    reader: "BrowserContext", site: str
) -> None:
    page = reader.new_page()
    page.goto(f"{site}book/definition.html")
    switch = page.locator(".theme-switch-button").first
    switch.focus()
    looks = set()
    for _ in range(3):
        page.keyboard.press("Enter")
        looks.add(page.locator("html").get_attribute("data-mode"))
        assert switch.evaluate("s => s === document.activeElement")
    assert looks == {"auto", "dark", "light"}
    names = page.locator("details.solution > summary").all_inner_texts()
    assert names[0] == "Solution to Exercise 2.1"
    assert page.get_by_text("Toggle hidden content").count() == 0


@pytest.mark.browser
@pytest.mark.filterwarnings("default")
def test_the_door_leads_in(reader: "BrowserContext", site: str) -> None:
    page = reader.new_page()
    page.goto(site)
    assert page.locator("[data-figure]").first.is_visible()
    assert page.locator("#three-ways-in > p").count() == 3
    assert page.locator("img[src*=hero]").count() == 0
    page.get_by_role("link", name="Run the first experiment").click()
    page.get_by_role("button", name="Run").first.wait_for()


def test_a_wheel_has_the_same_bytes_at_any_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wheels = []
    for year in (2025, 2026):
        when = time.struct_time((year, 5, 17, 12, 0, 0, 0, 1, 0))
        monkeypatch.setattr("time.localtime", lambda *_, when=when: when)
        wheels.append(live.pack(tmp_path / str(year), ("a", "1"), {"a.py": b"1"}))
    assert wheels[0].read_bytes() == wheels[1].read_bytes()
