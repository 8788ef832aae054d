"""Record what installed frameworks compute: python tests/data/record.py NAME ...

Writes tests/data/frameworks.json, with the version that was run. The names are those
of `peers.PEERS`; frameworks that need different Pythons are recorded one after another.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import peers  # noqa: E402 - after its folder is on the path

ROWS = (1, 2, 10, 26, 50)
"""The steps whose parameters are kept."""

CASES: dict[str, list[dict[str, Any]]] = {
    "pytorch": [
        {},
        {"lr": 0.01, "alpha": 0.9, "eps": 0.1, "momentum": 0.8},
        {"lr": 0.02, "weight_decay": 0.3, "centered": True, "eps": 1e-3},
        {"lr": 0.01, "weight_decay": 0.3, "momentum": 0.8, "maximize": True},
    ],
    "keras": [
        {},
        {"learning_rate": 0.01, "rho": 0.8, "epsilon": 0.1, "momentum": 0.8},
        {"learning_rate": 0.02, "weight_decay": 0.3, "centered": True, "epsilon": 1e-3},
    ],
    "keras_legacy": [
        {},
        {"learning_rate": 0.01, "rho": 0.8, "epsilon": 0.1},
        {"learning_rate": 0.01, "rho": 0.8, "epsilon": 0.0},
        {"learning_rate": 0.01, "rho": 0.8, "epsilon": 0.1, "momentum": 0.8},
        {"learning_rate": 0.02, "rho": 0.8, "centered": True, "epsilon": 1e-3},
    ],
    "tensorflow1": [
        {"learning_rate": 0.01},
        {"learning_rate": 0.01, "decay": 0.8},
        {"learning_rate": 0.01, "decay": 0.8, "epsilon": 0.1, "momentum": 0.8},
        {"learning_rate": 0.02, "decay": 0.8, "centered": True, "epsilon": 1e-3},
    ],
    "optax": [
        {"learning_rate": 0.01},
        {"learning_rate": 0.01, "decay": 0.8, "eps": 0.1, "momentum": 0.8},
        {"learning_rate": 0.01, "momentum": 0.8, "nesterov": True, "eps": 1e-3},
        {"learning_rate": 0.02, "eps_in_sqrt": False, "eps": 0.1, "initial_scale": 1.0},
        {"learning_rate": 0.02, "bias_correction": True, "centered": True, "eps": 1.0},
        {"learning_rate": 0.02, "bias_correction": True, "initial_scale": 0.5},
    ],
    "timm": [
        {},
        {"lr": 0.01, "alpha": 0.8, "eps": 0.1, "momentum": 0.8, "weight_decay": 0.3},
        {"lr": 0.01, "momentum": 0.8, "lr_in_momentum": False, "centered": True},
        {"lr": 0.02, "weight_decay": 0.3, "decoupled_decay": True},
    ],
    "jax_example": [
        {"step_size": 0.01},
        {"step_size": 0.01, "gamma": 0.8, "eps": 0.1, "momentum": 0.8},
    ],
    "chainer": [
        {},
        {"lr": 0.01, "alpha": 0.8, "eps": 0.1},
        {"lr": 0.01, "alpha": 0.8, "eps": 0.1, "eps_inside_sqrt": True},
    ],
    "graves": [
        {},
        {"learning_rate": 0.01, "decay": 0.8, "eps": 0.1, "momentum": 0.8},
    ],
    # Fractions with few binary digits, which float32 does not round.
    "mxnet": [
        {},
        {"learning_rate": 0.0078125, "gamma1": 0.875, "epsilon": 0.125, "wd": 0.25},
        {"learning_rate": 0.0078125, "centered": True, "epsilon": 0.125},
        {
            "learning_rate": 0.0078125,
            "gamma1": 0.875,
            "gamma2": 0.75,
            "epsilon": 0.125,
            "centered": True,
        },
    ],
    "paddle": [
        {"learning_rate": 0.0078125},
        {"learning_rate": 0.0078125, "rho": 0.875, "epsilon": 0.125, "momentum": 0.75},
        {
            "learning_rate": 0.0078125,
            "rho": 0.875,
            "epsilon": 0.125,
            "weight_decay": 0.25,
            "centered": True,
        },
    ],
    "sb3": [
        {},
        {"lr": 0.01, "alpha": 0.8, "eps": 0.1, "momentum": 0.8},
        {"lr": 0.02, "weight_decay": 0.3, "centered": True, "eps": 1e-3},
    ],
    "mlx": [
        {"learning_rate": 0.0078125},
        {"learning_rate": 0.0078125, "alpha": 0.875, "eps": 0.125},
    ],
    "sonnet": [
        {"learning_rate": 0.01},
        {"learning_rate": 0.01, "decay": 0.8, "epsilon": 0.1, "momentum": 0.8},
        {"learning_rate": 0.02, "centered": True, "epsilon": 1e-3},
    ],
    "river": [{}, {"lr": 0.01, "rho": 0.8, "eps": 0.1}],
    "autograd": [{}, {"step_size": 0.01, "gamma": 0.8, "eps": 0.1}],
}


def record(name: str) -> dict[str, Any]:
    """Return the version of one framework and the parameters it led to."""
    rates = ("lr", "learning_rate", "step_size")
    cases = []
    for seed, arguments in enumerate(CASES[name]):
        problem = peers.Problem(seed)
        rate = next((arguments[word] for word in rates if word in arguments), None)
        theta = problem.run(peers.PEERS[name](arguments, problem.theta0), rate)
        kept = {str(t): theta[t].tolist() for t in ROWS}
        cases.append(
            {"seed": seed, "arguments": arguments, "rate": rate, "theta": kept}
        )
    return {"version": peers.installed_version(name), "cases": cases}


def main() -> None:
    """Record the frameworks named on the command line; keep the others."""
    path = HERE / "frameworks.json"
    data = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    data.update((name, record(name)) for name in sys.argv[1:])
    text = json.dumps(data, indent=1, sort_keys=True)
    text = re.sub(r"\s*\n\s*(?=[-\d\]])", " ", text)  # a list of numbers is one line
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
