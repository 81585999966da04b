"""The best cells by themselves: layers, settings, seeds, curves, mistakes, and what to type to go on with each."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.analyse.extent import only
from bench.analyse.predictions import answers_of
from bench.analyse.structures import structure_of_cell
from bench.core.formatting import MISSING, count, elided, number, plural, seconds
from bench.record.records import Status
from bench.render.charts.curve import curve_svg, is_logarithmic
from bench.render.charts.hardest import NAME as HARDEST
from bench.render.context.board import command
from bench.render.context.values import NAME_WIDTH, CellSection, CellSections, Table
from bench.render.layers import COLUMNS, layer_rows, layers_line, parameters_text, seeds_note
from bench.render.mistakes import mistakes
from bench.render.words import rank_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

    from bench.analyse.configuration import Configuration
    from bench.analyse.predictions import Answers
    from bench.analyse.structures import CellStructure
    from bench.core.score import Score
    from bench.record.records import RunResult, TrialRecord
    from bench.render.charts.curve import Line
    from bench.render.context.values import Leaderboard

FEW, SPARE = 10, 2
"""Rows that a leaderboard shows at first; that many more are shown as well, as `templates/report.js` does."""
MOST = 40
"""Cells of all leaderboards together that have sections."""
SEEDS = 12
"""Rows of a table of seeds, and lines of a drawing."""
REPEATED = 6
"""Rows of a table of layers that is not printed twice."""

UNKNOWN = "Its layers are unknown: an earlier version trained it, no trial built it, or its class hides them."
NONE_KNOWN = (
    "The layers are unknown: an earlier version trained these cells, or no trial built the model. Training a cell "
    "again records them."
)


def cell_sections(
    result: RunResult,
    cells: pd.DataFrame,
    labels: Mapping[str, str],
    settings: Configuration,
    *,
    ids: Sequence[str],
    charts: Collection[str] = (),
) -> tuple[CellSection, ...]:
    """Some cells of a run by themselves.

    Args:
        result: the run.
        cells: the summary of its trials.
        labels: by cell id.
        settings: of all cells.
        ids: of those that are wanted, in order.
        charts: the names of the page's charts, which sections refer to.
    """
    part = only(result, set(ids))
    trials: dict[str, list[TrialRecord]] = {cell_id: [] for cell_id in ids}
    for trial in part.trials:
        trials[trial.cell.id].append(trial)
    by_example = {
        cell_id: (answers, f"{HARDEST}-{place + 1}" if place else HARDEST)
        for place, answers in enumerate(answers_of(part))
        for cell_id in answers.predicted
    }
    rows = {str(row["cell_id"]): row for row in cells.to_dict("records")}
    differing = dict(settings.cells)
    sections: list[CellSection] = []
    earlier: dict[str, CellSection] = {}
    structures = {cell_id: structure_of_cell(of_cell) for cell_id, of_cell in trials.items()}
    for cell_id, structure in structures.items():
        answers, samples = by_example.get(cell_id, (None, ""))
        section = _section(result, trials[cell_id], labels[cell_id], structure, answers)
        if not structure.layers and any(other.layers for other in structures.values()):
            section = replace(section, parameters=f"{section.parameters} {UNKNOWN}".strip())
        like = earlier.setdefault(structure.structure, section) if structure.structure else section
        repeats = like is not section and len(section.layers) > REPEATED
        section = replace(
            section,
            result=_result(rows[cell_id], result.run.score),
            layers=() if repeats else section.layers,
            like=(like.anchor, like.label) if repeats else ("", ""),
            settings=tuple(
                (elided(name, NAME_WIDTH), elided(value, NAME_WIDTH))
                for name, value in zip(settings.axes, differing.get(cell_id, ()), strict=False)
                if value != MISSING and name != "architecture"
            ),
            samples=samples if samples in charts else "",
        )
        sections.append(section)
    return tuple(sections)


def best_sections(
    result: RunResult,
    cells: pd.DataFrame,
    labels: Mapping[str, str],
    settings: Configuration,
    *,
    boards: Sequence[Leaderboard],
    charts: Collection[str],
) -> CellSections:
    """The cells that the leaderboards show first; arguments are those of `cell_sections`."""
    ids = [
        row.cell_id
        for board in boards
        for row in board.rows[: len(board.rows) if len(board.rows) <= FEW + SPARE else FEW]
    ][:MOST]
    left = len(cells) - len(ids)
    sections = cell_sections(result, cells, labels, settings, ids=ids, charts=charts)
    return CellSections(
        cells=sections,
        missing="" if any(section.layers for section in sections) else NONE_KNOWN,
        layer_columns=COLUMNS,
        rest=f"{plural(left, 'other cell is', 'other cells are')} shown by this command, with the name of a cell in "
        "place of CELL:"
        if left
        else "",
        other=shlex.join(["bench", "show", result.run.run_id, "--cell", "CELL"]) if left else "",
    )


def linked(boards: Sequence[Leaderboard], sections: CellSections) -> tuple[Leaderboard, ...]:
    """Leaderboards whose rows know the sections of their cells."""
    anchors = {section.cell_id: section.anchor for section in sections.cells}
    return tuple(
        replace(board, rows=tuple(replace(row, anchor=anchors.get(row.cell_id, "")) for row in board.rows))
        for board in boards
    )


def anchor(cell_id: str) -> str:
    """The name of a cell's section in a page: the same in all reports, and safe in an address."""
    return f"cell-{hashlib.sha256(cell_id.encode('utf-8', 'replace')).hexdigest()[:8]}"


