"""A written exam of 60 minutes from a seed, with its key.

Each question is a template: it draws numbers, asks, and lets the package compute
the answer. A part also computes what typical mistakes lead to, so that the key
says what each is worth. A minute is a mark.

    cd book && python -m course exam 7 FOLDER
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from rmsprop import RMSprop, RMSpropState, minimize
from rmsprop.baselines import Adam
from rmsprop.frameworks import optax, translate

DIGITS = 4
"""Answers are asked for, and given, with so many significant digits."""
TRIES = 1000
"""How often a template may draw numbers of which two cannot be told apart."""
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Part:
    """A part of a question.

    Attributes
    ----------
    marks : int
        What the right answer is worth.
    text : str
        What is asked.
    answer : str
        The right answer, and what of it earns partial credit.
    value : float or None
        The right number, if a number is asked for.
    slips : tuple of tuple of float, int and str
        Wrong numbers: what each is worth, and the mistake it comes from.
    """

    marks: int
    text: str
    answer: str
    value: float | None = None
    slips: tuple[tuple[float, int, str], ...] = ()


@dataclass(frozen=True)
class Question:
    """A question of an exam: a topic, a text that its parts share, and the parts."""

    topic: str
    text: str
    parts: tuple[Part, ...]

    @property
    def marks(self) -> int:
        """What all parts are worth together."""
        return sum(part.marks for part in self.parts)


def number(value: float) -> str:
    """Return a number as papers and keys print it."""
    mantissa, e, exponent = f"{value:.{DIGITS}g}".partition("e")
    if not e:
        return mantissa
    power = f"10{str(int(exponent)).translate(RAISED)}"
    return power if mantissa == "1" else f"{mantissa}·{power}"


# --- The templates ----------------------------------------------------------


def by_hand(rng: np.random.Generator) -> Question:
    """Ask for one step of two coordinates, from a state that is not zero."""
    decay, rate = rng.choice([0.6, 0.75, 0.8, 0.9]), rng.choice([0.01, 0.02, 0.05])
    theta = rng.choice([-2.0, -1.0, 1.0, 2.0, 3.0], 2, replace=False)
    grad = rng.choice([2.0, 3.0, 4.0, 5.0], 2, replace=False) * rng.choice([-1, 1], 2)
    old = rng.choice([1.0, 4.0, 9.0, 16.0, 36.0], 2, replace=False)
    new, state = RMSprop(rate, decay, 0.0).update(theta, grad, RMSpropState(old))
    square, swapped = state.mean_square, (1 - decay) * old + decay * grad**2
    move = float(new[1] - theta[1])
    shown = (
        "$\\theta = ({:g}, {:g})$, $G = ({:g}, {:g})$ and the gradient $({:g}, {:g})$"
    )
    return Question(
        "definition",
        f"RMSprop has the rate $\\eta = {rate:g}$, the decay $\\gamma = {decay:g}$ and "
        "a negligible $\\epsilon$. It stands at "
        f"{shown.format(*theta, *old, *grad)}.",
        (
            Part(
                4,
                "Write down the new $G$ of the first coordinate.",
                f"{number(square[0])}. Two marks for the right weights with a slip in "
                "the arithmetic.",
                square[0],
                (
                    (swapped[0], 2, "the two weights have changed places"),
                    (decay * old[0] + grad[0] ** 2, 2, "the square has full weight"),
                    (decay * old[0] + (1 - decay) * grad[0], 1, "no square"),
                ),
            ),
            Part(
                4,
                "By how much does the second coordinate change?",
                f"By {number(move)}. Two marks for the right size with the wrong sign.",
                move,
                (
                    (-move, 2, "the step goes uphill"),
                    (-rate * grad[1] / square[1], 1, "no root"),
                    (-rate * grad[1] / np.sqrt(old[1]), 1, "the old G"),
                ),
            ),
            Part(
                2,
                "Someone multiplies the loss by 100 from the very first step on. What "
                "happens to this step? Give the reason in one sentence.",
                "Nothing: the gradient and the root of $G$ both grow by the factor "
                "100, and their quotient stays. One mark without the reason.",
            ),
        ),
    )


def memory(rng: np.random.Generator) -> Question:
    """Ask for the half-life and the effective sample size of a decay."""
    decay, steps = rng.choice([0.9, 0.95, 0.98, 0.99]), rng.choice([5, 20, 50, 200])
    half = np.log(2) / np.log(1 / decay)
    wanted, size = 0.5 ** (1 / steps), (1 + decay) / (1 - decay)
    return Question(
        "memory",
        "The mean square forgets: the weight of a gradient fades from step to step.",
        (
            Part(
                3,
                "After how many steps has the weight of a gradient halved, at "
                f"$\\gamma = {decay:g}$?",
                f"$\\ln 2/\\ln(1/\\gamma) = {number(half)}$. Two marks for the right "
                "equation $\\gamma^k = 1/2$.",
                half,
                (
                    (1 / (1 - decay), 1, "the weights' mean age, or a rule of thumb"),
                    (size, 0, "the effective sample size"),
                ),
            ),
            Part(
                3,
                f"Which decay halves the weights in {steps} steps?",
                f"$0.5^{{1/{steps}}} = {number(wanted)}$.",
                wanted,
                ((1 - 1 / steps, 1, "the time to fade to 1/e"),),
            ),
            Part(
                2,
                f"How large is the effective sample size at $\\gamma = {decay:g}$?",
                f"$(1+\\gamma)/(1-\\gamma) = {number(size)}$.",
                size,
                ((1 / (1 - decay), 1, "half of it, about: one over $1-\\gamma$"),),
            ),
        ),
    )


def first_step(rng: np.random.Generator) -> Question:
    """Ask for the first step from zero, corrected and from one."""
    decay, rate = rng.choice([0.9, 0.95, 0.99, 0.999]), rng.choice([0.001, 0.002, 0.01])
    grad = rng.choice([0.02, 0.05, 0.1])
    optimizer = RMSprop(rate, decay, 0.0)
    plain = -float(optimizer.update(0.0, grad, RMSpropState(0.0))[0])
    corrected = Adam(rate, 0.0, decay, 0.0)
    level = -float(corrected.update(0.0, grad, corrected.init(0.0))[0])
    from_one = -float(optimizer.update(0.0, grad, RMSpropState(1.0))[0])
    return Question(
        "start",
        f"The rate is $\\eta = {rate:g}$, the decay $\\gamma = {decay:g}$, and "
        f"$\\epsilon$ is negligible. The first gradient is {grad:g}.",
        (
            Part(
                3,
                "How long is the first step from $G_0 = 0$?",
                f"$\\eta/\\sqrt{{1-\\gamma}} = {number(plain)}$. Two marks for the "
                "right new $G$.",
                plain,
                (
                    (rate, 1, "the length of a step after a steady gradient"),
                    (rate / np.sqrt(decay), 1, "the weights have changed places"),
                    (rate * grad, 0, "gradient descent"),
                ),
            ),
            Part(
                2,
                "How long is it if $G_1$ is divided by $1-\\gamma$ first?",
                f"{number(level)}, one learning rate.",
                level,
                ((plain, 0, "no correction"),),
            ),
            Part(
                3,
                "How long is it from $G_0 = 1$?",
                f"{number(from_one)}. Two marks for the right new $G$.",
                from_one,
                ((plain, 0, "the start from zero"), (rate, 1, "a steady gradient")),
            ),
        ),
    )


def cycle(rng: np.random.Generator) -> Question:
    """Ask where RMSprop ends at a constant rate, and what helps."""
    rate, curvature = rng.choice([0.01, 0.02, 0.04]), rng.choice([3.0, 5.0, 8.0])
    count = rng.choice([4, 9, 16, 100])
    run = minimize(lambda x: curvature * x, 1.0, RMSprop(rate, 0.9, 0.0), steps=3000)
    ends, divisor = abs(float(run.theta[-1])), float(np.sqrt(run.state.mean_square[-1]))
    distance = ends * np.sqrt(count)
    return Question(
        "convergence",
        f"RMSprop minimizes half of ${curvature:g}\\,\\theta^2$ with the constant rate "
        f"$\\eta = {rate:g}$ and $\\epsilon = 0$, for a long time.",
        (
            Part(
                3,
                "How far from the minimum does it stay?",
                f"$\\eta/2 = {number(ends)}$: it jumps to and fro. One mark for the "
                "jump without its size.",
                ends,
                (
                    (rate, 1, "the whole jump"),
                    (rate * curvature, 0, "gradient descent's step at distance one"),
                ),
            ),
            Part(
                3,
                "How large is $\\sqrt G$ then?",
                f"$h\\eta/2 = {number(divisor)}$, the size of the gradient at this "
                "distance.",
                divisor,
                (
                    (rate * curvature, 2, "the gradient at the whole jump's distance"),
                    (divisor**2, 1, "no root"),
                ),
            ),
            Part(
                2,
                f"The loss is a sum of {count} such terms, one a coordinate. How far "
                "from the minimum does the point stay?",
                f"$\\eta\\sqrt n/2 = {number(distance)}$.",
                distance,
                ((ends, 1, "the distance in one coordinate"),),
            ),
            Part(
                2,
                "Name two changes after which it comes closer, and say why each helps.",
                "For example: a falling rate, because the cycle is as wide as the "
                "rate; an average of the points, because the two sides of the cycle "
                "cancel; a larger $\\epsilon$, because a fixed divisor makes it "
                "gradient descent near the minimum. One mark each.",
            ),
        ),
    )


def floor(rng: np.random.Generator) -> Question:
    """Ask for the floor under the divisor, and the same floor in another framework."""
    exponent = int(rng.choice([-10, -8, -6]))
    eps, grad = 10.0**exponent, 10.0 ** (exponent / 2 - 1)
    carried = translate(optax(learning_rate=0.01, eps=eps), to="pytorch").arguments[
        "eps"
    ]
    inside = grad / np.sqrt(grad**2 + eps)
    return Question(
        "frameworks",
        f"A setting for the rule with $\\epsilon$ under the root says "
        f"$\\epsilon = 10^{{{exponent}}}$.",
        (
            Part(
                2,
                "Below which size of the gradients does $\\epsilon$ rule the divisor?",
                f"Below $\\sqrt\\epsilon = {number(np.sqrt(eps))}$.",
                float(np.sqrt(eps)),
                ((eps, 1, "the value itself, which compares with squares"),),
            ),
            Part(
                3,
                "Which `eps` has the same floor in PyTorch, where it stands beside the "
                "root?",
                f"{number(carried)}.",
                carried,
                (
                    (eps, 0, "the same number"),
                    (eps**2, 1, "converted in the other direction"),
                ),
            ),
            Part(
                3,
                f"All gradients so far were {number(grad)}, for a long time. How "
                "many learning rates long is a step?",
                f"$|g|/\\sqrt{{g^2+\\epsilon}} = {number(inside)}$.",
                inside,
                ((1.0, 1, "no floor, or $\\epsilon$ beside the root"),),
            ),
        ),
    )


SLIPS: tuple[tuple[str, str, str, str], ...] = (
    (
        "G = G + g * g",
        "G = gamma * G + (1 - gamma) * g * g",
        "the steps shrink for ever, because a sum never forgets: this is AdaGrad",
        "step lengths for a constant gradient: they must level off at eta",
    ),
    (
        "G = (1 - gamma) * G + gamma * g * g",
        "G = gamma * G + (1 - gamma) * g * g",
        "at gamma = 0.9 the memory lasts about one step, so the steps hardly know the "
        "size of earlier gradients",
        "the first step: it must be eta / sqrt(1 - gamma) long",
    ),
    (
        "theta = theta - eta * g / (G + eps)",
        "theta = theta - eta * g / np.sqrt(G + eps)",
        "without the root small gradients lead to huge steps: a gradient half as "
        "large makes the step twice as long",
        "multiply the loss by 4: the steps must not change",
    ),
    (
        "theta = theta - eta * g * g / np.sqrt(G + eps)",
        "theta = theta - eta * g / np.sqrt(G + eps)",
        "a square has lost the sign, so every step goes the same way",
        "a step from each side of a minimum: they must point toward each other",
    ),
)
PROGRAM = """```python
def update(theta, G, g, eta, gamma, eps):
    {}
    {}
    return theta, G
```"""


def find_the_bug(rng: np.random.Generator) -> Question:
    """Ask for the wrong line of a program."""
    wrong, right, effect, test = SLIPS[rng.integers(len(SLIPS))]
    lines = [
        "G = gamma * G + (1 - gamma) * g * g",
        "theta = theta - eta * g / np.sqrt(G + eps)",
    ]
    program = PROGRAM.format(*(wrong if line == right else line for line in lines))
    return Question(
        "implementation",
        f"This function should make one step of RMSprop.\n\n{program}",
        (
            Part(3, "Which line is wrong? Write it down correctly.", f"`{right}`."),
            Part(
                3,
                "What goes wrong in a run with it?",
                f"{effect[0].upper()}{effect[1:]}. Another true consequence counts.",
            ),
            Part(
                2,
                "Describe a test of two or three lines that would have found it.",
                f"For example {test}. Any test that this function fails and the right "
                "one passes.",
            ),
        ),
    )


def why(rng: np.random.Generator) -> Question:
    """Ask for sentences on what the rule is for."""
    asked = (
        (
            "A course says: RMSprop takes steps of the same length in every "
            "coordinate. When is this true, and when is it not?",
            "True where the gradient of a coordinate keeps its size (two marks). Not "
            "where it changes: rare or shrinking gradients make shorter steps, a "
            "growing one makes longer steps, up to $\\eta/\\sqrt{1-\\gamma}$ (two). "
            "Not below the floor (one). An example (three).",
        ),
        (
            "AdaGrad divides by the root of a sum, RMSprop by the root of a fading "
            "mean. For which gradients does each serve better, and why?",
            "The sum makes steps shrink as $1/\\sqrt t$, which averages noise away on "
            "a fixed problem (three marks). The mean keeps up when the size of "
            "gradients changes (three). What each pays: AdaGrad stalls, RMSprop does "
            "not come to rest at a constant rate (two).",
        ),
        (
            "A valley lies at 45 degrees to the axes. Why does RMSprop lose much of "
            "its advantage there, and what would help?",
            "Both coordinates see the same sizes of gradients, so their divisors are "
            "nearly equal (three marks) and the step is a rescaled gradient step "
            "(two). The rule works in the coordinates that it is given; a rotation of "
            "the coordinates, or a method with a full matrix, would help (three).",
        ),
    )
    text, answer = asked[rng.integers(len(asked))]
    return Question(
        "understanding", "Answer in five to eight sentences.", (Part(8, text, answer),)
    )


TEMPLATES: tuple[Callable[[np.random.Generator], Question], ...] = (
    by_hand,
    memory,
    first_step,
    cycle,
    floor,
    find_the_bug,
    why,
)


# --- The paper and its key --------------------------------------------------


def exam(seed: int) -> tuple[Question, ...]:
    """Return the questions of the exam with this seed."""
    rng = np.random.default_rng(seed)
    return tuple(draw(template, rng) for template in TEMPLATES)


def draw(
    template: Callable[[np.random.Generator], Question], rng: np.random.Generator
) -> Question:
    """Return a question in which each mistake leads to another number."""
    for _ in range(TRIES):
        question = template(rng)
        if all(map(apart, question.parts)):
            return question
    raise RuntimeError(f"{template.__name__} draws no numbers that lie apart")


def apart(part: Part) -> bool:
    """Return whether all numbers of a part differ by at least a hundredth."""
    numbers = sorted([part.value or 0.0, *(wrong for wrong, _, _ in part.slips)])
    gaps = np.diff(numbers)
    return bool((gaps >= 0.01 * np.abs(numbers[1:])).all())


def paper(seed: int) -> str:
    """Return an exam as students get it, in Markdown."""
    return "\n\n".join(_lines(seed, answers=False)) + "\n"


def key(seed: int) -> str:
    """Return the same exam with its answers and what earns partial credit."""
    return "\n\n".join(_lines(seed, answers=True)) + "\n"


def _lines(seed: int, *, answers: bool) -> Iterator[str]:
    questions = exam(seed)
    total = sum(question.marks for question in questions)
    yield f"# RMSprop: exam {seed}{', marking key' if answers else ''}"
    yield f"**{total} marks in {total} minutes.** A pocket calculator is allowed."
    yield f"Give numbers with {DIGITS} significant digits."
    for count, question in enumerate(questions, start=1):
        yield f"## {count}. {question.topic.capitalize()} ({question.marks} marks)"
        yield question.text
        for letter, part in zip("abcdef", question.parts, strict=False):
            yield f"**{letter})** {part.text} *({part.marks})*"
            if answers:
                yield from _key(part)


def _key(part: Part) -> Iterator[str]:
    yield f"> {part.answer}"
    if part.slips:
        rows = [
            f"> - {number(wrong)}: {marks} of {part.marks}, {slip}"
            for wrong, marks, slip in part.slips
        ]
        yield "\n".join(rows)
