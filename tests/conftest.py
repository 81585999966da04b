"""What every test shares: no test touches the user's own cache, store or settings."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run every test in an empty folder, with a cache of the session's and without the user's BENCH_ settings."""
    for name in [name for name in os.environ if name.startswith("BENCH_")]:
        monkeypatch.delenv(name)
    shared = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setenv("BENCH_CACHE", str(shared))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pytest_configure() -> None:
    """Heed the signals that whoever started the tests ignores: what the tests start would ignore them as well."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """How large the tests are that can be made larger, or smaller."""
    parser.addoption("--grids", type=int, default=2_000, help="How many grids each simulation of the gate judges.")
    parser.addoption("--one-case", action="store_true", help="Of each simulation, run the middle one of its cases.")
    parser.addoption("--stub-trials", type=int, default=1_000, help="How many trials the stores are compared with.")
    parser.addoption("--kills", type=int, default=20, help="How often a run is killed and taken up again.")
    parser.addoption("--fleet-trials", type=int, default=10_000, help="How many trials a made-up fleet trains.")
    parser.addoption("--interruptions", type=int, default=12, help="How often a run is interrupted.")
    parser.addoption("--all-builders", action="store_true", help="Train with every hostile builder, not with a dozen.")
