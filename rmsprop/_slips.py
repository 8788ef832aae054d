"""Known slips in a student's RMSprop, each with the sentence that names it.

The rule has two halves. A *mean* makes the new G of the old one; a *finish* makes the
result of everything else. A slip is a wrong version of one half, and any two wrong
halves make a wrong rule.
"""

# ruff: noqa: ARG005 - all slips of a half take the same arguments
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

Mean = Callable[[Any, Any, Any], Any]
Finish = Callable[[Any, Any, Any, Any, Any, Any], tuple[Any, Any]]
Slips = tuple[tuple[Callable[..., Any], str], ...]


def _step(G: Any, g: Any, eta: Any, eps: Any) -> Any:
    return eta * g / (G + eps) ** 0.5


def _uniform(gradients: Any) -> Any:
    return sum(g * g for g in gradients) / len(gradients)


COORDINATES = (
    "The squares are added up over the coordinates, as `@`, `np.dot`, `np.sum` and "
    "`np.mean` do, so all coordinates share one number. RMSprop keeps its own G for "
    "each coordinate. Look for an operation that works elementwise."
)
PARENTHESES = "The square takes in more than the gradient. Look at your parentheses."

MEANS: tuple[tuple[Mean, str], ...] = (
    (lambda G, g, gamma: gamma * G + (1 - gamma) * (g * g), ""),
    (
        lambda G, g, gamma: (1 - gamma) * G + gamma * (g * g),
        "Gamma and 1 - gamma have changed places: at gamma = 0.9 your G forgets nine "
        "tenths of its past in a single step. Ask which of the two weighs the past.",
    ),
    (
        lambda G, g, gamma: gamma * G + (1 - gamma) * g,
        "G averages the gradients themselves, so that positive and negative ones "
        "cancel. Read again what the rule takes the mean of.",
    ),
    (
        lambda G, g, gamma: gamma * G + (1 - gamma) * np.abs(g),
        "G averages the absolute values of the gradients. That measures their size "
        "too, but it is another mean than the one in the rule's second line.",
    ),
    (lambda G, g, gamma: (gamma * G + (1 - gamma) * g) ** 2, PARENTHESES),
    (lambda G, g, gamma: gamma * G + ((1 - gamma) * g) ** 2, PARENTHESES),
    (lambda G, g, gamma: gamma * G + (1 - gamma) * np.sum(g * g), COORDINATES),
    (lambda G, g, gamma: gamma * G + (1 - gamma) * np.mean(g * g), COORDINATES),
    (lambda G, g, gamma: gamma * G + (1 - gamma) * np.dot(g, g), COORDINATES),
    (lambda G, g, gamma: gamma * G + (1 - gamma) * (g @ g), COORDINATES),
    (
        lambda G, g, gamma: G + g * g,
        "G can only grow: each square is added in full, and nothing fades. This is "
        "the sum that AdaGrad keeps. Where does gamma come in?",
    ),
    (
        lambda G, g, gamma: gamma * G + g * g,
        "The old G fades as it should, but the new square comes in with full weight. "
        "In a mean the weights of the old and the new add up to 1.",
    ),
    (
        lambda G, g, gamma: G + (1 - gamma) * (g * g),
        "The new square has the right weight, but the old G does not fade. In a mean "
        "the weights of the old and the new add up to 1.",
    ),
    (
        lambda G, g, gamma: (1 - gamma) * (g * g),
        "The state is not carried on: your G is made of this step's gradient alone, "
        "as if the G that was handed over were zero.",
    ),
)

