"""Checks of a student's own code, which name the slip they see.

A check calls the student's function on a few cases and compares it with the package
and with a list of known wrong versions. It tells *nothing written yet* from wrong, and
a slip that it knows from one that it does not; for that it shows the case with the
largest gap. Arguments are handed over as copies, so a change in place is seen.

The chapter *Definition* uses `step`, `repair` and `half_life`, the chapter *A worked
example* uses `first_step` and `cycle`. *A neural network* uses `gradient`, which
compares with differences of a loss, and `backward`.

What a student's function raises or returns is told and not raised, but for an
interrupt. A check sets no limit of time: it waits for each call. A function that never
returns must be interrupted, and a marker must run the check apart, with a limit.
"""

from rmsprop.check.judging import Task, Verdict, judge
from rmsprop.check.predictions import cycle, first_step, half_life
from rmsprop.check.rule import repair, step
from rmsprop.check.slopes import backward, gradient

__all__ = [
    "Task",
    "Verdict",
    "backward",
    "cycle",
    "first_step",
    "gradient",
    "half_life",
    "judge",
    "repair",
    "step",
]
