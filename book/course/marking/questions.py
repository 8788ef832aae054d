"""What the marker asks of a submission: relations, on cases of the teacher's seed.

Each test is worth its points; its docstring is the line of the report. The solution
passes all of them, and an empty version none.
"""

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt  # noqa: F401 - slow: not in a student's limit
import numpy as np
import pytest
from matplotlib.axes import Axes
from rmsprop import frameworks
from rmsprop.check import judge

from course import versions
from course.marking import key

points = pytest.mark.points
Names = dict[str, Any]


@pytest.fixture(scope="session")
def made(seed: int) -> versions.Version:
    return versions.version(seed)


def answer(names: Names, name: str) -> Any:
    """Return what the submission calls by a name."""
    found = names.get(name, ...)
    blank = found is None or found is ...
    assert not blank, f"There is nothing written yet for `{name}`."
    return found


def blank(value: Any) -> bool:
    """Return whether a function has returned nothing, or the `...` of its skeleton."""
    values = value if isinstance(value, tuple | list) else [value]
    return any(one is None or one is ... for one in values)


def call(names: Names, name: str, *arguments: Any) -> Any:
    """Call a function of the submission."""
    value = answer(names, name)(*arguments)
    assert not blank(value), f"There is nothing written yet in `{name}`."
    return value


def near(got: Any, wanted: Any, slack: float = 1e-9) -> bool:
    """Return whether numbers agree."""
    return np.shape(got) == np.shape(wanted) and np.allclose(
        got, wanted, rtol=slack, atol=slack
    )


# --- Question 1 -----------------------------------------------------------------------


@points(2, 1)
def test_form(names: Names, made: versions.Version) -> None:
    """The example of the page comes out, and no argument is changed."""
    theta, G, g = np.array([1.0, 1.0]), np.zeros(2), np.array([3.0, -0.2])
    new, _ = call(names, "update", theta, G, g, 1, [made.eta, made.decay, 0.0])
    untouched = (theta == 1).all() and (G == 0).all() and (g == [3.0, -0.2]).all()
    assert untouched, "Your function changes its arguments."
    assert near(theta - new, made.eta * np.sign(g)), (
        f"The example moves by {theta - new}, not by {made.eta} downhill."
    )


@points(2, 1)
def test_first_length(names: Names, seed: int) -> None:
    """With a negligible epsilon the first step has the length eta, downhill."""
    rng = key.hidden(seed, 11)
    for _ in range(3):
        eta, decay, g = rng.uniform(0.1, 1), rng.uniform(0.5, 0.95), rng.normal(0, 5)
        new, _ = call(names, "update", 2.0, 0.0, g, 1, [eta, decay, 0.0])
        assert near(2.0 - new, eta * np.sign(g)), (
            f"With eta = {eta:.4g}, gamma = {decay:.4g} and g = {g:.4g} the first "
            f"step is {2.0 - new:.4g} long."
        )


@points(3, 1)
def test_memory(names: Names, made: versions.Version, seed: int) -> None:
    """G is the mean that the rule says, after one step and after several."""
    rng, G, right = key.hidden(seed, 12), 0.0, 0.0
    rule = [0.1, rng.uniform(0.55, 0.9), 0.0]
    for t in range(1, 7):
        g = float(rng.uniform(0.5, 2))
        _, G = call(names, "update", 1.0, G, g, t, rule)
        _, right = key.Rule(made)(1.0, right, g, t, rule)
        assert near(G, right), (
            f"With gamma = {rule[1]:.4g}, G is {G:.6g} after step {t}, and the rule "
            f"says {right:.6g}."
        )


@points(2, 1)
def test_place_of_epsilon(names: Names, made: versions.Version, seed: int) -> None:
    """Where gradients are tiny, epsilon alone is under the root."""
    rng = key.hidden(seed, 13)
    for _ in range(3):
        eps, g = rng.uniform(0.1, 0.6), 1e-8 * rng.uniform(1, 9)
        new, _ = call(names, "update", 0.0, 0.0, g, 1, [1.0, 0.9, eps])
        divisor = -g / new if new else np.inf
        assert near(divisor, eps ** (1 / made.power), 1e-6), (
            f"With epsilon = {eps:.4g} and a tiny gradient the divisor is "
            f"{divisor:.4g}, not {eps ** (1 / made.power):.4g}."
        )


