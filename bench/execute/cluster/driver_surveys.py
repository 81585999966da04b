"""The surveys of engines' speed on a node: known ones come from the driver, new ones go to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.execute.messages import TrialTask
    from bench.record.records import EngineSurvey


class DriverSurveys:
    """The surveys that the driver sent with tasks, and which tasks of this node have to measure.

    Args:
        send: sends a survey of a task, and the seconds that it took, to the driver.
    """

    def __init__(self, send: Callable[[TrialTask, EngineSurvey | None, float], None]) -> None:
        self._send = send
        self._wanted: set[str] = set()

    def ask(self, task: TrialTask, *, wanted: bool) -> None:
        """Note whether the engines have to be measured for a task."""
        if wanted:
            self._wanted.add(task.trial_id)

    def forget(self, task: TrialTask) -> None:
        """Forget a task that has ended."""
        self._wanted.discard(task.trial_id)

    def find(self, task: TrialTask) -> tuple[bool, EngineSurvey | None]:
        """Whether there is an answer for the task, and the survey."""
        return task.trial_id not in self._wanted, task.survey

    def keep(self, task: TrialTask, survey: EngineSurvey | None, *, spent_s: float) -> None:
        """Send a survey to the driver, which sends it to all other nodes."""
        self._wanted.discard(task.trial_id)
        self._send(task, survey, spent_s)
