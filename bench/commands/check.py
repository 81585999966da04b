"""`bench check`: whether a run is as good as what was accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.gate.further_seeds import can_settle, further_seeds
from bench.analyse.gate.judge import judge
from bench.commands.find import find_run
from bench.commands.index import write_index_of
from bench.commands.plan import code_signatures, declare
from bench.commands.publish import publish, publish_refusal
from bench.commands.request import RunRequest
from bench.commands.run import run_suite
from bench.core.errors import BenchError, NotJudgedError
from bench.core.formatting import plural
from bench.record.baseline import read_baseline
from bench.record.records import RunStatus
from bench.record.verdictfile import verdict_text
from bench.record.verdicts import Verdict
from bench.render.gate.reasons import worded
from bench.render.terminal import make_console, make_display

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from bench.commands.workspace import Workspace
    from bench.core.errors import ExitCode
    from bench.record.baseline import Baseline
    from bench.record.records import RunResult
    from bench.record.verdicts import Judgement
    from bench.render.terminal import Display
    from bench.results import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """What a user asks to be judged.

    Attributes:
        run: its id, a suite's name, `latest` or a run folder.
        baseline: the file; None for the suite's own under `reports`.
        partial: judge a run of a part of the suite on that part.
        junit: where the JUnit XML goes; None for the run's folder.
        as_json: print what `verdict.json` holds; all else goes to standard error.
        workspace: where the run is looked for.
    """

    run: str
    workspace: Workspace
    baseline: Path | None = None
    partial: bool = False
    junit: Path | None = None
    as_json: bool = False


def check(request: CheckRequest) -> ExitCode:
    """Judge a run, train more seeds where the gate asks for them, and publish the verdicts.

    Raises:
        BenchError: there is no such run or baseline, or the baseline cannot be read.
    """
    try:
        return _check(request)
    except BenchError as error:
        publish_refusal(error, stderr=request.as_json)
        raise


def _check(request: CheckRequest) -> ExitCode:
    console = make_console(stderr=request.as_json)
    run = find_run(request.run, request.workspace, history=True)
    suite = run.result.run.suite_name
    path = request.baseline or request.workspace.baseline_of(suite)
    if request.baseline and not path.exists():
        raise NotJudgedError(f"There is no baseline at {path}.", hint="Is the path of --baseline right?")
    baseline = read_baseline(path, suite=suite)
    if run.result.run.status is RunStatus.RUNNING:
        raise NotJudgedError(f"Run {run.run_id} has not finished.", hint="Judge it when `bench list` shows FINISHED.")
    results = [run.result, *_earlier_looks(run, baseline, request)]
    judgement = worded(judge(baseline, results, partial=request.partial))
    display = make_display(console)
    while (undecided := _open_cells(judgement)) and _may_look_again(baseline, results):
        cells = plural(len(undecided), "cell")
        display.note(
            f"{cells} inconclusive: training more seeds of them, look {len(results) + 1} of {baseline.gate.looks}"
        )
        results.append(_more_seeds(request, baseline, undecided, results, display).result)
        judgement = worded(judge(baseline, results, partial=request.partial))
    display.end()
    folder = run.folder or request.workspace.folder_of(suite, run.run_id)
    publish(judgement, console, folder, junit_path=request.junit)
    _report(run, judgement, folder, console)
    write_index_of(request.workspace)
    if request.as_json:
        print(verdict_text(judgement), end="")  # noqa: T201  a document, and nothing else
    return judgement.exit_code


def _report(run: Run, judgement: Judgement, folder: Path, console: Console) -> None:
    """Write the report again with the verdicts; a page that was interactive stays so where that is possible."""
    # matplotlib takes a second to import, and the verdict is on the screen by now
    from bench.render.report import is_interactive, write_report  # noqa: PLC0415

    interactive = is_interactive(folder / "report.html")
    try:
        paths = write_report(run.result, folder, judgement=judgement, history=run.history, interactive=interactive)
    except BenchError as error:
        if not interactive:
            raise
        console.print(f"The report is written without its interactive charts. {error.message} {error.hint}".rstrip())
        paths = write_report(run.result, folder, judgement=judgement, history=run.history)
    console.print(f"Report    {paths.html}")


def _earlier_looks(run: Run, baseline: Baseline, request: CheckRequest) -> list[RunResult]:
    """What earlier checks of the same run trained: the same store gives the same judgement."""
    if baseline.gate.on_inconclusive != "more-seeds":
        return []
    with request.workspace.reading() as database:
        lines = [line.run for line in database.runs(run.result.run.suite_name)]
        later = sorted(line.run_id for line in lines if line.asked.get("follows") == run.run_id)
        return [database.load_run(run_id) for run_id in later[: baseline.gate.looks - 1]]


def _may_look_again(baseline: Baseline, results: list[RunResult]) -> bool:
    gate = baseline.gate
    return gate.on_inconclusive == "more-seeds" and len(results) < gate.looks


def _open_cells(judgement: Judgement) -> frozenset[str]:
    """The ids of the inconclusive cells that further seeds can settle."""
    return frozenset(cell.cell_id for cell in judgement.having(Verdict.INCONCLUSIVE) if can_settle(cell))


def _more_seeds(
    request: CheckRequest, baseline: Baseline, undecided: frozenset[str], results: list[RunResult], display: Display
) -> Run:
    """A run of these cells with as many seeds as the first look had, none of them trained before."""
    first = results[0].run
    trained = {seed for result in results for _, seed in result.run.planned}
    number = max(sum(cell_id == wanted for cell_id, _ in first.planned) for wanted in undecided)
    seeds = further_seeds([cell for cell in baseline.cells if cell.cell_id in undecided], trained, number)
    wanted = RunRequest(
        suite=first.asked.get("suite"),
        overrides={**first.asked.get("overrides", {}), "seeds": list(seeds)},
        expression=first.asked.get("expression"),
        only=undecided,
        follows=first.run_id,
        workspace=request.workspace,
    )
    declared = declare(wanted)
    now = code_signatures(declared.suite, declared.cells)
    gone = undecided - {cell.id for cell in declared.cells}
    if gone or any(first.code.get(builder) != code for builder, code in now.items()):
        what = f"the suite no longer holds {min(gone)}" if gone else "the code that trains its cells has changed"
        raise NotJudgedError(
            f"Run {first.run_id} needs more seeds, and they cannot be trained: {what}.",
            hint=f"Run the suite again and judge that run: {first.command}",
        )
    return run_suite(wanted, display)
