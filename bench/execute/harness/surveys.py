"""What is known of engines' speed: measured once per shape of cell, remembered in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bench.core.text import storable
from bench.execute.choice import is_exact

if TYPE_CHECKING:
    from bench.execute.messages import TrialTask
    from bench.record.records import EngineSurvey
    from bench.record.store import Store


class Known(Protocol):
    """What is known of engines' speed."""

    def find(self, task: TrialTask) -> tuple[bool, EngineSurvey | None]:
        """Whether there is an answer for the task, and the survey; None where measuring failed in this run."""
        ...

    def keep(self, task: TrialTask, survey: EngineSurvey | None, *, spent_s: float) -> None:
        """Keep a survey, or the fact that it failed."""
        ...


class Surveys:
    """The surveys of a run.

    Args:
        store: where they are looked for and kept.
        remember: keep new ones for later runs.
    """

    def __init__(self, store: Store, *, remember: bool) -> None:
        self._store, self._remember = store, remember
        self._surveys: dict[tuple[str, bool], EngineSurvey | None] = {}
        self.spent_s = 0.0

    def find(self, task: TrialTask) -> tuple[bool, EngineSurvey | None]:
        """Whether there is an answer for the task, and the survey; None where measuring failed in this run."""
        key = _key(task)
        if key not in self._surveys:
            stored = self._store.find_survey(*key)
            if stored is None:
                return False, None
            self._surveys[key] = stored
        return True, self._surveys[key]

    def keep(self, task: TrialTask, survey: EngineSurvey | None, *, spent_s: float) -> None:
        """Keep a survey, or the fact that it failed."""
        key, survey = _key(task), storable(survey)
        self._surveys[key] = survey
        self.spent_s += spent_s
        if survey is not None and survey.complete and self._remember:
            self._store.keep_survey(*key, survey)


def _key(task: TrialTask) -> tuple[str, bool]:
    return task.shape, is_exact(task.cell)
