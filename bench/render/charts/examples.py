"""Data of the charts of single test examples, and their word for an example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.formatting import number
from bench.core.target import Task
from bench.render.charts.canvas import name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.analyse.predictions import Answers
    from bench.core.score import Score
    from bench.record.records import Exhibit
    from bench.render.charts.palette import Style

NAMED = 3  # labels that a mark has room for


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """The predictions on one data set, and how its cells are shown.

    Attributes:
        answers: of the data set.
        leading: by architecture, its best cell, the best first.
        labels: by cell id.
        looks: by architecture.
        score: of the run.
        exhibits: the examples that the run kept, of any data set.
        suffix: of the charts' names, where a report has them for several data sets.
    """

    answers: Answers
    leading: Mapping[str, str]
    labels: Mapping[str, str]
    looks: Mapping[str, Style]
    score: Score
    exhibits: Sequence[Exhibit] = ()
    suffix: str = ""

    @property
    def noun(self) -> str:
        """The word for an example: `image` only if it is an image."""
        return "image" if self.answers.picture else "example"

    @property
    def nouns(self) -> str:
        """Several of them."""
        return f"{self.noun}s"

    @property
    def judged(self) -> dict[str, str]:
        """The architectures whose leading cell has predictions, with that cell."""
        return {key: cell_id for key, cell_id in self.leading.items() if cell_id in self.answers.predicted}

    def text(self, values: Sequence[float], width: int) -> str:
        """A true or predicted value as text: a class, the names of labels, or values."""
        answers = self.answers
        if answers.target.task is Task.CLASSES:
            return name(answers.name(int(values[0])), width)
        if answers.target.task is Task.MULTILABEL:
            having = [answers.name(place) for place, value in enumerate(values) if value]
            rest = f" + {len(having) - NAMED} more" if len(having) > NAMED else ""
            return name(" + ".join(having[:NAMED]), width - len(rest)) + rest if having else "none"
        if len(values) == 1:
            return number(values[0])
        return name(", ".join(f"{answers.name(place)} {number(value)}" for place, value in enumerate(values)), width)
