"""What the steps of a run have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.commands.request import RunRequest
    from bench.commands.site import Site
    from bench.declare.suite import Suite
    from bench.record.store import RunStore
    from bench.render.terminal import Display


@dataclass(frozen=True, slots=True)
class Stage:
    """The suite of a run, and what it is run with.

    Attributes:
        site: where it trains.
        begun: `perf_counter` at the command's start.
    """

    request: RunRequest
    suite: Suite
    store: RunStore
    site: Site
    display: Display
    begun: float
