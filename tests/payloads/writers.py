"""Everything that this project writes about a run, by name: text or bytes, and how it is read back."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.analyse.compare.comparison import compare
from bench.analyse.compare.party import party_of_baseline, party_of_run
from bench.analyse.entry import run_entry
from bench.analyse.gate.acceptance import Approval, accept
from bench.analyse.gate.judge import judge
from bench.analyse.history.story import suite_history
from bench.analyse.stats import summary
from bench.core.target import Target, Task
from bench.record.collect import trials_frame
from bench.record.history import PastTrial
from bench.record.records import RunResult, Status
from bench.record.store import RunLine
from bench.render.cell import print_cell
from bench.render.charts.canvas import svg_file
from bench.render.compare.context import compare_context
from bench.render.compare.page import compare_html, compare_markdown
from bench.render.compare.terminal import compare_text, compare_view
from bench.render.console import TextConsole
from bench.render.context import report_context
from bench.render.documents.accept import accept_document
from bench.render.documents.compare import compare_document
from bench.render.documents.document import document_text
from bench.render.documents.plan import PlanDocument, data_entry, planned_cells
from bench.render.documents.runs import list_document
from bench.render.documents.show import show_document
from bench.render.explore.explorer import explorer
from bench.render.exports.bmf import bmf_text
from bench.render.exports.csv import csv_text
from bench.render.exports.github_action_benchmark import github_action_benchmark_texts
from bench.render.exports.history import history_json
from bench.render.exports.json import json_text
from bench.render.exports.latex import latex_text
from bench.render.exports.lesson import Input, Subject, lesson
from bench.render.exports.model_card import model_card_text
from bench.render.exports.notebook import notebook_text
from bench.render.exports.parquet import parquet_bytes
from bench.render.exports.pytest_benchmark import pytest_benchmark_text
from bench.render.exports.script import script_text
from bench.render.exports.tracked import run_tags, tracked_trials
from bench.render.gate.accepted import acceptance_changes
from bench.render.gate.annotations import annotation_lines, refusal_line
from bench.render.gate.junit import junit
from bench.render.gate.markdown import refusal
from bench.render.gate.markdown import summary as gate_summary
from bench.render.gate.reasons import worded
from bench.render.gate.terminal import verdict_table
from bench.render.history.markdown import history_markdown
from bench.render.history.terminal import history_view
from bench.render.index.context import PAGES, Folder
from bench.render.index.page import index_html
from bench.render.nodes import described_table
from bench.render.pages import markdown_page, page
from bench.render.plan import plan_table
from bench.render.report import HTML_TEMPLATE, MARKDOWN_TEMPLATE
from bench.render.tables import leaderboard, metrics_table, runs_table, trials_table
from bench.render.terminal import LiveDisplay, PlainDisplay
from bench.render.verification import verification_table
from bench.render.words import ranking_notes

NARROW, WIDE = 80, 200


@dataclass(frozen=True)
class Written:
    """What a writer wrote.

    Attributes:
        name: of the writer.
        kind: how it is read: html, markdown, svg, xml, csv, json, yaml, latex, python, notebook, parquet,
            terminal, redrawn, github, or text, which nobody but a person reads.
    """

    name: str
    kind: str
    content: Any


def written(before: RunResult, after: RunResult, *, charts: bool = True) -> Iterator[Written]:
    """What all writers make of two runs of one suite, the later one judged by the earlier.

    Args:
        before: accepted as the baseline.
        after: reported, judged and compared.
        charts: whether the pages with charts are made too, which takes most of the time.
    """
    baseline, judgement = _judged(before, after)
    yield from _gate(judgement)
    yield from _exports(after)
    yield from _screens(after, judgement, baseline)
    yield from _lasting(before, after)
    # the names of folders become addresses, percent-encoded: tests/unit/commands/test_index.py
    of_run = Folder(path="suite/run", entry=run_entry(after, judgement), files=PAGES)
    yield Written("index", "html", index_html([of_run], {after.run.suite_name: after.run.command}, ["compare.html"]))
    comparison = compare(party_of_baseline(baseline), party_of_run(after))
    yield Written("compare on the screen", "terminal", _printed(compare_view(compare_context(comparison))))
    yield Written("compare as text", "terminal", compare_text(compare_view(compare_context(comparison))))
    yield Written("compare --json", "json", document_text(compare_document(comparison)))
    yield Written("accept --json", "json", document_text(accept_document(baseline, Path(after.run.suite_name), None)))
    if charts:
        yield from _pages(before, after, judgement)


def pages(before: RunResult, after: RunResult) -> Iterator[Written]:
    """What a browser shows of two runs: pages, Markdown and charts."""
    yield from _pages(before, after, _judged(before, after)[1])


def _judged(before: RunResult, after: RunResult) -> Any:
    run = before.run
    # a reason of spaces is refused; the accepting person and the reason are a baseline's only texts of its own
    approval = Approval(run.started_at, run.command, run.suite_source.strip() or "reason")
    kept = tuple(trial for trial in before.trials if trial.status is Status.OK)
    planned = tuple((trial.cell.id, trial.seed) for trial in kept)
    baseline = accept(replace(before, trials=kept, run=replace(run, planned=planned)), approval, None)
    return baseline, worded(judge(baseline, [after]))


def _gate(judgement: Any) -> Iterator[Written]:
    yield Written("verdicts on the screen", "terminal", _printed(verdict_table(judgement)))
    yield Written("junit", "xml", junit(judgement))
    yield Written("step summary", "markdown", gate_summary(judgement))
    yield Written("annotations", "github", "\n".join(annotation_lines(judgement)) + "\n")
    reason = judgement.cells[0].reason + judgement.suite
    yield Written("refusal annotation", "github", refusal_line(reason, judgement.suite) + "\n")
    yield Written("refusal summary", "markdown", refusal(reason, judgement.suite))


def _exports(run: RunResult) -> Iterator[Written]:
    yield Written("results.csv", "csv", csv_text(run))
    yield Written("json", "json", json_text(run))
    yield Written("list --json", "json", document_text(list_document([RunLine(run.run, 3, 3)])))
    frame = trials_frame(run)
    shown = show_document(run, frame, summary(frame, run.run.score), None)
    yield Written("show --json", "json", document_text(shown))
    cells = {trial.cell.id: trial.cell for trial in run.trials}.values()
    plan = PlanDocument(
        suite=run.run.suite_name, trials=1, to_train=1, estimate_s=None, jobs=1, retrained=(), idle_excludes=(),
        datasets=(data_entry(run.run.datasets[0].name, None),),
        cells=planned_cells(list(cells), [0], None, frozenset()),
    )  # fmt: skip
    yield Written("plan --json", "json", document_text(plan))
    yield Written("pytest-benchmark", "json", pytest_benchmark_text(_timed(run)))
    yield Written("bmf", "json", bmf_text(run))
    for ending, text in github_action_benchmark_texts(_timed(run)).items():
        yield Written(f"github-action-benchmark{ending}", "json", text)
    first = next(trial for trial in run.trials if trial.status is Status.OK)
    _, head, page = model_card_text(run, first.cell.id).split("---\n", 2)
    yield Written("metadata of a model card", "yaml", head)
    yield Written("page of a model card", "markdown", page)
    yield Written("latex", "latex", latex_text(run))
    yield Written("parquet", "parquet", parquet_bytes(run))
    yield Written("what trackers are told", "text", _tracked(run))
    title, steps = _lesson(run)
    yield Written("script", "python", script_text(title, steps))
    yield Written("notebook", "notebook", notebook_text(title, steps))


def _tracked(run: RunResult) -> str:
    """A line for each text that MLflow, TensorBoard and W&B get."""
    lines = list(run_tags(run).items())
    for trial in tracked_trials(run):
        lines += [("name", trial.name), *trial.parameters.items(), *trial.tags.items(), *trial.figures.items()]
    return "".join(f"{name} = {value}\n" for name, value in lines)


def _timed(run: RunResult) -> RunResult:
    """The run as if nothing had disturbed its times: only these are exported."""
    return replace(run, trials=tuple(replace(trial, contention="") for trial in run.trials))


def _lesson(run: RunResult) -> Any:
    """A lesson of the first trial, with the names of this run wherever a name can stand."""
    trial = next(trial for trial in run.trials if trial.status is Status.OK)
    data = run.run.datasets[0]
    target = data.target if data.task is Task.CLASSES else Target(data.task, data.targets)
    texts = [text for text in (data.name, *data.features, run.run.command) if text]
    several = tuple(Input(name=text, shape=(4,), dtype="float32", record=None, picture=False) for text in texts)
    subject = Subject(
        trial=trial, target=target, score=run.run.score, layers=(), builder="mine:make",
        parameters=trial.cell.parameters, outputs=target.width, sparse=False, optimizer="SGD", loss="'mse'",
        loss_name=run.run.suite_name, schedule="", data_file="data.npz", dataset=data.name, held_out_seed=1,
        inputs=several if len(set(texts)) > 1 else several[:1],
    )  # fmt: skip
    return f"{trial.cell.id}, seed {trial.seed}", lesson(subject)


def _screens(run: RunResult, judgement: Any, baseline: Any) -> Iterator[Written]:
    record, frame = run.run, trials_frame(run)
    cells, score = summary(frame, record.score), record.score
    values = [
        leaderboard(cells, score), metrics_table(cells, score), trials_table(run), runs_table([RunLine(record, 3, 3)]),
        plan_table([trial.cell for trial in run.trials], 3, None), *record.notices, *ranking_notes(cells),
        *acceptance_changes(replace(baseline, cells=()), baseline),
        *acceptance_changes(baseline, replace(baseline, cells=())),
        verification_table([(trial.cell.id, "1", trial.outcome.engine or "", "equal", trial.reason, "0")
                            for trial in run.trials]),
        described_table(record.nodes),
        f"{record.suite_name}  {record.run_id}: {record.command}", *judgement.notes,
    ]  # fmt: skip
    for width in (NARROW, WIDE):
        yield Written(
            f"tables of {width} columns", "terminal", _printed(*(v for v in values if v is not None), width=width)
        )
        file = io.StringIO()
        print_cell(TextConsole(file=file, width=width, color_system=None), run, cells, run.trials[0].cell.id)
        yield Written(f"a cell in {width} columns", "terminal", file.getvalue())
    yield Written("coloured tables", "redrawn", _printed(*(v for v in values if v is not None), colour=True))
    file = io.StringIO()
    _show(PlainDisplay(TextConsole(file=file, width=WIDE, color_system=None)), run)
    yield Written("progress in a log", "terminal", file.getvalue())
    file = io.StringIO()
    _show(LiveDisplay(TextConsole(file=file, width=NARROW, force_terminal=True, color_system="standard")), run)
    yield Written("progress in a terminal", "redrawn", file.getvalue())


def _show(display: Any, run: RunResult) -> None:
    """A run as its display hears of it."""
    display.plan([trial.cell for trial in run.trials], 3, {})
    display.begin(len(run.trials), run.run.score)
    for text in (*run.run.notices, run.run.datasets[0].source):
        display.note(text)
        display.warn(text)
        display.working(text)
    for trial in run.trials:
        display.started(trial.trial_id, f"{trial.cell.id} seed {trial.seed}", 2)
        display.finished(trial, trial.log, reused=False)
    display.end()


def _printed(*values: Any, width: int = NARROW, colour: bool = False) -> str:
    file = io.StringIO()
    console = TextConsole(file=file, width=width, color_system="standard" if colour else None, force_terminal=colour)
    for value in values:
        console.print(value)
    return file.getvalue()


def _pages(before: RunResult, after: RunResult, judgement: Any) -> Iterator[Written]:
    past = _history(before, after)
    context = report_context(after, judgement, past)  # once for both: drawing takes most of the time
    yield Written("report.html", "html", page(HTML_TEMPLATE, report=context, explorer=None))
    text = markdown_page(MARKDOWN_TEMPLATE, report=context)
    charts = {f"charts/{chart.name}.svg": svg_file(chart) for chart in context.charts}
    yield Written("report.md", "markdown", text)
    for name, svg in charts.items():
        yield Written(name, "svg", svg)
    interactive = page(HTML_TEMPLATE, report=context, explorer=explorer(after))
    yield Written("interactive.html", "html", interactive)
    comparison = compare(party_of_run(before), party_of_run(after))
    yield Written("compare.html", "html", compare_html(comparison))
    text, svg = compare_markdown(comparison, "chart.svg")
    yield Written("compare.md", "markdown", text)
    yield Written("compare.svg", "svg", svg)


def _lasting(before: RunResult, after: RunResult) -> Iterator[Written]:
    """Four runs of either side with another score, so that there is a change to write of."""
    past = [
        replace(one, run=replace(one.run, run_id=f"{one.run.run_id}{place}"), score=level + one.seed / 1000)
        for place, level in enumerate((0.9,) * 4 + (0.5,) * 4)
        for one in _history(before if place < 4 else after)
    ]
    history = suite_history(past, list(dict.fromkeys(one.cell_id for one in past)), after.run.score)
    assert history.changes
    yield Written("history on the screen", "terminal", _printed(history_view(history)))
    yield Written("history.md", "markdown", history_markdown(history, after.run.suite_name))
    yield Written("history.json", "json", history_json(history, after.run.suite_name))


def _history(*runs: RunResult) -> tuple[PastTrial, ...]:
    return tuple(
        PastTrial(
            run=run.run, cell_id=trial.cell.id, seed=trial.seed, score=float(np.float64(value)),
            train_time_s=trial.outcome.phases.train_time_s, test_images=400,
        )
        for run in runs
        for trial in run.trials
        if (value := trial.outcome.value(run.run.score)) is not None
    )  # fmt: skip
