"""The command line: flags to commands, and the only place that exits.

What a command needs is imported inside it, so that `bench --help` answers at once.
"""

from __future__ import annotations

import functools
import math
import os
import sys
import tempfile
import traceback
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from bench.core.errors import BenchError, ErrorKind, ExitCode
from bench.core.formatting import log_text, printable
from bench.core.interrupts import Interruptible
from bench.core.secrets import without_passwords
from bench.core.streams import StandardStreams
from bench.core.surroundings import cause_outside
from bench.core.text import storable_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from bench.commands.request import RunRequest
    from bench.commands.workspace import Workspace
    from bench.execute.harness.starting import ServerProcess

ISSUES = "https://github.com/keras-bench/keras-bench/issues"


class _Number(click.FloatRange):
    """A number in a range: NaN, which compares with nothing, and infinity are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is no finite number.", param, ctx)
        return number


def main(*, early: bool = False) -> NoReturn:
    """Run the command line and exit with what came of it; no traceback reaches a user but for a bug of ours.

    Args:
        early: whether a run may start its warm server before it knows for sure that it needs one.
    """
    with StandardStreams() as streams, Interruptible() as interruption:
        try:
            code = _outcome(interruption, early=early)
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


def _outcome(interruption: Interruptible, *, early: bool) -> int:
    """Run the command line and say what came of it."""
    try:
        code = int(bench.main(standalone_mode=False, obj=early) or ExitCode.OK)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        interruption.requested = True
    except Exception as error:  # noqa: BLE001  a bug of ours must not bury the user under a traceback
        # where there was an interruption, this is what somebody else has made of it
        code = ExitCode.OK if interruption.requested else _explain(error)
    if interruption.requested:
        click.echo("Interrupted.", err=True)
        _document_error(ErrorKind.INTERRUPTED, ExitCode.INTERRUPTED, "The command was interrupted.")
        return ExitCode.INTERRUPTED
    return code


def _explain(error: Exception) -> int:
    """Tell the user of an error."""
    if isinstance(error, BenchError):
        _complain(error.message, error.hint)
        _document_error(error.kind, error.exit_code, error.message, error.hint)
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        _document_error(ErrorKind.USAGE, ExitCode.USAGE, error.format_message())
        return ExitCode.USAGE
    outside = cause_outside(error)
    if outside is not None:
        _complain(outside.message, outside.hint)
        _document_error(outside.kind, outside.exit_code, outside.message, outside.hint)
        return outside.exit_code
    return _confess()


def _document_error(kind: ErrorKind, code: ExitCode, message: str, hint: str = "") -> None:
    """With --json, print the error to standard output as well: a reader of documents gets one in any case."""
    if "--json" not in sys.argv[1:]:
        return
    from bench.render.documents.document import print_document  # noqa: PLC0415
    from bench.render.documents.error import ErrorDocument, ErrorEntry  # noqa: PLC0415

    print_document(ErrorDocument(error=ErrorEntry(kind=kind, exit_code=int(code), message=message, hint=hint)))


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
        message, hint = f"{bug} below, since no file could be written.\n{report}", f"Please send it to {ISSUES}."
    else:
        message, hint = f"{bug} to {log.name}.", f"Please send that file to {ISSUES}."
    _complain(message, hint)
    _document_error(ErrorKind.BUG, ExitCode.BUG, message, hint)
    return ExitCode.BUG


def _examples(*lines: str) -> str:
    """An epilog of examples that click leaves as it is."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def _shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """The flags of everything that touches runs."""
    with_reports = click.option(
        "--reports",
        type=click.Path(file_okay=False, path_type=Path),
        default="reports",
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


_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, see docs/json.md.")


def _format(to: str | None, output: Path | None, *, as_json: bool) -> str | None:
    """A format where --json stands for one: to the screen, and for no other format."""
    if as_json and (output is not None or to not in (None, "json")):
        received = "-o" if output is not None else f"--format {to}"
        raise BenchError(
            f"--json prints a document, so {received} cannot be with it.", hint="Write --format json -o F."
        )
    return "json" if as_json else to


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


def _on_machines(function: Callable[..., Any]) -> Callable[..., Any]:
    """The flags that say which machines train."""
    executor = click.option(
        "--executor",
        type=click.Choice(["local", "ray"]),
        default="local",
        envvar="BENCH_EXECUTOR",
        show_default=True,
        help="Who trains: this machine, or the nodes of a Ray cluster.",
    )
    address = click.option(
        "--address",
        envvar="BENCH_ADDRESS",
        metavar="HOST:PORT",
        help="Of the Ray cluster; without one, Ray starts here and ends with the command.",
    )
    kind = click.option("--nodes", "kind", default="", metavar="KIND", help="Take nodes of this kind; see bench nodes.")

    @functools.wraps(function)
    def with_nodes(*, executor: str, address: str | None, kind: str, **options: Any) -> Any:  # noqa: ANN401
        from bench.commands.nodes import nodes_for  # noqa: PLC0415

        # an address in the environment asks for nothing by itself
        address = None if executor == "local" and os.environ.get("BENCH_ADDRESS") == address else address
        return function(nodes=nodes_for(executor, address, kind), **options)

    return executor(address(kind(with_nodes)))


def _request(options: dict[str, Any]) -> RunRequest:
    from bench.commands.request import RunRequest, parse_override  # noqa: PLC0415

    overrides = dict(parse_override(text) for text in options["overrides"])
    if options["seeds"]:
        key, value = parse_override(f"seeds={_seeds(options['seeds'])}")
        overrides[key] = value
    names = ("suite", "expression", "fresh", "jobs", "max_cells", "workspace")
    return RunRequest(overrides=overrides, nodes=options.get("nodes"), **{name: options[name] for name in names})


def _early_server(options: dict[str, Any]) -> AbstractContextManager[ServerProcess | None]:
    from bench.commands.early import early_server  # noqa: PLC0415

    return early_server(options["suite"], options["overrides"], options["workspace"], fresh=options["fresh"])


def _seeds(text: str) -> str:
    return f"[{text}]" if "," in text and not text.startswith("[") else text


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_examples(
        "bench run          train the default suite on MNIST and write the report",
        "bench run digits   a first run in a minute, nothing to download",
        "bench init         write a suite of your own to start from",
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
@_on_machines
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
@click.option("--require-devices", is_flag=True, help="Exit 3 when a declared device is not there.")
@click.option("--check", is_flag=True, help="Then judge the run by the accepted baseline, as `bench check` does.")
@click.pass_obj
def run(early: bool | None, /, *, dry_run: bool, require_devices: bool, check: bool, **options: Any) -> int:  # noqa: ANN401, FBT001
    """Train SUITE and write its report.

    SUITE is a .toml file or a shipped suite's name; without it, bench.toml or [tool.bench] of this folder, else
    mnist-mlp. Trials that the store holds already are not trained again.
    """
    if dry_run:
        request = _request(options)
        if check:
            raise BenchError("A plan is nothing to judge.", hint="Leave --dry-run or --check out.")
        from bench.commands.plan import show_plan  # noqa: PLC0415

        return int(show_plan(request))
    with _early_server(options) if early and options["nodes"] is None else nullcontext() as started:
        # the server imports while these do
        request = _request(options)
        from bench.commands.conclude import run_and_show  # noqa: PLC0415

        return int(run_and_show(request, require_devices=require_devices, judge=check, started=started))


@bench.command(epilog=_examples("bench plan", "bench plan mnist-grid", "bench plan mnist-grid -k 'batch=64' --seeds 5"))
@_declaring
@_as_json
def plan(*, as_json: bool, **options: Any) -> int:  # noqa: ANN401
    """Show what SUITE would train.

    Nothing is fetched, trained or written.
    """
    from bench.commands.plan import show_plan  # noqa: PLC0415

    return int(show_plan(_request(options), as_json=as_json))


@bench.command(epilog=_examples("bench verify digits", "bench verify mnist-mlp -k model-2 --set deterministic=true"))
@click.argument("suite", required=False)
@click.option("--seeds", metavar="SEED", envvar="BENCH_SEEDS", help="The first of these seeds is trained.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Replace a key of [suite].")
@click.option("-k", "expression", metavar="EXPR", help="Take the cells whose ids match.")
@_on_machines
@_shared
def verify(**options: Any) -> int:  # noqa: ANN401
    """Train every cell of SUITE twice and compare the bits.

    Each time in a fresh process. Digests of the weights are compared as drawn, after the first step and after every
    epoch. Exit 1 when a cell is not as equal as it was declared to be: bit for bit where `deterministic`, else
    within tolerance.
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
@_as_json
@_shared
def accept(run: str, **options: Any) -> int:  # noqa: ANN401
    """Make a RUN the baseline of its suite.

    Later runs are judged by it. Writes baselines/SUITE.json in the reports folder: commit it, and let somebody
    review it. Train it with twice the seeds of a check (--seeds 10), and see `bench power` for what that can
    detect.
    """
    from bench.commands.accept import accept_run  # noqa: PLC0415

    return int(accept_run(run, **options))


