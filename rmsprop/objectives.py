"""Test problems with exact gradients and known minima.

An objective has ``loss(theta)``, ``grad(theta)``, ``minimizer`` and ``start``. Where
theta is a vector it lies along the last axis, and all leading axes are runs side by
side: ``loss`` maps shape (..., n) to (...), ``grad`` keeps the shape.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rmsprop._numbers import check_not_negative, check_positive


class Objective(Protocol):
    """What every objective of this module has."""

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
    x, y : float
        Input (not zero) and target.
    half : bool
        Halve the loss. Then the gradient is the article's, without the factor 2.

    Notes
    -----
    Here theta is the scalar w, so `loss` and `grad` work elementwise.
    Chapter: *Example*.

    Examples
    --------
    >>> SquaredError(x=2.0, y=4.0).grad(0.0), SquaredError(half=True).grad(0.0)
    (-16.0, -8.0)
    """

    x: float = 2.0
    y: float = 4.0
    half: bool = False

    def __post_init__(self) -> None:
        if self.x == 0:
            raise ValueError(f"x must not be 0, got {self.x}")

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

    Notes
    -----
    Chapters: *Introduction*, *Properties*.

    Examples
    --------
    >>> Quadratic(condition=10.0).grad(np.array([1.0, 1.0]))
    array([ 1., 10.])
    """

    condition: float
    angle: float = 0.0

    def __post_init__(self) -> None:
        check_positive("condition", self.condition)

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
    >>> float(Rosenbrock().loss(np.array([-1.2, 1.0])))
    24.199999999999996
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


@dataclass(frozen=True)
class Beale:
    """f(x, y) = sum over k = 1, 2, 3 of (c_k - x + x y^k)^2, flat with steep walls.

    The constants c are 1.5, 2.25 and 2.625.

    Notes
    -----
    Source: E. M. L. Beale, "On an iterative method for finding a local minimum of a
    function of more than one variable", Princeton, 1958.

    Examples
    --------
    >>> float(Beale().loss(Beale().minimizer))
    0.0
    """

    def loss(self, theta: Any) -> Any:
        """Return f, shape (...) for theta of shape (..., 2)."""
        x, y = theta[..., 0], theta[..., 1]
        r1, r2, r3 = self._residuals(x, y)
        return r1 * r1 + r2 * r2 + r3 * r3

    def grad(self, theta: Any) -> Any:
        """Return the gradient, shape (..., 2)."""
        x, y = theta[..., 0], theta[..., 1]
        r1, r2, r3 = self._residuals(x, y)
        y2 = y * y
        dx = 2 * (r1 * (y - 1) + r2 * (y2 - 1) + r3 * (y2 * y - 1))
        dy = 2 * x * (r1 + 2 * y * r2 + 3 * y2 * r3)
        return np.stack([dx, dy], axis=-1)

    @staticmethod
    def _residuals(x: Any, y: Any) -> tuple[Any, Any, Any]:
        y2 = y * y
        return 1.5 - x + x * y, 2.25 - x + x * y2, 2.625 - x + x * y2 * y

    @property
    def minimizer(self) -> NDArray[np.float64]:
        """The point (3, 0.5), where f = 0."""
        return np.array([3.0, 0.5])

    @property
    def start(self) -> NDArray[np.float64]:
        """The usual start, (1, 1)."""
        return np.ones(2)


@dataclass(frozen=True)
class Saddle:
    """f(x, y) = x^2 / 2 + (y^2 - 1)^2 / 4: a saddle at the origin between two minima.

    Examples
    --------
    >>> Saddle().grad(np.array([1.0, 0.5]))
    array([ 1.   , -0.375])
    """

    def loss(self, theta: Any) -> Any:
        """Return f, shape (...) for theta of shape (..., 2)."""
        x, y = theta[..., 0], theta[..., 1]
        w = y * y - 1
        return x * x / 2 + w * w / 4

    def grad(self, theta: Any) -> Any:
        """Return the gradient, shape (..., 2)."""
        x, y = theta[..., 0], theta[..., 1]
        return np.stack([x, y * (y * y - 1)], axis=-1)

    @property
    def minimizer(self) -> NDArray[np.float64]:
        """One of the two minima, (0, 1); the other is (0, -1)."""
        return np.array([0.0, 1.0])

    @property
    def start(self) -> NDArray[np.float64]:
        """A point from which the gradient leads to the saddle first."""
        return np.array([1.0, 1e-3])


class LogisticRegression:
    """The mean negative log-likelihood of labels 0 and 1, with an l2 penalty.

    Parameters
    ----------
    X : array, shape (m, n)
        One row of features an example.
    y : array, shape (m,)
        The labels, 0 or 1.
    l2 : float
        The penalty's factor: ``l2 / 2 * sum(theta**2)`` is added. At least 0; with
        labels that a plane can separate it must be positive for a minimum to exist.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a label is neither 0 nor 1.

    Examples
    --------
    >>> problem = LogisticRegression([[0.0, 1.0], [1.0, 1.0]], [0, 1], l2=0.1)
    >>> problem.grad(problem.start)
    array([-0.25,  0.  ])
    """

    def __init__(self, X: ArrayLike, y: ArrayLike, l2: float = 0.0) -> None:
        self.X, self.y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
        self.l2 = l2
        if self.X.ndim != 2 or self.y.shape != self.X.shape[:1]:
            shapes = f"{self.X.shape} and {self.y.shape}"
            raise ValueError(f"X and y must have shapes (m, n) and (m,), got {shapes}")
        if not np.isin(self.y, (0, 1)).all():
            raise ValueError(f"y must hold 0 and 1 only, got {np.unique(self.y)}")
        check_not_negative("l2", l2)

    def loss(self, theta: Any) -> Any:
        """Return the penalized loss, shape (...) for theta of shape (..., n)."""
        z = theta @ self.X.T
        penalty = 0.5 * self.l2 * (theta * theta).sum(axis=-1)
        return (np.logaddexp(0, z) - self.y * z).mean(axis=-1) + penalty

    def grad(self, theta: Any) -> Any:
        """Return the gradient, shape (..., n)."""
        error = self._probability(theta) - self.y
        return error @ self.X / len(self.y) + self.l2 * theta

    def _probability(self, theta: Any) -> Any:
        return 0.5 * (1 + np.tanh(0.5 * (theta @ self.X.T)))

    @cached_property
    def minimizer(self) -> NDArray[np.float64]:
        """The minimum, by Newton's method; 25 steps leave only rounding."""
        theta = self.start
        for _ in range(25):
            p = self._probability(theta)
            curvature = (self.X.T * (p * (1 - p) / len(p))) @ self.X
            curvature += self.l2 * np.eye(len(theta))
            theta = theta - np.linalg.solve(curvature, self.grad(theta))
        return theta

    @property
    def start(self) -> NDArray[np.float64]:
        """All weights zero: every probability is one half."""
        return np.zeros(self.X.shape[1])
