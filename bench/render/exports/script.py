"""A lesson as a Python script."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from bench.core.formatting import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.render.exports.lesson import Step

WIDTH = 100


def script_text(title: str, steps: Sequence[Step]) -> str:
    """The steps one after the other, each under a comment that says what it is there for."""
    # a comment ends with its line, so a title that holds a line break would run what follows it
    head = f"# {one_line(title)}"
    parts = [head, *(_part(number, step) for number, step in enumerate(steps, start=1))]
    return "\n\n".join(parts) + "\n"


def _part(number: int, step: Step) -> str:
    words = textwrap.fill(one_line(step.text), WIDTH, initial_indent="# ", subsequent_indent="# ")
    return f"# {number}. {one_line(step.title)}\n{words}\n{step.code}"
