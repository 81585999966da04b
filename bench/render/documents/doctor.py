"""`bench doctor --json`, and what the command looks at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bench.render.documents.document import VERSION

Fact = str | int | float | bool | None
Level = Literal["ok", "note", "mend"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what it is.
        level: `ok`, `note` (works, with a drawback) or `mend` (a run will fail).
        detail: for people.
        advice: what to do about it; empty when there is nothing to do.
        facts: the figures and names behind the detail; sizes in bytes, times in seconds, shares as fractions.
    """

    subject: str
    level: Level
    detail: str
    advice: str = ""
    facts: dict[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorDocument:
    """Whether this machine can do what a run needs.

    Attributes:
        works: whether nothing has the level `mend`.
    """

    works: bool
    findings: tuple[Finding, ...]
    version: int = VERSION
