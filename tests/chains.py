"""Chains of acceptances, made from means and deviations without a run behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.record.baseline import Acceptance, PastCell

CONTENT = "same settings, data and score"


def past(mean: float, std: float | None, n: int = 10, content: str = CONTENT) -> PastCell:
    """What an acceptance says of a cell."""
    return PastCell(n=n, mean=mean, std=std, content=content)


def acceptance(number: int, cells: Mapping[str, PastCell]) -> Acceptance:
    """The acceptance of that number, counted from 1, on that day of January."""
    return Acceptance(
        accepted_at=f"2026-01-{number:02d}T12:00:00+00:00",
        accepted_by="Somebody",
        reason="",
        run_id=f"run-{number}",
        revision="",
        bench_version="",
        suite_sha256="",
        content="",
        previous="",
        hash="",
        cells=dict(cells),
    )


def chain(cells: Sequence[Mapping[str, PastCell]]) -> tuple[Acceptance, ...]:
    """Acceptances, the oldest first; one for each mapping from cell id to figures."""
    return tuple(acceptance(number, of) for number, of in enumerate(cells, start=1))
