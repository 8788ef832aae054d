"""What the figures to touch compute is what the package computes, to the last bit.

Their numbers are tested in Node, if there is one; what is drawn, moved and read aloud
in a browser, in test_figures_browser.py.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import figures
import numpy as np
import pytest
from conftest import need
from numpy.typing import NDArray

from rmsprop import (
    Adam,
    GradientDescent,
    Momentum,
    RMSprop,
    frameworks,
    minimize,
    plotting,
)
from rmsprop.minimize import DivergenceError, Optimizer, Trajectory
from rmsprop.objectives import Quadratic, SquaredError

ROOT = Path(__file__).parents[1]
COMPUTE = ROOT / "book" / "_static" / "figures" / "compute.js"
SCRIPT = """
import { readFileSync } from "node:fs";
const module = await import(process.argv[1]);
const answers = [];
const given = (arg) => (arg?.answer === undefined ? arg : answers[arg.answer]);
for (const { name, args } of JSON.parse(readFileSync(0, "utf8"))) {
  answers.push(module[name](...args.map(given)));
}
process.stdout.write(JSON.stringify(answers));
"""
Calls = list[tuple[str, list[Any]]]


def node(calls: Calls, module: Path = COMPUTE) -> list[Any]:
    """Return what functions of a script return; JSON carries doubles exactly.

    An argument {"answer": 0} stands for what the first of the calls returned.
    """
    command = shutil.which("node")
    need(command is not None, "Node is missing")
    wanted = [{"name": name, "args": args} for name, args in calls]
    done = subprocess.run(  # noqa: S603 - our own script
        [str(command), "--input-type=module", "--eval", SCRIPT, module.as_uri()],
        input=json.dumps(wanted),
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    too_old = ("Cannot use import statement", "Unexpected token")
    old = any(words in done.stderr for words in too_old)
    need(not old, "Node is older than 20.19")
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout, parse_int=float)
    return answers


def rounded(value: float) -> float:
    """Return what a slider can say: three digits."""
    return float(f"{value:.3g}")


def settings(count: int, seed: int = 0) -> list[dict[str, float]]:
    """Draw settings of the valley, among them some that diverge."""
    rng, made = np.random.default_rng(seed), []
    for _ in range(count):
        condition, scale = (
            rounded(10 ** rng.uniform(0, 3)),
            2.0 ** rng.integers(-12, 13),
        )
        made.append(
            {
                "condition": condition,
                "scale": scale,
                "angle": rng.choice([0.0, 0.0, 30.0, 45.0, 7.0]),
                "eta": rounded(10 ** rng.uniform(-3, 0)),
                "rate": rounded(rng.uniform(0.2, 2.2) / condition / scale),
                "decay": rng.choice([0.0, 0.5, 0.9, 0.99]),
                "eps": rng.choice([0.0, 1e-8, 1e-2]),
                "x": rounded(rng.uniform(-3, 3)),
                "y": rounded(rng.uniform(-3, 3)),
                "steps": 300,
            }
        )
    return made


RULES: dict[str, Callable[[dict[str, float]], Optimizer]] = {
    "GradientDescent": lambda p: GradientDescent(p["rate"]),
    "Momentum": lambda p: Momentum(p["rate"]),
    "RMSprop": lambda p: RMSprop(p["eta"], p["decay"], p["eps"]),
    "Adam": lambda p: Adam(p["eta"], eps=p["eps"]),
}


def run_of(grad: Any, start: Any, rule: Optimizer, steps: float, **more: Any) -> Any:
    """Return the package's run, up to where it diverges."""
    try:
        return minimize(grad, start, rule, int(steps), **more)
    except DivergenceError as error:
        return error.trajectory


def in_valley(p: dict[str, float], method: str, hessian: list[float]) -> Trajectory:
    """Run the package where a figure ran: its H may differ from ours by a last bit."""
    a, b, d = hessian

    def grad(theta: NDArray[Any]) -> NDArray[Any]:
        x, y = theta
        return p["scale"] * np.array([a * x + b * y, b * x + d * y])

    run: Trajectory = run_of(
        grad, np.array([p["x"], p["y"]], float), RULES[method](p), p["steps"]
    )
    return run


