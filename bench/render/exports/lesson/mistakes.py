"""The last step: what the network gets wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.render.exports.lesson.tasks import words_of

if TYPE_CHECKING:
    from bench.render.exports.lesson.subject import Step, Subject


def look_at_mistakes(of: Subject) -> Step:
    """The mistakes, or the largest errors."""
    return words_of(of).mistakes(of)
