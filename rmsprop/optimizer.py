"""The rule itself: two equations and nothing else.

The chapter *Definition* derives every line of `RMSprop.update`.
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


class RMSpropState(NamedTuple):
    """What RMSprop remembers between two steps.

    Attributes
    ----------
    mean_square : float or array, shape of theta
        G, the exponential mean of the squared gradients.

    Examples
    --------
    Go on with a run that was saved with G = 25.6:

    >>> saved = RMSpropState(mean_square=25.6)
    >>> w, state = RMSprop(0.1).update(0.316228, -13.470178, saved)
    >>> round(w, 6), round(state.mean_square, 6)
    (0.526125, 41.18457)
    """

    mean_square: Any


@dataclass(frozen=True, eq=False)
class RMSprop(ByValue):
    """RMSprop: divide each gradient by the root of its recent mean square.

    With g the gradient, and every product, quotient and root elementwise, one step
    is::

        G     <- decay * G + (1 - decay) * g * g
        theta <- theta - learning_rate * g / sqrt(G + eps)

    Parameters
    ----------
    learning_rate : float or array
        eta, in units of theta. Greater than 0.
    decay : float or array
        gamma, the weight of the past in the mean square. In [0, 1).
    eps : float or array
        epsilon, added to the mean square under the root, in units of the squared
        gradient. At least 0.

    Raises
    ------
    ValueError
        If a hyper-parameter lies outside its range. One whose value cannot be looked
        at, because JAX traces it or PyTorch differentiates it, is not compared.
    TypeError
        If a hyper-parameter is not a number or an array of numbers.

    Notes
    -----
    Hyper-parameters may be arrays that broadcast against theta, so that a sweep over
    ten thousand settings is one run of a bigger array. `update` uses operators only.
    Thus theta may be a Python float, a symbol, or an array of floats of any library
    whose arrays know ``+ - * / **``; the learning rate may be traced by JAX.

    Source: T. Tieleman and G. Hinton, "Lecture 6.5 - rmsprop", COURSERA: Neural
    Networks for Machine Learning, 2012. The place of eps is that of Optax and Keras;
    PyTorch adds it outside the root. Chapter: *Definition*.

    Examples
    --------
    One step on (4 - 2w)^2 from w = 0, where the gradient is -16:

    >>> optimizer = RMSprop(learning_rate=0.1)
    >>> w = 0.0
    >>> state = optimizer.init(w)
    >>> w, state = optimizer.update(w, -16.0, state)
    >>> round(w, 6), round(state.mean_square, 6)
    (0.316228, 25.6)

    Two rates side by side, each with its own w:

    >>> import numpy as np
    >>> pair = RMSprop(learning_rate=np.array([0.1, 0.2]))
    >>> w = np.zeros(2)
    >>> pair.update(w, np.array([-16.0, -16.0]), pair.init(w))[0].round(6)
    array([0.316228, 0.632456])
    """

    learning_rate: Any
    decay: Any = 0.9
    eps: Any = 1e-8

    def __post_init__(self) -> None:
        check_positive("learning_rate", self.learning_rate)
        check_fraction("decay", self.decay)
        check_not_negative("eps", self.eps)

    def init(self, theta: Any) -> RMSpropState:
        """Return the state before the first step: a mean square of zero.

        Parameters
        ----------
        theta : float or array of floats, shape (...)
            The parameters to be optimized.

        Returns
        -------
        RMSpropState
            Zeros in the shape of `theta`.

        Raises
        ------
        TypeError
            If `theta` is not of floats. A step would not fit into integers.
        """
        check_float("theta", theta)
        return RMSpropState(mean_square=theta - theta)

    def update(
        self, theta: Any, grad: Any, state: RMSpropState
    ) -> tuple[Any, RMSpropState]:
        """Take one step. No argument is changed.

        Parameters
        ----------
        theta : float or array of floats, shape (...)
            The parameters before the step.
        grad : float or array of floats, shape of theta
            g, the gradient of the objective at `theta`.
        state : RMSpropState
            What `init` or the step before returned.

        Returns
        -------
        theta : float or array of floats, shape (...)
            The parameters after the step.
        state : RMSpropState
            The state after the step.

        Raises
        ------
        ValueError
            If `grad` or `state` has another shape than `theta`.
        TypeError
            If `theta` or `grad` is not of floats, or `state` is another optimizer's.
        ZeroDivisionError
            If eps, all gradients so far and thus G are 0, and all are Python floats.
            Arrays hold nan in such a coordinate: nothing is divided by nothing. With
            ``eps > 0`` neither happens.
        """
        check_step(theta, grad, state, RMSpropState)
        G = self.decay * state.mean_square + (1 - self.decay) * (grad * grad)
        theta = theta - self.learning_rate * grad / sqrt(G + self.eps)
        return theta, RMSpropState(mean_square=G)