def notebook_command(run_id: str, cell_id: str) -> str:
    """What to type to get a cell as a notebook in plain Keras."""
    return shlex.join(["bench", "export", cell_id, "--run", run_id, "--to", "notebook"])


def _section(
    result: RunResult, trials: Sequence[TrialRecord], label: str, structure: CellStructure, answers: Answers | None
) -> CellSection:
    """All that a cell's own trials say."""
    run, cell_id = result.run, trials[0].cell.id
    curve, curve_note = _curve(trials)
    return CellSection(
        anchor=anchor(cell_id),
        cell_id=cell_id,
        label=label,
        result="",
        layers=layer_rows(structure),
        like=("", ""),
        parameters=f"{parameters_text(structure)}." if structure.layers else _trainable(trials),
        layers_line=layers_line(structure),
        note=seeds_note(structure),
        settings=(),
        seeds=_seeds(trials, run.score),
        more_seeds=f"{plural(len(trials) - SEEDS, 'more seed')}: results.csv has them." if len(trials) > SEEDS else "",
        curve=curve,
        curve_note=curve_note,
        mistakes=mistakes(answers, cell_id) if answers is not None else "",
        samples="",
        command=command(run, cell_id),
        notebook=notebook_command(run.run_id, cell_id) if any(trial.status is Status.OK for trial in trials) else "",
    )


def _trainable(trials: Sequence[TrialRecord]) -> str:
    """What is known without the layers, as a sentence; empty for nothing."""
    counts = (trial.outcome.parameter_count for trial in trials)
    known = next((number_of for number_of in counts if number_of is not None), None)
    return "" if known is None else f"{plural(known, 'trainable parameter')}."


def _result(row: Mapping[object, object], score: Score) -> str:
    """The score of a cell with its interval and rank: `98.01 % (97.80 to 98.22 %), rank 1`."""
    if not row["n"]:
        return "no result"
    parts = [f"{score.heading} {score.text(row['score_mean'])}"]  # type: ignore[arg-type]
    if row["n"] != 1:
        parts[0] += f" ({score.range(row['score_low'], row['score_high'])})"  # type: ignore[arg-type]
    rank = rank_text(row["rank"])
    return ", ".join([*parts, *([f"rank {rank}"] if rank != MISSING else [])])


def _seeds(trials: Sequence[TrialRecord], score: Score) -> Table:
    """A row per seed; columns that say nothing are left out."""
    several = len({len(trial.outcome.epochs) for trial in trials}) > 1
    rows = [
        (
            str(trial.seed),
            score.text(trial.outcome.value(score)) if trial.status is Status.OK else str(trial.status),
            number(_last_loss(trial)),
            count(len(trial.outcome.epochs)) if several else MISSING,
            seconds(trial.outcome.phases.train_time_s) if not (trial.doubts or trial.contention) else MISSING,
        )
        for trial in trials[:SEEDS]
    ]
    columns = ("Seed", score.title, "Last training loss", "Epochs", "Train time")
    kept = [place for place in range(len(columns)) if place < 2 or any(row[place] != MISSING for row in rows)]  # noqa: PLR2004
    return Table(
        columns=tuple(columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in rows),
    )


def _last_loss(trial: TrialRecord) -> float | None:
    return trial.outcome.epochs[-1].loss if trial.outcome.epochs else None


def _curve(trials: Sequence[TrialRecord]) -> tuple[str, str]:
    """The losses of every seed over its epochs, and what the drawing shows."""
    solid = [line for trial in trials[:SEEDS] if len(line := _line(trial, "loss")) > 1]
    dashed = [line for trial in trials[:SEEDS] if len(line := _line(trial, "validation_loss")) > 1]
    if not solid and not dashed:
        return "", ""
    values = [value for line in (*solid, *dashed) for _, value in line]
    of = ("Training loss" if solid else "") + (" and validation loss" if solid and dashed else "")
    of = of or "Validation loss"
    epochs = max(len(line) for line in (*solid, *dashed))
    text = f"{of} over {plural(epochs, 'epoch')}, from {number(max(values))} to {number(min(values))}"
    note = f"{text}; a line is a seed{', dashed where it is the validation split' if solid and dashed else ''}"
    note += "; logarithmic." if is_logarithmic([*solid, *dashed]) else "."
    return curve_svg(solid, dashed), note


def _line(trial: TrialRecord, measure: str) -> Line:
    return [(epoch.epoch, value) for epoch in trial.outcome.epochs if (value := getattr(epoch, measure)) is not None]
