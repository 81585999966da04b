"""A trial as a lesson in plain Keras: what each step is there for, and code that trains the same network.

Pure; the code is text. A file per part of a lesson, and one per task for what depends on what is predicted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.render.exports.lesson.building import build_network
from bench.render.exports.lesson.compiling import choose_loss
from bench.render.exports.lesson.loading import load_data, look, prepare
from bench.render.exports.lesson.mistakes import look_at_mistakes
from bench.render.exports.lesson.preparing import prepare_inputs
from bench.render.exports.lesson.subject import Input, Step, Subject
from bench.render.exports.lesson.testing import test_network
from bench.render.exports.lesson.training import train

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Input", "Step", "Subject", "lesson"]

STEPS: tuple[Callable[[Subject], Step], ...] = (
    prepare,
    load_data,
    look,
    prepare_inputs,
    build_network,
    choose_loss,
    train,
    test_network,
    look_at_mistakes,
)


def lesson(subject: Subject) -> tuple[Step, ...]:
    """The steps, from loading the data to looking at the mistakes."""
    return tuple(step(subject) for step in STEPS)
