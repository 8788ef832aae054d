"""Known slips in a student's half-life, cycle and first step, each with its sentence.

A prediction is made of parts. A slip is a wrong version of one part, and any two wrong
parts make a wrong prediction.
"""

# ruff: noqa: ARG005 - all versions of a part take the same arguments
from typing import Any

import numpy as np

from rmsprop._slips.pairs import SECOND, Part, Slips, at_most_two

# --- The half-life of a decay ---------------------------------------------------------

BASES = (
    "The two logarithms have different bases. Any base will do, but it must be the "
    "same one for both."
)
COUNTED = (
    "What comes back counts whole steps. The half-life need not be whole: it is the "
    "age at which the weight is exactly one half of what it was."
)
PERCENT = "You take the decay for a percentage. It comes as a fraction, such as 0.9."

SHARES: tuple[Part, ...] = (
    (lambda gamma: gamma, ""),
    (
        lambda gamma: 1 - gamma,
        "You take the part that a step forgets, but what multiplies a weight at each "
        "step is the part that it keeps.",
    ),
    (
        lambda gamma: gamma / 100,
        PERCENT,
    ),
    (lambda gamma: 100 * gamma, PERCENT),
)
AGES: tuple[Part, ...] = (
    (lambda gamma: np.log(0.5) / np.log(gamma), ""),
    (
        lambda gamma: np.log(gamma) / np.log(0.5),
        "Your fraction is upside down. It says how many halvings there are in one "
        "step, and you need the number of steps in one halving.",
    ),
    (
        lambda gamma: -1 / np.log(gamma),
        "This is the age at which a weight has fallen to 1/e, a little more than a "
        "third. It has fallen to one half sooner.",
    ),
    (
        lambda gamma: -np.log(gamma),
        "This is how much the logarithm of a weight loses in one step. How many of "
        "these losses make one half?",
    ),
    (lambda gamma: np.log10(0.5) / np.log(gamma), BASES),
    (lambda gamma: np.log2(0.5) / np.log10(gamma), BASES),
    (lambda gamma: np.log(0.5) / np.log10(gamma), BASES),
    (lambda gamma: np.log(0.5) / np.log2(gamma), BASES),
    (
        lambda gamma: np.log(0.25) / np.log(gamma),
        "This is twice too long: at this age a quarter of the weight is left. The root "
        "of the mean square has halved then, and you are asked about the weight.",
    ),
    (
        lambda gamma: np.log(0.5) / np.log(gamma) / 2,
        "This is half of what it should be. At this age the weight stands at the root "
        "of one half, about 71 %.",
    ),
    (
        lambda gamma: np.log(0.5) / np.log(gamma) + 1,
        "You count one step too many. The newest square has the age 0, and its weight "
        "is the one to be halved.",
    ),
)
SIGNS: tuple[Part, ...] = (
    (lambda age: age, ""),
    (
        lambda age: -age,
        "Your number of steps has the wrong sign. The logarithm of a number below 1 is "
        "negative: count the minus signs.",
    ),
)
OTHER_AGES: Slips = (
    (
        lambda gamma: 1 / (1 - gamma),
        "This is the rule of thumb for how far back a mean looks. At this age, for "
        "decays near 1, about a third of a weight is left. One half is reached sooner.",
    ),
    (
        lambda gamma: 1 / gamma,
        "This is the factor between one weight and the next. How often must you apply "
        "it until the weights differ by the factor 2?",
    ),
    (
        lambda gamma: (1 + gamma) / (1 - gamma),
        "This is the effective sample size, which says how steady the mean is. You are "
        "asked how fast a weight fades.",
    ),
    (
        lambda gamma: 0.5 ** (1 / gamma),
        "This answers the opposite question, which decay has a given half-life. Here "
        "the decay is given.",
    ),
    (
        lambda gamma: 0.5 / (1 - gamma),
        "You take the same amount away at every step. A step takes the same *share* of "
        "what is left, so the weights fall more and more slowly.",
    ),
    (
        lambda gamma: np.log(2) / (1 - gamma),
        "This comes close for a decay near 1, but it is an approximation. Take the "
        "logarithm of the decay itself.",
    ),
    (
        lambda gamma: np.log(0.5 / (1 - gamma)) / np.log(gamma),
        "You ask when the weight *is* one half. The question is when it has fallen to "
        "half of its first value, whatever that is.",
    ),
    (
        lambda gamma: np.log(0.5) / np.log(0.9),
        "Your decay is fixed at 0.9. The caller may choose another: use the argument.",
    ),
    (lambda gamma: np.ceil(np.log(0.5) / np.log(gamma)), COUNTED),
    (lambda gamma: np.floor(np.log(0.5) / np.log(gamma)), COUNTED),
    (lambda gamma: np.round(np.log(0.5) / np.log(gamma)), COUNTED),
)


