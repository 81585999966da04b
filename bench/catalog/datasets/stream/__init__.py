"""Data sets larger than memory: what a loader returns is read in batches, and never held whole.

`opened` checks what such a loader returns, `keep` looks at it once and keeps what it saw, and `reopened` calls the
loader again in the worker of a trial. All of it runs in worker processes.
"""

from bench.catalog.datasets.stream.about import StreamFacts
from bench.catalog.datasets.stream.batches import Batch
from bench.catalog.datasets.stream.opened import Stream, opened, reopened
from bench.catalog.datasets.stream.survey import Kept, Summary, keep, read_kept

__all__ = [
    "Batch",
    "Kept",
    "Stream",
    "StreamFacts",
    "Summary",
    "keep",
    "opened",
    "read_kept",
    "reopened",
]
