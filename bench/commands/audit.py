"""`bench audit`: does the gate catch bugs? Known faults are planted, one at a time, and judged like any run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.analyse.gate.acceptance import Approval, accept
from bench.analyse.gate.judge import judge
from bench.commands.find import find_run
from bench.commands.plan import declare
from bench.commands.prepare import inspected, prepare
from bench.commands.request import RunRequest
from bench.commands.site import Terms, site_for
from bench.core.errors import BenchError, ExitCode, NotJudgedError
from bench.core.formatting import MISSING, percent, plural
from bench.core.interrupts import Interrupts
from bench.core.names import nearest
from bench.core.temporary import temporary_folder
from bench.execute.events import Finished, Listed, Started
from bench.execute.faults import FAULTS
from bench.execute.harness.surveys import Surveys
from bench.record.baseline import read_baseline
from bench.record.records import RunResult
from bench.record.verdicts import Judgement, Verdict
from bench.render.documents.audit import audit_document, fault_entry
from bench.render.documents.document import print_document
from bench.render.plan import new_table
from bench.render.terminal import make_console, make_display

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.table import Table

    from bench.commands.nodes import Nodes
    from bench.commands.workspace import Workspace
    from bench.execute.events import Executor
    from bench.execute.messages import TrialTask
    from bench.record.baseline import Baseline
    from bench.record.records import TrialRecord
    from bench.render.documents.audit import FaultEntry
    from bench.render.terminal import Display
    from bench.results import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """What a user asks to be audited.

    Attributes:
        run: whose suite and seeds are used.
        faults: names; all of them where empty.
        expression: -k, which cells.
        jobs: trials at a time.
        as_json: print a JSON document; all else goes to standard error.
        nodes: the machines that train; None for this one.
    """

    run: str
    faults: tuple[str, ...]
    expression: str | None
    jobs: int
    workspace: Workspace
    as_json: bool = False
    nodes: Nodes | None = None


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault and what the gate said of the cells that had it.

    Attributes:
        not_planted: the cells that the fault does not fit, left out of the judgement, and why.
    """

    fault: str
    judgement: Judgement
    not_planted: Mapping[str, str]

    @property
    def caught(self) -> bool:
        """Whether some cell is red for what it did, not for want of seeds."""
        return bool(self.judgement.having(Verdict.REGRESSED, Verdict.INVALID))


def audit(request: AuditRequest) -> ExitCode:
    """Plant each fault in a copy of the suite's training, and print which ones the gate catches.

    Nothing of it enters the store. The run that is audited must not itself be at fault: it is judged as well.

    Raises:
        BenchError: a fault is unknown, there is no such run, or it can neither be judged nor serve as a reference.
    """
    names = request.faults or tuple(FAULTS)
    for name in names:
        if name not in FAULTS:
            guess = nearest(name, FAULTS)
            raise BenchError(
                f"There is no fault {name!r}" + (f"; did you mean {guess}?" if guess else "."),
                hint=f"Choose from: {', '.join(FAULTS)}.",
            )
    console = make_console(stderr=request.as_json)
    display = make_display(console)
    run = find_run(request.run, request.workspace)
    baseline = _reference(run, request)
    try:
        planted = _plant(request, run, baseline, names, display)
    finally:
        display.end()
    gate = baseline.gate
    score = baseline.score
    if request.as_json:
        print_document(audit_document(run.run_id, score, gate, entries(planted)))
        return ExitCode.OK
    console.print(audit_table(planted))
    margin = "" if gate.margin is None else f", margin {score.gap_text(gate.margin)}"
    caught = sum(outcome.caught for outcome in planted)
    for line in _reasons(planted):
        console.print(line)
    console.print(
        f"\n{caught} of {plural(len(planted), 'fault')} caught at the first look, judged by {score.heading} "
        f"({score.direction}), rule {gate.rule}{margin}, alpha {percent(gate.alpha, 1)}. A fault that is not caught "
        "and not passed leaves the check inconclusive, which is red as well unless on_inconclusive says otherwise.",
        style="dim",
    )
    return ExitCode.OK


def entries(planted: Sequence[Planted]) -> tuple[FaultEntry, ...]:
    """The faults as documents have them."""
    return tuple(
        fault_entry(outcome.fault, outcome.judgement, outcome.not_planted, caught=outcome.caught) for outcome in planted
    )


