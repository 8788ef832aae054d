"""Write tests/vectors/*.json: python tests/data/record_vectors.py

Each form of RMSprop is recorded from a framework that has it, where one installs side
by side with the others: `pip install -e ".[conformance]"` brings those that are needed.
The page *Test vectors* explains the files.
"""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

import peers  # noqa: E402 - after its folder is on the path

from rmsprop.frameworks import CONVENTIONS, FURTHER, Variant, build  # noqa: E402

ALL = CONVENTIONS | FURTHER

THETA0 = [1.0, -0.5, 2.0]
# Far above the floor, about it and far below it; all have few binary digits.
GRADIENTS = [
    [2.0, 0.25, 0.0078125],
    [-1.5, 0.125, 0.0078125],
    [3.0, -0.25, -0.00390625],
    [0.5, 0.5, 0.015625],
    [-1.0, 0.25, 0.0078125],
    [2.5, -0.125, -0.0078125],
    [1.0, 0.25, 0.00390625],
    [-0.5, 0.375, 0.0078125],
]
RATES = [0.125] * 4 + [0.03125] * 4

NUMBERS = {"decay": 0.875, "eps": 0.0625}
"""What all vectors share; exact in binary, so that no framework rounds them."""

TOLERANCE = 1e-12
"""Rounding stays below it in float64, and any two forms lie farther apart."""

VECTORS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("The rule alone: the side of eps, and the start of the mean square.", {}),
    "momentum": (
        "Momentum while the rate falls: the place of the rate.",
        {"momentum": 0.5},
    ),
    "nesterov": (
        "Momentum with a look-ahead: the step is mu b + u, with the new b.",
        {"momentum": 0.5, "nesterov": True},
    ),
    "centered": ("The variance in place of the mean square.", {"centered": True}),
    "centered_momentum": (
        "Centered, and momentum while the rate falls.",
        {"centered": True, "momentum": 0.5},
    ),
    "weight_decay": ("Weight decay, coupled or decoupled.", {"weight_decay": 0.25}),
    "bias_correction": (
        "The mean square divided by 1 - decay^t.",
        {"bias_correction": True},
    ),
}
"""What a vector tests, and the knobs that it sets besides `NUMBERS`."""

AT_REST = {
    "momentum": 0.0,
    "nesterov": False,
    "centered": False,
    "weight_decay": 0.0,
    "bias_correction": False,
}

RECORDED_FROM = (
    *("keras", "pytorch", "tensorflow1", "optax", "timm", "sb3", "sonnet"),
    *("autograd", "river", "mlx"),
)
"""Who is run, in the order in which they are asked."""


def arguments(name: str, knobs: dict[str, Any]) -> dict[str, Any]:
    """Return a setting in a framework's own words, without what is its default."""
    wanted = {"learning_rate": RATES[0], **NUMBERS, **AT_REST, **knobs}
    words = ALL[name].arguments
    return {
        word: wanted[knob]
        for word, (knob, default) in words.items()
        if knob in wanted and wanted[knob] != (default or 0.0)
    }


def variant(name: str, knobs: dict[str, Any]) -> Variant | None:
    """Return a framework's rule with these knobs, None if it cannot have them."""
    made = build(name, **arguments(name, knobs))
    if ALL[name].fixed.get("eps") != 0.0:  # a number in the source can be edited
        made = replace(made, decay=NUMBERS["decay"], eps=NUMBERS["eps"])
    wanted = {**NUMBERS, **AT_REST, **knobs}
    has = all(getattr(made, knob) == value for knob, value in wanted.items())
    return made if has else None


def form(made: Variant) -> str:
    """Return what a rule does where the frameworks differ, in words."""
    side = "inside" if made.eps_inside else "outside"
    start = made.initial_mean_square
    words = [
        "eps as a maximum" if made.eps_maximum else f"eps {side}",
        f"G0 = {'eps' if start == made.eps else f'{start:g}'}",
    ]
    if made.momentum:
        words.append(f"rate {'inside' if made.rate_in_buffer else 'outside'}")
    if made.weight_decay:
        words.append("decoupled" if made.decoupled else "coupled")
    return ", ".join(words)


def walk(step: peers.Step) -> list[list[float]]:
    """Return the parameters after each step."""
    steps = zip(GRADIENTS, RATES, strict=True)
    return [step(np.array(grad), rate).tolist() for grad, rate in steps]


def computed(made: Variant) -> list[list[float]]:
    """Return what this package computes."""
    theta, state = np.array(THETA0), made.init(np.array(THETA0))

    def step(grad: peers.Array, rate: float | None) -> peers.Array:
        nonlocal theta, state
        theta, state = replace(made, learning_rate=rate).update(theta, grad, state)
        return np.asarray(theta)

    return walk(step)


def record(name: str) -> dict[str, Any]:
    """Return the content of one file."""
    about, knobs = VECTORS[name]
    forms: dict[str, Any] = {}
    for framework in ALL:
        made = variant(framework, knobs)
        if made is not None:
            entry = forms.setdefault(form(made), {"frameworks": []})
            entry["frameworks"].append(framework)
            entry["made"] = made
    for entry in forms.values():
        made = entry.pop("made")
        who = next((x for x in RECORDED_FROM if x in entry["frameworks"]), None)
        if who is None:
            entry |= {"recorded_from": None, "theta": computed(made)}
        else:
            peer = peers.PEERS[who](arguments(who, knobs), np.array(THETA0))
            version = f"{who} {peers.installed_version(who)}"
            entry |= {"recorded_from": version, "theta": walk(peer)}
    return {
        "about": about,
        "knobs": {**NUMBERS, **AT_REST, **knobs},
        "tolerance": TOLERANCE,
        "theta0": THETA0,
        "rates": RATES,
        "gradients": GRADIENTS,
        "forms": dict(sorted(forms.items())),
    }


def main() -> None:
    """Record all vectors anew."""
    for name in VECTORS:
        text = json.dumps(record(name), indent=1)
        text = re.sub(r"\s*\n\s*(?=[-\d\]\"][^\n:]*$)", " ", text, flags=re.MULTILINE)
        path = TESTS / "vectors" / f"{name}.json"
        path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
