"""The command line: flags to commands.

What a command needs is imported inside it, so that `bench --help` answers at once.
"""

from __future__ import annotations

from bench.cli.commands import bench
from bench.cli.entry import main

__all__ = ["bench", "main"]
