"""The methods that RMSprop is measured against, in the same two-method protocol.

Each has ``init(theta) -> state`` and ``update(theta, grad, state) -> (theta, state)``,
works on floats and arrays, and never changes its arguments. The chapter *Properties*
compares them.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from rmsprop._numbers import (
    ByValue,
    check_float,
    check_fraction,
    check_not_negative,
    check_positive,
    check_step,
    sqrt,
)


class GradientDescentState(NamedTuple):
    """Gradient descent remembers nothing.

    Examples
    --------
    >>> GradientDescent(0.1).init(1.0) == GradientDescentState()
    True
    """


@dataclass(frozen=True, eq=False)
class GradientDescent(ByValue):
    """Gradient descent: ``theta <- theta - learning_rate * g``.

    Parameters
    ----------
    learning_rate : float or array
        eta. Greater than 0.

    Notes
    -----
    Source: A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations
    simultanées", 1847. Chapter: *Introduction*.

    Examples
    --------
    >>> optimizer = GradientDescent(0.1)
    >>> w, state = optimizer.update(1.0, 2.0, optimizer.init(1.0))
    >>> w
    0.8
    """

    learning_rate: Any

    def __post_init__(self) -> None:
        check_positive("learning_rate", self.learning_rate)

    def init(self, theta: Any) -> GradientDescentState:
        """Return the empty state."""
        check_float("theta", theta)
        return GradientDescentState()

    def update(
        self, theta: Any, grad: Any, state: GradientDescentState
    ) -> tuple[Any, GradientDescentState]:
        """Take one step; shapes and errors as in `RMSprop.update`."""
        check_step(theta, grad, state, GradientDescentState)
        return theta - self.learning_rate * grad, state


class MomentumState(NamedTuple):
    """What momentum remembers between two steps.

    Attributes
    ----------
    velocity : float or array, shape of theta
        v, the fading sum of the gradients.

    Examples
    --------
    Two steps along a gradient of 1, of which half of the first is kept:

    >>> optimizer = Momentum(0.1, momentum=0.5)
    >>> w, state = optimizer.update(0.0, 1.0, optimizer.init(0.0))
    >>> optimizer.update(w, 1.0, state)[1]
    MomentumState(velocity=1.5)
    """

    velocity: Any


@dataclass(frozen=True, eq=False)
class Momentum(ByValue):
    """Heavy-ball momentum: ``v <- momentum * v + g``, then ``theta -= eta * v``.

    Parameters
    ----------
    learning_rate : float or array
        eta. Greater than 0.
    momentum : float or array
        The part of the velocity that is kept. In [0, 1).

    Notes
    -----
    Source: B. T. Polyak, "Some methods of speeding up the convergence of iteration
    methods", 1964. The rate multiplies the whole velocity, as in PyTorch.
    Chapter: *Properties*.

    Examples
    --------
    Under a constant gradient the steps grow toward 1 / (1 - momentum) times the first:

    >>> optimizer = Momentum(0.1, momentum=0.5)
    >>> w, state = 0.0, optimizer.init(0.0)
    >>> for _ in range(3):
    ...     w, state = optimizer.update(w, -1.0, state)
    ...     print(round(w, 3))
    0.1
    0.25
    0.425
    """

    learning_rate: Any
    momentum: Any = 0.9

    def __post_init__(self) -> None:
        check_positive("learning_rate", self.learning_rate)
        check_fraction("momentum", self.momentum)

    def init(self, theta: Any) -> MomentumState:
        """Return a velocity of zero."""
        check_float("theta", theta)
        return MomentumState(velocity=theta - theta)

    def update(
        self, theta: Any, grad: Any, state: MomentumState
    ) -> tuple[Any, MomentumState]:
        """Take one step; shapes and errors as in `RMSprop.update`."""
        check_step(theta, grad, state, MomentumState)
        velocity = self.momentum * state.velocity + grad
        return theta - self.learning_rate * velocity, MomentumState(velocity)


class AdaGradState(NamedTuple):
    """What AdaGrad remembers between two steps.

    Attributes
    ----------
    sum_of_squares : float or array, shape of theta
        S, the sum of all squared gradients.

    Examples
    --------
    The sum never shrinks; a gradient of 0 leaves it as it is:

    >>> AdaGrad(0.1).update(1.0, 0.0, AdaGradState(sum_of_squares=16.0))[1]
    AdaGradState(sum_of_squares=16.0)
    """

    sum_of_squares: Any


@dataclass(frozen=True, eq=False)
class AdaGrad(ByValue):
    """AdaGrad: ``S <- S + g * g``, then ``theta -= eta * g / (sqrt(S) + eps)``.

    Parameters
    ----------
    learning_rate : float or array
        eta. Greater than 0.
    eps : float or array
        Added to the root. At least 0.

    Notes
    -----
    Source: J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods", JMLR 12,
    2011, figure 1 (diagonal form). Chapter: *Definition*.

    Examples
    --------
    Under a constant gradient step t is eta / sqrt(t) long, whatever the gradient:

    >>> optimizer = AdaGrad(0.1, eps=0.0)
    >>> w, state = 0.0, optimizer.init(0.0)
    >>> for _ in range(4):
    ...     before = w
    ...     w, state = optimizer.update(w, -7.0, state)
    >>> round(w - before, 6)
    0.05
    """

    learning_rate: Any
    eps: Any = 1e-8

    def __post_init__(self) -> None:
        check_positive("learning_rate", self.learning_rate)
        check_not_negative("eps", self.eps)

    def init(self, theta: Any) -> AdaGradState:
        """Return a sum of zero."""
        check_float("theta", theta)
        return AdaGradState(sum_of_squares=theta - theta)

    def update(
        self, theta: Any, grad: Any, state: AdaGradState
    ) -> tuple[Any, AdaGradState]:
        """Take one step; shapes and errors as in `RMSprop.update`."""
        check_step(theta, grad, state, AdaGradState)
        S = state.sum_of_squares + grad * grad
        theta = theta - self.learning_rate * grad / (sqrt(S) + self.eps)
        return theta, AdaGradState(sum_of_squares=S)


class AdamState(NamedTuple):
    """What Adam remembers between two steps.

    Attributes
    ----------
    mean : float or array, shape of theta
        m, the exponential mean of the gradients.
    mean_square : float or array, shape of theta
        v in the paper, the exponential mean of the squared gradients.
    steps : int
        t, the number of steps taken.

    Examples
    --------
    >>> Adam(0.1).init(1.0)
    AdamState(mean=0.0, mean_square=0.0, steps=0)
    """

    mean: Any
    mean_square: Any
    steps: int


@dataclass(frozen=True, eq=False)
class Adam(ByValue):
    """Adam: RMSprop on an averaged gradient, both means corrected for their start.

    Parameters
    ----------
    learning_rate : float or array
        eta (alpha in the paper). Greater than 0.
    beta1 : float or array
        Decay of the mean of the gradients. In [0, 1).
    beta2 : float or array
        Decay of the mean of the squared gradients. In [0, 1).
    eps : float or array
        Added to the root. At least 0.

    Notes
    -----
    Source: D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR
    2015, algorithm 1. Chapter: *Properties*.

    Examples
    --------
    The first step is eta against the sign of the gradient:

    >>> optimizer = Adam(0.1, eps=0.0)
    >>> theta, state = optimizer.update(1.0, 3.0, optimizer.init(1.0))
    >>> round(theta, 6)
    0.9
    """

    learning_rate: Any
    beta1: Any = 0.9
    beta2: Any = 0.999
    eps: Any = 1e-8

    def __post_init__(self) -> None:
        check_positive("learning_rate", self.learning_rate)
        check_fraction("beta1", self.beta1)
        check_fraction("beta2", self.beta2)
        check_not_negative("eps", self.eps)

    def init(self, theta: Any) -> AdamState:
        """Return two means of zero, before any step."""
        check_float("theta", theta)
        return AdamState(mean=theta - theta, mean_square=theta - theta, steps=0)

    def update(self, theta: Any, grad: Any, state: AdamState) -> tuple[Any, AdamState]:
        """Take one step; shapes and errors as in `RMSprop.update`."""
        check_step(theta, grad, state, AdamState)
        t = state.steps + 1
        m = self.beta1 * state.mean + (1 - self.beta1) * grad
        v = self.beta2 * state.mean_square + (1 - self.beta2) * (grad * grad)
        m_hat = m / (1 - self.beta1**t)
        v_hat = v / (1 - self.beta2**t)
        theta = theta - self.learning_rate * m_hat / (sqrt(v_hat) + self.eps)
        return theta, AdamState(mean=m, mean_square=v, steps=t)
