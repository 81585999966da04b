"""Commands that show runs, and hand them on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bench.cli.group import bench
from bench.cli.options import as_json, examples, format_of, shared

if TYPE_CHECKING:
    from bench.commands.workspace import Workspace


@bench.command("list", epilog=examples("bench list", "bench list mnist-mlp"))
@click.argument("suite", required=False)
@as_json
@shared
def list_runs(suite: str | None, **options: Any) -> int:  # noqa: ANN401
    """List the runs in the store, the newest first."""
    from bench.commands.show import show_runs  # noqa: PLC0415

    return int(show_runs(suite, **options))


@bench.command(epilog=examples("bench show", "bench show mnist-mlp", "bench show reports/digits/latest"))
@click.argument("run", default="latest")
@click.option("--trials", is_flag=True, help="List every trial, also of more than 20.")
@as_json
@shared
def show(run: str, **options: Any) -> int:  # noqa: ANN401
    """Show a RUN: its leaderboard and its trials.

    Of more than 20 trials, a digest. RUN is an id or the beginning of one, a suite's name, `latest`, or a run folder.
    """
    from bench.commands.show import show_run  # noqa: PLC0415

    return int(show_run(run, **options))


@bench.command(epilog=examples("bench history digits", "bench history mnist-mlp -k model-2 --format md"))
@click.argument("suite", default="latest")
@click.option("--format", "to", type=click.Choice(["terminal", "md", "json"]), help="[default: terminal]")
@click.option("-k", "expression", metavar="EXPR", help="Take the cells whose ids match.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file.")
@as_json
@shared
def history(suite: str, *, to: str | None, output: Path | None, as_json: bool, **options: Any) -> int:  # noqa: ANN401
    """Find changes of score and time over the runs of SUITE.

    Says between which revisions they lie. SUITE may be a run as well: then it is the last that is looked at.
    """
    from bench.commands.history import show_history  # noqa: PLC0415

    to = format_of(to, output, as_json=as_json) or "terminal"
    return int(show_history(suite, to=to, output=output, **options))


@bench.command(
    epilog=examples(
        "bench report", "bench report digits", "bench report latest -o digits.html", "bench report --interactive"
    )
)
@click.argument("run", default="latest")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="One file: .html or .md.")
@click.option("--interactive", is_flag=True, help="Charts to explore as well; needs keras-bench[interactive].")
@click.option(
    "--templates",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="BENCH_TEMPLATES",
    help="Folder of templates that come before ours.",
)
@shared
def report(run: str, *, output: Path | None, **options: Any) -> int:  # noqa: ANN401
    """Write the report of a RUN again.

    In HTML and Markdown. With --interactive, the page also has charts that follow what a reader chooses.
    """
    from bench.commands.report import write_again  # noqa: PLC0415

    return int(write_again(run, output, **options))


@bench.command(epilog=examples("bench index", "bench index --reports reports"))
@shared
def index(*, workspace: Workspace) -> int:
    """Write index.html, the page of all runs.

    It lists every run in the reports folder. Each run writes it too.
    """
    from bench.commands.index import show_index  # noqa: PLC0415

    return int(show_index(workspace))


@bench.command(
    epilog=examples(
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
@as_json
@shared
def compare(before: str, after: str, *, as_json: bool, **options: Any) -> int:  # noqa: ANN401
    """Say what differs from A to B, and how surely.

    Score, time, test examples, settings and environment are compared. A and B are each a RUN as for `bench show`,
    or the file of a baseline. Cells are matched by their ids. A page without -o is written as compare-A-B.html into
    the current folder.
    """
    from bench.commands.compare import CompareRequest, compare_and_show  # noqa: PLC0415

    options["to"] = format_of(options["to"], options["output"], as_json=as_json)
    return int(compare_and_show(CompareRequest(before=before, after=after, **options)))


@bench.command(
    epilog=examples(
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
@shared
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