@points(3, 1)
def test_agreement(names: Names, made: versions.Version, seed: int) -> None:
    """The rule agrees completely, for floats and arrays."""
    verdict = judge(answer(names, "update"), key.rule_task(made, seed))
    assert verdict, str(verdict)


# --- Question 2 -----------------------------------------------------------------------


@points(1, 2)
@pytest.mark.parametrize("letter", "ABCD")
def test_bug(names: Names, made: versions.Version, letter: str) -> None:
    """Version {letter}: its bug is named."""
    named = answer(names, "bugs").get(letter, ...)
    right = made.bugs["ABCD".index(letter)]
    assert not blank(named), f"There is nothing written yet for version {letter}."
    assert str(named).strip() == str(right), (
        f"Version {letter} does not have bug {named}."
    )


@points(1, 2)
@pytest.mark.parametrize("letter", "ABCD")
def test_mended(names: Names, seed: int, letter: str) -> None:
    """Version {letter}: it is mended."""
    step = answer(names, f"step_{letter.lower()}")
    verdict = judge(step, key.momentum_task(seed))
    assert verdict, str(verdict)


# --- Question 3 -----------------------------------------------------------------------


@points(2, 3)
def test_first_step(names: Names, seed: int) -> None:
    """The length of the first step is predicted for any rate and decay."""
    rng = key.hidden(seed, 31)
    for eta, decay in rng.uniform([0.01, 0.55], [1, 0.98], (4, 2)):
        got = call(names, "first_step", eta, decay)
        assert near(got, eta / np.sqrt(1 - decay)), (
            f"With eta = {eta:.4g} and gamma = {decay:.4g} you predict {got:.4g}."
        )


@points(2, 3)
def test_cycle(names: Names, seed: int) -> None:
    """The points of the cycle are predicted for any rate."""
    for eta in key.hidden(seed, 32).uniform(0.01, 1, 4):
        got = call(names, "cycle", eta)
        assert near(got, eta / 2), f"With eta = {eta:.4g} you predict {got:.4g}."


def parabola(bend: float, middle: float) -> Callable[[float], float]:
    """Return the gradient of a parabola."""
    return lambda w: bend * (w - middle)


def measured(names: Names, seed: int, which: int) -> list[tuple[float, float]]:
    """Return what is measured, and what is right, on three parabolas.

    The last run starts at the minimum and stays there, which no formula knows.
    """
    rng, found = key.hidden(seed, 33), []
    for at_minimum in (False, False, True):
        eta, decay = rng.uniform([0.05, 0.6], [0.2, 0.9])
        middle, bend = rng.uniform(-1, 1), rng.uniform(0.5, 3)
        start = middle if at_minimum else middle + rng.uniform(1, 2)
        grad = parabola(bend, middle)
        got = call(names, "measure", grad, start, eta, decay)
        right = (0.0, 0.0) if at_minimum else (eta / np.sqrt(1 - decay), eta / 2)
        found.append((got[which], right[which]))
    return found


@points(2, 3)
@pytest.mark.parametrize("which", ["first step", "cycle"])
def test_measured(names: Names, seed: int, which: str) -> None:
    """The {which} is measured, also where nothing moves."""
    for got, right in measured(names, seed, ["first step", "cycle"].index(which)):
        assert near(got, right, 1e-5), f"You measure {got:.4g} where it is {right:.4g}."


# --- Question 4 -----------------------------------------------------------------------


def ported(names: Names, setting: dict[str, Any]) -> frameworks.Variant:
    """Return the rule that the submission's arguments make in PyTorch."""
    arguments = call(names, "port", *setting.values())
    return frameworks.pytorch(**arguments)


def same_floor(got: Any, wanted: Any) -> bool:
    return near(got.eps, wanted.eps, 1e-6)


def same_rest(got: Any, wanted: Any) -> bool:
    knobs = ("learning_rate", "decay", "momentum", "centered")
    return all(near(getattr(got, k), getattr(wanted, k)) for k in knobs)


@points(1, 4)
def test_port_of_your_setting(names: Names, made: versions.Version) -> None:
    """Your own setting is carried over."""
    got, wanted = ported(names, made.setting), key.closest(made.setting)
    assert same_floor(got, wanted), f"PyTorch's eps is {got.eps:.4g}."
    assert same_rest(got, wanted), "The floor is right, another argument is not."


