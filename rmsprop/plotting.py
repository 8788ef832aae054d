"""The book's figures: one look, set here. Every function takes and returns an Axes.

Matplotlib is imported when something is drawn, not before.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rmsprop._numbers import check_count, check_not_negative
from rmsprop.objectives import Objective

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLORS = {
    "RMSprop": "#c23b00",
    "GradientDescent": "#0a5fa5",
    "Momentum": "#00775a",
    "AdaGrad": "#523600",
    "Adam": "#8f35d6",
}
"""One fixed color an algorithm, told apart by color-blind readers too."""

INK, PALE = "#333333", "#c8c8c8"


def use_style() -> None:
    """Give all figures drawn after this call the look of the book.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with mpl.rc_context():  # for a while only
    ...     use_style()
    ...     mpl.rcParams["figure.figsize"]
    [7.2, 3.2]
    """
    import matplotlib as mpl
    from cycler import cycler

    mpl.rcParams.update(
        {
            "figure.figsize": (7.2, 3.2),
            "figure.dpi": 200,
            "figure.constrained_layout.use": True,
            "font.size": 9,
            "axes.titlesize": 9,
            "axes.titlelocation": "left",
            "axes.xmargin": 0.02,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.titlecolor": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "text.color": INK,
            "axes.prop_cycle": cycler(color=[*COLORS.values(), INK]),
            "lines.linewidth": 1.6,
            "legend.frameon": False,
        }
    )


def color(optimizer: object) -> str:
    """Return the book's color of an optimizer's algorithm.

    Parameters
    ----------
    optimizer : object
        An instance of `RMSprop` or of a baseline; any other gets the ink of the text.

    Returns
    -------
    str
        A color that Matplotlib knows.

    Examples
    --------
    >>> from rmsprop import RMSprop
    >>> color(RMSprop(0.1))
    '#c23b00'
    """
    return COLORS.get(type(optimizer).__name__, INK)


def contours(
    ax: "Axes",
    objective: Objective,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    levels: int = 12,
) -> "Axes":
    """Draw lines of equal loss of an objective in the plane, and its minimizer.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    objective : Objective
        An objective with theta of shape (..., 2).
    xlim, ylim : tuple of float
        The window.
    levels : int
        How many lines; from one to the next the root of the loss grows evenly. At
        least 1.

    Returns
    -------
    Axes
        `ax`.

    Raises
    ------
    TypeError
        If `ax` is no Axes, `objective` no objective or `levels` no integer.
    ValueError
        If `levels` is less than 1, or a window is not two different numbers.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from rmsprop.objectives import Rosenbrock
    >>> ax = Figure().subplots()
    >>> contours(ax, Rosenbrock(), (-2, 2), (-1, 3), levels=8) is ax
    True
    >>> ax.lines[0].get_xydata()  # the mark of the minimizer
    array([[1., 1.]])
    """
    _check_axes(ax)
    if not (hasattr(objective, "loss") and hasattr(objective, "minimizer")):
        raise TypeError(f"objective must have loss and minimizer, got {objective!r}")
    check_count("levels", levels, least=1)
    x, y = _window("xlim", xlim), _window("ylim", ylim)
    loss = objective.loss(np.stack(np.meshgrid(x, y), axis=-1))
    heights = np.linspace(0, np.sqrt(loss.max()), levels + 1)[1:] ** 2
    ax.contour(x, y, loss, heights, colors=PALE, linewidths=0.8)
    ax.plot(*objective.minimizer, marker="+", color=INK, markersize=9)
    ax.set(xlim=xlim, ylim=ylim, xlabel=r"$\theta_1$", ylabel=r"$\theta_2$")
    return ax


def path(ax: "Axes", theta: ArrayLike, **line: Any) -> "Axes":
    """Draw the path of parameters in the plane, a dot a step.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    theta : array, shape (steps + 1, 2)
        The parameters, as in `Trajectory.theta`.
    **line
        Passed on to Matplotlib: color, label, ...

    Returns
    -------
    Axes
        `ax`.

    Raises
    ------
    TypeError
        If `ax` is no Axes.
    ValueError
        If `theta` has another shape.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from rmsprop import RMSprop, minimize
    >>> from rmsprop.objectives import Quadratic
    >>> valley, optimizer = Quadratic(10.0), RMSprop(0.1)
    >>> run = minimize(valley.grad, valley.start, optimizer, steps=20)
    >>> ax = contours(Figure().subplots(), valley, (-1, 3), (-1, 2))
    >>> ax = path(ax, run.theta, color=color(optimizer), label="RMSprop")
    >>> len(ax.lines[-1].get_xdata())  # the start and 20 steps
    21
    """
    _check_axes(ax)
    shape = np.shape(theta)
    if len(shape) != 2 or shape[1] != 2:
        raise ValueError(f"theta must have shape (steps + 1, 2), got {shape}")
    x, y = np.asarray(theta).T
    ax.plot(x, y, **{"marker": "o", "markersize": 3, "linewidth": 1.2, **line})
    return ax


def band(ax: "Axes", x: ArrayLike, runs: ArrayLike, **line: Any) -> "Axes":
    """Draw the median of several runs over x, and the range of all of them.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    x : array, shape (n,)
        The common abscissa.
    runs : array, shape (k, n)
        One row a run.
    **line
        Passed on to Matplotlib for the median: color, label, ...

    Returns
    -------
    Axes
        `ax`.

    Raises
    ------
    TypeError
        If `ax` is no Axes.
    ValueError
        If `runs` does not have a column for each element of `x`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = band(Figure().subplots(), [1, 2], [[0, 5], [1, 6], [5, 7]], label="runs")
    >>> ax.lines[0].get_ydata().tolist()
    [1.0, 6.0]
    """
    _check_axes(ax)
    x, runs = np.asarray(x), np.asarray(runs)
    if x.ndim != 1 or runs.ndim != 2 or len(x) != runs.shape[1]:
        shapes = f"{x.shape} and {runs.shape}"
        raise ValueError(f"x and runs must have shapes (n,) and (k, n), got {shapes}")
    (median,) = ax.plot(x, np.median(runs, axis=0), **line)
    low, high = runs.min(axis=0), runs.max(axis=0)
    ax.fill_between(x, low, high, color=median.get_color(), alpha=0.2, linewidth=0)
    return ax


def diagram(
    ax: "Axes",
    boxes: Mapping[str, tuple[float, float]],
    words: Mapping[str, tuple[float, float]],
    ways: Iterable[Sequence[float]],
    accent: Iterable[str] = (),
) -> "Axes":
    """Draw a block diagram: boxes, words between them, and arrows.

    Parameters
    ----------
    ax : Axes
        Where to draw; its ticks and frame go.
    boxes, words : mapping of str to tuple of float
        Where the middle of each text lies.
    ways : iterable of sequence of float
        The bends x1, y1, x2, y2, ... of each arrow; one point alone is a circle, where
        signals meet.
    accent : iterable of str
        The boxes in the color of RMSprop.

    Returns
    -------
    Axes
        `ax`.

    Raises
    ------
    TypeError
        If `ax` is no Axes.
    ValueError
        If a way is not made of points.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax, boxes = Figure().subplots(), {"plant": (2.0, 0.0)}
    >>> ax = diagram(ax, boxes, {"u": (0.5, 0.3)}, [[0, 0, 1.4, 0]])
    >>> [text.get_text() for text in ax.texts], ax.lines[0].get_marker()
    (['plant', 'u'], '>')
    """
    _check_axes(ax)
    ax.set(xticks=[], yticks=[], frame_on=False)
    colored = set(accent)
    for text, (x, y) in boxes.items():
        ink = COLORS["RMSprop"] if text in colored else INK
        box = {"pad": 8, "facecolor": "white", "edgecolor": ink}
        ax.text(x, y, text, size=11, color=ink, bbox=box, **MIDDLE)
    for text, (x, y) in words.items():
        ax.text(x, y, text, size=11, **MIDDLE)
    for way in ways:
        if len(way) < 2 or len(way) % 2:
            raise ValueError(f"ways must be made of points x, y, got {way}")
        bends = np.reshape(way, (-1, 2))
        ax.plot(*bends.T, _head(bends), ls="-", c=INK, mfc="white", markevery=[-1])
    return ax


MIDDLE: dict[str, Any] = {"ha": "center", "va": "center"}


def _head(bends: NDArray[Any]) -> str:
    """Return the marker at the end of a way: an arrow's head, or a circle."""
    if len(bends) == 1:
        return "o"
    dx, dy = bends[-1] - bends[-2]
    if abs(dx) > abs(dy):
        return ">" if dx > 0 else "<"
    return "^" if dy > 0 else "v"


