"""What `bench verify` prints: how alike two trainings of a trial are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.bits import Likeness
from bench.core.formatting import MISSING, number, plural
from bench.render.plan import new_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from bench.analyse.bits import Comparison

LIKENESS = {
    Likeness.BITWISE: "bitwise equal",
    Likeness.TOLERANCE: "equal within tolerance",
    Likeness.DIFFERENT: "not equal",
}


def verification_row(cell_id: str, seed: int, engine: str, digests: int, comparison: Comparison) -> tuple[str, ...]:
    """A cell that was trained twice, as `verification_table` takes it.

    Args:
        cell_id: of the cell.
        seed: of both trainings.
        engine: that drove them.
        digests: how many were compared.
        comparison: of the two trainings.
    """
    likeness = f"{LIKENESS[comparison.likeness]}, {plural(digests, 'digest')}"
    largest = "none" if comparison.largest == 0 else number(comparison.largest)
    return cell_id, str(seed), engine, likeness, comparison.parted or MISSING, largest


def verification_table(rows: Sequence[Sequence[str]]) -> Table:
    """Cells that were trained twice: cell, seed, engine, how equal, where they part, largest difference."""
    table = new_table(
        None,
        ("cell", False),
        ("seed", True),
        ("engine", False),
        ("trained twice", False),
        ("parts at", False),
        ("largest difference", True),
    )
    for row in rows:
        table.add_row(*row)
    return table
