"""Data sets larger than memory: what a loader returns is read in batches, and never held whole.

`is_stream` knows what such a loader returns, `opened` checks it, `keep` looks at it once and keeps what it saw;
`reopened` calls the loader again in the worker of a trial. All of it runs in worker processes.
"""

from bench.catalog.datasets.stream.about import StreamFacts
from bench.catalog.datasets.stream.batches import Batch
from bench.catalog.datasets.stream.opened import Stream, is_stream, opened, reopened
from bench.catalog.datasets.stream.survey import Summary, keep, read_summary

__all__ = [
    "Batch",
    "Stream",
    "StreamFacts",
    "Summary",
    "is_stream",
    "keep",
    "opened",
    "read_summary",
    "reopened",
]
