"""What cells are ranked and judged by: its name, its direction, its bounds, and how values and differences are printed.

Everything above asks the score: nobody else knows whether more is better, or whether 0.98 reads `98.00 %`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from bench.core import formatting
from bench.core.target import Task

if TYPE_CHECKING:
    from collections.abc import Callable


_FLOAT32_STEP = 2.0**-23


class Form(StrEnum):
    """How a value is printed."""

    PERCENT = "percent"  # 98.12 %, differences in points
    FRACTION = "fraction"  # 0.9812
    NUMBER = "number"  # 41.23


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What cells are ranked and judged by.

    Attributes:
        name: as a suite writes it; `package.module:function` for one of the user's own.
        heading: what tables and charts call it, such as `accuracy` or `MAE`.
        meaning: its definition, one sentence or more.
        higher_is_better: its direction.
        low, high: its bounds; None where it has none.
        form: how a value is printed.
        tasks: the tasks it can judge; empty for any.
    """

    name: str
    heading: str
    meaning: str
    higher_is_better: bool = True
    low: float | None = None
    high: float | None = None
    form: Form = Form.NUMBER
    tasks: tuple[Task, ...] = ()

    @property
    def title(self) -> str:
        """Its heading at the beginning of a line: `Accuracy`, `MAE`."""
        return self.heading[:1].upper() + self.heading[1:]

    @property
    def sign(self) -> int:
        """What turns a difference into a gain: 1 where more is better, else -1."""
        return 1 if self.higher_is_better else -1

    @property
    def best_word(self) -> str:
        """`highest` or `lowest`, whichever is the best."""
        return "highest" if self.higher_is_better else "lowest"

    @property
    def direction(self) -> str:
        """`higher is better` or `lower is better`."""
        return f"{'higher' if self.higher_is_better else 'lower'} is better"

    @property
    def unit(self) -> str:
        """Of a difference, as a word after it: `points` for a percentage, else empty."""
        return "points" if self.form is Form.PERCENT else ""

    @property
    def floor(self) -> float:
        """Its lower bound, or minus infinity."""
        return -math.inf if self.low is None else self.low

    @property
    def ceiling(self) -> float:
        """Its upper bound, or infinity."""
        return math.inf if self.high is None else self.high

    @property
    def widest_gap(self) -> float:
        """The largest difference that two values can have; infinite without bounds."""
        return self.ceiling - self.floor

    @property
    def stepped(self) -> bool:
        """Whether its values move in steps of one test example, as fractions do."""
        return (self.low, self.high) == (0, 1)

    def step(self, examples: int, value: float = 0.0) -> float:
        """The finest difference that values on a test set can show.

        A fraction of right examples moves in steps of one example. Other fractions, as the macro F1, move in steps of
        about that size. A score without bounds is as fine as the float32 it is computed in.

        Args:
            examples: in the test set; 0 where it is not known.
            value: about where the step is asked for.

        Returns:
            In the unit of the score, at least 0.
        """
        if self.stepped and examples > 0:
            return 1 / examples
        return abs(value) * _FLOAT32_STEP

    def gain(self, difference: float) -> float:
        """A difference as a gain: positive where the first is better."""
        return self.sign * difference

    def better(self, first: float, second: float) -> bool:
        """Whether the first value is better than the second."""
        return self.gain(first - second) > 0

    def clipped(self, value: float) -> float:
        """A value brought within the bounds."""
        return min(max(value, self.floor), self.ceiling)

    def text(self, value: float | None) -> str:
        """A value: `98.12 %`, `0.9812`, `41.23`; NaN and None give `-`."""
        return _TEXT[self.form](value)

    def labelled(self, value: float | None) -> str:
        """A value that names its score where it is not accuracy: `98.12 %`, `F1 98.12 %`, `MAE 41.23`."""
        return self.text(value) if self.name == "accuracy" else f"{self.heading} {self.text(value)}"

    def of_class(self, name: str) -> Score:
        """The same with a meaning that says which of two classes it is about; itself where it is about no class."""
        return (
            replace(self, meaning=self.meaning.partition(OF_CLASSES)[0] + f"Of the class {name}.")
            if OF_CLASSES in self.meaning
            else self
        )

    def range(self, low: float | None, high: float | None) -> str:
        """An interval of values: `98.08 to 98.14 %`, `40.91 to 41.55`; NaN and None give `-`."""
        if self.form is Form.PERCENT:
            return formatting.percent_range(low, high)
        return _between(self.text(low), self.text(high))

    def gap(self, difference: float | None) -> str:
        """A difference without its unit: `0.52` (points), `0.0052`, `1.3`; NaN and None give `-`."""
        return _GAP[self.form](difference)

    def deviation(self, deviation: float | None) -> str:
        """A standard deviation by its name: `SD 0.48 points`, `SD 1.3`; empty for NaN and None."""
        text = self.gap(deviation)
        return "" if text == formatting.MISSING else f"SD {text} {self.unit}".rstrip()

    def signed_gap(self, difference: float | None) -> str:
        """A difference with its sign: `-0.52`, `+1.3`, `0`; NaN and None give `-`."""
        if self.form is Form.PERCENT:
            return formatting.signed_points(difference)
        text = self.gap(difference)
        if difference is None or text == formatting.MISSING or float(text.replace(",", "")) == 0:
            return text.lstrip("-") or text if text != formatting.MISSING else text
        return text if difference < 0 else f"+{text}"

    def gap_text(self, difference: float | None) -> str:
        """A difference with its unit: `0.52 points`, `1.3`."""
        return f"{self.gap(difference)} {self.unit}".rstrip()

    def gap_range(self, low: float | None, high: float | None) -> str:
        """An interval of differences: `5.50 to 5.60`; NaN and None give `-`."""
        return _between(self.gap(low), self.gap(high))

    def signed_gap_range(self, low: float | None, high: float | None) -> str:
        """An interval of differences with signs: `-0.52 to +0.10`; NaN and None give `-`."""
        return _between(self.signed_gap(low), self.signed_gap(high))


_TEXT: dict[Form, Callable[[float | None], str]] = {
    Form.PERCENT: formatting.percent,
    Form.FRACTION: formatting.fraction,
    Form.NUMBER: formatting.significant,
}
_GAP: dict[Form, Callable[[float | None], str]] = {
    Form.PERCENT: formatting.points,
    Form.FRACTION: formatting.fraction,
    Form.NUMBER: formatting.compact,
}


def _between(low: str, high: str) -> str:
    return formatting.MISSING if formatting.MISSING in {low, high} else f"{low} to {high}"


OF_CLASSES = (
    "Of two classes that of the second, by number or alphabet; of more the mean over classes, each weighing the same."
)


ACCURACY = Score(
    name="accuracy",
    heading="accuracy",
    meaning="Fraction of the test examples that were classified correctly.",
    low=0.0,
    high=1.0,
    form=Form.PERCENT,
    tasks=(Task.CLASSES,),
)
"""What classes are ranked by where nothing else is named, and what files of version 0.1.0 are about."""
