"""The suite a user means: found, and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.declare.parse import parse_suite
from bench.declare.source import find_suite

if TYPE_CHECKING:
    from pathlib import Path

    from bench.declare.suite import Suite


def load_suite(
    reference: str | None = None, *, overrides: dict[str, Any] | None = None, folder: Path | None = None
) -> Suite:
    """The suite a user means.

    Args:
        reference: a path or a shipped name; None for the one that lies in the folder, see `find_suite`.
        overrides: keys of [suite] to replace.
        folder: where to look, the current one where not given.

    Raises:
        SuiteError: there is no such suite, or it is wrong.
    """
    source = find_suite(reference, folder)
    return parse_suite(source.text, base=source.base, origin=source.origin, overrides=overrides)
