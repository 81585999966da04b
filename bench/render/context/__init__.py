"""All that a report says, as text: every number is formatted here once, so that every format prints the same digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.axes import grids
from bench.analyse.configuration import configuration
from bench.analyse.extent import only, shown_cells
from bench.analyse.labels import cell_labels, elided_labels
from bench.analyse.leader import leaders
from bench.analyse.networks import networks_of
from bench.analyse.stats import summary
from bench.core.formatting import elided
from bench.record.collect import trials_frame
from bench.record.verdicts import Verdict
from bench.render.context.board import leaderboards
from bench.render.context.cells import best_sections, linked, notebook_command
from bench.render.context.definitions import definitions
from bench.render.context.drawings import charts, untimed
from bench.render.context.environment import cpu_flags, datasets, environment_rows, packages
from bench.render.context.failures import failures
from bench.render.context.nodes import nodes_table
from bench.render.context.overview import badges, extent, facts, missing_trials
from bench.render.context.places import places_sections
from bench.render.context.values import NAME_WIDTH, ReportContext, Table
from bench.render.decision import cards
from bench.render.findings import headline, no_result
from bench.render.gate.words import ordered, sentence, short_names
from bench.render.moments import moment
from bench.render.networks import counted_word
from bench.render.treatment import applied
from bench.render.words import example_word

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

    from bench.analyse.configuration import Configuration
    from bench.analyse.leader import Leader
    from bench.record.history import PastTrial
    from bench.record.records import RunResult
    from bench.record.verdicts import Judgement

__all__ = ["ReportContext", "report_context"]

NAMED = 3  # cells that the verdict names


def report_context(
    result: RunResult, judgement: Judgement | None = None, history: Sequence[PastTrial] = ()
) -> ReportContext:
    """The report of a run, as values.

    Args:
        result: the run.
        judgement: of the gate, where one was made.
        history: of `bench.record.store.Store.history`; empty where there is no store.
    """
    run, trials = result.run, trials_frame(result)
    cells = summary(trials, run.score)
    networks = networks_of(result)
    rows, names = networks.rows(cells, run.score), networks.labels(cells)
    labels, best = cell_labels(cells), leaders(rows, run.score)
    every = {trial.cell.id: trial.cell for trial in result.trials}
    listed = shown_cells(rows, run.score, places=len(networks.places))
    kept, missing = networks.with_twins(listed), missing_trials(result)
    settings = configuration(every.values(), applied(result.trials))
    references = [network.reference for network in networks.networks]
    axes = grids(references, trials, run.score, with_places=not networks.several)
    short = labels | elided_labels({cell_id: labels[cell_id] for cell_id in every if cell_id in kept}, NAME_WIDTH)
    of_listed = elided_labels({cell_id: names[cell_id] for cell_id in every if cell_id in listed}, NAME_WIDTH)
    named = names | {cell_id: of_listed[networks.reference_of[cell_id]] for cell_id in every if cell_id in kept}
    part, of_part = only(result, kept), trials
    if part is not result:
        of_part = trials[trials["cell_id"].isin(kept)]
    boards = leaderboards(run, of_part, rows, named, best, listed, axes, networks)
    failed, more_failed = failures(result, short)
    drawn = charts(
        part,
        of_part,
        cells[cells["cell_id"].isin(kept)],
        named,
        points=axes,
        judgement=judgement,
        past=history,
        networks=networks,
    )
    sections = best_sections(result, cells, short, settings, boards=boards, charts={chart.name for chart in drawn})
    return ReportContext(
        suite=elided(run.suite_name, NAME_WIDTH),
        run_id=run.run_id,
        started_at=moment(run.started_at),
        bench_version=run.bench_version,
        command=run.command,
        notices=run.notices,
        headlines=tuple(
            headline(
                leader,
                rows[rows["dataset"] == leader.dataset],
                names,
                run.score,
                example_word(run.datasets, leader.dataset),
                networks,
            )
            for leader in best
        )
        or (no_result(cells),),
        cards=cards(result, rows, axes, names, networks),
        badges=(*extent(len(listed), len(rows), counted_word(networks)), *badges(result, cells, missing)),
        facts=facts(result, cells, len(rows)),
        leaderboards=linked(boards, sections),
        cells=sections,
        places=places_sections(result, kept),
        untimed=untimed(result, trials, cells),
        verdict=_verdict(judgement) if judgement else "",
        verdict_red=bool(judgement and judgement.exit_code),
        charts=drawn,
        failures=failed,
        missing=" ".join(filter(None, (missing, more_failed))),
        common=settings.common,
        differing=_differing(settings, short, kept),
        suite_source=run.suite_source,
        environment=environment_rows(result),
        cpu_flags=cpu_flags(run),
        nodes=nodes_table(run),
        packages=packages(run),
        datasets=datasets(run),
        definitions=definitions(run.score, example_word(run.datasets), classes=bool(cells["test_error"].notna().any())),
        export_command=_export_command(run.run_id, cells, best),
    )


def _verdict(judgement: Judgement) -> str:
    """The judgement's sentence, and the worst cells by name where it is red."""
    names = short_names(judgement)
    red = [cell for cell in ordered(judgement) if cell.verdict not in {Verdict.PASS, Verdict.IMPROVED}]
    if not red or not judgement.exit_code:
        return sentence(judgement)
    named = ", ".join(f"{cell.verdict} {elided(names[cell.cell_id], NAME_WIDTH)}" for cell in red[:NAMED])
    return f"{sentence(judgement)} {named}{f' and {len(red) - NAMED} more' if len(red) > NAMED else ''}."


def _export_command(run_id: str, cells: pd.DataFrame, best: Sequence[Leader]) -> str:
    cell_id = best[0].cell_id if best else str(cells["cell_id"].iloc[0]) if len(cells) else "CELL"
    return notebook_command(run_id, cell_id)


def _differing(settings: Configuration, labels: Mapping[str, str], kept: Collection[str]) -> Table | None:
    if not settings.axes:
        return None
    return Table(
        columns=("cell", *(elided(axis, NAME_WIDTH) for axis in settings.axes)),
        rows=tuple(
            (labels[cell_id], *(elided(value, NAME_WIDTH) for value in values))
            for cell_id, values in settings.cells
            if cell_id in kept
        ),
    )
