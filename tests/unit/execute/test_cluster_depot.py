"""Files that travel by their hash: in parts, once, and never damaged; code with what it imports from beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from fleets import task
from machines import write_suite

from bench.core.errors import ExecutionError
from bench.execute.cluster import depot as depots
from bench.execute.cluster.depot import Depot, digest_of
from bench.execute.cluster.messages import Put
from bench.execute.cluster.parcels import Parcels


def test_a_file_arrives_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under its own name, whole; one that comes a second time leaves nothing behind."""
    monkeypatch.setattr(depots, "CHUNK_BYTES", 4)
    file = tmp_path / "numbers.npz"
    file.write_bytes(b"0123456789")
    parcels, depot = Parcels(tmp_path), Depot(tmp_path / "depot")
    digest = parcels.parcel(task(0, file)).data
    assert digest_of(file) == digest
    for _ in range(2):
        assert [False, False, True] == [depot.take(part) for part in parcels.parts(digest)]
    assert ("numbers.npz", b"0123456789") == (depot.path(digest).name, depot.path(digest).read_bytes())
    assert frozenset([digest]) == depot.having([digest, "0" * 64])
    assert [digest] == [path.name for path in (tmp_path / "depot").iterdir()]


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """And not kept."""
    depot = Depot(tmp_path)
    with pytest.raises(ExecutionError, match=r"The file \.\./x was damaged on its way\."):
        depot.take(Put("0" * 64, "../x", b"other", last=True))
    assert [] == list(tmp_path.iterdir())


def test_code_travels_with_what_it_imports_from_beside_it(tmp_path: Path) -> None:
    """Without the driver's paths; equal code has an equal hash, wherever it lies."""
    digests = []
    for place in ("here", "there"):
        suite = write_suite(tmp_path / place)
        (suite.parent / "unrelated.py").write_text("raise SystemExit")
        (suite.parent / "data.npz").write_bytes(b"numbers")
        one = task(0, suite.parent / "data.npz", builder="mine:net", search_path=(str(suite.parent),))
        parcels, depot = Parcels(tmp_path), Depot(tmp_path / f"depot of {place}")
        parcel = parcels.parcel(one)
        assert ("", ()) == (parcel.task.data_path, parcel.task.search_path)
        for part in parcels.parts(parcel.code):
            depot.take(part)
        assert {"mine.py", "parts.py"} == {path.name for path in depot.unpacked(parcel.code).iterdir()}
        digests.append(parcel.code)
    assert digests[0] == digests[1]
