"""All that a comparison says, as text: every number is formatted here once, so that every format prints the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from bench.analyse.intervals import sample
from bench.analyse.labels import cell_labels, elided_labels
from bench.core.formatting import MISSING, elided, number
from bench.core.target import Task
from bench.render.compare.findings import headline, notes
from bench.render.compare.words import (
    REASON_WIDTH,
    Shown,
    columns,
    definitions,
    deviation_unit,
    name,
    remarks,
    row,
    side_shown,
)
from bench.render.context.values import NAME_WIDTH, Table
from bench.render.moments import moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.analyse.compare.changes import Change
    from bench.analyse.compare.comparison import Comparison
    from bench.analyse.compare.flipped import FlippedExample
    from bench.analyse.compare.party import CellSide, Failure, Party
    from bench.analyse.gate.side import Truth

MOST_EXAMPLES = 60  # examples of a cell that are named; the table of cells counts all


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareContext:
    """What the templates and the terminal see.

    Attributes:
        title: the finding.
        sentences: what may have caused it, and how far to trust it.
        before: A in a few words.
        after: B in a few words.
        place: data set and device, where all cells share them; names of cells leave them out.
        notices: what weakens trust in either side.
        parties: label, A, B.
        columns: of the table of figures.
        cells: its rows.
        remarks: what could not be compared, and why.
        shared: what differs in all cells: setting, A, B.
        settings: what differs in some cells: cell, setting, A, B.
        environment: what differs outside the cells: what, A, B.
        absent: cells that only one side has.
        failures: cells with trials that have no result.
        examples: test examples that changed sides, one by one.
        examples_cut: whether some of them are left out.
        definitions: what the columns mean.
    """

    title: str
    sentences: tuple[str, ...]
    before: str
    after: str
    place: str
    notices: tuple[str, ...]
    parties: Table
    columns: tuple[str, ...]
    cells: tuple[tuple[Shown, ...], ...]
    remarks: tuple[str, ...]
    shared: Table
    settings: Table
    environment: Table
    absent: Table
    failures: Table
    examples: Table
    examples_cut: bool
    definitions: tuple[tuple[str, str], ...]


def compare_labels(comparison: Comparison) -> dict[str, str]:
    """A short name for every cell of either side, by its id."""
    sides = {**comparison.before.cells, **comparison.after.cells}
    rows = [(cell_id, *_place(cell_id, side)) for cell_id, side in sides.items()]
    return elided_labels(cell_labels(pd.DataFrame(rows, columns=["cell_id", "dataset", "device"])), NAME_WIDTH)


def compare_context(comparison: Comparison) -> CompareContext:
    """A comparison as values."""
    labels = compare_labels(comparison)
    finding = headline(comparison, labels)
    values = all(cell.after.cell.task is Task.REGRESSION for cell in comparison.cells)
    return CompareContext(
        title=finding.title,
        sentences=finding.sentences,
        before=name(comparison, after=False),
        after=name(comparison, after=True),
        place=_common_place(comparison),
        notices=notes(comparison),
        parties=_parties(comparison),
        columns=columns(comparison.score),
        cells=tuple(row(cell, labels[cell.cell_id], comparison.score) for cell in comparison.cells),
        remarks=remarks(comparison),
        shared=_changes(comparison.shared, "setting"),
        settings=_settings(comparison, labels),
        environment=_changes(comparison.environment, "what"),
        absent=_absent(comparison, labels),
        failures=_failures(comparison, labels),
        examples=_examples(comparison, labels, values=values),
        examples_cut=any(len(cell.flipped) > MOST_EXAMPLES for cell in comparison.cells),
        definitions=definitions(comparison.score, values=values),
    )


def _common_place(comparison: Comparison) -> str:
    places = {
        _place(cell_id, side)
        for party in (comparison.before, comparison.after)
        for cell_id, side in party.cells.items()
    }
    return elided(" on ".join(next(iter(places))), NAME_WIDTH) if len(places) == 1 else ""


def _place(cell_id: str, side: CellSide) -> tuple[str, str]:
    """Data set and device of a cell, as its id ends with them."""
    device = side.cell.declared.get("device", "")
    before, _, kind = cell_id.rpartition(f"@{device}")
    return before.rpartition("@")[2], f"{device}{kind}"


def _parties(comparison: Comparison) -> Table:
    before, after = _facts(comparison.before), _facts(comparison.after)
    keys = dict.fromkeys((*before, *after))
    rows = tuple((key, before.get(key, MISSING), after.get(key, MISSING)) for key in keys)
    return Table(columns=("about", "A", "B"), rows=rows, names=3)


def _facts(party: Party) -> dict[str, str]:
    trials = f"{party.trials - party.failures} of {max(party.planned, party.trials)} with a result"
    facts = {"run": party.run_id, "suite": party.suite, "cells": str(len(party.cells)), "trials": trials}
    if party.run:
        facts = {"what": "run", **facts, "started": moment(party.run.started_at), "command": party.run.command}
    elif party.acceptance:
        accepted = party.acceptance
        facts = {
            "what": "baseline",
            **facts,
            "accepted": f"{moment(accepted.accepted_at)}, by {accepted.accepted_by}",
            "reason": accepted.reason,
        }
    return {key: elided(value, REASON_WIDTH) for key, value in facts.items()}


def _changes(changes: Sequence[Change], heading: str) -> Table:
    rows = tuple(
        tuple(elided(text, REASON_WIDTH) for text in (change.key, change.before, change.after)) for change in changes
    )
    return Table(columns=(heading, "A", "B"), rows=rows, names=3)


def _settings(comparison: Comparison, labels: Mapping[str, str]) -> Table:
    rows = [
        (labels[cell.cell_id], *row)
        for cell in comparison.cells
        for row in _changes([change for change in cell.changes if change not in comparison.shared], "").rows
    ]
    return Table(columns=("cell", "setting", "A", "B"), rows=tuple(rows), names=4)


def _absent(comparison: Comparison, labels: Mapping[str, str]) -> Table:
    rows = [
        (labels[side.cell.cell_id], f"{where} only", side_shown(sample(side.values), side, comparison.score).line)
        for where, sides in (("A", comparison.only_before), ("B", comparison.only_after))
        for side in sides
    ]
    return Table(
        columns=("cell", "in", comparison.score.heading + deviation_unit(comparison.score)), rows=tuple(rows), names=2
    )


def _failures(comparison: Comparison, labels: Mapping[str, str]) -> Table:
    rows = [
        (labels[cell_id], where, _statuses(side.failure), _why(side.failure, comparison))
        for where, party in (("A", comparison.before), ("B", comparison.after))
        for cell_id, side in party.cells.items()
        if side.failure
    ]
    return Table(columns=("cell", "in", "trials without a result", "reason of the first"), rows=tuple(rows), names=4)


def _statuses(failure: Failure) -> str:
    return ", ".join(f"{number} {status}" for status, number in failure.statuses)


def _why(failure: Failure, comparison: Comparison) -> str:
    return elided(failure.reason or f"its {comparison.score.heading} is no number", REASON_WIDTH)


def _examples(comparison: Comparison, labels: Mapping[str, str], *, values: bool) -> Table:
    """The flipped examples, one by one; of values with both errors, of classes and labels with what is wrong."""
    last = ("error in A", "error in B") if values else ("true class", "predicted wrongly")
    rows = [
        (
            labels[cell.cell_id],
            str(flipped.example),
            ("further" if flipped.lost else "nearer") if values else "lost" if flipped.lost else "gained",
            *_figures(flipped, comparison.after.truths.get(cell.after.cell.data_sha256) or comparison.before.truths.get(
                cell.after.cell.data_sha256
            )),
        )
        for cell in comparison.cells
        for flipped in cell.flipped[:MOST_EXAMPLES]
    ]  # fmt: skip
    return Table(columns=("cell", "example", "from A to B", *last), rows=tuple(rows), names=3 if values else 5)


def _figures(flipped: FlippedExample, truth: Truth | None) -> tuple[str, str]:
    if flipped.errors is not None:
        return number(flipped.errors[0]), number(flipped.errors[1])
    wrong = ", ".join(_class(label, truth) for label in flipped.wrong)
    return _class(flipped.label, truth), elided(wrong, NAME_WIDTH)


def _class(label: int | None, truth: Truth | None) -> str:
    if label is None:
        return MISSING
    names = truth.target.names if truth else ()
    return elided(names[label], NAME_WIDTH) if label < len(names) else str(label)
