"""Known slips in a student's RMSprop, each with the sentence that names it.

The rule has two halves. A *mean* makes the new G of the old one; a *finish* makes the
result of everything else. A slip is a wrong version of one half, and any two wrong
halves make a wrong rule. Both halves take the gradient first: for `step` the one at
theta, for `repair` the list of all so far.
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
AFTER = (
    "Epsilon is added after the division, where it guards nothing. Look at the "
    "parentheses of your divisor."
)
JUST_THE_STEP = (
    "What comes back is the step, not the place that it leads to. The first result is "
    "the new theta."
)
EARLY_ROOT = (
    "The root is taken too early: the G that comes back is a root, and the next step "
    "would average it with squares. Keep the mean of squares in G, and take the root "
    "in the step alone."
)

NEWEST_KEPT = (
    "Your G is the newest square alone, so it remembers nothing. Where do the old G "
    "and gamma come in?"
)
NEWEST_DIVIDES = (
    "The step divides by the size of the newest gradient alone. Your new G, which "
    "remembers the earlier ones too, plays no part in it."
)
UNIFORM_KEPT = (
    "One of the two averages is gone, but it is the wrong one. What is left is the "
    "uniform mean, where the first gradient weighs as much as the last."
)
UNIFORM_DIVIDES = (
    "The step divides by the uniform mean over the list. Your new G, in which old "
    "squares fade, plays no part in it."
)
SAME = ((NEWEST_KEPT, NEWEST_DIVIDES), (UNIFORM_KEPT, UNIFORM_DIVIDES))
"""Pairs that are the first slip over again."""

MEANS: tuple[tuple[Mean, str], ...] = (
    (lambda g, G, gamma: gamma * G + (1 - gamma) * (g * g), ""),
    (
        lambda g, G, gamma: (1 - gamma) * G + gamma * (g * g),
        "Gamma and 1 - gamma have changed places: at gamma = 0.9 your G forgets nine "
        "tenths of its past in a single step. Ask which of the two weighs the past.",
    ),
    (
        lambda g, G, gamma: gamma * G + (1 - gamma) * g,
        "G averages the gradients themselves, so that positive and negative ones "
        "cancel. Read again what the rule takes the mean of.",
    ),
    (
        lambda g, G, gamma: gamma * G + (1 - gamma) * np.abs(g),
        "G averages the absolute values of the gradients. That measures their size "
        "too, but it is another mean than the one in the rule's second line.",
    ),
    (lambda g, G, gamma: (gamma * G + (1 - gamma) * g) ** 2, PARENTHESES),
    (lambda g, G, gamma: gamma * G + ((1 - gamma) * g) ** 2, PARENTHESES),
    (
        lambda g, G, gamma: gamma * G + 1 - gamma * (g * g),
        "The weight 1 - gamma has no parentheses. Python multiplies before it "
        "subtracts, so the square is multiplied by gamma alone and then taken away.",
    ),
    (
        lambda g, G, gamma: gamma * G + (1 - gamma) * (g * 2),
        "G averages doubled gradients. Two times a number is not its square: look at "
        "how Python writes a power.",
    ),
    (
        lambda g, G, gamma: 0.9 * G + 0.1 * (g * g),
        "Your weights are fixed at 0.9 and 0.1. The caller may choose another gamma: "
        "write both weights with the argument's name.",
    ),
    (lambda g, G, gamma: gamma * G + (1 - gamma) * np.sum(g * g), COORDINATES),
    (lambda g, G, gamma: gamma * G + (1 - gamma) * np.mean(g * g), COORDINATES),
    (lambda g, G, gamma: gamma * G + (1 - gamma) * np.dot(g, g), COORDINATES),
    (lambda g, G, gamma: gamma * G + (1 - gamma) * (g @ g), COORDINATES),
    (
        lambda g, G, gamma: G + g * g,
        "G can only grow: each square is added in full, and nothing fades. This is "
        "the sum that AdaGrad keeps. Where does gamma come in?",
    ),
    (
        lambda g, G, gamma: gamma * G + g * g,
        "The old G fades as it should, but the new square comes in with full weight. "
        "In a mean the weights of the old and the new add up to 1.",
    ),
    (
        lambda g, G, gamma: G + (1 - gamma) * (g * g),
        "The new square has the right weight, but the old G does not fade. In a mean "
        "the weights of the old and the new add up to 1.",
    ),
    (
        lambda g, G, gamma: (1 - gamma) * (g * g),
        "The state is not carried on: your G is made of this step's gradient alone, "
        "as if the G that was handed over were zero.",
    ),
    (lambda g, G, gamma: g * g, NEWEST_KEPT),
)

# Of g, theta, the G before and after the mean, eta and eps.
FINISHES: tuple[tuple[Finish, str], ...] = (
    (lambda g, x, old, G, eta, eps: (x - _step(G, g, eta, eps), G), ""),
    (
        lambda g, x, old, G, eta, eps: (x - eta * g / (G + eps), G),
        "The step divides by G itself, which is a mean of squares. Read the last line "
        "of the rule again: what does it do with this mean before it divides?",
    ),
    (
        lambda g, x, old, G, eta, eps: (x - eta * g / (G**0.5 + eps), G),
        "Epsilon stands beside the root. That is right in PyTorch. This exercise asks "
        "for epsilon under the root, as in the rule above. The two differ where "
        "gradients are small.",
    ),
    (
        lambda g, x, old, G, eta, eps: (x - eta * g / G**0.5, G),
        "Epsilon is not used. Without it the step divides by zero where all gradients "
        "so far were zero.",
    ),
    (
        lambda g, x, old, G, eta, eps: (x - _step(G, g * g, eta, eps), G),
        "The step holds the square of the gradient above its fraction bar. A square "
        "has lost the sign, so your step always goes the same way.",
    ),
    (
        lambda g, x, old, G, eta, eps: (x - _step(G, np.sign(g), eta, eps), G),
        "The step holds only the sign of the gradient. The rule divides the gradient "
        "itself: its size counts too.",
    ),
    (
        lambda g, x, old, G, eta, eps: (x - _step(g * g, g, eta, eps), G),
        NEWEST_DIVIDES,
    ),
    (
        lambda g, x, old, G, eta, eps: (x - _step(G, g, 1.0, eps), G),
        "Eta is not used, so the caller cannot choose how long the steps are. Find its "
        "place in the last line of the rule.",
    ),
    (lambda g, x, old, G, eta, eps: (x - (eta / G**0.5 + eps) * g, G), AFTER),
    (lambda g, x, old, G, eta, eps: (x - (eta * g / G**0.5 + eps), G), AFTER),
    (lambda g, x, old, G, eta, eps: (x - eta * g / G**0.5 + eps, G), AFTER),
    (
        lambda g, x, old, G, eta, eps: (x - _step(old, g, eta, eps), G),
        "The step divides by the old G, the one from the step before. Look at the "
        "order of your lines: each gradient has a share in its own divisor.",
    ),
    (
        lambda g, x, old, G, eta, eps: (x + _step(G, g, eta, eps), G),
        "The sign: your step goes uphill. The gradient points to where the loss grows.",
    ),
    (
        lambda g, x, old, G, eta, eps: (x - _step(G, 1.0, eta, eps), G),
        "The step has the divisor but not the gradient, so it always goes the same "
        "way. What is it that the rule divides?",
    ),
    (lambda g, x, old, G, eta, eps: (-_step(G, g, eta, eps), G), JUST_THE_STEP),
    (lambda g, x, old, G, eta, eps: (_step(G, g, eta, eps), G), JUST_THE_STEP),
    (
        lambda g, x, old, G, eta, eps: (G, x - _step(G, g, eta, eps)),
        "The two results have changed places. Theta comes first, then G.",
    ),
    (
        lambda g, x, old, G, eta, eps: (x - _step(G, g, eta, eps), old),
        "The state is not carried on: the G that comes back is the one that was "
        "handed over, and the new one is lost.",
    ),
    (
        lambda g, x, old, G, eta, eps: (x - _step(G, g, eta, eps), G**0.5),
        "The G that comes back is a root, and the next step would average it with "
        "squares. The root belongs to the step alone.",
    ),
    (
        lambda g, x, old, G, eta, eps: (x - eta * g / (G**0.5 + eps), G**0.5),
        EARLY_ROOT,
    ),
    (
        lambda g, x, old, G, eta, eps: (x - eta * g / G**0.5, G**0.5),
        EARLY_ROOT + " Epsilon belongs there too.",
    ),
    (
        lambda g, x, old, G, eta, eps: (x - _step(G, g, eta, eps), (G + eps) ** 0.5),
        EARLY_ROOT,
    ),
    (
        lambda g, x, old, G, eta, eps: (x - _step(G**0.5, g, eta, eps), G**0.5),
        "The root is taken twice: G comes back as a root, and the step takes a second "
        "one. Keep the mean of squares in G, and take the root in the step alone.",
    ),
    (
        lambda g, x, old, G, eta, eps: (x - _step(G, g, eta, eps), G + eps),
        "Epsilon is a part of the G that comes back, so that it would pile up from "
        "step to step. It belongs to the divisor alone.",
    ),
)

# Means of all gradients so far, as the article's first step has them.
HISTORIES: tuple[tuple[Mean, str], ...] = (
    (
        lambda gradients, G, gamma: gamma * G + (1 - gamma) * _uniform(gradients),
        "This is the rule as it was printed. Follow the square of one gradient through "
        "the lines: how many averages does it enter, and how many has RMSprop?",
    ),
    (
        lambda gradients, G, gamma: _uniform(gradients),
        UNIFORM_KEPT,
    ),
    (
        lambda gradients, G, gamma: (
            gamma * G + (1 - gamma) * len(gradients) * _uniform(gradients)
        ),
        "Step 1 still takes in the squares of all steps, now as their sum. Which "
        "gradient does step 2 need that G does not hold already?",
    ),
    (
        lambda gradients, G, gamma: (
            gamma * G + (1 - gamma) * gradients[-1] ** 2 / len(gradients)
        ),
        "You take the newest square, but you still divide it by the number of steps. "
        "How many squares are left in this average?",
    ),
    (
        lambda gradients, G, gamma: gamma * G + (1 - gamma) * gradients[0] ** 2,
        "G takes in the square of the first gradient in the list, at every step. The "
        "newest one stands at the other end.",
    ),
    (
        lambda gradients, G, gamma: (
            gamma * G + (1 - gamma) * (sum(gradients) / len(gradients)) ** 2
        ),
        "G takes in the square of a mean of gradients, in which positive and negative "
        "ones cancel. Which gradient does it need at this step?",
    ),
)

# Steps that look into the list where they should not.
LISTED: tuple[tuple[Finish, str], ...] = (
    (
        lambda gradients, x, old, G, eta, eps: (
            x - _step(G, sum(gradients) / len(gradients), eta, eps),
            G,
        ),
        "The step holds the mean of all gradients above its fraction bar. RMSprop "
        "averages squares, for the divisor. Which gradient does it divide?",
    ),
    (
        lambda gradients, x, old, G, eta, eps: (
            x - _step(G, gradients[0], eta, eps),
            G,
        ),
        "The step follows the first gradient in the list. The newest one stands at the "
        "other end.",
    ),
    (
        lambda gradients, x, old, G, eta, eps: (
            x - _step(_uniform(gradients), gradients[-1], eta, eps),
            G,
        ),
        UNIFORM_DIVIDES,
    ),
)


def _newest(halves: Any) -> Any:
    """Return halves of the newest gradient as halves of the list of all so far."""

    def of_list(half: Any) -> Any:
        return lambda gradients, *rest: half(gradients[-1], *rest)

    return tuple((of_list(half), text) for half, text in halves)


def _compose(mean: Mean, finish: Finish) -> Any:
    def update(theta: Any, G: Any, g: Any, eta: Any, gamma: Any, eps: Any) -> Any:
        return finish(g, theta, G, mean(g, G, gamma), eta, eps)

    return update


def _pairs(means: Any, finishes: Any) -> Slips:
    pairs = product(means, finishes)
    next(pairs)  # the right mean with the right finish
    return tuple(
        (
            _compose(mean, finish),
            " There is a second slip. ".join(filter(None, (first, second))),
        )
        for (mean, first), (finish, second) in pairs
        if (first, second) not in SAME
    )


STEP = _pairs(MEANS, FINISHES)
HISTORY = _pairs(_newest(MEANS) + HISTORIES, _newest(FINISHES) + LISTED)
"""Wrong updates, of the newest gradient and of all so far, each with its sentence."""
