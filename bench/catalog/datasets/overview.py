"""Where each data set could be had from on this machine, at a glance: nothing is fetched, decoded or hashed."""

from __future__ import annotations

from typing import NamedTuple

from bench.catalog.datasets import cache
from bench.catalog.datasets.catalog import DATASETS, DatasetSpec
from bench.catalog.datasets.sources import SOURCES


class Availability(NamedTuple):
    """One data set at one source.

    Attributes:
        name: the data set.
        source: the place.
        available: whether `obtain` would try it.
        detail: where the data would come from, or why it cannot.
    """

    name: str
    source: str
    available: bool
    detail: str


def availability() -> list[Availability]:
    """Every data set of the catalog at every source that could have it, in the order they are tried."""
    return [row for spec in DATASETS.values() for row in _rows(spec)]


def _rows(spec: DatasetSpec) -> list[Availability]:
    if spec.embedded:
        return [Availability(spec.name, "keras-bench", spec.embedded.is_file(), "shipped with keras-bench")]
    path = cache.file_of(spec.name, spec.sha256)
    cached = path.is_file()
    rows = [Availability(spec.name, "cache", cached, str(path) if cached else f"no {path}")]
    for source in SOURCES:
        offer = source.offer(spec)
        if offer is not None:
            rows.append(Availability(spec.name, source.name, offer.available, offer.detail))
    return rows
