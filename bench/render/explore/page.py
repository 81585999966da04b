"""The page to explore a run with: values in, one HTML file out."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from bench.core.files import write_text
from bench.core.formatting import printable
from bench.render.explore.data import exploration
from bench.render.explore.library import drawing_code
from bench.render.pages import page

if TYPE_CHECKING:
    from pathlib import Path

    from bench.record.records import RunResult
    from bench.render.explore.values import Exploration

TEMPLATE = "explore.html.j2"
PLOTTED = (
    "architectures",
    "grid",
    "axes",
    "curves",
    "best",
    "cells",
)  # what the script reads


def render_explore(result: RunResult, *, template_dir: Path | None = None, report: str = "") -> str:
    """The run as one HTML page that asks for nothing from outside, about 1 MB.

    Args:
        result: the run.
        template_dir: a folder of the user's, searched before ours.
        report: where the report lies, as seen from the page; empty where nobody knows.

    Raises:
        BenchError: the extra `[interactive]` is not installed.
        TemplateError: a template is missing or has an error, with its file and line.
    """
    # first, so that who lacks the extra is told at once
    library = Markup(drawing_code())  # noqa: S704  the library's own code, made fit for a script element
    explored = exploration(result)
    return page(TEMPLATE, template_dir, run=explored, plotted=_json(explored), library=library, report=report)


def write_explore(result: RunResult, path: Path, *, template_dir: Path | None = None, report: str = "") -> Path:
    """Writes the page of `render_explore`, whole or not at all.

    Raises:
        BenchError: as `render_explore`.
        OSError: the file cannot be written.
    """
    return write_text(path, render_explore(result, template_dir=template_dir, report=report))


def _json(explored: Exploration) -> Markup:
    """What the script reads, for an element whose text no parser takes for markup."""
    values = dataclasses.asdict(explored)
    plotted = _printable({key: values[key] for key in PLOTTED})
    return htmlsafe_json_dumps(plotted, separators=(",", ":"), allow_nan=False)


def _printable(value: Any) -> Any:  # noqa: ANN401  values of JSON
    """The same values: the script shows their texts as they are, so nothing in them may control the page's."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(key): _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list | tuple) else value
