"""The right answers of the assignment, typical wrong ones, and cases to try both on."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from rmsprop.check import Task
from rmsprop.frameworks import Variant, pytorch, tensorflow1, translate

from course.versions import Version, bugs


def hidden(seed: int, *place: int) -> np.random.Generator:
    """Return the randomness of the hidden cases; no version uses the same."""
    return np.random.default_rng([seed, 1, *place])


# --- Question 1 -----------------------------------------------------------------------


class Rule:
    """The rule of question 1, or a wrong one: `slip` names what differs."""

    def __init__(self, made: Version, slip: str = "") -> None:
        self.power, self.start, self.slip = made.power, made.start, slip

    def __call__(self, theta: Any, G: Any, g: Any, t: int, rule: Any) -> Any:
        """Take step t and return the new theta and G."""
        eta, gamma, eps = rule
        past = self.past(gamma, t)
        new = past * G + (1 - past) * abs(g) ** self.power
        mean = new / (1 - gamma**t) if self.start == "divided" else new
        if self.slip == "start":
            mean = new
        if self.slip == "stored":
            new = mean
        root = mean ** (1 / self.power) + eps
        if self.slip != "beside":
            root = (mean + eps) ** (1 / self.power)
        if self.slip == "root":
            root = mean + eps
        return theta - (-eta if self.slip == "uphill" else eta) * g / root, new

    def past(self, gamma: float, t: int) -> float:
        """Return the weight of the old mean at step t."""
        kept = gamma
        if self.start == "growing" and self.slip != "start":
            kept = min(gamma, 1 - 1 / t)
        if self.slip == "larger":
            kept = max(gamma, 1 - 1 / t)
        return 1 - kept if self.slip == "swapped" else kept


SLIPS = {
    "beside": "Epsilon stands beside the root. The rule adds it to the mean, under it.",
    "swapped": "The weights have changed places: gamma weighs the past, and 1 - gamma "
    "the new gradient.",
    "start": "The start is not corrected, so the first steps are too long.",
    "stored": "The corrected mean is returned in place of G, so the next step corrects "
    "it again.",
    "larger": "The weight of the past is the larger of the two, and should be the "
    "smaller one.",
    "root": "The root is missing.",
    "uphill": "The step goes uphill.",
}
ONLY_FOR = {"stored": "divided", "larger": "growing"}


def rule_task(made: Version, seed: int) -> Task:
    """Return what question 1 asks, with cases of the teacher's seed."""
    slips = tuple(
        (Rule(made, slip), sentence)
        for slip, sentence in SLIPS.items()
        if ONLY_FOR.get(slip, made.start) == made.start
    )
    names = ("theta", "G", "g", "t", "rule")
    cases = tuple(rule_cases(Rule(made), seed))
    return Task(names, ("theta", "G"), cases, Rule(made), slips)


def rule_cases(rule: Rule, seed: int) -> Iterator[tuple[Any, ...]]:
    """Yield the arguments of the steps of three runs: a float, a row, a matrix."""
    rng = hidden(seed, 1)
    for shape in ((), (3,), (2, 2)):
        theta, G = rng.normal(0, 2, shape)[()], np.zeros(shape)[()]
        numbers = [rng.uniform(0.1, 1), rng.uniform(0.55, 0.9), rng.uniform(0.2, 1)]
        for t in (1, 2, 3, 4):
            g = (rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape))[()]
            yield theta, G, g, t, numbers
            theta, G = rule(theta, G, g, t, numbers)


# --- Question 2 -----------------------------------------------------------------------


def with_momentum(theta: Any, G: Any, b: Any, g: Any, rule: Any) -> Any:
    """Take one step of RMSprop with momentum."""
    eta, gamma, mu, eps = rule
    G = gamma * G + (1 - gamma) * g * g
    b = mu * b + g / np.sqrt(G + eps)
    return theta - eta * b, G, b


def momentum_task(seed: int) -> Task:
    """Return what question 2 asks of a mended version."""
    rng, cases = hidden(seed, 2), []
    for shape in ((2,), (3,), (2, 2)):
        theta, G, b = rng.normal(0, 2, shape), rng.uniform(0, 2, shape), np.ones(shape)
        numbers = list(rng.uniform([0.1, 0.55, 0.3, 0.2], [1, 0.9, 0.9, 1]))
        g = rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape)
        cases.append((theta, G, b * rng.normal(), g, numbers))
    names = ("theta", "G", "b", "g", "rule")
    slips = tuple((bug, STILL) for bug in bugs())
    return Task(names, ("theta", "G", "b"), tuple(cases), with_momentum, slips)


STILL = "It is as it was handed out, or has another bug of the list."


# --- Question 4 -----------------------------------------------------------------------


def closest(setting: dict[str, Any]) -> Any:
    """Return PyTorch's rule that comes closest to a setting of TensorFlow 1."""
    asked = tensorflow1(**setting)
    return pytorch(**translate(asked, to="pytorch").arguments)


KNOBS = {
    "decay": 1,
    "eps_inside": 2,
    "initial_mean_square": 4,
    "momentum": 5,
    "rate_in_buffer": 6,
    "centered": 7,
}


def differences(setting: dict[str, Any]) -> set[int]:
    """Return the numbers of what differs, in the list of question 4."""
    asked: Variant = tensorflow1(**setting)
    reasons = translate(asked, to="pytorch").reasons
    return {KNOBS[reason.split(":")[0]] for reason in reasons}


def settings(seed: int) -> list[dict[str, Any]]:
    """Return settings that are on no student's page."""
    rng = hidden(seed, 4)
    return [
        {
            "learning_rate": float(rng.uniform(1e-4, 1e-2)),
            "decay": float(rng.uniform(0.8, 0.99)),
            "momentum": float(momentum),
            "epsilon": float(rng.uniform(1e-4, 0.1)),
            "centered": bool(momentum > 0.4),
        }
        for momentum in (0.0, *rng.uniform(0.1, 0.9, 3))
    ]
