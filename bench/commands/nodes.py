"""The machines that a user asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from bench.execute.cluster.transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """The machines that a user asks for.

    Attributes:
        reach: starts their agents, and ends them at the end of the context.
        kind: the beginning of the name of the kind to use; empty for all kinds.
        words: what to type to ask for the same again.
    """

    reach: Callable[[], AbstractContextManager[Transport]]
    kind: str = ""
    words: tuple[str, ...] = ()
