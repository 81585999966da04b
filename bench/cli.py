"""The command line: flags to commands, and the only place that exits.

What a command needs is imported inside it, so that `bench --help` answers at once.
"""

from __future__ import annotations

import functools
import math
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from bench.core.errors import BenchError, ExitCode
from bench.core.formatting import log_text, printable
from bench.core.interrupts import Interruptible
from bench.core.secrets import without_passwords
from bench.core.streams import StandardStreams
from bench.core.surroundings import cause_outside
from bench.core.text import storable_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.commands.request import RunRequest
    from bench.commands.workspace import Workspace

ISSUES = "https://github.com/keras-bench/keras-bench/issues"


class _Number(click.FloatRange):
    """A number in a range: NaN, which compares with nothing, and infinity are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is no finite number.", param, ctx)
        return number


def main() -> NoReturn:
    """Run the command line and exit with what came of it; no traceback reaches a user but for a bug of ours."""
    with StandardStreams() as streams, Interruptible() as interruption:
        try:
            code = _outcome(interruption)
        except KeyboardInterrupt:  # once more, while the first was seen to
            code = ExitCode.INTERRUPTED
        streams.flush()
        if streams.failure is not None:
            _complain(
                f"What was to be printed could not be written: {streams.failure.strerror}.",
                "Make room, or send the output elsewhere. Whatever the command was to do besides printing is done.",
            )
            code = code or ExitCode.UNWRITTEN
    sys.exit(int(code))


def _outcome(interruption: Interruptible) -> int:
    """Run the command line and say what came of it."""
    try:
        code = int(bench.main(standalone_mode=False) or ExitCode.OK)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        interruption.requested = True
    except Exception as error:  # noqa: BLE001  a bug of ours must not bury the user under a traceback
        # where there was an interruption, this is what somebody else has made of it
        code = ExitCode.OK if interruption.requested else _explain(error)
    if interruption.requested:
        click.echo("Interrupted.", err=True)
        return ExitCode.INTERRUPTED
    return code


def _explain(error: Exception) -> int:
    """Tell the user of an error."""
    if isinstance(error, BenchError):
        _complain(error.message, error.hint)
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        return ExitCode.USAGE
    outside = cause_outside(error)
    if outside is not None:
        _complain(outside.message, outside.hint)
        return outside.exit_code
    return _confess()


def _complain(message: str, hint: str) -> None:
    for word, colour, text in (("Error:", "red", message), ("Hint:", "cyan", hint)):
        if text:
            # what a suite or a builder wrote is shown, not obeyed
            shown = log_text(printable(text))
            click.echo(f"{click.style(word, fg=colour, bold=True)} {shown}", err=True)


def _confess() -> ExitCode:
    report = storable_text(without_passwords(f"{sys.argv}\n{sys.version}\n\n{traceback.format_exc()}"))
    bug = "This is a bug in keras-bench, not in what you typed. What happened is written"
    options: dict[str, Any] = {"prefix": "bench-bug-", "suffix": ".log", "delete": False, "encoding": "utf-8"}
    try:
        with tempfile.NamedTemporaryFile("w", **options) as log:
            log.write(report)
    except OSError:
        _complain(f"{bug} below, since no file could be written.\n{report}", f"Please send it to {ISSUES}.")
    else:
        _complain(f"{bug} to {log.name}.", f"Please send that file to {ISSUES}.")
    return ExitCode.BUG


def _examples(*lines: str) -> str:
    """An epilog of examples that click leaves as it is."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def _shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """The flags of everything that touches runs."""
    with_reports = click.option(
        "--reports",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("reports"),
        envvar="BENCH_REPORTS",
        show_default=True,
        help="Folder of runs and reports.",
    )
    with_store = click.option(
        "--store",
        envvar="BENCH_STORE",
        metavar="URL",
        help="Database: a path or a SQLAlchemy URL.  [default: bench.db in the reports folder]",
    )

    @functools.wraps(function)
    def in_workspace(*, reports: Path, store: str | None, **options: Any) -> Any:  # noqa: ANN401  whatever it returns
        from bench.commands.workspace import Workspace  # noqa: PLC0415

        return function(workspace=Workspace(reports, store), **options)

    return with_store(with_reports(in_workspace))


class _Jobs(click.IntRange):
    """A number of jobs from 1, or `auto`, which is `bench.declare.jobs.AUTO`."""

    def __init__(self) -> None:
        super().__init__(min=1)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        """What the word says."""
        return 0 if value == "auto" else int(super().convert(value, param, ctx))


def _declaring(function: Callable[..., Any]) -> Callable[..., Any]:
    """The flags that say what a suite is to be."""
    at_least_one = click.IntRange(min=1)
    options = [
        click.argument("suite", required=False),
        click.option("--seeds", metavar="N", envvar="BENCH_SEEDS", help="Trials per cell, or the seeds: 5 or 0,7,11."),
        click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Replace a key of [suite]."),
        click.option("-k", "expression", metavar="EXPR", help="Take the cells whose ids match: 'mlp and not lr=0.1'."),
        click.option("--fresh", is_flag=True, help="Train again what the store holds already."),
        click.option("--max-cells", type=at_least_one, metavar="N", help="The largest grid to expand."),
        click.option(
            "--jobs",
            type=_Jobs(),
            default="1",
            envvar="BENCH_JOBS",
            show_default=True,
            metavar="N",
            help="Trials at a time, one on each GPU; auto: as many as pay. Timings of more than one do not count.",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return _shared(function)


def _request(options: dict[str, Any]) -> RunRequest:
    from bench.commands.request import RunRequest, parse_override  # noqa: PLC0415

    overrides = dict(parse_override(text) for text in options["overrides"])
    if options["seeds"]:
        key, value = parse_override(f"seeds={_seeds(options['seeds'])}")
        overrides[key] = value
    names = ("suite", "expression", "fresh", "jobs", "max_cells", "workspace")
    return RunRequest(overrides=overrides, **{name: options[name] for name in names})


def _seeds(text: str) -> str:
    return f"[{text}]" if "," in text and not text.startswith("[") else text


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_examples(
        "bench run                    train the default suite on MNIST and write the report",
        "bench run digits             a first run in a minute, nothing to download",
        "bench init                   write a suite of your own to start from",
    ),
)
@click.version_option(package_name="keras-bench", prog_name="bench")
def bench() -> None:
    """Declare a grid of Keras architectures, train it in isolation, read the report."""


@bench.command(
    epilog=_examples(
        "bench run",
        "bench run digits --seeds 5",
        "bench run mnist-mlp --set epochs=1 --seeds 1",
        "bench run bench.toml -k 'mlp and not lr=0.1'",
        "bench run mnist-grid --dry-run",
    )
)
@_declaring
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
@click.option("--require-devices", is_flag=True, help="Exit 3 when a declared device is not there.")
@click.option("--check", is_flag=True, help="Then judge the run by the accepted baseline, as `bench check` does.")
def run(*, dry_run: bool, require_devices: bool, check: bool, **options: Any) -> int:  # noqa: ANN401
    """Train SUITE and write its report.

    SUITE is a .toml file or a shipped suite's name; without it, bench.toml or [tool.bench] of this folder, else
    mnist-mlp. Trials that the store holds already are not trained again.
    """
    request = _request(options)
    if dry_run and check:
        raise BenchError("A plan is nothing to judge.", hint="Leave --dry-run or --check out.")
    if dry_run:
        from bench.commands.plan import show_plan  # noqa: PLC0415

        return int(show_plan(request))
    from bench.commands.conclude import run_and_show  # noqa: PLC0415

    code = run_and_show(request, require_devices=require_devices, judge=check)
    return int(code)


@bench.command(epilog=_examples("bench plan", "bench plan mnist-grid", "bench plan mnist-grid -k 'batch=64' --seeds 5"))
@_declaring
def plan(**options: Any) -> int:  # noqa: ANN401
    """Show what SUITE would train; nothing is fetched, trained or written."""
    from bench.commands.plan import show_plan  # noqa: PLC0415

    return int(show_plan(_request(options)))


@bench.command(epilog=_examples("bench verify digits", "bench verify mnist-mlp -k model-2 --set deterministic=true"))
@click.argument("suite", required=False)
@click.option("--seeds", metavar="SEED", envvar="BENCH_SEEDS", help="The first of these seeds is trained.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Replace a key of [suite].")
@click.option("-k", "expression", metavar="EXPR", help="Take the cells whose ids match.")
@_shared
def verify(**options: Any) -> int:  # noqa: ANN401
    """Train every cell of SUITE twice in fresh processes, and say whether the bits are the same.

    Digests of the weights are compared as drawn, after the first step and after every epoch. Exit 1 when a cell is
    not as equal as it was declared to be: bit for bit where `deterministic`, else within tolerance.
    """
    from bench.commands.verify import verify as train_twice  # noqa: PLC0415

    return int(train_twice(_request({**options, "fresh": False, "max_cells": None, "jobs": 1})))


@bench.command(
    epilog=_examples(
        'bench accept --reason "first baseline"',
        'bench accept mnist-mlp --reason "wider hidden layer, agreed in review"',
    )
)
@click.argument("run", default="latest")
@click.option("--reason", default="", metavar="TEXT", help="Why this run is as good as it should be; kept in the file.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file.")
@_shared
def accept(run: str, *, reason: str, output: Path | None, workspace: Workspace) -> int:
    """Make a RUN the baseline that later runs of its suite are judged by.

    Writes baselines/SUITE.json in the reports folder: commit it, and let somebody review it. Train it with twice the
    seeds of a check (--seeds 10), and see `bench power` for what that can detect.
    """
    from bench.commands.accept import accept_run  # noqa: PLC0415

    return int(accept_run(run, reason=reason, output=output, workspace=workspace))


@bench.command(
    epilog=_examples("bench check", "bench check mnist-mlp --baseline accepted.json", "bench check --partial")
)
@click.argument("run", default="latest")
@click.option("--baseline", type=click.Path(dir_okay=False, path_type=Path), help="The file to judge by.")
@click.option("--partial", is_flag=True, help="Judge a run of a part of the suite on that part.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Where the JUnit XML goes.")
@_shared
def check(run: str, **options: Any) -> int:  # noqa: ANN401
    """Judge whether a RUN is as accurate as the baseline.

    Exit 0 when every cell passes, 1 when one regressed, 4 when one could not be judged: too few seeds to tell, missing,
    or not the cell that was accepted.
    """
    from bench.commands.check import CheckRequest  # noqa: PLC0415
    from bench.commands.check import check as judge  # noqa: PLC0415

    return int(judge(CheckRequest(run=run, **options)))


@bench.command(
    epilog=_examples("bench power", "bench power mnist-mlp --margin 0.3 --power 0.95", "bench power --seeds 10")
)
@click.argument("run", default="latest")
@click.option(
    "--margin",
    "margin",
    type=_Number(min=0, min_open=True),
    metavar="MARGIN",
    help="Percentage points, or in the score's unit where it is not in percent.  [default: the gate's]",
)
@click.option(
    "--power",
    type=_Number(min=0.5, max=0.999),
    default=0.9,
    show_default=True,
    metavar="P",
    help="How surely a drop is to be found.",
)
@click.option("--seeds", type=click.IntRange(min=2, max=200), metavar="N", help="Of a check.  [default: the run's]")
@_shared
def power(run: str, **options: Any) -> int:  # noqa: ANN401
    """Say how small a drop the gate can see, by the spread of a RUN's seeds, and what the margin would cost."""
    from bench.commands.power import PowerRequest, show_power  # noqa: PLC0415

    return int(show_power(PowerRequest(run=run, **options)))