@bench.command(
    epilog=_examples("bench check", "bench check mnist-mlp --baseline accepted.json", "bench check --partial")
)
@click.argument("run", default="latest")
@click.option("--baseline", type=click.Path(dir_okay=False, path_type=Path), help="The file to judge by.")
@click.option("--partial", is_flag=True, help="Judge a run of a part of the suite on that part.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Where the JUnit XML goes.")
@_as_json
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
@_as_json
@_shared
def power(run: str, **options: Any) -> int:  # noqa: ANN401
    """Say how small a drop the gate detects.

    It follows from the spread of a RUN's seeds. Says also how many seeds the margin needs.
    """
    from bench.commands.power import PowerRequest, show_power  # noqa: PLC0415

    return int(show_power(PowerRequest(run=run, **options)))


@bench.command(
    epilog=_examples("bench audit", "bench audit digits --fault last-bias", "bench audit digits -k 'mlp' --jobs 2")
)
@click.argument("run", default="latest")
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="One of them; every one where not given.")
@click.option("-k", "expression", metavar="EXPR", help="Take the cells whose ids match.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, envvar="BENCH_JOBS", show_default=True, metavar="N")
@_as_json
@_on_machines
@_shared
def audit(run: str, **options: Any) -> int:  # noqa: ANN401
    """Check that the gate catches bugs.

    Known faults are planted in a copy of a RUN's training, one at a time, and each is judged like any run.
    """
    from bench.commands.audit import AuditRequest  # noqa: PLC0415
    from bench.commands.audit import audit as plant  # noqa: PLC0415

    return int(plant(AuditRequest(run=run, **options)))


@bench.command("list", epilog=_examples("bench list", "bench list mnist-mlp"))
@click.argument("suite", required=False)
@_as_json
@_shared
def list_runs(suite: str | None, **options: Any) -> int:  # noqa: ANN401
    """List the runs in the store, the newest first."""
    from bench.commands.show import show_runs  # noqa: PLC0415

    return int(show_runs(suite, **options))


@bench.command(epilog=_examples("bench show", "bench show mnist-mlp", "bench show reports/digits/latest"))
@click.argument("run", default="latest")
@click.option("--trials", is_flag=True, help="List every trial, also of more than 20.")
@_as_json
@_shared
def show(run: str, **options: Any) -> int:  # noqa: ANN401
    """Show a RUN: its leaderboard and its trials.

    Of more than 20 trials, a digest. RUN is an id or the beginning of one, a suite's name, `latest`, or a run folder.
    """
    from bench.commands.show import show_run  # noqa: PLC0415

    return int(show_run(run, **options))


@bench.command(epilog=_examples("bench history digits", "bench history mnist-mlp -k model-2 --format md"))
@click.argument("suite", default="latest")
@click.option("--format", "to", type=click.Choice(["terminal", "md", "json"]), help="[default: terminal]")
@click.option("-k", "expression", metavar="EXPR", help="Take the cells whose ids match.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file.")
@_as_json
@_shared
def history(suite: str, *, to: str | None, output: Path | None, as_json: bool, **options: Any) -> int:  # noqa: ANN401
    """Find changes of score and time over the runs of SUITE.

    Says between which revisions they lie. SUITE may be a run as well: then it is the last that is looked at.
    """
    from bench.commands.history import show_history  # noqa: PLC0415

    to = _format(to, output, as_json=as_json) or "terminal"
    return int(show_history(suite, to=to, output=output, **options))


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
    """Write the report of a RUN again.

    In HTML and Markdown, or with --interactive as a page to explore it.
    """
    from bench.commands.report import write_again, write_to_explore  # noqa: PLC0415

    return int((write_to_explore if interactive else write_again)(run, output, **options))


@bench.command(epilog=_examples("bench index", "bench index --reports reports"))
@_shared
def index(*, workspace: Workspace) -> int:
    """Write index.html, the page of all runs.

    It lists every run in the reports folder. Each run writes it too.
    """
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
    "--format",
    "to",
    type=click.Choice(["html", "json", "md", "terminal"]),
    help="[default: by the file's name, or terminal]",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file.")
@_as_json
@_shared
def compare(before: str, after: str, *, as_json: bool, **options: Any) -> int:  # noqa: ANN401
    """Say what differs from A to B, and how surely.

    Score, time, test examples, settings and environment are compared. A and B are each a RUN as for `bench show`,
    or the file of a baseline. Cells are matched by their ids. A page without -o is written as compare-A-B.html into
    the current folder.
    """
    from bench.commands.compare import CompareRequest, compare_and_show  # noqa: PLC0415

    options["to"] = _format(options["to"], options["output"], as_json=as_json)
    return int(compare_and_show(CompareRequest(before=before, after=after, **options)))


@bench.command(
    epilog=_examples(
        "bench export digits --to csv",
        "bench export latest --to latex --top 10 -o table.tex",
        "bench export model-2 --run mnist-mlp --to notebook",
        "bench export 'mlp[hidden=128]' --run digits --seed 1 --to script",
        "bench export model-2 --run mnist-mlp --to model-card -o README.md",
        "bench export digits --to mlflow --tracking-uri sqlite:///mlflow.db",
        "bench run digits --fresh --set keep_models=best",
        "bench export 'mlp[hidden=128]' --run digits --to onnx",
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
            "keras",
            "latex",
            "mlflow",
            "model-card",
            "notebook",
            "onnx",
            "parquet",
            "pytest-benchmark",
            "script",
            "tensorboard",
            "wandb",
        ]
    ),
    required=True,
    metavar="FORMAT",
    help="A run for another tool, or a cell as a notebook, script, model card or trained model.",
)
@click.option("--run", default="latest", show_default=True, metavar="RUN", help="Whose cell it is.")
@click.option(
    "--seed",
    type=int,
    metavar="N",
    help="Of the trial.  [default: the first that went well; of a model card, all]",
)
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Of LaTeX: list only the N best of a data set.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file; of tensorboard and wandb, the folder.")
@click.option(
    "--tracking-uri", metavar="URI", help="MLflow's store.  [default: $MLFLOW_TRACKING_URI, or mlflow.db here]"
)
@click.option("--force", is_flag=True, help="Replace what is there.")
@_shared
def export(what: str, **options: Any) -> int:  # noqa: ANN401
    """Take a run or a cell with you.

    WHAT is a RUN for the tables (bmf, csv, github-action-benchmark, json, latex, parquet, pytest-benchmark) and
    trackers (mlflow, tensorboard, wandb). For a notebook, script, model card or trained model (keras, onnx) it is the
    id of a cell, or a part of it that no other cell has. Notebook and script train that cell without this harness, step
    by step in plain Keras. A trained model is there where the suite says keep_models = "best".
    """
    from bench.commands.export import export as write  # noqa: PLC0415
    from bench.commands.exporting import ExportRequest  # noqa: PLC0415

    return int(write(ExportRequest(what=what, **options), Path()))


