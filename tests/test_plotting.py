"""The figures' helpers: what they draw, and colors that every reader tells apart."""

import itertools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex, to_rgb
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from problems import OPTIMIZERS

from rmsprop import plotting
from rmsprop.objectives import Quadratic

mpl.use("Agg")

# G. M. Machado, M. M. Oliveira and L. A. F. Fernandes, "A physiologically-based model
# for simulation of color vision deficiency", IEEE TVCG 15, 2009. The matrices are those
# of full deficiency and act on linear RGB.
SIGHTS = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


@pytest.fixture
def ax() -> Iterator[Axes]:
    with mpl.rc_context():
        plotting.use_style()
        fig, ax = plt.subplots()
        yield ax
        plt.close(fig)


# --- Colors ---------------------------------------------------------------------------


def linear(color: str) -> NDArray[Any]:
    """Return the linear RGB of a color (IEC 61966-2-1)."""
    c = np.array(to_rgb(color))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[Any]) -> NDArray[Any]:
    """Return the CIELAB coordinates of linear RGB, under daylight (D65)."""
    x, y, z = np.cbrt(TO_XYZ @ rgb.clip(0, 1) / TO_XYZ.sum(axis=1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_colors_are_measured_rightly() -> None:
    assert_allclose(lab(linear("white")), [100, 0, 0], atol=1e-6)
    assert_allclose(lab(linear("#ff0000")), [53.24, 80.09, 67.20], atol=0.05)


@pytest.mark.parametrize("sight", SIGHTS)
def test_every_reader_tells_the_colors_apart(sight: str) -> None:
    # A distance of 2.3 is just noticeable; five times as much is plain on thin lines.
    colors = [*plotting.COLORS.values(), plotting.INK]
    seen = [lab(SIGHTS[sight] @ linear(color)) for color in colors]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 12


@pytest.mark.parametrize("color", [*plotting.COLORS.values(), plotting.INK])
def test_labels_can_be_read_on_white(color: str) -> None:
    luminance = linear(color) @ [0.2126, 0.7152, 0.0722]
    assert 1.05 / (luminance + 0.05) >= 4.5  # WCAG 2, level AA


def test_every_algorithm_has_its_color() -> None:
    names = [type(optimizer).__name__ for optimizer in OPTIMIZERS]
    assert set(names) <= set(plotting.COLORS)
    colors = [plotting.color(optimizer) for optimizer in OPTIMIZERS]
    assert colors == [plotting.COLORS[name] for name in names]
    assert plotting.color(object()) == plotting.INK


# --- Style ----------------------------------------------------------------------------


def test_style_is_the_books() -> None:
    with mpl.rc_context():
        plotting.use_style()
        assert mpl.rcParams["figure.figsize"] == [7.2, 3.2]
        assert mpl.rcParams["figure.dpi"] == 200
        colors = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    assert colors == [*plotting.COLORS.values(), plotting.INK]


# --- Drawing --------------------------------------------------------------------------


def test_contours_are_lines_of_equal_loss(ax: Axes) -> None:
    problem = Quadratic(condition=4.0)
    assert plotting.contours(ax, problem, (-2, 1), (-1, 3), levels=5) is ax
    (drawn,) = ax.collections
    levels = np.asarray(drawn.levels)  # type: ignore[attr-defined]
    for level, line in zip(levels, drawn.get_paths(), strict=True):
        assert_allclose(problem.loss(np.asarray(line.vertices)), level, rtol=0.01)
    assert_allclose(np.sqrt(levels), np.sqrt(levels[-1]) / 5 * np.arange(1, 6))
    assert_allclose(levels[-1], problem.loss(np.array([-2.0, 3.0])))


def test_contours_mark_the_minimizer_and_the_window(ax: Axes) -> None:
    # The window shows no minimizer, and must not grow to show it.
    plotting.contours(ax, Quadratic(condition=4.0), (1, 2), (1, 3))
    (mark,) = ax.lines
    assert_array_equal(mark.get_xydata(), [[0, 0]])
    assert (mark.get_marker(), mark.get_color()) == ("+", plotting.INK)
    lines: Any = ax.collections[0].get_edgecolor()
    assert {to_hex(color) for color in lines} == {plotting.PALE}
    assert (ax.get_xlim(), ax.get_ylim()) == ((1, 2), (1, 3))
    assert (ax.get_xlabel(), ax.get_ylabel()) == (r"$\theta_1$", r"$\theta_2$")
    assert len(ax.collections[0].get_paths()) == 12


def test_path_draws_a_dot_a_step(ax: Axes) -> None:
    theta = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 6.0]])
    assert plotting.path(ax, theta, color="#c23b00", label="RMSprop") is ax
    (line,) = ax.lines
    assert_array_equal(line.get_xydata(), theta)
    assert (line.get_marker(), line.get_color()) == ("o", "#c23b00")
    assert line.get_label() == "RMSprop"


