"""The command that all others belong to."""

from __future__ import annotations

import click

from bench.cli.options import examples


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "bench run          train the default suite on MNIST and write the report",
        "bench run digits   a first run in a minute, nothing to download",
        "bench init         write a suite of your own to start from",
    ),
)
@click.version_option(package_name="keras-bench", prog_name="bench")
def bench() -> None:
    """Declare a grid of Keras architectures, train it in isolation, read the report."""
