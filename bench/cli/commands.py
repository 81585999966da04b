"""All commands: importing them registers them with their group."""

from __future__ import annotations

from bench.cli import judging, keeping, reading, training  # noqa: F401  each adds its commands
from bench.cli.group import bench

__all__ = ["bench"]
