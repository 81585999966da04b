"""`pytest --bench-suite bench.toml`: a test per cell of a suite, which is red where a trial failed or the gate says so.

Every pytest of an environment loads this file, so it imports what it needs only once a suite is asked for.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.commands.request import RunRequest
    from bench.commands.workspace import Workspace
    from bench.record.baseline import Baseline
    from bench.record.records import TrialRecord
    from bench.record.verdicts import CellVerdict, Judgement
    from bench.results import Run


class CellFailure(Exception):  # noqa: N818  what is raised where a test fails is no error of the harness
    """What is wrong with a cell, in sentences."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of this plugin."""
    group = parser.getgroup("keras-bench")
    text = "Train a suite file: a test per cell, red where a trial failed or a baseline is not met. May be repeated."
    group.addoption("--bench-suite", action="append", default=[], metavar="FILE", help=text)
    group.addoption(
        "--bench-baseline", metavar="FILE", help="The baseline.  [default: baselines/SUITE.json in reports]"
    )
    group.addoption("--bench-reports", metavar="DIR", default="reports", help="Folder of runs.  [default: reports]")


def pytest_configure(config: pytest.Config) -> None:
    """Have the suites collected, after what else is collected.

    Raises:
        pytest.UsageError: a suite is not there, or one baseline is to serve several suites.
    """
    suites = _suites(config)
    if config.getoption("bench_baseline") and len(suites) > 1:
        raise pytest.UsageError("--bench-baseline is of one suite; received several --bench-suite.")
    named = {(config.invocation_params.dir / str(word).partition("::")[0]).resolve() for word in config.args}
    for path in suites:
        if not path.is_file():
            raise pytest.UsageError(f"--bench-suite: there is no file {path}.")
        if path not in named:
            config.args.append(str(path))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SuiteFile | None:
    """The cells of a suite, where the file is one that was asked for."""
    if file_path.resolve() not in _suites(parent.config):
        return None
    collected: SuiteFile = SuiteFile.from_parent(parent, path=file_path)
    return collected


def _suites(config: pytest.Config) -> list[Path]:
    return [(config.invocation_params.dir / name).resolve() for name in config.getoption("bench_suite")]


class SuiteFile(pytest.File):
    """A suite file. It is trained once, when the first of its cells is tested."""

    def collect(self) -> Iterator[pytest.Item]:
        """The cells of the suite, then those that only the baseline holds.

        Raises:
            CollectError: the suite or the baseline cannot be read.
        """
        from bench.commands.plan import declare  # noqa: PLC0415  see the top
        from bench.core.errors import BenchError  # noqa: PLC0415

        try:
            cells = [cell.id for cell in declare(self.request()).cells]
            accepted = [cell.cell_id for cell in self.baseline.cells] if self.baseline else []
        except BenchError as error:
            raise self.CollectError(_worded(error)) from error
        for name in dict.fromkeys((*cells, *accepted)):
            item: CellItem = CellItem.from_parent(self, name=name, declared=name in cells)
            yield item

    def request(self, only: frozenset[str] | None = None) -> RunRequest:
        """What to run.

        Args:
            only: the ids of the cells to train; None for all.
        """
        from bench.commands.request import RunRequest  # noqa: PLC0415

        return RunRequest(suite=str(self.path), only=only, workspace=self.workspace)

    @property
    def workspace(self) -> Workspace:
        """The folder of runs, and its store."""
        from bench.commands.workspace import Workspace  # noqa: PLC0415

        return Workspace(Path(self.config.invocation_params.dir, self.config.getoption("bench_reports")))

    @cached_property
    def baseline(self) -> Baseline | None:
        """What was accepted; None where there is no baseline and none is asked for.

        Raises:
            BenchError: it cannot be read, or the one that is asked for is not there.
        """
        from bench.commands.plan import declare  # noqa: PLC0415
        from bench.core.errors import NotJudgedError  # noqa: PLC0415
        from bench.record.baseline import read_baseline  # noqa: PLC0415

        suite = declare(self.request()).suite.keys.name
        named = self.config.getoption("bench_baseline")
        path = Path(self.config.invocation_params.dir, named) if named else self.workspace.baseline_of(suite)
        if not path.exists():
            if named:
                raise NotJudgedError(f"There is no baseline at {path}.", hint="Is the path of --bench-baseline right?")
            return None
        return read_baseline(path, suite=suite)

    @cached_property
    def run(self) -> Run:
        """The run of the cells that are to be tested.

        Raises:
            BenchError: the suite cannot be trained.
            KeyboardInterrupt: the run was interrupted; what had finished is recorded.
        """
        from bench.commands.run import run_suite  # noqa: PLC0415
        from bench.record.records import RunStatus  # noqa: PLC0415
        from bench.render.terminal import silent_display  # noqa: PLC0415

        chosen = [item for item in self.session.items if isinstance(item, CellItem) and item.parent is self]
        finished = run_suite(self.request(frozenset(item.name for item in chosen)), silent_display())
        if finished.result.run.status is RunStatus.INTERRUPTED:
            raise KeyboardInterrupt
        return finished

    @cached_property
    def judgement(self) -> Judgement | None:
        """The verdicts on the cells that were trained; None where there is no baseline."""
        if self.baseline is None:
            return None
        from bench.analyse.gate.judge import judge  # noqa: PLC0415
        from bench.render.gate.reasons import worded  # noqa: PLC0415

        return worded(judge(self.baseline, [self.run.result], partial=True))