def audit_table(planted: Sequence[Planted]) -> Table:
    """A row per fault: how many cells regressed, could not be judged, and passed all the same."""
    table = new_table(
        None, ("fault", False), ("what is wrong", False), ("caught", False), ("REGRESSED", True), ("INVALID", True),
        ("INCONCLUSIVE", True), ("PASS", True), ("worst change", True), ("not planted", True),
    )  # fmt: skip
    for outcome in planted:
        judgement = outcome.judgement
        numbers = [
            len(judgement.having(verdict)) for verdict in (Verdict.REGRESSED, Verdict.INVALID, Verdict.INCONCLUSIVE)
        ]
        passed = len(judgement.having(Verdict.PASS, Verdict.IMPROVED))
        score = judgement.score
        changes = [cell.difference.value for cell in judgement.cells if cell.difference]
        caught = "yes" if outcome.caught else "no" if judgement.cells else "not planted"
        table.add_row(
            outcome.fault, FAULTS[outcome.fault], caught, *map(str, numbers), str(passed),
            score.signed_gap(min(changes, key=score.gain)) if changes else MISSING, str(len(outcome.not_planted)),
        )  # fmt: skip
    return table


def _reasons(planted: Sequence[Planted]) -> Iterator[str]:
    """Which faults were not planted in which cells, and why."""
    for outcome in planted:
        reasons = Counter(outcome.not_planted.values())
        for reason, cells in reasons.items():
            yield f"{outcome.fault} is not planted in {plural(cells, 'cell')}: {reason}."


def _reference(run: Run, request: AuditRequest) -> Baseline:
    """The baseline of the suite; the run itself where there is none."""
    suite = run.result.run.suite_name
    try:
        return read_baseline(request.workspace.baseline_of(suite), suite=suite)
    except NotJudgedError:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return accept(run.result, Approval(now, "bench audit", "the run that is audited"), None)


def _plant(
    request: AuditRequest, run: Run, baseline: Baseline, names: Sequence[str], display: Display
) -> list[Planted]:
    first = run.result.run
    asked = RunRequest(
        suite=first.asked.get("suite"),
        overrides=first.asked.get("overrides", {}),
        expression=request.expression or first.asked.get("expression"),
        workspace=request.workspace,
    )
    declared = declare(asked)
    planted = []
    with (
        asked.workspace.writing() as store,
        site_for(declared.cells, request.nodes, display.note) as site,
        temporary_folder() as folder,
    ):
        work = prepare(declared, declared.suite.keys.seeds, site, display.working)
        display.note(
            f"{plural(len(names), 'fault')} x {plural(len(work.planned), 'trial')} of {first.suite_name}, judged by "
            f"the baseline accepted {baseline.last.accepted_at[:10]}"
        )
        display.begin(len(work.planned) * len(names), work.data.score)
        surveys = Surveys(store, remember=False)
        with Interrupts() as interrupts:
            terms = Terms(run_id=first.run_id, folder=folder, interrupts=interrupts, surveys=surveys, jobs=request.jobs)
            maker = work.task_maker(f"audit-{first.run_id}")
            make_task = inspected(maker, work.positions, site.executor(terms), folder)
            for name in names:
                tasks = [
                    replace(task, fault=name, trial_id=f"{task.trial_id}-{name}")
                    for task in map(make_task, work.positions)
                ]
                executor = site.executor(replace(terms, folder=folder / name))
                records = _trained(executor, name, tasks, display)
                planted.append(_judged(name, records, run, baseline))
    return planted


def _trained(executor: Executor, name: str, tasks: Sequence[TrialTask], display: Display) -> list[TrialRecord]:
    """The records of tasks that a fault is planted in."""
    records = []
    for event in executor.run(Listed(tasks)):
        if isinstance(event, Started):
            display.started(event.task.trial_id, f"{name}: {event.task.cell.id}", 0)
        elif isinstance(event, Finished):
            records.append(event.record)
            display.finished(event.record, "", reused=False)
    return records


def _judged(name: str, records: Sequence[TrialRecord], run: Run, baseline: Baseline) -> Planted:
    misfits = {record.cell.id: record.outcome.misfit for record in records if record.outcome.misfit}
    kept = tuple(record for record in records if record.cell.id not in misfits)
    planned = tuple((record.cell.id, record.seed) for record in kept)
    faulty = RunResult(run=replace(run.result.run, planned=planned), trials=kept)
    return Planted(name, judge(baseline, [faulty], partial=True), misfits)