@bench.command("import", epilog=_examples("bench import reports/digits/latest", "bench import reports/*/2*"))
@click.argument("runs", metavar="RUN...", nargs=-1, required=True)
@_shared
def import_(runs: tuple[str, ...], workspace: Workspace) -> int:
    """Take runs into the store from their folders.

    For a store that was lost or is damaged: each RUN is a folder or its run.json. What the store has and can read
    stays as it is; importing a run twice changes nothing.
    """
    from bench.commands.take_in import import_runs  # noqa: PLC0415

    return int(import_runs(runs, workspace))


@bench.command(epilog=_examples("bench merge reports/bench.db --store team.db"))
@click.argument("stores", metavar="STORE...", nargs=-1, required=True)
@_shared
def merge(stores: tuple[str, ...], workspace: Workspace) -> int:
    """Bring several stores together in one.

    Runs, trials and surveys of engines go into the store that --store names. The STOREs are paths or URLs; they are
    read and never changed. A trial is taken in once, and a key is reused from one trial; different results of one
    key are reported. Merging twice changes nothing.
    """
    from bench.commands.take_in import merge_stores  # noqa: PLC0415

    return int(merge_stores(stores, workspace))


@bench.group("store", epilog=_examples("bench store upgrade"))
def store_() -> None:
    """Look after the store, where runs and trials are kept."""


