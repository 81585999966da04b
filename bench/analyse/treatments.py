"""Which cells can be ranked over data sets: those that were trained on all of several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.critical_difference import TREATMENTS, ranking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.axes import Grid, GridCell
    from bench.analyse.critical_difference import Ranking
    from bench.core.score import Score

DATASETS = 5  # with fewer, ranks over data sets say nothing (Demsar 2006, page 11)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A ranking and how many cells it leaves out, having no result on some data set."""

    of: Ranking
    left_out: int = 0


def over_datasets(grids: Sequence[Grid], score: Score) -> Ranked | None:
    """The ranking of what was trained on all of at least `DATASETS` data sets.

    Friedman's test takes blocks for independent of each other. Data sets are. Seeds of one data set, and combinations
    of settings on it, share that data set and how settings act together there: with them as blocks, a treatment that is
    ahead in these very blocks was called ahead in general in 51 to 89 % of simulated grids in which it was not. So
    there is no other ranking than this one.

    Args:
        grids: one for each data set.
        score: of the run.

    Returns:
        None for fewer data sets, and unless 3 to `TREATMENTS` treatments have a result on all of them.
    """
    if len(grids) < DATASETS:
        return None
    by_dataset = [{cell.treatment: cell for cell in grid.cells if cell.scores} for grid in grids]
    common = [key for key in by_dataset[0] if all(key in cells for cells in by_dataset)]
    every = {cell.treatment for grid in grids for cell in grid.cells}
    if not 3 <= len(common) <= TREATMENTS:  # noqa: PLR2004  what Friedman's test is for
        return None
    treatments = [[cells[key] for key in common] for cells in by_dataset]
    of = ranking(_names(treatments[0]), np.array([[cell.score.mean for cell in row] for row in treatments]), score)
    return Ranked(of=of, left_out=len(every) - len(common)) if of else None


def _names(cells: Sequence[GridCell]) -> list[str]:
    """Labels without the data set, or whole ids where these would not be different."""
    labels = [cell.label for cell in cells]
    return labels if len(set(labels)) == len(labels) else [cell.cell_id for cell in cells]
