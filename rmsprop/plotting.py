"""The book's figures: one look, set here. Every function takes and returns an Axes.

Matplotlib is imported when something is drawn, not before.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

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
    """Give all figures drawn after this call the look of the book."""
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
        How many lines; from one to the next the root of the loss grows evenly.

    Returns
    -------
    Axes
        `ax`.
    """
    x, y = np.linspace(*xlim, 201), np.linspace(*ylim, 201)
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
    """
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
    """
    runs = np.asarray(runs)
    (median,) = ax.plot(x, np.median(runs, axis=0), **line)
    low, high = runs.min(axis=0), runs.max(axis=0)
    ax.fill_between(x, low, high, color=median.get_color(), alpha=0.2, linewidth=0)
    return ax


def end_labels(ax: "Axes", gap: float = 0.06) -> "Axes":
    """Write each line's label right of its end, in its color, instead of a legend.

    Parameters
    ----------
    ax : Axes
        An Axes whose labeled lines and limits are complete.
    gap : float
        The least distance of two labels, as a part of the height of the Axes.

    Returns
    -------
    Axes
        `ax`.
    """
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