@points(1, 4)
def test_port_of_other_arguments(names: Names, seed: int) -> None:
    """Rate, decay, momentum and centering are carried over for any setting."""
    for setting in key.settings(seed):
        got = ported(names, setting)
        assert same_rest(got, key.closest(setting)), f"Not so for {setting}."


@points(2, 4)
def test_port_of_the_floor(names: Names, seed: int) -> None:
    """The floor is kept for any setting."""
    for setting in key.settings(seed):
        eps = ported(names, setting).eps
        assert same_floor(ported(names, setting), key.closest(setting)), (
            f"With TensorFlow's epsilon = {setting['epsilon']:.4g} the floor is its "
            f"root, and your eps is {eps:.4g}."
        )


@points(1, 4)
@pytest.mark.parametrize("how", ["exactly", "up to one number"])
def test_differences(names: Names, made: versions.Version, how: str) -> None:
    """What differs is named, {how}."""
    wrong = len(set(answer(names, "differs")) ^ key.differences(made.setting))
    allowed = 0 if how == "exactly" else 1
    assert wrong <= allowed, f"Numbers that are missing or too many: {wrong}."


# --- Question 5 -----------------------------------------------------------------------


@pytest.fixture(scope="session")
def percent() -> Any:
    """Return the accuracy function of the page, not the submission's."""
    own: Names = {}
    exec(versions.given(), own)  # noqa: S102 - cells of our own source
    return own["accuracy"]


@pytest.fixture(scope="session")
def shortfall(names: Names, percent: Any, seed: int) -> float:
    """Return how many points the rate stays behind the best of a list."""
    rate = names.get("rate", ...)
    if blank(rate):
        return np.nan
    seeds = key.hidden(seed, 5).integers(1000, 1_000_000, 5)
    tried = [float(rate), 0.01, 0.02, 0.03, 0.05]
    means = [np.mean([percent(r, s) for s in seeds]) for r in tried]
    return float(max(means) - means[0])


@points(1, 5)
def test_rate_is_fair(names: Names, shortfall: float) -> None:
    """With other seeds your rate comes within five points of the best."""
    answer(names, "rate")
    assert shortfall <= 5, f"It stays {shortfall:.1f} points behind."


@points(2, 5)
def test_rate_is_good(names: Names, shortfall: float) -> None:
    """With other seeds your rate comes within two points of the best."""
    answer(names, "rate")
    assert shortfall <= 2, f"It stays {shortfall:.1f} points behind."


def axes(names: Names) -> Axes:
    found = answer(names, "rates_ax")
    assert isinstance(found, Axes), "`rates_ax` is not a pair of axes."
    return found


@points(1, 5)
def test_labels(names: Names) -> None:
    """Both axes of the figure have a label."""
    ax = axes(names)
    assert ax.get_xlabel(), "The label of the x-axis is missing."
    assert ax.get_ylabel(), "The label of the y-axis is missing."


@points(1, 5)
def test_range(names: Names) -> None:
    """At least six rates over three powers of ten, logarithmic, with yours inside."""
    ax, rate = axes(names), float(answer(names, "rate"))
    seen = np.unique([x for line in ax.lines for x in np.ravel(line.get_xdata())])
    for dots in ax.collections:
        offsets = np.asarray(dots.get_offsets())
        seen = np.unique([*seen, *offsets[:, 0]]) if len(offsets) > 1 else seen
    seen = seen[seen > 0]
    assert len(seen) >= 6, f"The figure has {len(seen)} rates."
    assert seen.max() / seen.min() > 999, "The rates cover less than a factor of 1000."
    assert ax.get_xscale() == "log", "The scale of the rates is not logarithmic."
    assert seen.min() < rate < seen.max(), "Your rate is not inside the range."


@points(1, 5)
def test_spread(names: Names) -> None:
    """The figure shows how far the seeds lie apart."""
    ax = axes(names)
    drawn = len(ax.collections) + len(ax.containers)
    curves = sum(np.size(line.get_xdata()) >= 6 for line in ax.lines)
    assert drawn or curves >= 3 or dotted(ax), "Only one curve is drawn."


def dotted(ax: Axes) -> bool:
    """Return whether a rate has several dots, one a seed."""
    rates = [x for line in ax.lines for x in np.ravel(line.get_xdata())]
    return len(rates) >= 3 * max(len(set(rates)), 1)
