"""A run as a notebook user holds it: frames, summary, report."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.errors import BenchError, ExitCode
from bench.core.files import write_text
from bench.core.text import storable
from bench.record.collect import epochs_frame, trials_frame
from bench.record.records import RunStatus, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from bench.core.errors import UnsavedError
    from bench.record.history import PastTrial
    from bench.record.records import RunResult
    from bench.record.verdicts import Judgement


class Run:
    """One invocation of the harness, and what it left.

    Args:
        result: records of the run and its trials.
        folder: where its files are; None for a run that has none here.
        history: what earlier runs of its suite found; empty for a run that did not come from a store.
        unsaved: why the store or the folder does not hold all of it, as an error that may be raised; None where both
            do.
    """

    def __init__(
        self,
        result: RunResult,
        folder: Path | None = None,
        history: Sequence[PastTrial] = (),
        unsaved: UnsavedError | None = None,
    ) -> None:
        self.result = _whole(result)
        self.folder = folder
        self.history = history
        self.unsaved = unsaved

    def __repr__(self) -> str:
        ok = sum(trial.status is Status.OK for trial in self.result.trials)
        return f"<Run {self.run_id}: {ok} of {len(self.result.run.planned)} trials OK>"

    @property
    def run_id(self) -> str:
        """The run's id, as `bench list` shows it."""
        return self.result.run.run_id

    def trials(self) -> pd.DataFrame:
        """A row per trial; the columns and dtypes are `bench.record.measures.TRIAL_COLUMNS`."""
        return self._trials.copy()

    def epochs(self) -> pd.DataFrame:
        """A row per trial and epoch; the columns and dtypes are `bench.record.measures.EPOCH_COLUMNS`."""
        return epochs_frame(self.result)

    def summary(self) -> pd.DataFrame:
        """A row per cell over its seeds; the columns and dtypes are `bench.record.measures.SUMMARY_COLUMNS`."""
        from bench.analyse.stats import summary  # noqa: PLC0415  SciPy takes a second to import

        return summary(self._trials, self.result.run.score)

    def report(self, path: str | Path, *, templates: Path | None = None, interactive: bool = False) -> Path:
        """Write the report: one HTML file, or Markdown with its charts beside it where the path ends in `.md`.

        Args:
            path: of the file.
            templates: a folder of templates searched before ours.
            interactive: whether the page has charts to explore as well; needs the extra `[interactive]`.

        Raises:
            BenchError: a template cannot be rendered, the path ends in neither `.html` nor `.md`, or an interactive
                report is not `.html`, or lacks the extra.
        """
        from bench.render.report import render_html, render_markdown  # noqa: PLC0415  matplotlib takes a second to import

        beside: dict[str, Any] = {"template_dir": templates, "judgement": self.judgement, "history": self.history}
        target = Path(path)
        if target.suffix.lower() not in {".html", ".md"}:
            raise BenchError(
                f"A report is .html or .md; received {target}.", hint=f"Try {target.with_suffix('.html')}."
            )
        if interactive and target.suffix.lower() != ".html":
            raise BenchError(
                f"An interactive report is .html; received {target}.", hint=f"Try {target.with_suffix('.html')}."
            )
        if target.suffix.lower() == ".html":
            return write_text(target, render_html(self.result, interactive=interactive, **beside))
        text, charts = render_markdown(self.result, **beside)
        for name, svg in charts.items():
            write_text(target.parent / name, svg)
        return write_text(target, text)

    def exit_code(self, *, require_devices: bool = False) -> ExitCode:
        """What the run says to a shell: 0, 3 where trials failed, 130 where it was interrupted.

        Args:
            require_devices: count a trial that was skipped for want of its device as failed.
        """
        if self.result.run.status is RunStatus.INTERRUPTED:
            return ExitCode.INTERRUPTED
        fine = {Status.OK} if require_devices else {Status.OK, Status.SKIPPED}
        failed = any(trial.status not in fine for trial in self.result.trials)
        return ExitCode.TRIALS_FAILED if failed else ExitCode.OK

    @cached_property
    def judgement(self) -> Judgement | None:
        """What the last `bench check` of this run found; None without one."""
        from bench.record.verdictfile import read_verdict  # noqa: PLC0415

        run = self.result.run
        judgement = None if self.folder is None else read_verdict(self.folder)
        # a file that was copied here is about another run
        own = judgement is not None and judgement.suite == run.suite_name and judgement.runs[:1] == (run.run_id,)
        return judgement if own else None

    @cached_property
    def _trials(self) -> pd.DataFrame:
        return trials_frame(self.result)


def _whole(result: RunResult) -> RunResult:
    """A result whose names can be written: in one that was made by hand, they may hold half a character.

    Frames and pages find cells by these names, so they are replaced everywhere or nowhere.
    """
    cells = {trial.cell.id: trial.cell for trial in result.trials}.values()
    return result if all(storable(cell) is cell for cell in cells) else storable(result)
