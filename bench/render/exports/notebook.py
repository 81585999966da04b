"""A lesson as a Jupyter notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.render.exports.json import json_lines
from bench.render.markdown import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.render.exports.lesson import Step


def notebook_text(title: str, steps: Sequence[Step]) -> str:
    """A cell of text and a cell of code per step.

    Source: the notebook format 4.5, as documented by nbformat.
    """
    cells = [_cell(0, "markdown", f"# {escaped(title)}")]
    for number, step in enumerate(steps, start=1):
        cells.append(_cell(2 * number - 1, "markdown", f"## {number}. {escaped(step.title)}\n\n{escaped(step.text)}"))
        cells.append(_cell(2 * number, "code", step.code))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json_lines(content)


def _cell(number: int, kind: str, source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": f"step-{number}", "metadata": {}, "source": source}
    return cell | {"execution_count": None, "outputs": []} if kind == "code" else cell
