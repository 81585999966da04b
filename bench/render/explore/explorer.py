"""What makes a report interactive: the values of a run and the code that draws them, ready for the page."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from bench.core.formatting import printable
from bench.render.explore.data import exploration
from bench.render.explore.library import drawing_code

if TYPE_CHECKING:
    from bench.record.records import RunResult
    from bench.render.explore.values import Exploration

UNPRINTED = ("across", "up", "timed")
"""Values that the template alone reads."""


@dataclass(frozen=True, slots=True)
class Explorer:
    """What the template places.

    Attributes:
        run: the values of the run.
        plotted: what the script reads of them, as JSON for a `<script>` element.
        library: the code that draws, for another; about 0.9 MB.
    """

    run: Exploration
    plotted: Markup
    library: Markup


def explorer(result: RunResult) -> Explorer | None:
    """The interactive part of a run's report; None where no trial gave a result that could be drawn.

    Raises:
        BenchError: the extra `[interactive]` is not installed.
    """
    # first, so that users who lack the extra wait for nothing
    library = Markup(drawing_code())  # noqa: S704  the library's own code, made fit for a script element
    explored = exploration(result)
    return Explorer(explored, _json(explored), library) if explored.axes else None


def _json(explored: Exploration) -> Markup:
    """What the script reads, for an element whose text no parser takes for markup."""
    values = {key: value for key, value in dataclasses.asdict(explored).items() if key not in UNPRINTED}
    return htmlsafe_json_dumps(_printable(values), separators=(",", ":"), allow_nan=False)


def _printable(value: Any) -> Any:  # noqa: ANN401  values of JSON
    """The same values: the script shows their texts as they are, so nothing in them may control the page's."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(key): _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list | tuple) else value
