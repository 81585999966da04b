"""Commands of the gate: accept, check, and what a check can see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bench.cli.group import bench
from bench.cli.options import Number, as_json, examples, on_machines, shared


@bench.command(
    epilog=examples(
        'bench accept --reason "first baseline"',
        'bench accept mnist-mlp --reason "wider hidden layer, agreed in review"',
    )
)
@click.argument("run", default="latest")
@click.option("--reason", default="", metavar="TEXT", help="Why this run is as good as it should be; kept in the file.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file.")
@as_json
@shared
def accept(run: str, **options: Any) -> int:  # noqa: ANN401
    """Make a RUN the baseline of its suite.

    Later runs are judged by it. Writes baselines/SUITE.json in the reports folder: commit it, and let somebody
    review it. Train it with twice the seeds of a check (--seeds 10), and see `bench power` for what that can
    detect.
    """
    from bench.commands.accept import accept_run  # noqa: PLC0415

    return int(accept_run(run, **options))


@bench.command(
    epilog=examples("bench check", "bench check mnist-mlp --baseline accepted.json", "bench check --partial")
)
@click.argument("run", default="latest")
@click.option("--baseline", type=click.Path(dir_okay=False, path_type=Path), help="The file to judge by.")
@click.option("--partial", is_flag=True, help="Judge a run of a part of the suite on that part.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Where the JUnit XML goes.")
@as_json
@shared
def check(run: str, **options: Any) -> int:  # noqa: ANN401
    """Judge whether a RUN is as accurate as the baseline.

    Exit 0 when every cell passes, 1 when one regressed, 4 when one could not be judged: too few seeds to tell, missing,
    or not the cell that was accepted.
    """
    from bench.commands.check import CheckRequest  # noqa: PLC0415
    from bench.commands.check import check as judge  # noqa: PLC0415

    return int(judge(CheckRequest(run=run, **options)))


@bench.command(
    epilog=examples("bench power", "bench power mnist-mlp --margin 0.3 --power 0.95", "bench power --seeds 10")
)
@click.argument("run", default="latest")
@click.option(
    "--margin",
    "margin",
    type=Number(min=0, min_open=True),
    metavar="MARGIN",
    help="Percentage points, or in the score's unit where it is not in percent.  [default: the gate's]",
)
@click.option(
    "--power",
    type=Number(min=0.5, max=0.999),
    default=0.9,
    show_default=True,
    metavar="P",
    help="The probability of finding a real drop.",
)
@click.option("--seeds", type=click.IntRange(min=2, max=200), metavar="N", help="Of a check.  [default: the run's]")
@as_json
@shared
def power(run: str, **options: Any) -> int:  # noqa: ANN401
    """Say how small a drop the gate detects.

    It follows from the spread of a RUN's seeds. Says also how many seeds the margin needs.
    """
    from bench.commands.power import PowerRequest, show_power  # noqa: PLC0415

    return int(show_power(PowerRequest(run=run, **options)))


@bench.command(
    epilog=examples("bench audit", "bench audit digits --fault last-bias", "bench audit digits -k 'mlp' --jobs 2")
)
@click.argument("run", default="latest")
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="One fault; all of them where it is not given.")
@click.option("-k", "expression", metavar="EXPR", help="Take the cells whose ids match.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, envvar="BENCH_JOBS", show_default=True, metavar="N")
@as_json
@on_machines
@shared
def audit(run: str, **options: Any) -> int:  # noqa: ANN401
    """Check that the gate catches bugs.

    Known faults are planted in a copy of a RUN's training, one at a time, and each is judged like any run.
    """
    from bench.commands.audit import AuditRequest  # noqa: PLC0415
    from bench.commands.audit import audit as plant  # noqa: PLC0415

    return int(plant(AuditRequest(run=run, **options)))