@bench.command(
    epilog=_examples("bench audit", "bench audit digits --fault last-bias", "bench audit digits -k 'mlp' --jobs 2")
)
@click.argument("run", default="latest")
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="One of them; every one where not given.")
@click.option("-k", "expression", metavar="EXPR", help="Take the cells whose ids match.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, envvar="BENCH_JOBS", show_default=True, metavar="N")
@_shared
def audit(run: str, **options: Any) -> int:  # noqa: ANN401
    """Plant known faults in a copy of a RUN's training, one at a time, and say which ones the gate catches."""
    from bench.commands.audit import AuditRequest  # noqa: PLC0415
    from bench.commands.audit import audit as plant  # noqa: PLC0415

    return int(plant(AuditRequest(run=run, **options)))


@bench.command("list", epilog=_examples("bench list", "bench list mnist-mlp"))
@click.argument("suite", required=False)
@_shared
def list_runs(suite: str | None, workspace: Workspace) -> int:
    """List the runs in the store, the newest first."""
    from bench.commands.show import show_runs  # noqa: PLC0415

    return int(show_runs(suite, workspace))


@bench.command(epilog=_examples("bench show", "bench show mnist-mlp", "bench show reports/digits/latest"))
@click.argument("run", default="latest")
@_shared
def show(run: str, workspace: Workspace) -> int:
    """Show a RUN: its leaderboard and every trial.

    RUN is an id or the beginning of one, a suite's name, `latest`, or a run folder.
    """
    from bench.commands.show import show_run  # noqa: PLC0415

    return int(show_run(run, workspace))


@bench.command(epilog=_examples("bench history digits", "bench history mnist-mlp -k model-2 --format md"))
@click.argument("suite", default="latest")
@click.option("--format", "to", type=click.Choice(["terminal", "md", "json"]), default="terminal", show_default=True)
@click.option("-k", "expression", metavar="EXPR", help="Take the cells whose ids match.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file.")
@_shared
def history(suite: str, **options: Any) -> int:  # noqa: ANN401
    """Say where score and time of SUITE changed over its runs, and between which revisions.

    SUITE may be a run as well: then it is the last that is looked at.
    """
    from bench.commands.history import show_history  # noqa: PLC0415

    return int(show_history(suite, **options))


@bench.command(
    epilog=_examples(
        "bench report", "bench report digits", "bench report latest -o digits.html", "bench report --interactive"
    )
)
@click.argument("run", default="latest")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="One file: .html or .md.")
@click.option("--interactive", is_flag=True, help="Write explore.html instead; needs keras-bench[interactive].")
@click.option(
    "--templates",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="BENCH_TEMPLATES",
    help="Folder of templates that come before ours.",
)
@_shared
def report(run: str, *, output: Path | None, interactive: bool, **options: Any) -> int:  # noqa: ANN401
    """Write the report of a RUN again, in HTML and Markdown, or with --interactive a page to explore it."""
    from bench.commands.report import write_again, write_to_explore  # noqa: PLC0415

    return int((write_to_explore if interactive else write_again)(run, output, **options))


