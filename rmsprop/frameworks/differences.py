"""Where two settings differ, and where a difference does nothing."""

from dataclasses import fields

from rmsprop.frameworks.variant import Variant, denominator

EPS_SHAPES = {"eps_inside", "eps_maximum"}
"""The knobs that say how eps enters the denominator."""

_ACTS_WITH = {
    "eps_inside": "eps",
    "eps_maximum": "eps",
    "initial_mean_square": "decay",
    "rate_in_buffer": "momentum",
    "nesterov": "momentum",
    "bias_correction": "decay",
    "decoupled": "weight_decay",
}
"""Knobs that do nothing where another knob is 0."""


def differences(a: Variant, b: Variant) -> list[str]:
    """Return the knobs that differ, without those that are idle on one side."""
    idle = {
        knob
        for knob, other in _ACTS_WITH.items()
        if getattr(a, other) == 0 or getattr(b, other) == 0
    }
    knobs = [f.name for f in fields(a) if f.name not in idle]
    return [knob for knob in knobs if getattr(a, knob) != getattr(b, knob)]


def floor(variant: Variant) -> float:
    """Return the denominator at G = 0, rounded for comparison.

    Squaring an eps and taking the root again can miss it by its last bit.
    """
    return float(f"{denominator(variant, 0.0):.12g}")


def status(a: Variant, b: Variant) -> str:
    """Return how near two settings are to each other, in a word or a few."""
    differ = set(differences(a, b))
    if not differ:
        return "exact"
    others = differ - EPS_SHAPES - {"eps", "rate_in_buffer"}
    if others or floor(a) != floor(b):
        return "different"
    if "rate_in_buffer" not in differ:
        return "same floor"
    if not EPS_SHAPES & differ:
        return "same at a constant rate"
    return "same floor at a constant rate"
