"""The search: its index, and in a real browser what it finds and how it is used.

    pytest -m browser tests/test_search.py

See `conftest.py` for the browser and the site.
"""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from conftest import need
from live_tools import ROOT
from sphinx.application import Sphinx

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

AXE = ROOT / ".ci" / "javascript" / "node_modules" / "axe-core" / "axe.min.js"
PAGE = """
Rates
=====

Two runs, and the code of one.

.. code-block:: python

   secret_code

A rate that falls
-----------------

It delays the spike by :math:`\\eta/\\sqrt{1-\\pi}`.

.. _fig-rates-fall:

**Figure 1.** A fall.

Glossary
--------

Spike
   A sudden rise.
"""
FOUND = {
    "lr": "term-learning-rate first-the-rate",
    "eta": "term-learning-rate first-the-rate",
    "which learning rate": "first-the-rate choosing-the-settings",
    "eps": "where-epsilon-stands where-eps-sits then-epsilon",
    "fp16": "half-precision eps-in-half-precision nan-at-once",
    "half precision": "half-precision eps-in-half-precision",
    "loss rises": "the-loss-falls-then-rises-and-stays",
    "spike": "late-spikes quiet-for-long-then-a-sudden-spike",
    "NaN": "nan-at-once",
    "nan after a long time": "nan-after-thousands-of-steps",
    "weight decay": "weight-decay",
    "clip gradient": "clipping",
    "sparse gradients": "are-sparse-gradients-supported rare-inputs",
    "embedding": "embeddings-stop-learning-or-rare-words-jump rare-inputs",
    "checkpoint restart": "the-loss-jumps-after-a-restart stop-and-go-on",
    "LSTM": "a-recurrent-network recurrent-networks",
    "momentun": "momentum-and-adam momentum-when-the-rate-falls term-momentum",
    "signsgd": "term-sign-descent",
    "figure of a falling rate": "what-a-falling-rate-buys fig-example-falling",
    "who invented it": "the-rule rprop-only-the-sign",
    "Common mistakes with epsilon": "common-mistakes",
}
"""For each question places, one of which must be among the first three."""


def build(folder: Path, *names: str) -> dict[str, Any]:
    """Build pages of the same text, and return the index with its bytes."""
    source = folder / "source"
    source.mkdir(parents=True)
    for name in names:
        (source / f"{name}.rst").write_text(PAGE, encoding="utf-8")
    app = Sphinx(
        srcdir=source,
        confdir=None,
        outdir=folder / "html",
        doctreedir=folder / "trees",
        buildername="html",
        confoverrides={
            "extensions": ["section_search"],
            "html_theme": "basic",
            "root_doc": "a",
        },
        status=None,
        warning=None,
    )
    app.build()
    data = (folder / "html/_static/search/index.js").read_bytes()
    text = data.decode().removeprefix("window.sectionIndex=").removesuffix(";\n")
    return {"data": data, **json.loads(text)}


def test_index_holds_sections_and_terms(tmp_path: Path) -> None:
    index = build(tmp_path, "a")
    places = {place: (title, text) for _, place, title, _, text, _ in index["sections"]}
    assert places == {
        "rates": ("Rates", "Two runs, and the code of one."),
        "a-rate-that-falls": (
            "A rate that falls",
            "It delays the spike by η/√(1-π).\n#fig-rates-fall Figure 1. A fall.",
        ),
        "glossary": ("Glossary", ""),
        "term-spike": ("Spike", "A sudden rise."),
    }
    html = (tmp_path / "html/a.html").read_text(encoding="utf-8")
    assert all(f'id="{place}"' in html for place in places)


def test_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    first = build(tmp_path / "first", "a", "b", "c")
    second = build(tmp_path / "second", "c", "b", "a")
    assert first["data"] == second["data"]
    assert [address for address, _ in first["pages"]] == ["a.html", "b.html", "c.html"]


@pytest.mark.browser
def test_questions_find_their_sections(reader: "BrowserContext", site: str) -> None:
    page = reader.new_page()
    page.goto(f"{site}search.html?q=lr")
    page.locator(".found-list li").first.wait_for()
    addresses = page.evaluate(
        """questions => {
            const engine = new SectionEngine(sectionIndex);
            return questions.map(q => engine.find(q).show(3).map(f => f.address));
        }""",
        list(FOUND),
    )
    for (question, places), found in zip(FOUND.items(), addresses, strict=True):
        anchors = {address.partition("#")[2] for address in found}
        assert anchors & set(places.split()), f"{question}: {found}"
    whole = page.evaluate("sectionIndex.pages.length")
    assert whole > 20


