"""What several test modules share: the optimizers, and runs over given gradients."""

from collections.abc import Iterable
from typing import Any

from rmsprop import AdaGrad, Adam, GradientDescent, Momentum, RMSprop
from rmsprop.minimize import Optimizer

OPTIMIZERS: list[Optimizer] = [
    RMSprop(0.1, decay=0.9, eps=1e-8),
    GradientDescent(0.1),
    Momentum(0.1, momentum=0.9),
    AdaGrad(0.1, eps=1e-8),
    Adam(0.1, beta1=0.9, beta2=0.999, eps=1e-8),
]


def walk(
    optimizer: Optimizer, theta: Any, grads: Iterable[Any]
) -> list[tuple[Any, Any]]:
    """Return theta and the state after each of the given gradients."""
    state, path = optimizer.init(theta), []
    for grad in grads:
        theta, state = optimizer.update(theta, grad, state)
        path.append((theta, state))
    return path
