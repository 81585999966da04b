"""What a run looks like in a terminal, and in the plain lines of a log."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Protocol

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from bench.core.formatting import fraction, one_line, percent, plural, seconds, size
from bench.core.score import ACCURACY
from bench.record.records import Status
from bench.render.console import TextConsole
from bench.render.plan import plan_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console, RenderableType

    from bench.core.score import Score
    from bench.declare.cell import Cell
    from bench.record.records import EpochRecord, TrialRecord

STYLES = {
    Status.OK: "green",
    Status.FAILED: "red",
    Status.TIMEOUT: "red",
    Status.DIVERGED: "magenta",
    Status.SKIPPED: "yellow",
    Status.INTERRUPTED: "yellow",
}


def make_console(*, stderr: bool = False) -> Console:
    """A console that honours NO_COLOR and TERM=dumb, and that a log file or CI gets whole lines from."""
    wide = None if sys.stdout.isatty() and not os.environ.get("CI") else 160
    return TextConsole(stderr=stderr, soft_wrap=wide is not None, width=wide)


def is_live(console: Console) -> bool:
    """Whether progress may be redrawn in place: a terminal that can, outside CI."""
    return console.is_terminal and not console.is_dumb_terminal and not os.environ.get("CI")


class Display(Protocol):
    """What hears of a run as it goes on."""

    def note(self, text: str) -> None:
        """Say something that stays."""

    def warn(self, text: str) -> None:
        """Say something that must not be overlooked."""

    def working(self, text: str, done: int | None = None, expected: int | None = None) -> None:
        """Say what is going on until the next word; `done` of `expected` bytes."""

    def plan(self, cells: Sequence[Cell], seeds: int, done: Mapping[str, int]) -> None:
        """What will be trained: `seeds` trials of every cell, less those that are `done` by cell id."""

    def begin(self, trials: int, score: Score = ACCURACY) -> None:
        """Training begins; `score` is what the line of a trial gives."""

    def started(self, trial_id: str, name: str, epochs: int) -> None:
        """A trial has started."""

    def epoch(self, trial_id: str, record: EpochRecord) -> None:
        """A trial has finished an epoch."""

    def finished(self, record: TrialRecord, log: str, *, reused: bool) -> None:
        """A trial has ended, or was there already."""

    def end(self) -> None:
        """Nothing more is redrawn."""


def trial_name(record: TrialRecord) -> str:
    """A trial as its line shows it."""
    return one_line(f"{record.cell.id} seed {record.seed}")


def _indented(text: str) -> str:
    """Text whose further lines are indented: a name with a line end in it cannot pass for a line of ours."""
    return text.replace("\n", "\n  ")


def epoch_line(record: EpochRecord, epochs: int) -> str:
    """An epoch as the line of its trial says it; accuracy only where one is measured."""
    accuracy = "" if record.accuracy is None else f"  accuracy {percent(record.accuracy)}"
    loss = fraction(record.loss)
    return f"epoch {record.epoch}/{epochs}  loss {loss}{accuracy}  {seconds(record.train_time_s)}"


class Outcomes:
    """How trials end, each in the rest of its line; what several seeds of a cell have to say is said once.

    Args:
        score: of the run, whose value an OK trial's line gives.
    """

    def __init__(self, score: Score = ACCURACY) -> None:
        self._score = score
        self._first: dict[tuple[str, str], int] = {}

    def text(self, record: TrialRecord, log: str, *, reused: bool) -> str:
        """How a trial ended."""
        if record.status is Status.OK:
            times = "from the store" if reused else seconds(record.outcome.phases.total_time_s)
            return f"{self._score.labelled(record.outcome.value(self._score))}  {times}"
        first = self._first.setdefault((record.cell.id, record.reason), record.seed)
        if first != record.seed:
            return f"for the same reason as seed {first}"
        return one_line(record.reason) + (f" Log: {log}" if log else "")


class PlainDisplay:
    """Whole lines, one per trial: for logs, CI and dumb terminals."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._trials = self._ended = 0
        self._last_work = ""
        self._outcomes = Outcomes()

    def note(self, text: str) -> None:
        """Print a line."""
        self._console.print(_indented(text))

    def warn(self, text: str) -> None:
        """Print a line that says it is a warning."""
        self._console.print(_indented(f"WARNING: {text}"), style="bold yellow")

    def working(self, text: str, done: int | None = None, expected: int | None = None) -> None:  # noqa: ARG002
        """Print what is going on once, however often it is told."""
        if text != self._last_work:
            self._last_work = text
            if text:
                self.note(text)

    def plan(self, cells: Sequence[Cell], seeds: int, done: Mapping[str, int]) -> None:
        """Say nothing: every trial will have its line."""

    def begin(self, trials: int, score: Score = ACCURACY) -> None:
        """Remember how many trials there are, and their score."""
        self._trials, self._outcomes = trials, Outcomes(score)

    def started(self, trial_id: str, name: str, epochs: int) -> None:
        """Say nothing: the line comes when the trial ends."""

    def epoch(self, trial_id: str, record: EpochRecord) -> None:
        """Say nothing: the line comes when the trial ends."""

    def finished(self, record: TrialRecord, log: str, *, reused: bool) -> None:
        """Print the trial's line."""
        self._ended += 1
        number = f"[{self._ended}/{self._trials}]"
        self.note(f"{number} {record.status} {trial_name(record)}  {self._outcomes.text(record, log, reused=reused)}")

    def end(self) -> None:
        """Nothing is redrawn here anyway."""


