"""Flags that several commands share."""

from __future__ import annotations

import functools
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bench.core.errors import BenchError

if TYPE_CHECKING:
    from collections.abc import Callable


class Number(click.FloatRange):
    """A number in a range: NaN, which compares with nothing, and infinity are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """The number, where it is finite."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


def examples(*lines: str) -> str:
    """An epilog of examples that click leaves as it is."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def shared(function: Callable[..., Any]) -> Callable[..., Any]:
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


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, see docs/json.md.")


def format_of(to: str | None, output: Path | None, *, as_json: bool) -> str | None:
    """A format where --json stands for one: to the screen, and for no other format."""
    if as_json and (output is not None or to not in (None, "json")):
        received = "-o" if output is not None else f"--format {to}"
        raise BenchError(
            f"--json prints a document, so {received} cannot be with it.", hint="Write --format json -o F."
        )
    return "json" if as_json else to


class Jobs(click.IntRange):
    """A number of jobs from 1, or `auto`, which is `bench.declare.jobs.AUTO`."""

    def __init__(self) -> None:
        super().__init__(min=1)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        """What the word says."""
        return 0 if value == "auto" else int(super().convert(value, param, ctx))


def declaring(function: Callable[..., Any]) -> Callable[..., Any]:
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
            type=Jobs(),
            default="1",
            envvar="BENCH_JOBS",
            show_default=True,
            metavar="N",
            help="Trials at a time, one on each GPU; auto: as many as pay. Timings of more than one do not count.",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return shared(function)


def on_machines(function: Callable[..., Any]) -> Callable[..., Any]:
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