def test_path_may_be_drawn_otherwise(ax: Axes) -> None:
    plotting.path(ax, [[0, 1], [2, 3]], marker="s", linewidth=3)
    assert (ax.lines[0].get_marker(), ax.lines[0].get_linewidth()) == ("s", 3)


def test_band_draws_median_and_range(ax: Axes) -> None:
    runs = [[1.0, 5.0], [2.0, 3.0], [9.0, 4.0]]
    assert plotting.band(ax, [2, 4], runs, color="#0a5fa5", label="spread") is ax
    (line,), (area,) = ax.lines, ax.collections
    assert_array_equal(line.get_xydata(), [[2, 2], [4, 4]])
    assert (line.get_color(), line.get_label()) == ("#0a5fa5", "spread")
    assert isinstance(area, PolyCollection)
    corners = {tuple(corner) for corner in np.asarray(area.get_paths()[0].vertices)}
    assert {(2, 1), (2, 9), (4, 3), (4, 5)} <= corners
    shade: Any = area.get_facecolor()
    assert to_hex(shade, keep_alpha=True) == "#0a5fa533"


# --- Labels at the ends ---------------------------------------------------------------


def boxes(ax: Axes) -> dict[str, Any]:
    """Return where each label is drawn, in pixels."""
    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    return {text.get_text(): text.get_window_extent() for text in ax.texts}


WAYS = {
    ">": [0, 0, 1, 0],
    "<": [1, 0, 0, 0],
    "^": [0, 0, 2, 0, 2, 1],
    "v": [0, 1, 0, 0],
}


@pytest.mark.parametrize(("head", "way"), [*WAYS.items(), ("o", [1, 1])])
def test_diagram_points_where_a_way_leads(ax: Axes, head: str, way: list[int]) -> None:
    plotting.diagram(ax, {}, {}, [way])
    (line,) = ax.lines
    assert line.get_marker() == head
    assert_array_equal(line.get_xydata(), np.reshape(way, (-1, 2)))
    assert line.get_markevery() == [-1]  # the head stands at the end alone
    assert (line.get_linestyle(), line.get_color()) == ("-", plotting.INK)
    assert line.get_markerfacecolor() == "white"  # a circle lies over its ways


def test_diagram_frames_boxes_and_colors_the_accent(ax: Axes) -> None:
    plotting.diagram(ax, {"a": (0, 0), "b": (1, 0)}, {"c": (2, 0)}, [], accent=["b"])
    a, b, c = ax.texts
    assert (a.get_color(), b.get_color()) == (plotting.INK, plotting.COLORS["RMSprop"])
    assert a.get_bbox_patch() is not None
    assert c.get_bbox_patch() is None
    assert [*ax.get_xticks(), *ax.get_yticks()] == []
    assert not ax.get_frame_on()


def test_diagram_puts_the_middle_of_each_text_where_it_is_told(ax: Axes) -> None:
    plotting.diagram(ax, {"box": (1, 2)}, {"word": (3, 4)}, [])
    places = {text.get_text(): text.get_position() for text in ax.texts}
    assert places == {"box": (1, 2), "word": (3, 4)}
    for text in ax.texts:
        assert text.get_horizontalalignment() == "center"
        assert text.get_verticalalignment() == "center"


@pytest.mark.parametrize("way", [[], [1], [1, 2, 3]])
def test_a_way_is_made_of_points(ax: Axes, way: list[int]) -> None:
    with pytest.raises(ValueError, match="ways must be made of points"):
        plotting.diagram(ax, {}, {}, [way])


