"""Recurrences on one number, written down from the sources of further implementations.

`READINGS[name]` lists settings in the implementation's own words, each with what its
source computes on `GRADIENTS`, from 1. The rate falls to a tenth after four steps.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

GRADIENTS = [2e-6, 3.0, -1e-4, 0.02, 5.0, -2.0, 1e-3, 0.5, -0.25]
"""The first is so small that even a tiny eps shows."""

Reading = tuple[dict[str, Any], Callable[[], Iterator[float]]]


def rate(lr: float, t: int) -> float:
    """Return the rate of step t = 0, 1, ..."""
    return lr if t < 4 else lr / 10


def plain(
    lr: float, decay: float, divisor: Callable[[float], float], start: float = 0.0
) -> Iterator[float]:
    """Most sources: a mean square, and the gradient over some divisor of it."""
    w, v = 1.0, start
    for t, g in enumerate(GRADIENTS):
        v = decay * v + (1 - decay) * g * g
        w -= rate(lr, t) * g / divisor(v)
        yield w


def coupled(
    lr: float,
    decay: float,
    wd: float,
    divisor: Callable[[float], float],
    start: float = 0.0,
) -> Iterator[float]:
    w, v = 1.0, start
    for t, dfdx in enumerate(GRADIENTS):
        g = dfdx + wd * w
        v = decay * v + (1 - decay) * g * g
        w -= rate(lr, t) * g / divisor(v)
        yield w


def centered(
    lr: float, decay: float, divisor: Callable[[float], float], start: float = 0.0
) -> Iterator[float]:
    w, v, a = 1.0, start, 0.0
    for t, g in enumerate(GRADIENTS):
        a = decay * a + (1 - decay) * g
        v = decay * v + (1 - decay) * g * g
        w -= rate(lr, t) * g / divisor(v - a * a)
        yield w


def outside_the_buffer(
    lr: float,
    decay: float,
    mu: float,
    divisor: Callable[[float], float],
    start: float = 0.0,
) -> Iterator[float]:
    w, v, buf = 1.0, start, 0.0
    for t, g in enumerate(GRADIENTS):
        v = decay * v + (1 - decay) * g * g
        buf = mu * buf + g / divisor(v)
        w -= rate(lr, t) * buf
        yield w


def inside_the_buffer(
    lr: float,
    decay: float,
    mu: float,
    divisor: Callable[[float], float],
    start: float = 0.0,
) -> Iterator[float]:
    w, v, mom = 1.0, start, 0.0
    for t, g in enumerate(GRADIENTS):
        v = decay * v + (1 - decay) * g * g
        mom = mu * mom + rate(lr, t) * g / divisor(v)
        w -= mom
        yield w


def sqrt_of_sum(eps: float) -> Callable[[float], float]:
    return lambda v: math.sqrt(v + eps)


def sum_with_sqrt(eps: float) -> Callable[[float], float]:
    return lambda v: math.sqrt(v) + eps


READINGS: dict[str, list[Reading]] = {
    "burn": [
        (
            {"lr": 0.01},
            lambda: outside_the_buffer(0.01, 0.99, 0.9, sum_with_sqrt(1e-5)),
        ),
        (
            {"lr": 0.01, "momentum": 0.0, "centered": True},
            lambda: centered(0.01, 0.99, sum_with_sqrt(1e-5)),
        ),
        (
            {"lr": 0.01, "momentum": 0.0, "weight_decay": 0.3},
            lambda: coupled(0.01, 0.99, 0.3, sum_with_sqrt(1e-5)),
        ),
    ],
    "dfdx": [
        ({}, lambda: plain(1e-2, 0.9, sqrt_of_sum(1e-8), start=1.0)),
        ({"weight_decay": 0.3}, lambda: coupled(1e-2, 0.9, 0.3, sqrt_of_sum(1e-8), 1)),
        ({"centered": True}, lambda: centered(1e-2, 0.9, sqrt_of_sum(1e-8), 1)),
        (
            {"momentum": 0.5},
            lambda: outside_the_buffer(1e-2, 0.9, 0.5, sqrt_of_sum(1e-8), 1),
        ),
    ],
    "keras1": [({}, lambda: plain(1e-3, 0.9, sqrt_of_sum(1e-6)))],
    "keras2": [({}, lambda: plain(1e-3, 0.9, sum_with_sqrt(1e-7)))],
    "torch7": [
        ({}, lambda: plain(1e-2, 0.99, sum_with_sqrt(1e-8))),
        ({"initialMean": 1.0}, lambda: plain(1e-2, 0.99, sum_with_sqrt(1e-8), 1)),
        ({"weightDecay": 0.3}, lambda: coupled(1e-2, 0.99, 0.3, sum_with_sqrt(1e-8))),
    ],
    "tfjs": [
        ({"learningRate": 0.01}, lambda: plain(0.01, 0.9, sqrt_of_sum(1e-7))),
        (
            {"learningRate": 0.01, "momentum": 0.5},
            lambda: inside_the_buffer(0.01, 0.9, 0.5, sqrt_of_sum(1e-7)),
        ),
    ],
    "mindspore": [
        ({}, lambda: plain(0.1, 0.9, sqrt_of_sum(1e-10), start=1.0)),
        ({"weight_decay": 0.3}, lambda: coupled(0.1, 0.9, 0.3, sqrt_of_sum(1e-10), 1)),
        ({"centered": True}, lambda: centered(0.1, 0.9, sqrt_of_sum(1e-10), 1)),
        (
            {"momentum": 0.5},
            lambda: inside_the_buffer(0.1, 0.9, 0.5, sqrt_of_sum(1e-10), 1),
        ),
    ],
    "dqn": [({}, lambda: centered(0.01, 0.95, sqrt_of_sum(0.01)))],
    "ensmallen": [({}, lambda: plain(1e-2, 0.99, sum_with_sqrt(1e-8)))],
    "nnabla": [({}, lambda: plain(1e-3, 0.9, sum_with_sqrt(1e-8)))],
    "flax": [
        ({"learning_rate": 0.01}, lambda: plain(0.01, 0.9, sum_with_sqrt(1e-8))),
        (
            {"learning_rate": 0.01, "centered": True},
            lambda: centered(0.01, 0.9, sum_with_sqrt(1e-8)),
        ),
    ],
    "knet": [({}, lambda: plain(1e-3, 0.9, sqrt_of_sum(1e-6)))],
    "blocks": [({}, lambda: plain(1.0, 0.9, lambda v: max(math.sqrt(v), 1e-5)))],
}