@bench.command(epilog=_examples("bench index", "bench index --reports shared/reports"))
@_shared
def index(*, workspace: Workspace) -> int:
    """Write index.html, the page that lists every run in the reports folder; each run writes it too."""
    from bench.commands.index import show_index  # noqa: PLC0415

    return int(show_index(workspace))


@bench.command(
    epilog=_examples(
        "bench compare reports/baselines/digits.json digits",
        "bench compare accepted.json mnist-mlp -o compare.html",
        "bench compare digits reports/digits/latest --format md",
    )
)
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option(
    "--format", "to", type=click.Choice(["html", "md", "terminal"]), help="[default: by the file's name, or terminal]"
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file.")
@_shared
def compare(before: str, after: str, **options: Any) -> int:  # noqa: ANN401
    """Say what differs from A to B, and how surely: score, time, test examples, settings, environment.

    A and B are each a RUN as for `bench show`, or the file of a baseline. Cells are matched by their ids. A page
    without -o is written as compare-A-B.html into the current folder.
    """
    from bench.commands.compare import CompareRequest, compare_and_show  # noqa: PLC0415

    return int(compare_and_show(CompareRequest(before=before, after=after, **options)))


@bench.command(
    epilog=_examples(
        "bench export digits --to csv",
        "bench export latest --to latex --top 10 -o table.tex",
        "bench export model-2 --run mnist-mlp --to notebook",
        "bench export 'mlp[hidden=128]' --run digits --seed 1 --to script",
        "bench export model-2 --run mnist-mlp --to model-card -o README.md",
    )
)
@click.argument("what", default="latest")
@click.option(
    "--to",
    type=click.Choice(
        [
            "bmf",
            "csv",
            "github-action-benchmark",
            "json",
            "latex",
            "model-card",
            "notebook",
            "parquet",
            "pytest-benchmark",
            "script",
        ]
    ),
    required=True,
    help="A table of a run, or a cell as a notebook, script or model card.",
)
@click.option("--run", default="latest", show_default=True, metavar="RUN", help="Whose cell it is.")
@click.option(
    "--seed",
    type=int,
    metavar="N",
    help="Of the trial.  [default: the first that went well; of a model card, all]",
)
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Of LaTeX: list only the N best of a data set.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@_shared
def export(what: str, **options: Any) -> int:  # noqa: ANN401
    """Take a run or a cell with you.

    WHAT is a RUN for the tables (bmf, csv, github-action-benchmark, json, latex, parquet, pytest-benchmark). For a
    notebook, script or model card it is the id of a cell, or a part of it that no other cell has. Notebook and script
    train that cell without this harness, step by step in plain Keras.
    """
    from bench.commands.export import ExportRequest  # noqa: PLC0415
    from bench.commands.export import export as write  # noqa: PLC0415

    return int(write(ExportRequest(what=what, **options), Path()))


@bench.command("import", epilog=_examples("bench import reports/digits/latest", "bench import reports/*/2*"))
@click.argument("runs", metavar="RUN...", nargs=-1, required=True)
@_shared
def import_(runs: tuple[str, ...], workspace: Workspace) -> int:
    """Take runs into the store from their folders or run.json, where the store was lost or is damaged.

    What the store has and can read stays as it is; importing a run twice changes nothing.
    """
    from bench.commands.take_in import import_runs  # noqa: PLC0415

    return int(import_runs(runs, workspace))


@bench.group("store", epilog=_examples("bench store upgrade"))
def store_() -> None:
    """Look after the store, where runs and trials are kept."""


@store_.command(epilog=_examples("bench store upgrade --store postgresql+psycopg://me@host/bench"))
@_shared
def upgrade(*, workspace: Workspace) -> int:
    """Bring a store that an earlier version made up to date, once for all who use it.

    A store in a file is upgraded when something is written to it; one on a server by this command alone, since earlier
    versions cannot use it afterwards.
    """
    from bench.commands.take_in import upgrade as upgrade_store  # noqa: PLC0415

    return int(upgrade_store(workspace))


@bench.command(epilog=_examples("bench init", "bench init my-suite.toml", "bench init --schema"))
@click.argument("path", default="bench.toml", type=click.Path(path_type=Path))
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a suite file instead.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def init(path: Path, *, schema: bool, force: bool) -> int:
    """Write a commented suite to start from, and its JSON Schema for editors beside it."""
    from bench.commands.init import print_schema, write_starter  # noqa: PLC0415

    return int(print_schema() if schema else write_starter(path, force=force))


@bench.command(epilog=_examples("bench doctor", "bench doctor --quick"))
@click.option("--quick", is_flag=True, help="Leave out what imports TensorFlow.")
@_shared
def doctor(*, quick: bool, workspace: Workspace) -> int:
    """Say what is installed, which devices and data are there, how stable timing is, and what to mend."""
    from bench.commands.doctor import examine  # noqa: PLC0415

    return int(examine(workspace, quick=quick))
