"""What all exports share: the request, the cell that it names, and where files go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.errors import BenchError
from bench.core.names import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.commands.workspace import Workspace
    from bench.results import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What a user asks to be exported.

    Attributes:
        what: a run for a table, folder or tracker, a cell's id for anything else.
        to: a format of `bench.commands.formats`.
        run: whose cell it is.
        seed: of the trial that a lesson repeats, None for the first that went well; of the trial that a model card is
            about, None for the means over all seeds; of a trained model, None for the one that was kept.
        force: replace what is there.
        tracking_uri: of MLflow's store; None for what MLFLOW_TRACKING_URI says, or a file here.
        top: cells of each data set that a LaTeX table lists, the best first; None for all.
    """

    what: str
    to: str
    run: str
    seed: int | None
    output: Path | None
    force: bool
    workspace: Workspace
    tracking_uri: str | None = None
    top: int | None = None


def find_cell(run: Run, what: str, cells: Sequence[str]) -> str:
    """The id of the one cell that a user means by an id or a part of it.

    Raises:
        BenchError: there is none, or more than one.
    """
    matching = [cell for cell in cells if cell == what] or [cell for cell in cells if what in cell]
    if len(matching) != 1:
        guess = nearest(what, cells)
        raise BenchError(
            f"Run {run.run_id} has {f'{len(matching)} cells like' if matching else 'no cell'} {what!r}"
            + (f"; did you mean {guess}?" if guess and not matching else "."),
            hint=f"Choose one of: {', '.join(cells[:8])}{', ...' if len(cells) > 8 else ''}",  # noqa: PLR2004
        )
    return matching[0]


def free(path: Path, request: ExportRequest) -> Path:
    """A path for a file that is not there, or may be replaced.

    Raises:
        BenchError: it is there already.
    """
    if path.exists() and not request.force:
        raise BenchError(f"{path} is there already.", hint="Add --force to replace it, or name another file with -o.")
    return path


def slug(text: str) -> str:
    """A file's name that any system and shell takes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80] or "cell"
