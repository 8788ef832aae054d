"""What runs the cells of a page shows what a notebook shows, and tells every error."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from page_kernel import LIMIT, Kernel, Later, draws

Sent = list[tuple[str, Any]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sent]:
    """Keep the real Matplotlib of this session out of the kernel's reach."""
    for name in [name for name in sys.modules if name.startswith("matplotlib")]:
        monkeypatch.delitem(sys.modules, name)
    kept: Sent = []
    yield kept
    for name in [name for name in sys.modules if name.startswith("matplotlib")]:
        del sys.modules[name]


@pytest.fixture
def kernel(sent: Sent) -> Kernel:
    return Kernel(lambda kind, content: sent.append((kind, content)))


def joined(sent: Sent, kind: str) -> str:
    return "".join(content for one, content in sent if one == kind)


def test_last_value_is_shown_and_a_semicolon_hides_it(
    kernel: Kernel, sent: Sent
) -> None:
    assert kernel.run("x = 6\nx * 7", "cell 1")
    assert kernel.run("x * 8;", "cell 2")
    assert kernel.run("x = 9", "cell 3")
    assert sent == [("text/plain", "42")]


def test_printed_text_comes_before_the_value(kernel: Kernel, sent: Sent) -> None:
    kernel.run("print('a', 1)\nprint('b')\n2", "cell 1")
    assert joined(sent, "stdout") == "a 1\nb\n"
    assert sent[-1] == ("text/plain", "2")


def test_table_is_shown_as_a_table(kernel: Kernel, sent: Sent) -> None:
    code = "from rmsprop.tables import table\ntable({'step': [1]}, 'd')"
    kernel.run(code, "cell 1")
    ((kind, html),) = sent
    assert kind == "text/html"
    assert '<th scope="col">step</th>' in html


def test_error_is_told_from_the_cell_on(kernel: Kernel, sent: Sent) -> None:
    kernel.run("def half(x):\n    return x / 0", "cell 1")
    assert not kernel.run("print('before')\nhalf(1)", "cell 2")
    told = joined(sent, "error")
    assert 'File "cell 2", line 2' in told
    assert "return x / 0" in told
    assert told.endswith("ZeroDivisionError: division by zero")
    assert "page_kernel" not in told
    assert joined(sent, "stdout") == "before\n"


@pytest.mark.parametrize(
    "code", ["for", "raise SystemExit(1)", "raise KeyboardInterrupt"]
)
def test_cell_that_ends_in_any_way_leaves_the_kernel_alive(
    kernel: Kernel, sent: Sent, code: str
) -> None:
    assert not kernel.run(code, "cell 1")
    assert sent[-1][0] == "error"
    assert kernel.run("1", "cell 2")


def test_endless_printing_is_cut(kernel: Kernel, sent: Sent) -> None:
    kernel.run("for _ in range(100): print('x' * 10_000)", "cell 1")
    text = joined(sent, "stdout")
    assert len(text) < LIMIT + 100
    assert text.endswith("... and more.\n")
    assert kernel.run("print('again')", "cell 2")
    assert sent[-2:] == [("stdout", "again"), ("stdout", "\n")]


def test_matplotlib_is_loaded_for_the_first_figure_with_the_settings_so_far(
    kernel: Kernel, sent: Sent
) -> None:
    imports = (
        "import matplotlib.pyplot as plt\n"
        "from rmsprop import plotting\n"
        "plotting.use_style()\n"
        "plt.rcParams['lines.linewidth'] = 7.0"
    )
    assert kernel.run(imports, "cell 1")
    assert isinstance(kernel.names["plt"], Later)
    assert isinstance(sys.modules["matplotlib"], Later)
    kernel.can_draw()
    assert kernel.run(
        "assert plt.rcParams['lines.linewidth'] == 7.0\n"
        "assert plt.rcParams['figure.dpi'] == 200\n"
        "plt.plot([1, 2])\nplt.show()\nplt.plot([2, 1]);",
        "cell 2",
    ), sent
    pictures = [content for kind, content in sent if kind == "image/png"]
    assert len(pictures) == 2
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_matplotlib_before_its_time_says_so(kernel: Kernel, sent: Sent) -> None:
    assert not kernel.run("import matplotlib as m\nm.figure", "cell 1")
    assert "is loaded for a cell that names it" in joined(sent, "error")


@pytest.mark.parametrize(
    ("code", "does"),
    [
        ("import matplotlib.pyplot as plt\nplotting.use_style()", False),
        ("from rmsprop import (\n    follow,\n    plotting,\n)", False),
        ("fig, ax = plt.subplots()", True),
        ("from matplotlib.patches import Circle", True),
        ("plotting.contours(ax, valley)", True),
        ("plots = 1", False),
    ],
)
def test_cell_that_draws_is_known_by_its_names(code: str, does: bool) -> None:
    assert draws(code) == does
