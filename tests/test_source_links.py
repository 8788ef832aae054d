"""One address in the settings makes every link to the repository work, none is dead."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import source_links
import yaml
from jupyter_book.config import get_final_config
from live_tools import ROOT
from sphinx.application import Sphinx

URL = "https://github.com/someone/rmsprop-book"


def settings(url: str, folder: Path) -> Any:
    """Return what Jupyter Book makes of our settings with an address in them."""
    ours = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    ours["repository"]["url"] = url
    (folder / "_config.yml").write_text(yaml.safe_dump(ours), encoding="utf-8")
    shutil.copy(ROOT / "_toc.yml", folder)
    final, _ = get_final_config(
        user_yaml=folder / "_config.yml",
        cli_config={"latex_individualpages": False},
        sourcedir=folder,
    )
    return final


def settled(url: str, folder: Path) -> Any:
    options = settings(url, folder)["html_theme_options"]
    config = SimpleNamespace(html_theme_options=options, source_links_at="")
    app: Any = None
    source_links.settle(app, config)
    return config


def test_buttons_lead_to_the_address(tmp_path: Path) -> None:
    options = settled(URL, tmp_path).html_theme_options
    assert options["repository_url"] == URL
    assert options["repository_branch"] == "main"
    assert all(options[button] for button in source_links.BUTTONS)
    services = options["launch_buttons"]
    assert services["binderhub_url"] == "https://mybinder.org"
    assert services["colab_url"] == "https://colab.research.google.com"


def test_no_button_without_an_address(tmp_path: Path) -> None:
    config = settled("", tmp_path)
    options = config.html_theme_options
    assert not options.get("repository_url")
    assert "launch_buttons" not in options
    assert not any(options[button] for button in source_links.BUTTONS)
    info = {"module": "rmsprop", "fullname": "RMSprop"}
    assert config.linkcode_resolve("py", info) is None


@pytest.mark.parametrize("name", ["RMSprop", "RMSprop.update", "minimize"])
def test_source_is_where_the_link_says(name: str) -> None:
    info = {"module": "rmsprop", "fullname": name}
    place = source_links.source(info)
    assert place is not None
    path, _, lines = place.partition("#L")
    first = int(lines.partition("-L")[0]) - 1
    written = (ROOT / path).read_text(encoding="utf-8").splitlines()
    short = name.rpartition(".")[-1]
    assert any(f" {short}" in line for line in written[first : first + 3])


@pytest.mark.parametrize(
    ("module", "name"),
    [("rmsprop", "RMSprop.no_such_thing"), ("math", "sqrt"), ("json", "dumps")],
)
def test_what_the_book_did_not_write_has_no_link(module: str, name: str) -> None:
    assert source_links.source({"module": module, "fullname": name}) is None


@pytest.mark.parametrize("url", [URL, ""])
def test_reference_links_to_its_sources(url: str, tmp_path: Path) -> None:
    page = ".. autofunction:: rmsprop.minimize\n"
    (tmp_path / "index.rst").write_text(page, encoding="utf-8")
    app = Sphinx(
        srcdir=tmp_path,
        confdir=None,
        outdir=tmp_path / "html",
        doctreedir=tmp_path / "doctrees",
        buildername="html",
        confoverrides={
            "extensions": ["sphinx.ext.autodoc", "source_links"],
            "html_theme": "basic",
            "html_theme_options": {"repository_url": url},
        },
        status=None,
        warning=None,
    )
    app.build()
    html = (tmp_path / "html" / "index.html").read_text(encoding="utf-8")
    assert (f'href="{URL}/blob/main/rmsprop/minimize.py#L' in html) == bool(url)
    assert ("[source]" in html) == bool(url)
