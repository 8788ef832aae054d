"""Test problems with exact gradients and known minima.

An objective has ``loss(theta)``, ``grad(theta)``, ``minimizer`` and ``start``. Where
theta is a vector it lies along the last axis, and all leading axes are runs side by
side: ``loss`` maps shape (..., n) to (...), ``grad`` keeps the shape.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rmsprop._numbers import check_finite, check_positive


class Objective(Protocol):
    """What every objective of this module has.

    Examples
    --------
    One of your own, which `minimize` and `plotting.contours` take as well:

    >>> class Bowl:
    ...     minimizer, start = np.zeros(2), np.ones(2)
    ...
    ...     def loss(self, theta):
    ...         return (theta**4).sum(axis=-1)
    ...
    ...     def grad(self, theta):
    ...         return 4 * theta**3
    >>> bowl: Objective = Bowl()
    >>> bowl.grad(bowl.start), bowl.loss(bowl.minimizer)
    (array([4., 4.]), np.float64(0.0))
    """

    def loss(self, theta: Any) -> Any:
        """Return the loss at `theta`, without theta's last axis if it is a vector."""

    def grad(self, theta: Any) -> Any:
        """Return the gradient at `theta`, in its shape."""

    @property
    def minimizer(self) -> Any:
        """Where the loss is least."""

    @property
    def start(self) -> Any:
        """A sensible place to begin."""


@dataclass(frozen=True)
class SquaredError:
    """The article's example, L(w) = (y - w x)^2, or half of it.

    Parameters
    ----------
    x, y : float or array of floats
        Input (not zero) and target. Arrays are problems side by side.
    half : bool
        Halve the loss. Then the gradient is the article's, without the factor 2.

    Raises
    ------
    ValueError
        If `x` is 0, or a number is not finite.
    TypeError
        If `x` or `y` is no number, or `half` no bool.

    Notes
    -----
    Here theta is the scalar w, so `loss` and `grad` work elementwise.
    Chapter: *Example*.

    Examples
    --------
    >>> problem = SquaredError(x=2.0, y=4.0)
    >>> problem.loss(problem.start), problem.grad(problem.start), problem.minimizer
    (16.0, -16.0, 2.0)
    >>> SquaredError(half=True).grad(0.0)
    -8.0
    """

    x: float = 2.0
    y: float = 4.0
    half: bool = False

    def __post_init__(self) -> None:
        check_finite("x", self.x)
        check_finite("y", self.y)
        if np.any(np.asarray(self.x) == 0):
            raise ValueError(f"x must not be 0, got {self.x}")
        if not isinstance(self.half, bool | np.bool_):
            raise TypeError(f"half must be True or False, got {self.half!r}")

    def loss(self, w: Any) -> Any:
        """Return (y - w x)^2, or half of it."""
        error = self.y - w * self.x
        return error * error * (0.5 if self.half else 1.0)

    def grad(self, w: Any) -> Any:
        """Return -2 x (y - w x), or half of it."""
        return (self.y - w * self.x) * (-self.x) * (1.0 if self.half else 2.0)

    @property
    def minimizer(self) -> float:
        """The weight that fits the one data point, y / x."""
        return self.y / self.x

    @property
    def start(self) -> float:
        """The article's start, 0."""
        return 0.0


@dataclass(frozen=True)
class Quadratic:
    """f(theta) = theta^T H theta / 2 in the plane, H with curvatures 1 and kappa.

    Parameters
    ----------
    condition : float
        kappa, the ratio of the larger to the smaller curvature. At least 1 is usual,
        greater than 0 is needed.
    angle : float
        By how much the axes of curvature are turned against the coordinate axes, in
        radians. At 0 the second coordinate is the steep one.

    Raises
    ------
    ValueError
        If `condition` is not greater than 0, or a number is not finite.
    TypeError
        If `condition` or `angle` is no number.

    Notes
    -----
    Chapters: *Introduction*, *Properties*.

    Examples
    --------
    >>> valley = Quadratic(condition=10.0)
    >>> valley.hessian.diagonal()
    array([ 1., 10.])
    >>> valley.grad(valley.start), float(valley.loss(valley.start))
    (array([ 2., 10.]), 7.0)
    >>> valley.grad(valley.minimizer)
    array([0., 0.])
    """

    condition: float
    angle: float = 0.0

    def __post_init__(self) -> None:
        check_positive("condition", self.condition)
        check_finite("angle", self.angle)

    @cached_property
    def hessian(self) -> NDArray[np.float64]:
        """H, of shape (2, 2)."""
        c, s = np.cos(self.angle), np.sin(self.angle)
        k = self.condition
        return np.array(
            [[c * c + k * s * s, (1 - k) * c * s], [(1 - k) * c * s, s * s + k * c * c]]
        )

    def loss(self, theta: Any) -> Any:
        """Return theta^T H theta / 2."""
        return 0.5 * (theta * self.grad(theta)).sum(axis=-1)

    def grad(self, theta: Any) -> Any:
        """Return H theta."""
        (a, b), (_, d) = self.hessian
        x, y = theta[..., 0], theta[..., 1]
        return np.stack([a * x + b * y, b * x + d * y], axis=-1)

    @property
    def minimizer(self) -> NDArray[np.float64]:
        """The origin."""
        return np.zeros(2)

    @property
    def start(self) -> NDArray[np.float64]:
        """A point away from both axes."""
        return np.array([2.0, 1.0])


@dataclass(frozen=True)
class Rosenbrock:
    """f(x, y) = (1 - x)^2 + 100 (y - x^2)^2, a curved valley.

    Notes
    -----
    Source: H. H. Rosenbrock, "An automatic method for finding the greatest or least
    value of a function", The Computer Journal 3, 1960. Chapter: *Properties*.

    Examples
    --------
    The valley's floor is the parabola y = x^2, which hardly falls:

    >>> valley = Rosenbrock()
    >>> valley.loss(np.array([[0.0, 0.0], [0.5, 0.25], [0.5, 0.5]]))
    array([1.  , 0.25, 6.5 ])
    >>> valley.start, valley.minimizer, valley.grad(np.zeros(2))
    (array([-1.2,  1. ]), array([1., 1.]), array([-2.,  0.]))
    """

    def loss(self, theta: Any) -> Any:
        """Return f, shape (...) for theta of shape (..., 2)."""
        x, y = theta[..., 0], theta[..., 1]
        u, v = 1 - x, y - x * x
        return u * u + 100 * v * v

    def grad(self, theta: Any) -> Any:
        """Return the gradient, shape (..., 2)."""
        x, y = theta[..., 0], theta[..., 1]
        v = y - x * x
        return np.stack([-2 * (1 - x) - 400 * x * v, 200 * v], axis=-1)

    @property
    def minimizer(self) -> NDArray[np.float64]:
        """The point (1, 1), where f = 0."""
        return np.ones(2)

    @property
    def start(self) -> NDArray[np.float64]:
        """Rosenbrock's own start, (-1.2, 1)."""
        return np.array([-1.2, 1.0])
