"""The exam of every seed is fair: same marks, no question that has lost its point."""

import re

import numpy as np
import pytest
from course import exam

SEEDS = range(100)


@pytest.mark.parametrize("seed", SEEDS)
def test_marks_a_topic_are_the_same_for_every_seed(seed: int) -> None:
    marks = {question.topic: question.marks for question in exam.exam(seed)}
    assert marks == {question.topic: question.marks for question in exam.exam(0)}
    assert sum(marks.values()) == 60


@pytest.mark.parametrize("seed", SEEDS)
def test_a_typical_mistake_can_be_told_from_the_answer(seed: int) -> None:
    for question in exam.exam(seed):
        for part in question.parts:
            if part.value is None:
                assert not part.slips
                continue
            values = [part.value, *(wrong for wrong, _, _ in part.slips)]
            assert np.isfinite(values).all()
            assert len({exam.number(value) for value in values}) == len(values), part
            assert all(abs(v / values[0] - 1) > 0.009 for v in values[1:]), part


@pytest.mark.parametrize("seed", SEEDS)
def test_partial_credit_is_less_than_all(seed: int) -> None:
    for question in exam.exam(seed):
        for part in question.parts:
            assert all(0 <= marks < part.marks for _, marks, _ in part.slips)


def test_other_seeds_make_other_papers() -> None:
    assert len({exam.paper(seed) for seed in SEEDS}) == len(SEEDS)
    assert exam.paper(3) == exam.paper(3)


def test_the_paper_is_the_key_without_its_answers() -> None:
    lines = [line for line in exam.key(3).splitlines() if not line.startswith(">")]
    assert " ".join(lines).replace(", marking key", "").split() == (
        exam.paper(3).split()
    )
    assert ">" not in exam.paper(3)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0316227, "0.03162"), (19.0, "19"), (1e-5, "10⁻⁵"), (2.5e-12, "2.5·10⁻¹²")],
)
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    assert exam.number(value) == text


def test_a_template_that_has_lost_its_point_is_refused() -> None:
    part = exam.Part(2, "?", "1", 1.0, ((1.001, 0, "nearly right"),))
    with pytest.raises(RuntimeError, match="no numbers that lie apart"):
        exam.draw(
            lambda _: exam.Question("none", "", (part,)), np.random.default_rng(0)
        )


def test_the_answers_are_those_of_the_book() -> None:
    start = next(q for q in exam.exam(5) if q.topic == "start")
    rate, decay = map(float, re.findall(r"= (\d\.\d+)\$", start.text))
    assert start.parts[0].value == pytest.approx(rate / np.sqrt(1 - decay))
    assert start.parts[1].value == pytest.approx(rate)
    far = next(q for q in exam.exam(5) if q.topic == "convergence")
    rate = float(re.findall(r"eta = (\d\.\d+)", far.text)[0])
    assert far.parts[0].value == pytest.approx(rate / 2)