def _half_life(share: Any, age: Any, sign: Any) -> Any:
    return lambda gamma: sign(age(share(gamma)))


HALF_LIFE: Slips = (
    *((_half_life(*parts), text) for parts, text in at_most_two(SHARES, AGES, SIGNS)),
    *OTHER_AGES,
)

# --- The distance of the cycle --------------------------------------------------------

CURVED = (
    "Your distance depends on the curvature. Where the curvature is larger the "
    "gradient is larger too, and so is the divisor. Follow the curvature through the "
    "step."
)
REMEMBERED = (
    "Your distance depends on the decay. In the cycle all squared gradients of a "
    "coordinate are equal, and a mean of equal numbers is that number, however long "
    "its memory."
)

# How far a coordinate swings, of eta, the decay and the curvature.
SWINGS: tuple[Part, ...] = (
    (lambda eta, gamma, h: eta / 2, ""),
    (
        lambda eta, gamma, h: eta,
        "You take the whole jump of a coordinate. A jump leads from one side of the "
        "minimum to the other, and the distance is measured from the middle.",
    ),
    (
        lambda eta, gamma, h: eta / 4,
        "You halve twice. The jump is one learning rate long, and the minimum lies in "
        "its middle.",
    ),
    (
        lambda eta, gamma, h: eta / np.sqrt(1 - gamma),
        "This is the length of the *first* step, from a mean square of zero. In the "
        "cycle the mean has long filled up.",
    ),
    (lambda eta, gamma, h: eta / np.sqrt(1 - gamma) / 2, REMEMBERED),
    (lambda eta, gamma, h: eta * gamma / 2, REMEMBERED),
    (lambda eta, gamma, h: eta * (1 - gamma) / 2, REMEMBERED),
    (lambda eta, gamma, h: eta / (1 - gamma) / 2, REMEMBERED),
    (
        lambda eta, gamma, h: eta**2 / 4,
        "This is the square of how far a coordinate swings, and a distance is its "
        "root.",
    ),
    (
        lambda eta, gamma, h: 0.05,
        "Your rate is fixed at 0.1. The caller may choose another: use the argument.",
    ),
    (
        lambda eta, gamma, h: eta // 2,
        "The sign `//` cuts off what stands behind the point. A plain `/` divides.",
    ),
)
CURVED_SWINGS: tuple[Part, ...] = (
    (lambda eta, gamma, h: eta / (2 * h), CURVED),
    (lambda eta, gamma, h: eta / h, CURVED),
    (lambda eta, gamma, h: eta * h / 2, CURVED),
    (lambda eta, gamma, h: eta * h, CURVED),
    (
        lambda eta, gamma, h: 2 / h,
        "This is the largest rate at which gradient descent is stable, and not a "
        "distance. In the cycle the effective rate equals it. What does the step then "
        "do to the weight?",
    ),
)

# How the coordinates come together, of the swing and the curvature.
ALONE = (
    "This is how far a single coordinate is away from its minimum. With several "
    "coordinates, add the squares and take the root, as Pythagoras does."
)
TOGETHER: tuple[Part, ...] = (
    (lambda c, h: np.sqrt(np.sum((c + 0 * h) ** 2)), ""),
    (lambda c, h: c, ALONE),
    (
        lambda c, h: np.sum(c + 0 * h),
        "You add up how far the coordinates are away. Distances at right angles do not "
        "add up like that: think of Pythagoras.",
    ),
    (
        lambda c, h: c / np.sqrt(np.size(h)),
        "Your distance shrinks with the number of coordinates. Each of them swings as "
        "far as it would alone, so more of them lead farther away.",
    ),
    (
        lambda c, h: c * np.sqrt(2),
        "Your number of coordinates is fixed at two. Count the entries of `h`.",
    ),
)
EACH: tuple[Part, ...] = (
    (
        lambda c, h: c + 0.0 * h,
        "What comes back is a number for each coordinate. The distance from the "
        "minimum is a single number. How do the coordinates come together?",
    ),
    (
        lambda c, h: c * np.sqrt(len(h) if np.ndim(h) else 1),
        "`len` counts the rows of an array. You need the number of its entries.",
    ),
)
AT_REST: Slips = (
    (
        lambda eta, gamma, h: 0.0,
        "You expect the run to come to rest at the minimum. Near it the gradients get "
        "small, and then so does the divisor. How long is a step there?",
    ),
)


def _cycle(swing: Any, together: Any) -> Any:
    return lambda eta, gamma, h: together(swing(eta, gamma, h), h)


CYCLE: Slips = (
    *((_cycle(*p), text) for p, text in at_most_two(SWINGS, TOGETHER + EACH)),
    *((_cycle(*p), text) for p, text in at_most_two(CURVED_SWINGS, TOGETHER)),
    *AT_REST,
)

# --- The first step -------------------------------------------------------------------

