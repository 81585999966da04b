"""`bench accept --json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.record.verdicts import Reach  # noqa: TC001  pydantic reads annotations
from bench.render.documents.common import ScoreEntry, score_entry
from bench.render.documents.document import VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from bench.record.baseline import Baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedEntry:
    """A cell of the baseline.

    Attributes:
        scores: by seed.
    """

    cell_id: str
    seeds: tuple[int, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptDocument:
    """A baseline that was written.

    Attributes:
        baseline: its file.
        acceptances: of the suite so far, this one included.
        accepted_at: UTC, ISO 8601.
        revision: of the repository that was trained; `+` at its end says that files were changed. Empty for none.
        reach: what a check with half as many seeds can pass; null where a cell has one accepted seed.
    """

    suite: str
    run_id: str
    baseline: str
    score: ScoreEntry
    acceptances: int
    accepted_at: str
    accepted_by: str
    reason: str
    revision: str
    cells: tuple[AcceptedEntry, ...]
    reach: Reach | None
    version: int = VERSION


def accept_document(baseline: Baseline, path: Path, reach: Reach | None) -> AcceptDocument:
    """A baseline as a document.

    Args:
        baseline: as accepted.
        path: of its file.
        reach: of a check by it.
    """
    last = baseline.last
    return AcceptDocument(
        suite=baseline.suite,
        run_id=last.run_id,
        baseline=str(path),
        score=score_entry(baseline.score),
        acceptances=len(baseline.acceptances),
        accepted_at=last.accepted_at,
        accepted_by=last.accepted_by,
        reason=last.reason,
        revision=last.revision,
        cells=tuple(
            AcceptedEntry(
                cell_id=cell.cell_id,
                seeds=tuple(seed.seed for seed in cell.seeds),
                scores=tuple(seed.score for seed in cell.seeds),
            )
            for cell in baseline.cells
        ),
        reach=reach,
    )
