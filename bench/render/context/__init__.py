"""All that a report says, as text: every number is formatted here once, so that every format prints the same digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.configuration import configuration
from bench.analyse.findings import headline, no_result
from bench.analyse.labels import cell_labels, elided_labels
from bench.analyse.leader import leaders
from bench.analyse.stats import summary
from bench.core.formatting import elided, printable
from bench.record.collect import trials_frame
from bench.render.context.board import leaderboards, speed
from bench.render.context.definitions import definitions
from bench.render.context.drawings import charts, untimed
from bench.render.context.environment import cpu_flags, datasets, environment_rows, packages
from bench.render.context.failures import failures
from bench.render.context.moments import moment
from bench.render.context.overview import badges, facts, missing_trials
from bench.render.context.values import NAME_WIDTH, ReportContext, Table
from bench.render.gate.words import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.analyse.configuration import Configuration
    from bench.record.records import RunResult
    from bench.record.verdicts import Judgement

__all__ = ["ReportContext", "report_context"]


def report_context(result: RunResult, judgement: Judgement | None = None) -> ReportContext:
    """The report of a run, as values."""
    run, trials = result.run, trials_frame(result)
    cells = summary(trials)
    labels, best = cell_labels(cells), leaders(cells)
    settings = configuration({trial.cell.id: trial.cell for trial in result.trials}.values())
    shown, missing = elided_labels(labels, NAME_WIDTH), missing_trials(result)
    boards = leaderboards(trials, cells, shown, best)
    return ReportContext(
        suite=elided(run.suite_name, NAME_WIDTH),
        run_id=printable(run.run_id),
        started_at=moment(run.started_at),
        bench_version=printable(run.bench_version),
        command=printable(run.command),
        notices=tuple(printable(notice) for notice in run.notices),
        headlines=tuple(headline(one, cells[cells["dataset"] == one.dataset], labels) for one in best)
        or (no_result(cells),),
        badges=badges(result, cells, missing),
        facts=facts(result, cells),
        leaderboards=boards,
        untimed=untimed(result, trials, cells),
        speed=tuple(speed(rows, shown) for _, rows in cells.groupby("dataset", sort=False)),
        verdict=printable(sentence(judgement)) if judgement else "",
        charts=charts(result, trials, cells, shown, judgement),
        failures=failures(result, shown),
        missing=missing,
        common=tuple((printable(key), printable(value)) for key, value in settings.common),
        differing=_differing(settings, shown),
        suite_source=printable(run.suite_source),
        environment=environment_rows(run),
        cpu_flags=cpu_flags(run),
        packages=packages(run),
        datasets=datasets(run),
        definitions=definitions(
            timed=any(board.timed for board in boards), validated=any(board.validated for board in boards)
        ),
    )


def _differing(settings: Configuration, labels: Mapping[str, str]) -> Table | None:
    if not settings.axes:
        return None
    return Table(
        columns=("cell", *(elided(axis, NAME_WIDTH) for axis in settings.axes)),
        rows=tuple(
            (labels[cell_id], *(elided(value, NAME_WIDTH) for value in values)) for cell_id, values in settings.cells
        ),
    )
