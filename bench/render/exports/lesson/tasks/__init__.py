"""What of a lesson depends on what is predicted: a file per task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.target import Task
from bench.render.exports.lesson.tasks.classes import ClassWords
from bench.render.exports.lesson.tasks.labels import LabelWords
from bench.render.exports.lesson.tasks.regression import ValueWords

if TYPE_CHECKING:
    from bench.render.exports.lesson.subject import Subject
    from bench.render.exports.lesson.tasks.words import Words

WORDS: dict[Task, Words] = {
    Task.CLASSES: ClassWords(),
    Task.MULTILABEL: LabelWords(),
    Task.REGRESSION: ValueWords(),
}


def words_of(of: Subject) -> Words:
    """The words and the code of a subject's task."""
    return WORDS[of.task]
