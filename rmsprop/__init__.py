"""RMSprop, small and exact: the companion package of the book."""

from rmsprop.baselines import AdaGrad, Adam, GradientDescent, Momentum
from rmsprop.minimize import DivergenceError, Trajectory, follow, minimize
from rmsprop.optimizer import RMSprop, RMSpropState

__all__ = [
    "AdaGrad",
    "Adam",
    "DivergenceError",
    "GradientDescent",
    "Momentum",
    "RMSprop",
    "RMSpropState",
    "Trajectory",
    "follow",
    "minimize",
]
__version__ = "0.1.0"