# Of theta, the G before and after the mean, g, eta and eps.
FINISHES: tuple[tuple[Finish, str], ...] = (
    (lambda x, old, G, g, eta, eps: (x - _step(G, g, eta, eps), G), ""),
    (
        lambda x, old, G, g, eta, eps: (x - eta * g / (G + eps), G),
        "The step divides by a mean of squares, which has the unit of a gradient "
        "squared. What makes a gradient's size of it is missing.",
    ),
    (
        lambda x, old, G, g, eta, eps: (x - eta * g / (G**0.5 + eps), G),
        "Epsilon stands beside the root. That is right in PyTorch. This exercise asks "
        "for epsilon under the root, as in the rule above. The two differ where "
        "gradients are small.",
    ),
    (
        lambda x, old, G, g, eta, eps: (x - eta * g / G**0.5, G),
        "Epsilon is not used. Without it the step divides by zero where all gradients "
        "so far were zero.",
    ),
    (
        lambda x, old, G, g, eta, eps: (x - (eta / G**0.5 + eps) * g, G),
        "Epsilon is added after the division, where it guards nothing. Look at the "
        "parentheses of your divisor.",
    ),
    (
        lambda x, old, G, g, eta, eps: (x - _step(old, g, eta, eps), G),
        "The step divides by the old G, the one from the step before. Look at the "
        "order of your lines: each gradient has a share in its own divisor.",
    ),
    (
        lambda x, old, G, g, eta, eps: (x + _step(G, g, eta, eps), G),
        "The sign: your step goes uphill. The gradient points to where the loss grows.",
    ),
    (
        lambda x, old, G, g, eta, eps: (x - _step(G, 1.0, eta, eps), G),
        "The step has the divisor but not the gradient, so it always goes the same "
        "way. What is it that the rule divides?",
    ),
    (
        lambda x, old, G, g, eta, eps: (-_step(G, g, eta, eps), G),
        "What comes back is the step, not the place that it leads to. The first "
        "result is the new theta.",
    ),
    (
        lambda x, old, G, g, eta, eps: (G, x - _step(G, g, eta, eps)),
        "The two results have changed places. Theta comes first, then G.",
    ),
    (
        lambda x, old, G, g, eta, eps: (x - _step(G, g, eta, eps), old),
        "The state is not carried on: the G that comes back is the one that was "
        "handed over, and the new one is lost.",
    ),
    (
        lambda x, old, G, g, eta, eps: (x - _step(G, g, eta, eps), G**0.5),
        "The G that comes back is a root, and the next step would average it with "
        "squares. The root belongs to the step alone.",
    ),
    (
        lambda x, old, G, g, eta, eps: (x - _step(G, g, eta, eps), G + eps),
        "Epsilon is a part of the G that comes back, so that it would pile up from "
        "step to step. It belongs to the divisor alone.",
    ),
)

# Means of all gradients so far, as the article's first step has them.
HISTORIES: tuple[tuple[Mean, str], ...] = (
    (
        lambda G, gradients, gamma: gamma * G + (1 - gamma) * _uniform(gradients),
        "This is the rule as it was printed. Follow the square of one gradient through "
        "the lines: how many averages does it enter, and how many has RMSprop?",
    ),
    (
        lambda G, gradients, gamma: _uniform(gradients),
        "One of the two averages is gone, but it is the wrong one. What is left is "
        "the uniform mean, where the first gradient weighs as much as the last.",
    ),
    (
        lambda G, gradients, gamma: (
            gamma * G + (1 - gamma) * len(gradients) * _uniform(gradients)
        ),
        "Step 1 still takes in the squares of all steps, now as their sum. Which "
        "gradient does step 2 need that G does not hold already?",
    ),
)


def _latest(mean: Mean) -> Mean:
    return lambda G, gradients, gamma: mean(G, gradients[-1], gamma)


def _compose(mean: Mean, finish: Finish, latest: Callable[[Any], Any]) -> Any:
    def update(theta: Any, G: Any, g: Any, eta: Any, gamma: Any, eps: Any) -> Any:
        return finish(theta, G, mean(G, g, gamma), latest(g), eta, eps)

    return update


def _pairs(means: Any, latest: Callable[[Any], Any]) -> Slips:
    pairs = product(means, FINISHES)
    next(pairs)  # the right mean with the right finish
    return tuple(
        (
            _compose(mean, finish, latest),
            " There is a second slip. ".join(filter(None, (first, second))),
        )
        for (mean, first), (finish, second) in pairs
    )


STEP = _pairs(MEANS, lambda g: g)
HISTORY = _pairs(
    (*((_latest(mean), text) for mean, text in MEANS), *HISTORIES), lambda g: g[-1]
)
"""Wrong updates, of the latest gradient and of all so far, each with its sentence."""
