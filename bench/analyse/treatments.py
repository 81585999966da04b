"""What of a run can be ranked: which treatments, over which blocks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.critical_difference import TREATMENTS, ranking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.axes import Grid, GridCell
    from bench.analyse.critical_difference import Ranking
    from bench.analyse.effects import Effect
    from bench.core.score import Score

DATASETS = 5  # with fewer, ranks over data sets say nothing (Demsar 2006, page 11)
DRAWN = 3  # axes whose levels are ranked


class Blocks(StrEnum):
    """Over what treatments are ranked."""

    DATASETS = "data sets"
    REPETITIONS = "seeds on data sets"
    SEEDS = "seeds"
    COMBINATIONS = "combinations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A ranking and what it is of.

    Attributes:
        axis: whose levels are the treatments; empty where these are cells.
        left_out: how many cells or levels are not ranked, having no result in some block.
        datasets: on how many data sets.
    """

    blocks: Blocks
    of: Ranking
    axis: str = ""
    left_out: int = 0
    datasets: int = 1


def rankings(grids: Sequence[Grid], effects: Sequence[Effect], score: Score) -> tuple[Ranked, ...]:
    """Rankings with enough blocks to support a conclusion; may be empty.

    Cells themselves are ranked where there are 3 to `TREATMENTS` of them: over several data sets, or over the seeds of
    one. Elsewhere the levels of up to three axes are, over the combinations of the other settings that they share.

    Args:
        grids: one for each data set.
        effects: of the first grid, the largest first.
        score: of the run.
    """
    cells = _over_datasets(grids, score) if len(grids) > 1 else _over_seeds(grids[0], score) if grids else None
    if cells is not None:
        return (cells,)
    of_levels = (_levels(effect, score) for effect in effects)
    return tuple([ranked for ranked in of_levels if ranked is not None][:DRAWN])


def _over_datasets(grids: Sequence[Grid], score: Score) -> Ranked | None:
    """What was trained on all data sets; a block is a data set, or a seed of one where these are few."""
    by_dataset = [{cell.treatment: cell for cell in grid.cells if cell.scores} for grid in grids]
    common = [key for key in by_dataset[0] if all(key in cells for cells in by_dataset)]
    every = {cell.treatment for grid in grids for cell in grid.cells}
    if not 3 <= len(common) <= TREATMENTS:  # noqa: PLR2004  what Friedman's test is for
        return None
    treatments = [[cells[key] for key in common] for cells in by_dataset]
    if len(grids) >= DATASETS:
        blocks, rows = Blocks.DATASETS, [[cell.score.mean for cell in cells] for cells in treatments]
    else:
        blocks, rows = Blocks.REPETITIONS, [row for cells in treatments for row in _seeds(cells)]
    if not rows:
        return None
    of = ranking(_names(treatments[0]), np.array(rows), score)
    return Ranked(blocks=blocks, of=of, left_out=len(every) - len(common), datasets=len(grids)) if of else None


def _over_seeds(grid: Grid, score: Score) -> Ranked | None:
    cells = [cell for cell in grid.cells if cell.scores]
    rows = _seeds(cells)
    if not 3 <= len(cells) <= TREATMENTS or not rows:  # noqa: PLR2004  what Friedman's test is for
        return None
    of = ranking(_names(cells), np.array(rows), score)
    return Ranked(blocks=Blocks.SEEDS, of=of, left_out=len(grid.cells) - len(cells)) if of else None


def _levels(effect: Effect, score: Score) -> Ranked | None:
    of = ranking([level.name for level in effect.levels], np.array([level.means for level in effect.levels]).T, score)
    if of is None:
        return None
    return Ranked(blocks=Blocks.COMBINATIONS, of=of, axis=effect.axis.name, left_out=len(effect.left_out))


def _seeds(cells: Sequence[GridCell]) -> list[list[float]]:
    """A row for each seed with which all cells have a result."""
    shared = [seed for seed in cells[0].scores if all(seed in cell.scores for cell in cells)] if cells else []
    return [[cell.scores[seed] for cell in cells] for seed in shared]


def _names(cells: Sequence[GridCell]) -> list[str]:
    """Labels without the data set, or whole ids where these would not be different."""
    labels = [cell.label for cell in cells]
    return labels if len(set(labels)) == len(labels) else [cell.cell_id for cell in cells]