@pytest.mark.parametrize("method", RULES)
def test_runs_in_the_valley_are_the_packages(method: str) -> None:
    drawn = settings(40)
    found = node(
        [("hessian", [p]) for p in drawn] + [("valley", [p, method]) for p in drawn]
    )
    lengths = set()
    for p, hessian, run in zip(drawn, found[:40], found[40:], strict=True):
        wanted = in_valley(p, method, hessian)
        assert run["theta"] == wanted.theta.tolist()
        assert run["grad"] == wanted.grad.tolist()
        lengths.add(len(run["theta"]))
        if method == "RMSprop":
            G = np.array(run["state"]).reshape(-1, 2)
            assert np.array_equal(G, wanted.state.mean_square)
    assert 301 in lengths


def test_run_that_diverges_ends_where_the_packages_does() -> None:
    p = settings(1)[0] | {"angle": 0.0, "condition": 20.0, "scale": 1.0, "rate": 9.0}
    hessian, run = node([("hessian", [p]), ("valley", [p, "GradientDescent"])])
    wanted = in_valley(p, "GradientDescent", hessian)
    assert run["theta"] == wanted.theta.tolist()
    assert len(run["theta"]) < 301


def test_valley_is_the_packages() -> None:
    for p, hessian in zip(
        settings(40), node([("hessian", [p]) for p in settings(40)]), strict=True
    ):
        H = Quadratic(p["condition"], np.deg2rad(p["angle"])).hessian
        same = {"rtol": 1e-15, "atol": 1e-13} if p["angle"] else {"rtol": 0, "atol": 0}
        np.testing.assert_allclose(hessian, H[[0, 0, 1], [0, 1, 1]], **same)


def test_predicted_end_of_rmsprop_is_where_long_runs_are() -> None:
    for p in settings(6, seed=1):
        q = p | {"decay": 0.9, "eps": 0, "steps": 20_000}
        (law, hessian) = node([("settled", [q]), ("hessian", [q])])
        run = in_valley(q, "RMSprop", hessian)
        divisors = np.sqrt(run.state.mean_square[-1]) / q["eta"]
        assert divisors == pytest.approx(law["divisors"], rel=0.01)
        assert np.abs(run.theta[-1]) == pytest.approx([law["half"]] * 2, rel=0.01)


def test_predicted_distance_of_gradient_descent_is_its_runs() -> None:
    for p in settings(10, seed=2):
        found = node([("hessian", [p])] + [("descended", [p, t]) for t in range(21)])
        run = in_valley(p | {"steps": 20}, "GradientDescent", found[0])
        assert np.hypot(*run.theta.T) == pytest.approx(found[1:], rel=1e-9)


def test_runs_in_one_coordinate_are_the_packages() -> None:
    rng = np.random.default_rng(3)
    drawn = [
        {
            "h": rounded(10 ** rng.uniform(-2, 2)),
            "eta": rounded(10 ** rng.uniform(-3, 0)),
            "decay": rng.choice([0.0, 0.5, 0.9, 0.99]),
            "eps": rng.choice([0.0, 1e-8, 1e-4]),
            "x": rounded(rng.uniform(-3, 3)),
            "steps": 300,
        }
        for _ in range(40)
    ]
    for p, run in zip(drawn, node([("parabola", [p]) for p in drawn]), strict=True):
        rule = RMSprop(p["eta"], p["decay"], p["eps"])
        wanted = run_of(lambda w, h=p["h"]: h * w, p["x"], rule, 300)
        assert np.ravel(run["theta"]).tolist() == wanted.theta.tolist()
        assert np.ravel(run["state"]).tolist() == wanted.state.mean_square.tolist()