def end_labels(ax: "Axes", gap: float = 0.06) -> "Axes":
    """Write each line's label right of its end, in its color, instead of a legend.

    Parameters
    ----------
    ax : Axes
        An Axes whose labeled lines and limits are complete.
    gap : float
        The least distance of two labels, as a part of the height of the Axes. At
        least 0.

    Returns
    -------
    Axes
        `ax`.

    Raises
    ------
    TypeError
        If `ax` is no Axes or `gap` no number.
    ValueError
        If `gap` is negative.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> for label, end in {"up": 4, "down": 2}.items():
    ...     line = ax.plot([1, 2], [3, end], label=label)
    >>> [text.get_text() for text in end_labels(ax).texts]  # from below
    ['down', 'up']
    """
    _check_axes(ax)
    check_not_negative("gap", gap)
    lines = [line for line in ax.lines if not str(line.get_label()).startswith("_")]
    ax.autoscale_view()  # settles the limits that transData rests on
    to_axes = ax.transData + ax.transAxes.inverted()
    ends = [to_axes.transform(np.asarray(line.get_xydata()))[-1, 1] for line in lines]
    height = -np.inf
    for i in np.argsort(ends):
        height = max(height + gap, ends[i])
        ax.annotate(
            str(lines[i].get_label()),
            xy=(1.0, height),
            xycoords="axes fraction",
            xytext=(4, 0),
            textcoords="offset points",
            color=lines[i].get_color(),
            va="center",
            annotation_clip=False,
        )
    return ax


def _check_axes(ax: Any) -> None:
    if not hasattr(ax, "transAxes"):
        raise TypeError(f"ax must be an Axes, got {type(ax).__name__}")


def _window(name: str, limits: Any) -> NDArray[Any]:
    """Return 201 points from one limit to the other."""
    ends = np.asarray(limits)
    if ends.shape != (2,) or ends.dtype.kind not in "iuf" or not ends[0] != ends[1]:
        raise ValueError(f"{name} must be two different numbers, got {limits}")
    low, high = limits
    points: NDArray[Any] = np.linspace(low, high, 201)
    return points
