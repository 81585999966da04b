"""Commands about what is to be trained, and where."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bench.cli.group import bench
from bench.cli.options import as_json, declaring, examples, on_machines, shared
from bench.core.errors import BenchError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from bench.commands.request import RunRequest
    from bench.execute.harness.starting import ServerProcess


@bench.command(
    epilog=examples(
        "bench run",
        "bench run digits --seeds 5",
        "bench run mnist-mlp --set epochs=1 --seeds 1",
        "bench run bench.toml -k 'mlp and not lr=0.1'",
        "bench run mnist-grid --dry-run",
    )
)
@declaring
@on_machines
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
@click.option("--require-devices", is_flag=True, help="Exit 3 when a declared device does not exist.")
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
            raise BenchError(
                "--dry-run trains nothing, so --check has no run to judge.", hint="Leave --dry-run or --check out."
            )
        from bench.commands.plan import show_plan  # noqa: PLC0415

        return int(show_plan(request))
    with _early_server(options) if early and options["nodes"] is None else nullcontext() as started:
        # the server imports while these do
        request = _request(options)
        from bench.commands.conclude import run_and_show  # noqa: PLC0415

        return int(run_and_show(request, require_devices=require_devices, judge=check, started=started))


@bench.command(epilog=examples("bench plan", "bench plan mnist-grid", "bench plan mnist-grid -k 'batch=64' --seeds 5"))
@declaring
@as_json
def plan(*, as_json: bool, **options: Any) -> int:  # noqa: ANN401
    """Show what SUITE would train.

    Nothing is fetched, trained or written.
    """
    from bench.commands.plan import show_plan  # noqa: PLC0415

    return int(show_plan(_request(options), as_json=as_json))


@bench.command(epilog=examples("bench verify digits", "bench verify mnist-mlp -k model-2 --set deterministic=true"))
@click.argument("suite", required=False)
@click.option("--seeds", metavar="SEED", envvar="BENCH_SEEDS", help="The first of these seeds is trained.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Replace a key of [suite].")
@click.option("-k", "expression", metavar="EXPR", help="Take the cells whose ids match.")
@on_machines
@shared
def verify(**options: Any) -> int:  # noqa: ANN401
    """Train every cell of SUITE twice and compare the bits.

    Each time in a fresh process. Digests of the weights are compared as drawn, after the first step and after every
    epoch. Exit 1 when a cell is not as equal as it was declared to be: bit for bit where `deterministic`, else
    within tolerance.
    """
    from bench.commands.verify import verify as train_twice  # noqa: PLC0415

    return int(train_twice(_request({**options, "fresh": False, "max_cells": None, "jobs": 1})))


@bench.command(epilog=examples("bench init", "bench init my-suite.toml", "bench init --schema"))
@click.argument("path", default="bench.toml", type=click.Path(path_type=Path))
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a suite file instead.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def init(path: Path, *, schema: bool, force: bool) -> int:
    """Write a commented suite to start from.

    Its JSON Schema for editors goes beside it.
    """
    from bench.commands.init import print_schema, write_starter  # noqa: PLC0415

    return int(print_schema() if schema else write_starter(path, force=force))


@bench.command(epilog=examples("bench nodes"))
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


@bench.command(epilog=examples("bench doctor", "bench doctor --quick"))
@click.option("--quick", is_flag=True, help="Leave out what imports TensorFlow.")
@as_json
@shared
def doctor(**options: Any) -> int:  # noqa: ANN401
    """Say what a run needs and what to fix.

    What is installed, which devices and data are there, whether the store is sound, and how stable timing is.
    """
    from bench.commands.doctor import examine  # noqa: PLC0415

    return int(examine(**options))


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