class CellItem(pytest.Item):
    """A cell of a suite."""

    def __init__(self, *, declared: bool, **options: Any) -> None:  # noqa: ANN401  as pytest makes nodes
        super().__init__(**options)
        self.declared = declared

    @property
    def suite(self) -> SuiteFile:
        """The file that it is of."""
        assert isinstance(self.parent, SuiteFile)  # noqa: S101  by `SuiteFile.collect`
        return self.parent

    def runtest(self) -> None:
        """Train the suite unless it is trained, and look at this cell.

        Raises:
            CellFailure: the baseline holds the cell and the suite does not, a trial has no result, or the verdict is
                red.
        """
        if not self.declared:
            raise CellFailure("MISSING: the baseline holds this cell, and the suite does not.")
        run = self.suite.run
        trials = [trial for trial in run.result.trials if trial.cell.id == self.name]
        self.user_properties.append(("run", run.run_id))
        failed = [_trial_text(trial) for trial in trials if trial.status != "OK"]
        lost = {seed for cell, seed in run.result.run.planned if cell == self.name} - {trial.seed for trial in trials}
        failed += [f"No record, seed {seed}" for seed in sorted(lost)]
        if failed or not trials:
            raise CellFailure("\n".join(failed))
        judgement = self.suite.judgement
        if judgement is None:
            return
        verdict = next((verdict for verdict in judgement.cells if verdict.cell_id == self.name), None)
        if verdict is None:
            self.add_report_section("call", "keras-bench", "The baseline does not hold this cell: it is not judged.")
            return
        self.user_properties.append(("verdict", str(verdict.verdict)))
        text = _verdict_text(verdict, judgement)
        if not _is_green(verdict, judgement):
            raise CellFailure(text)
        self.add_report_section("call", "keras-bench", text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401
        """The sentences, and no traceback, where the cell or the suite is at fault."""
        from bench.core.errors import BenchError  # noqa: PLC0415
        from bench.core.formatting import printable  # noqa: PLC0415

        if isinstance(excinfo.value, CellFailure):
            return printable(str(excinfo.value))
        if isinstance(excinfo.value, BenchError):
            return printable(_worded(excinfo.value))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """The suite file and the cell, as pytest names the test."""
        return self.path, None, self.name


def _is_green(verdict: CellVerdict, judgement: Judgement) -> bool:
    from bench.record.verdicts import Verdict  # noqa: PLC0415

    if verdict in judgement.slower or (judgement.lacks_time and verdict in judgement.untimed):
        return False
    tolerated = judgement.gate.get("on_inconclusive") == "pass"
    return verdict.verdict in {Verdict.PASS, Verdict.IMPROVED, *([Verdict.INCONCLUSIVE] if tolerated else [])}


def _verdict_text(verdict: CellVerdict, judgement: Judgement) -> str:
    from bench.render.gate.words import context  # noqa: PLC0415

    slower = ", SLOWER" if verdict in judgement.slower else ""
    return "\n".join((f"{verdict.verdict}{slower}: {verdict.reason}", *context(verdict, judgement.score)))


def _trial_text(trial: TrialRecord) -> str:
    return f"{trial.status}, seed {trial.seed}: {trial.reason}"


def _worded(error: Any) -> str:  # noqa: ANN401  a BenchError, which is not imported yet
    return f"{error.message}\n{error.hint}" if error.hint else str(error.message)