UPHILL = "The sign: your step goes uphill. The gradient points to where the loss grows."
LENGTH = (
    "What comes back is the length of the step, and it has lost the direction. In "
    "which direction does a coordinate move whose gradient is positive?"
)
ONE_WAY = (
    "Your step always goes the same way. Its direction must follow from the gradient."
)
SIZE = (
    "Your step grows with the gradient. But the same gradient stands in its own "
    "divisor: what is left of its size after the division?"
)
NO_ZERO = (
    "Where a gradient is zero, yours divides zero by zero. Such a coordinate stays "
    "where it is: in the rule, epsilon sees to that."
)
SHARED = (
    "All coordinates share one divisor. RMSprop keeps a mean square for each of them, "
    "so that a small gradient is divided by its own size."
)
EPSILON = (
    "Epsilon shows in your step. The question takes it for negligible, so the step "
    "must not get shorter where the gradient is tiny."
)
LENGTHS: tuple[Part, ...] = (
    (lambda eta, gamma: eta / np.sqrt(1 - gamma), ""),
    (
        lambda eta, gamma: eta,
        "This would be the length if the mean square were full. After one step from "
        "zero it holds only a part of the newest square. Which part?",
    ),
    (
        lambda eta, gamma: eta / (1 - gamma),
        "You divide by the part of the square that the mean square holds, and not by "
        "its root. Read the last line of the rule again.",
    ),
    (
        lambda eta, gamma: eta / np.sqrt(gamma),
        "The two weights have changed places. The newest square does not enter with "
        "the weight of the old mean.",
    ),
    (
        lambda eta, gamma: eta / gamma,
        "The newest square does not enter with the weight of the old mean, and the "
        "step divides by a root.",
    ),
    (
        lambda eta, gamma: eta * np.sqrt(1 - gamma),
        "You multiply by the root where the rule divides by it. Is the mean square too "
        "small or too large after one step from zero?",
    ),
    (
        lambda eta, gamma: eta * (1 - gamma),
        "You weigh the gradient itself. The weight belongs to its square, in the "
        "divisor.",
    ),
    (
        lambda eta, gamma: eta / (1 - np.sqrt(gamma)),
        "The root is taken too early, of the decay alone. The divisor is the root of "
        "the whole mean square.",
    ),
    (
        lambda eta, gamma: eta / np.sqrt(1 - gamma**2),
        "This is the length of the second step, if the gradient stays the same.",
    ),
    (
        lambda eta, gamma: 1 / np.sqrt(1 - gamma),
        "Eta is not used, so the caller cannot choose how long the step is.",
    ),
    (
        lambda eta, gamma: eta / np.sqrt(0.1),
        "Your decay is fixed at 0.9. The caller may choose another: use the argument.",
    ),
    (
        lambda eta, gamma: eta / 2,
        "This is how far a run swings at its end. You are asked about its first step.",
    ),
)
# What becomes of the gradient, of the length of the step and the gradient.
MOVES: tuple[Part, ...] = (
    (lambda size, g: -size * np.sign(g), ""),
    (lambda size, g: size * np.sign(g), UPHILL),
    (lambda size, g: -size * g, SIZE),
    (lambda size, g: size * g, SIZE + SECOND + UPHILL),
    (lambda size, g: -size * g / np.abs(g), NO_ZERO),
    (lambda size, g: size * g / np.abs(g), UPHILL + SECOND + NO_ZERO),
    (lambda size, g: size, LENGTH),
    (lambda size, g: size + 0.0 * g, LENGTH),
    (lambda size, g: size * np.abs(np.sign(g)), LENGTH),
    (lambda size, g: -size, ONE_WAY),
    (lambda size, g: -size + 0.0 * g, ONE_WAY),
    (lambda size, g: -size * np.abs(np.sign(g)), ONE_WAY),
    (lambda size, g: -size * g / np.sqrt(np.sum(g * g)), SHARED),
    (lambda size, g: -size * g / np.sqrt(np.mean(g * g)), SHARED),
)
# Each divisor has one slip more than the rule.
OTHER_STEPS: Slips = (
    (
        lambda g, eta, gamma: -eta * g / ((1 - gamma) * g**2),
        "The step divides by the mean square itself. Read the last line of the rule "
        "again: what does it do with this mean before it divides?",
    ),
    (lambda g, eta, gamma: -eta * g / np.sqrt((1 - gamma) * g**2 + 1e-8), EPSILON),
    (lambda g, eta, gamma: -eta * g / (np.sqrt((1 - gamma) * g**2) + 1e-8), EPSILON),
)


def _first_step(length: Any, move: Any) -> Any:
    return lambda g, eta, gamma: move(length(eta, gamma), g)


FIRST_STEP: Slips = (
    *((_first_step(*parts), text) for parts, text in at_most_two(LENGTHS, MOVES)),
    *OTHER_STEPS,
)