def test_width_of_the_cycle_is_that_of_long_runs() -> None:
    for h, eta, eps in [
        (1, 0.1, 1e-8),
        (1, 0.1, 1e-3),
        (3, 0.05, 1e-3),
        (1, 0.1, 3e-3),
    ]:
        p = {"h": h, "eta": eta, "eps": eps, "decay": 0.9, "x": 1, "steps": 20_000}
        (half,) = node([("cycle", [p])])
        run = minimize(partial(np.multiply, h), 1.0, RMSprop(eta, 0.9, eps), 20_000)
        assert abs(run.theta[-1]) == pytest.approx(half, abs=1e-6)


def test_articles_run_and_lines_are_the_packages() -> None:
    rng = np.random.default_rng(4)
    drawn = [{"x": 2, "y": 4, "w": 0, "eta": 0.1, "decay": 0.9, "eps": 1e-8}]
    drawn += [
        {
            "x": rounded(rng.uniform(-5, 5)),
            "y": rounded(rng.uniform(-500, 500)),
            "w": rounded(rng.uniform(-3, 3)),
            "eta": rounded(10 ** rng.uniform(-3, 0)),
            "decay": rng.choice([0.0, 0.5, 0.9, 0.99]),
            "eps": rng.choice([0.0, 1e-8, 1e-4]),
        }
        for _ in range(20)
    ]
    for p in drawn:
        lines: Calls = [("line", [{"answer": 0}, t]) for t in range(1, 201)]
        run, *printed = node([("article", [p | {"steps": 200}]), *lines])
        objective = SquaredError(p["x"], p["y"], half=True)
        rule = RMSprop(p["eta"], p["decay"], p["eps"])
        wanted = run_of(objective.grad, p["w"] * 1.0, rule, 200)
        assert np.ravel(run["theta"]).tolist() == wanted.theta.tolist()
        assert printed == wanted.table().splitlines()


def test_numbers_are_printed_as_python_prints_them() -> None:
    rng = np.random.default_rng(5)
    numbers = [0.0078125, 0.0234375, -0.0078125, 0.0, 1e-7, -1e-9]
    numbers += [rng.uniform(-20, 20) for _ in range(2000)]
    numbers += [rng.integers(-4000, 4000) / 128 for _ in range(2000)]
    found = node([("fixed", [number]) for number in numbers])
    assert found == [f"{number:.6f}" for number in numbers]


def test_start_and_outlier_are_as_predicted() -> None:
    for p in [{"decay": 0.9, "G0": 0, "g": 1}, {"decay": 0.99, "G0": 4, "g": 0.5}]:
        q = p | {"eta": 1, "eps": 0}
        (run,) = node([("follow", [[p["g"]] * 50, q])])
        (found,) = node([("lengths", [run])])
        laws = node([("early", [p, t]) for t in range(1, 51)])
        assert found == pytest.approx(laws, rel=1e-9)
    p = {"decay": 0.9, "size": 100, "eta": 1, "eps": 0}
    feed = [1.0] * 500 + [100.0] + [1.0] * 100
    (run,) = node([("follow", [feed, p])])
    grads = iter(feed)
    wanted = minimize(lambda _: next(grads), 0.0, RMSprop(1.0, 0.9, 0.0), len(feed))
    assert np.ravel(run["theta"]).tolist() == wanted.theta.tolist()
    (found,) = node([("lengths", [run])])
    laws = node([("after", [p, k]) for k in range(1, 101)])
    assert found[501:] == pytest.approx(laws, rel=1e-9)


def test_weights_are_what_the_rule_gives_one_square() -> None:
    feed = [1.0] + [0.0] * 30
    (run,) = node([("follow", [feed, {"eta": 1, "decay": 0.9, "eps": 1}])])
    laws = node([("weight", [0.9, k]) for k in range(31)])
    assert np.ravel(run["state"]) == pytest.approx(laws, rel=1e-12)
    (half,) = node([("halfLife", [0.9])])
    assert 0.9**half == pytest.approx(0.5)