@pytest.mark.browser
def test_every_place_in_the_index_exists(site: str) -> None:
    def read(path: str) -> str:
        with urlopen(site + path) as answer:  # noqa: S310 - our own site
            return str(answer.read().decode())

    text = read("_static/search/index.js")
    index = json.loads(text[text.index("{") : text.rindex(";")])
    ids = [set(re.findall(r'\bid="([^"]*)"', read(path))) for path, _ in index["pages"]]
    for page, anchor, _, _, lines, _ in index["sections"]:
        inside = re.findall(r"^#(\S+) ", lines, flags=re.MULTILINE)
        missing = {anchor, *inside} - ids[page]
        assert not missing, f"{index['pages'][page][0]}: {missing}"


@pytest.mark.browser
def test_solutions_are_not_found(reader: "BrowserContext", site: str) -> None:
    page = reader.new_page()
    page.goto(f"{site}search.html")
    page.wait_for_function("window.sectionIndex")
    text = page.evaluate("JSON.stringify(sectionIndex.sections)")
    assert "Not quite." not in text
    assert "# Solution" not in text
    assert len(text) > 200_000


@pytest.mark.browser
def test_keys_lead_to_a_section(reader: "BrowserContext", site: str) -> None:
    page = reader.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}book/definition.html")
    page.wait_for_load_state("load")
    assert not any("search/index.js" in url for url in asked)  # not before it is needed
    page.keyboard.press("Control+k")
    page.keyboard.type("weight decay")
    page.locator("dialog[open] .found-list mark").first.wait_for()
    status = page.get_by_role("status").filter(has_text="for “weight decay”")
    status.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert "eight decay" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url("**/*#*")
    assert page.evaluate(
        """() => {
            const place = document.getElementById(location.hash.slice(1));
            const { top } = place.getBoundingClientRect();
            return top > -5 && top < innerHeight;
        }"""
    )


@pytest.mark.browser
def test_search_page_follows_the_field(reader: "BrowserContext", site: str) -> None:
    page = reader.new_page()
    page.goto(f"{site}search.html?q=spike")
    page.locator(".found-list li").first.wait_for()
    field = page.locator("form.bd-search:visible input").last
    assert field.input_value() == "spike"
    field.fill("zzzz")
    page.get_by_text("Nothing is found for “zzzz”").wait_for()
    assert page.url.endswith("?q=zzzz")
    field.fill("<rate>")  # shown as it is typed
    page.get_by_text("for “<rate>”").wait_for()
    few = page.locator(".found-list a").count()
    page.locator(".found-more").click()
    assert page.locator(".found-list a").count() > few
    assert page.evaluate("document.activeElement.tagName") == "A"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1300])
def test_results_are_accessible(
    browser: "Browser", site: str, scheme: Any, width: int
) -> None:
    need(AXE.exists(), "axe is missing: npm --prefix .ci/javascript ci")
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    for address in ("search.html?q=epsilon", "book/definition.html"):
        page.goto(site + address)
        if "?" not in address:
            page.keyboard.press("Control+k")
            page.keyboard.type("epsilon")
        page.locator(".found-list:visible li").first.wait_for()
        page.add_script_tag(path=AXE)
        found = page.evaluate("axe.run('.found').then(r => r.violations)")
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


@pytest.mark.browser
def test_search_works_from_a_file(
    browser: "Browser", site: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert site  # is built
    built = tmp_path_factory.getbasetemp() / "served0/_build/html/search.html"
    page = browser.new_page()
    page.goto(f"{built.as_uri()}?q=spike")
    link = page.locator(".found-list a").first
    link.wait_for()
    link.click()
    page.wait_for_url("**/*#*")
    assert page.url.startswith(built.parent.as_uri())
    page.locator(f"[id='{page.url.partition('#')[2]}']").wait_for(state="attached")
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    "path", ["404.html", "no-page.html", "book/far/adam_step.html"]
)
def test_missing_page_leads_back(browser: "Browser", site: str, path: str) -> None:
    with urlopen(f"{site}404.html") as answer:  # noqa: S310 - our own site
        body = answer.read().decode()
    page = browser.new_page()
    page.route(site + path, lambda route: route.fulfill(status=404, body=body))
    page.goto(site + path)
    page.wait_for_function("document.querySelector('base')")
    if "adam" in path:
        assert page.locator("input").input_value() == "adam step"
    href = "document.querySelector('main a').href"
    assert page.evaluate(href) == f"{site}book/index.html"
    page.get_by_role("button").click()
    page.wait_for_url(f"{site}search.html?q=*")
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("path", ["book/definition.html", "search.html", "404.html"])
def test_shared_link_has_a_title(site: str, path: str) -> None:
    with urlopen(site + path) as answer:  # noqa: S310 - our own site
        page = answer.read().decode()
    tags = dict(re.findall(r'<meta property="(og:\w+)" content="([^"]*)"', page))
    assert tags["og:site_name"] == "RMSprop"
    assert tags["og:title"] in {"2. Definition", "RMSprop", "No such page"}
    described = re.search(r'<meta name="description" content="([^"]*)"', page)
    assert tags.get("og:description") == (described[1] if described else None)