class LiveDisplay:
    """One bar for the run and one line per running trial, redrawn when something happens and never in between.

    A display that redraws on a clock of its own would take time from the trial it shows.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}", style="bold", markup=False),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}", style="dim", markup=False),
            console=console,
            auto_refresh=False,
            expand=True,
        )
        self._task: TaskID | None = None
        self._lines: dict[str, tuple[str, int, str]] = {}
        self._work = ""
        self._begun = 0.0
        self._outcomes = Outcomes()
        self._trained = self._reused = self._trials = 0
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._live.start()

    def note(self, text: str) -> None:
        """Print a line above what is redrawn."""
        self._console.print(_indented(text))

    def warn(self, text: str) -> None:
        """Print a warning above what is redrawn."""
        self._console.print(_indented(f"! {text}"), style="bold yellow")

    def working(self, text: str, done: int | None = None, expected: int | None = None) -> None:
        """Show what is going on."""
        arrived = f" {size(done)} of {size(expected)}" if done and expected else ""
        self._work = one_line(f"{text}{arrived}")
        self._redraw()

    def plan(self, cells: Sequence[Cell], seeds: int, done: Mapping[str, int]) -> None:
        """Print the cells."""
        self._console.print(plan_table(cells, seeds, done), "")

    def begin(self, trials: int, score: Score = ACCURACY) -> None:
        """Show the bar."""
        self._outcomes = Outcomes(score)
        self._work, self._trials, self._begun = "", trials, time.perf_counter()
        self._task = self._progress.add_task("Trials", total=trials, left="")
        self._redraw()

    def started(self, trial_id: str, name: str, epochs: int) -> None:
        """Show the trial's line."""
        self._lines[trial_id] = (one_line(name), epochs, "starting")
        self._redraw()

    def epoch(self, trial_id: str, record: EpochRecord) -> None:
        """Bring the trial's line up to date."""
        name, epochs, _ = self._lines[trial_id]
        self._lines[trial_id] = (name, epochs, epoch_line(record, epochs))
        self._redraw()

    def finished(self, record: TrialRecord, log: str, *, reused: bool) -> None:
        """Print how the trial ended, and move the bar."""
        self._lines.pop(record.trial_id, None)
        self._reused += reused
        self._trained += not reused
        line = Text(f"{record.status:11} ", style=STYLES[record.status])
        line.append(f"{trial_name(record)}  {self._outcomes.text(record, log, reused=reused)}", style="default")
        self._console.print(line)
        if self._task is not None:
            self._progress.update(self._task, advance=1, left=self._left())
        self._redraw()

    def end(self) -> None:
        """Take away what was redrawn."""
        self._live.stop()

    def _left(self) -> str:
        """Time left, by the mean of the trials trained so far."""
        waiting = self._trials - self._trained - self._reused
        if not self._trained or not waiting:
            return ""
        return f"{seconds(waiting * (time.perf_counter() - self._begun) / self._trained)} left"

    def _redraw(self) -> None:
        parts: list[RenderableType] = []
        if self._work:
            parts.append(Text(self._work, style="dim", no_wrap=True, overflow="ellipsis"))
        parts += [
            Text.assemble((name, "cyan"), f"  {state}", no_wrap=True, overflow="ellipsis")
            for name, _, state in self._lines.values()
        ]
        if self._task is not None:
            parts.append(self._progress)
        self._live.update(Group(*parts), refresh=True)


def make_display(console: Console) -> Display:
    """The display that suits the console."""
    return LiveDisplay(console) if is_live(console) else PlainDisplay(console)


def overhead_line(
    trials: int,
    wall_s: float,
    trial_s: float,
    warmup_s: float,
    *,
    inspection_s: float = 0.0,
    survey_s: float = 0.0,
    yardstick_s: float = 0.0,
    jobs: int,
) -> str:
    """Where a run's time went, as its last line says.

    Args:
        trials: trained, not taken from the store.
        wall_s: from the command to its last line, report included.
        trial_s: sum of the trials' own times; with several at a time it says nothing of what the harness cost.
        warmup_s: until data and warm server were ready.
        inspection_s: spent on building every model once.
        survey_s: spent on measuring which engine is the fastest.
        yardstick_s: spent on measuring the rates of devices.
        jobs: trials at a time.
    """
    trained = f"{plural(trials, 'trial')} trained in {seconds(wall_s)}: {seconds(trial_s)} in trials"
    if jobs > 1:
        return f"{trained} ({jobs} at a time), {seconds(warmup_s)} warm-up and data"
    harness = max(0.0, wall_s - trial_s - warmup_s - inspection_s - survey_s - yardstick_s)
    built = f", {seconds(inspection_s)} building every model once" if inspection_s else ""
    surveyed = f", {seconds(survey_s)} measuring engines" if survey_s else ""
    rated = f", {seconds(yardstick_s)} measuring the device's rate" if yardstick_s else ""
    return (
        f"{trained}, {seconds(warmup_s)} warm-up and data{built}{surveyed}{rated}, "
        f"{seconds(harness)} harness ({percent(harness / wall_s, 1)})"
    )


class SilentDisplay(PlainDisplay):
    """Says nothing but warnings."""

    def note(self, text: str) -> None:
        """Say nothing."""


def silent_display() -> Display:
    """A display for those who want to see warnings only."""
    return SilentDisplay(make_console(stderr=True))