@pytest.mark.parametrize("fall", ["constant", "1/√t", "1/t", "linear", "cosine"])
def test_falling_runs_are_the_packages(fall: str) -> None:
    p = {"condition": 100, "eta": 0.05, "eps": 0, "x": 2, "y": 1, "steps": 300}
    rates, run = node([("rates", [fall, p]), ("falling", [{"answer": 0}, p])])
    grad, rule = Quadratic(100.0).grad, RMSprop(0.05, eps=0.0)
    start = np.array([2.0, 1.0])
    wanted = minimize(grad, start, rule, 300, schedule=lambda t: rates[t - 1])
    assert run["theta"] == wanted.theta.tolist()
    t = np.arange(300)
    laws = {
        "constant": np.ones(300),
        "1/√t": 10 / np.sqrt(t + 1),
        "1/t": 50 / (50 + t),
        "linear": 1 - t / 300,
        "cosine": (1 + np.cos(np.pi * t / 300)) / 2,
    }
    assert rates == pytest.approx(0.05 * laws[fall], abs=1e-15)


def test_skewed_runs_are_the_packages_and_rest_where_predicted() -> None:
    p = {"decay": 0.9, "chance": 0.1, "eta": 0.1, "x": 0}
    calls: Calls = [("misplaced", [p])]
    for seed in range(1, 41):
        calls += [
            ("skewed", [0.1, 2000, seed]),
            ("noisy", [{"answer": 2 * seed - 1}, p]),
        ]
    law, *rest = node(calls)
    assert law == pytest.approx(-0.4)
    ends = []
    for noise, run in zip(rest[::2], rest[1::2], strict=True):
        assert set(noise) == {1.0, -9.0}
        ends.append(np.mean(run["theta"][-500:]))
    feed = iter(rest[0])
    wanted = minimize(
        lambda w: w + next(feed),
        0.0,
        RMSprop(0.1),
        2000,
        schedule=lambda t: 0.1 / (1 + t / 50),
    )
    assert np.ravel(rest[1]["theta"]).tolist() == wanted.theta.tolist()
    assert np.mean(np.concatenate(rest[::2])) == pytest.approx(0, abs=0.03)
    assert np.mean(ends) == pytest.approx(-0.4, abs=0.06)


def test_places_of_epsilon_are_those_of_chapter_2() -> None:
    found = node([(name, [1e-8, 1e-4]) for name in ("under", "beside")])
    assert found == pytest.approx([0.7071, 0.9999], abs=5e-5)


def test_recovery_from_an_outlier_is_that_of_the_run() -> None:
    for decay, size in [(0.9, 100), (0.99, 100), (0.9, 1000)]:
        p = {"decay": decay, "size": size, "steps": 1000}
        steps, when = node([("outlier", [p]), ("recovery", [p])])
        assert np.argmax(np.array(steps) > 0.9) + 1 == np.ceil(when)
        (laws,) = node([("after", [p, 7])])
        assert steps[6] == pytest.approx(laws, rel=1e-12)


def test_divisors_that_do_not_forget_are_those_of_chapter_2() -> None:
    g = [10.0] * 30 + [1.0] * 170
    (found,) = node([("unforgetting", [g])])
    total = np.cumsum(np.square(g))
    assert found["sum"] == pytest.approx(g / np.sqrt(total))
    assert found["mean"] == pytest.approx(g / np.sqrt(total / np.arange(1, 201)))
    p = {"eta": 1, "decay": 0.9, "eps": 0, "G0": 4}
    blocks = [[10, 30], [1, 170]]
    run, laws = node([("follow", [g, p]), ("predicted", [blocks, p])])
    assert -np.diff(np.ravel(run["theta"])) == pytest.approx(laws, rel=1e-9)


ROWS = frameworks.CONVENTIONS | frameworks.FURTHER
TRANSLATE = COMPUTE.with_name("translate.js")