@store_.command(epilog=_examples("bench store upgrade --store postgresql+psycopg://me@host/bench"))
@_shared
def upgrade(*, workspace: Workspace) -> int:
    """Upgrade a store that an earlier version made.

    Once for all who use it. A store in a file is upgraded when something is written to it; one on a server by this
    command alone, since earlier versions cannot use it afterwards.
    """
    from bench.commands.take_in import upgrade as upgrade_store  # noqa: PLC0415

    return int(upgrade_store(workspace))


@bench.command(epilog=_examples("bench init", "bench init my-suite.toml", "bench init --schema"))
@click.argument("path", default="bench.toml", type=click.Path(path_type=Path))
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a suite file instead.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def init(path: Path, *, schema: bool, force: bool) -> int:
    """Write a commented suite to start from.

    Its JSON Schema for editors goes beside it.
    """
    from bench.commands.init import print_schema, write_starter  # noqa: PLC0415

    return int(print_schema() if schema else write_starter(path, force=force))


@bench.command(epilog=_examples("bench nodes"))
@click.option(
    "--address", envvar="BENCH_ADDRESS", metavar="HOST:PORT", help="Of a Ray cluster.  [default: this machine]"
)
def nodes(address: str | None) -> int:
    """Show the nodes of a cluster.

    Their kinds and versions, and which of them cannot train, and why. Exit 3 where one cannot. Without --address, this
    machine is described as it would be a node.
    """
    from bench.commands.nodes import show_nodes  # noqa: PLC0415

    return int(show_nodes(address))


@bench.command(epilog=_examples("bench doctor", "bench doctor --quick"))
@click.option("--quick", is_flag=True, help="Leave out what imports TensorFlow.")
@_as_json
@_shared
def doctor(**options: Any) -> int:  # noqa: ANN401
    """Say what a run needs and what to fix.

    What is installed, which devices and data are there, whether the store is sound, and how stable timing is.
    """
    from bench.commands.doctor import examine  # noqa: PLC0415

    return int(examine(**options))
