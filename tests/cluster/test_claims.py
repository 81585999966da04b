"""Of any number of processes that ask a store on a server for a trial, one is granted it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from postgres import Server

from bench.record.store import Claim, Store, Taken
from bench.record.store.claims import Owner
from bench.record.store.store import Lease

PROCESSES, KEYS = 6, 200
SCRIPT = Path(__file__).with_name("claimers.py")


def claimers(url: str, folder: Path) -> Counter[str]:
    """Let processes ask for the same keys at once; how often each key was granted."""
    names = [f"run-{number}" for number in range(PROCESSES)]
    started = [
        subprocess.Popen([sys.executable, str(SCRIPT), url, str(folder), name, str(KEYS)], stderr=subprocess.PIPE)
        for name in names
    ]
    deadline = time.monotonic() + 120
    while len(list(folder.glob("*.ready"))) < PROCESSES and time.monotonic() < deadline:
        time.sleep(0.05)
    (folder / "go").touch()
    said = [process.communicate(timeout=180)[1].decode() for process in started]
    assert [0] * PROCESSES == [process.returncode for process in started], said
    assert PROCESSES == len(list(folder.glob("*.open")))
    return Counter(line for name in names for line in (folder / f"{name}.grants").read_text().split())


@pytest.mark.parametrize("stale", [False, True])
def test_each_key_is_granted_once(server: Server, database: str, url: str, tmp_path: Path, *, stale: bool) -> None:
    """In an empty database, which all of them open at once, and where an owner that is gone had claimed each key."""
    if stale:
        with closing(Store(url, lease=Lease(lease_s=-1))) as gone:
            gone._owner = Owner(place="another place", process_id=1)
            assert {Claim.GRANTED} == {gone.acquire(f"key-{seed}", "gone") for seed in range(KEYS)}
    granted = claimers(url, tmp_path)
    assert dict.fromkeys(map(str, range(KEYS)), 1) == granted
    ok = "SELECT count(*), count(DISTINCT key) FROM keras_bench.trials WHERE status = 'OK'"
    assert f"{KEYS}|{KEYS}" == server.sql(ok, database)
    assert "0" == server.sql("SELECT count(*) FROM keras_bench.claims", database)


def test_a_live_owner_elsewhere_keeps_its_claim_for_its_lease(url: str) -> None:
    """By the server's clock; afterwards it is granted to the next."""
    with closing(Store(url, lease=Lease(lease_s=1.0, heartbeat_s=60))) as first, closing(Store(url)) as second:
        first._owner = Owner(place="another place")
        assert first.acquire("key", "one") is Claim.GRANTED
        assert isinstance(second.acquire("key", "two"), Taken)
        time.sleep(1.1)
        assert second.acquire("key", "two") is Claim.GRANTED
        assert isinstance(first.acquire("key", "one"), Taken)


def test_a_grant_whose_answer_was_lost_is_given_again(url: str) -> None:
    """An owner does not wait for itself; who has the claim and knows it does not get it twice."""
    with closing(Store(url)) as store:
        assert store.acquire("key", "one") is Claim.GRANTED
        assert isinstance(store.acquire("key", "one"), Taken)
        store._claimed.clear()
        assert store.acquire("key", "one") is Claim.GRANTED