def setting(name: str, rng: np.random.Generator) -> dict[str, Any]:
    """Draw some of a framework's own arguments."""
    draw: dict[str, Callable[[], float | bool]] = {
        "learning_rate": lambda: rounded(10 ** rng.uniform(-4, 0)),
        "decay": lambda: rounded(rng.uniform(0, 0.999)),
        "eps": lambda: (
            rounded(10 ** rng.uniform(-12, 0)) * float(rng.integers(0, 4) > 0)
        ),
        "momentum": lambda: float(rng.choice([0.0, 0.9])),
        "weight_decay": lambda: float(rng.choice([0.0, 0.01])),
        "initial_mean_square": lambda: float(rng.choice([0.0, 1.0])),
    }
    given: dict[str, Any] = {}
    for word, (knob, default) in ROWS[name].arguments.items():
        if knob == "learning_rate" or rng.integers(0, 2):
            given[word] = draw.get(knob, lambda: bool(rng.integers(0, 2)))()
        elif default is not None:
            given[word] = default
    return given


def test_translations_are_the_packages() -> None:
    rng, table = np.random.default_rng(7), figures.translations()
    names = list(frameworks.CONVENTIONS)
    pairs = [(a, b) for a in names for b in names]
    for a in frameworks.FURTHER:
        pairs += [(a, str(rng.choice(list(ROWS)))), (str(rng.choice(list(ROWS))), a)]
    table["reports"] = {}  # they are for the page
    given = [setting(a, rng) for a, _ in pairs]
    cases = list(zip(pairs, given, strict=True))
    asked = [frameworks.build(a, **words) for (a, _), words in cases]
    found = node([("knobs", [table, a, words]) for (a, _), words in cases], TRANSLATE)
    for knobs, variant in zip(found, asked, strict=True):
        assert knobs == {f.name: getattr(variant, f.name) for f in fields(variant)}
    both = list(zip(found, pairs, strict=True))
    said = node([("translate", [table, k, to]) for k, (_, to) in both], TRANSLATE)
    for answer, variant, (_, to) in zip(said, asked, pairs, strict=True):
        report = str(frameworks.translate(variant, to=to))
        assert answer["text"] == "\n".join(report.splitlines()[:2])
        for knob in answer["differ"]:
            assert f"{knob}: asked" in report or knob == "eps"


def test_translator_has_the_packages_report_for_each_pair() -> None:
    reports = figures.translations()["reports"]
    keras = frameworks.keras(learning_rate=0.001)
    assert reports["keras"]["pytorch"] == str(frameworks.translate(keras, to="pytorch"))
    assert [len(row) for row in reports.values()] == [len(frameworks.CONVENTIONS)] * 17


def test_numbers_of_settings_are_written_as_python_writes_them() -> None:
    rng = np.random.default_rng(8)
    numbers = [0.0, 1.0, 1e16, 1e-7, 1e-5, 1e-4, 123456.0, 0.1]
    numbers += [float(10 ** rng.uniform(-20, 20)) for _ in range(300)]
    assert node([("repr", [n]) for n in numbers], TRANSLATE) == [
        repr(n) for n in numbers
    ]
    found = node([("general", [n, 3]) for n in numbers], TRANSLATE)
    assert found == [f"{n:.3g}" for n in numbers]


# --- Colors ---------------------------------------------------------------------------

STYLE = (COMPUTE.parent / "figures.css").read_text(encoding="utf-8")


def colors(look: str) -> dict[str, str]:
    """Return the colors that the figures have in light or dark pages."""
    light, _, dark = STYLE.partition('html[data-theme="dark"]')
    block = light if look == "light" else dark.partition("}")[0]
    return dict(re.findall(r"--(\w+): (#\w{6});", block))


def luminance(color: str) -> float:
    """Return how bright a color is, as WCAG 2 defines it."""
    parts = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_light_colors_are_those_of_the_plots() -> None:
    assert colors("light") == plotting.COLORS


@pytest.mark.parametrize(("look", "paper"), [("light", "#ffffff"), ("dark", "#121212")])
def test_colors_stand_out_from_the_page(look: str, paper: str) -> None:
    assert colors(look).keys() == plotting.COLORS.keys()
    for color in colors(look).values():
        one, other = sorted([luminance(color), luminance(paper)])
        assert (other + 0.05) / (one + 0.05) >= 4.5, color
