"""What else differs between the two runs beside a break. Pure: kinds and names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.record.records import RunRecord


class Kind(StrEnum):
    """Of what differs."""

    CODE = "code"  # of a builder and what it imports
    PACKAGE = "package"
    PYTHON = "python"
    MACHINE = "machine"
    VARIABLE = "variable"  # of the environment


@dataclass(frozen=True, slots=True)
class Changed:
    """Something that differs between two runs.

    Attributes:
        kind: of what differs.
        name: of the builder, package or variable; empty for Python and the machine.
        before, after: versions or values; empty for code and machines, and for what a run did not have.
    """

    kind: Kind
    name: str = ""
    before: str = ""
    after: str = ""


def changed(before: RunRecord, after: RunRecord) -> tuple[Changed, ...]:
    """What two runs recorded differently; what either did not record is left out."""
    rows = [
        Changed(Kind.CODE, name)
        for name in sorted(before.code.keys() & after.code.keys())
        if before.code[name] != after.code[name]
    ]
    if before.machine and after.machine and before.machine != after.machine:
        rows.append(Changed(Kind.MACHINE))
    old, new = before.environment, after.environment
    if old is None or new is None:
        return tuple(rows)
    if old.python != new.python:
        rows.append(Changed(Kind.PYTHON, "", old.python, new.python))
    rows += _differing(Kind.PACKAGE, old.packages, new.packages)
    rows += _differing(Kind.VARIABLE, old.variables, new.variables)
    return tuple(rows)


def _differing(kind: Kind, old: Mapping[str, str], new: Mapping[str, str]) -> list[Changed]:
    return [
        Changed(kind, name, old.get(name, ""), new.get(name, ""))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