def test_end_labels_do_not_overlap(ax: Axes) -> None:
    ends = {"one": 1.0, "two": 1.001, "three": 0.999, "four": 5.0, "five": 0.0}
    for name, end in ends.items():
        ax.plot([0, 1, 2], [0.5, 2.0, end], label=name)
    assert plotting.end_labels(ax) is ax
    drawn = boxes(ax)
    assert set(drawn) == set(ends)
    for one, other in itertools.combinations(drawn.values(), 2):
        assert not one.overlaps(other)
    by_height = sorted(drawn, key=lambda name: drawn[name].y0)
    assert by_height == ["five", "three", "one", "two", "four"]


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_end_labels_stand_right_of_their_ends(ax: Axes, scale: str) -> None:
    ax.set_yscale(scale)
    ax.plot([0, 50], [1, 1e-3], label="low", color="#0a5fa5")
    ax.plot([0, 50], [1, 1e3], label="high")
    ax.plot([0, 50], [1, 10])  # no label
    plotting.end_labels(ax)
    drawn = boxes(ax)
    assert set(drawn) == {"low", "high"}
    for line in ax.lines[:2]:
        x, y = ax.transData.transform(np.asarray(line.get_xydata())[-1])
        box = drawn[str(line.get_label())]
        assert box.x0 > x
        assert abs((box.y0 + box.y1) / 2 - y) < box.height
        assert box.x1 < ax.figure.bbox.x1
    assert ax.texts[0].get_color() == "#0a5fa5"


def test_end_labels_keep_the_gap(ax: Axes) -> None:
    for name in "abc":
        ax.plot([0, 1], [0, 1], label=name)
    plotting.end_labels(ax, gap=0.2)
    heights = [text.xy[1] for text in ax.texts]  # type: ignore[attr-defined]
    assert_allclose(np.diff(heights), 0.2)


# --- What is refused ------------------------------------------------------------------

VALLEY, WINDOW = Quadratic(4.0), (-1, 1)
contours: Any = plotting.contours  # these tests give what the types forbid
path: Any = plotting.path
band: Any = plotting.band
end_labels: Any = plotting.end_labels


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: contours([], VALLEY, WINDOW, WINDOW), "ax .* Axes, got list"),
        (lambda: path(None, np.ones((3, 2))), "ax .* Axes, got NoneType"),
        (lambda: band(1, [1], [[1]]), "ax must be an Axes, got int"),
        (lambda: end_labels(plt), "ax must be an Axes, got module"),
    ],
)
def test_what_is_no_axes_is_refused(draw: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        draw()


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("objective", VALLEY.loss, TypeError, "objective must have loss and .*"),
        (
            "objective",
            SimpleNamespace(loss=VALLEY.loss),
            TypeError,
            "objective must have loss and .*",
        ),
        ("xlim", (1, 1), ValueError, r"xlim must be .* numbers, got \(1, 1\)"),
        ("xlim", 1.0, ValueError, r"xlim must be two different numbers, got 1\.0"),
        ("ylim", ("0", "1"), ValueError, r"ylim must be two different numbers, got .*"),
        ("levels", 2.5, TypeError, r"levels must be an integer, got 2\.5"),
        ("levels", 0, ValueError, "levels must be at least 1, got 0"),
    ],
)
def test_contours_check_their_arguments(
    ax: Axes, name: str, value: Any, error: type[Exception], message: str
) -> None:
    arguments = {"objective": VALLEY, "xlim": WINDOW, "ylim": WINDOW, name: value}
    with pytest.raises(error, match=f"^{message}$"):
        plotting.contours(ax, **arguments)


@pytest.mark.parametrize("shape", [(), (2,), (2, 3), (4, 2, 2)])
def test_path_must_lie_in_the_plane(ax: Axes, shape: tuple[int, ...]) -> None:
    with pytest.raises(
        ValueError, match=r"^theta must have shape \(steps \+ 1, 2\), got"
    ):
        plotting.path(ax, np.ones(shape))


@pytest.mark.parametrize(
    ("x", "runs"), [((3,), (3,)), ((3,), (3, 2)), ((1, 3), (1, 3))]
)
def test_runs_must_fit_their_abscissa(ax: Axes, x: Any, runs: Any) -> None:
    with pytest.raises(ValueError, match=r"^x and runs must have shapes .*, got \("):
        plotting.band(ax, np.ones(x), np.ones(runs))


def test_gap_must_not_be_negative(ax: Axes) -> None:
    with pytest.raises(ValueError, match=r"^gap must be .* at least 0, got -0\.1$"):
        plotting.end_labels(ax, gap=-0.1)
