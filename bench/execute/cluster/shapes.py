"""Which shapes are measured: the engines are timed by one node, and the trials that need that wait for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench.execute.choice import is_exact, needs_fit, needs_survey

if TYPE_CHECKING:
    from bench.execute.harness.surveys import Known
    from bench.execute.messages import TrialTask

Shape = tuple[str, bool]


class Shapes:
    """The shapes of a run; those of two kinds of node are never equal, since the environment is part of a shape.

    Args:
        surveys: what engines take, for cells that leave the choice open; None where all say which they take.
    """

    def __init__(self, surveys: Known | None) -> None:
        self._surveys = surveys
        self._parked: dict[Shape, list[TrialTask]] = {}
        self._unmeasured: set[Shape] = set()

    @property
    def parked(self) -> list[TrialTask]:
        """The trials that wait for a survey."""
        return [task for tasks in self._parked.values() for task in tasks]

    def settled(self, task: TrialTask) -> tuple[TrialTask, bool] | None:
        """A task with the survey that it goes by, and whether that is made first; None where it is being made."""
        shape = _shape(task)
        if (
            self._surveys is None
            or task.keep_weights
            or not needs_survey(task.cell)
            or needs_fit(task.cell, streamed=task.stream is not None)
        ):
            survey = self._surveys.find(task)[1] if self._surveys is not None and task.keep_weights else None
            return replace(task, survey=survey), False
        known, survey = self._surveys.find(task)
        if known or shape in self._unmeasured:
            return replace(task, survey=survey), False
        if shape in self._parked:
            self._parked[shape].append(task)
            return None
        self._parked[shape] = []
        return task, True

    def decided(self, task: TrialTask) -> list[TrialTask]:
        """Whether the engines were measured for a shape is decided; those that waited for it."""
        if self._surveys is None or not self._surveys.find(task)[0]:
            self._unmeasured.add(_shape(task))  # it was not worth while
        return self._parked.pop(_shape(task), [])

    def given_up(self, task: TrialTask) -> list[TrialTask]:
        """The node that measured is lost; those that waited for it, one of which is to measure anew."""
        return self._parked.pop(_shape(task), [])


def _shape(task: TrialTask) -> Shape:
    return task.shape, is_exact(task.cell)
