"""What attacks on the harness have in common: a place of their own, and what is counted afterwards."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

GONE_S = 5.0
"""Seconds after which nothing may be left of a harness that was ended."""

HANDLED = 1 << (signal.SIGTERM - 1)


@dataclass(frozen=True)
class Place:
    """A folder with a suite, and a folder for temporary files that nobody else uses.

    Attributes:
        folder: the current folder of every command, by which its processes are known, whatever they did to themselves.
    """

    folder: Path

    @property
    def temporary(self) -> Path:
        """Where temporary files go."""
        return self.folder / "temporary"

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start `bench` as a user does."""
        self.temporary.mkdir(exist_ok=True)
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "bench", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd=self.folder,
            env={**os.environ, "TMPDIR": str(self.temporary), "COLUMNS": "160"},
        )

    def run(self, *words: str) -> tuple[int, str]:
        """Run `bench` to its end: its exit code and output; after many attacks there is much left to train."""
        with self.start(*words) as process:
            output = process.communicate(timeout=3600)[0]
        return process.returncode, output

    def processes(self) -> list[psutil.Process]:
        """Every process that was started here, but those that only wait to be noted by their parent."""
        found = []
        for process in psutil.process_iter():
            try:
                here = Path(process.cwd()).is_relative_to(self.folder)
                if here and process.status() != psutil.STATUS_ZOMBIE and process.pid != os.getpid():
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def left_behind(self) -> tuple[int, int]:
        """Processes and temporary files that are still there when nothing should be; the processes are ended."""
        until = time.monotonic() + GONE_S
        while (self.processes() or self.files()) and time.monotonic() < until:
            time.sleep(0.1)
        processes, files = self.processes(), self.files()
        for process in processes:
            process.kill()
        return len(processes), len(files)

    def files(self) -> list[Path]:
        """Temporary files and folders."""
        return list(self.temporary.iterdir()) if self.temporary.exists() else []

    def stored(self) -> Counter[tuple[str, int]]:
        """How often each cell and seed is in the store with a result."""
        path = self.folder / "reports" / "bench.db"
        if not path.exists():
            return Counter()
        with sqlite3.connect(path) as database:
            try:
                return Counter(database.execute("select cell_id, seed from trials where status = 'OK'").fetchall())
            except sqlite3.OperationalError:  # killed before there were tables
                return Counter()


def wait_until_heeded(process: subprocess.Popen[str]) -> None:
    """Wait until the first line of ours has run; before it, Python itself does with a signal what it likes."""
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        text = Path(f"/proc/{process.pid}/status").read_text()
        caught = next((line.split()[1] for line in text.splitlines() if line.startswith("SigCgt")), "0")
        if int(caught, 16) & HANDLED:
            return
        time.sleep(0.001)


@dataclass
class Count:
    """What is counted over the rounds of an attack."""

    attack: str
    count: int = 0
    lost: int = 0
    doubled: int = 0
    left: int = 0
    notes: list[str] = field(default_factory=list)

    def line(self) -> str:
        """A row of the table."""
        return f"| {self.attack} | {self.count:,} | {self.lost:,} | {self.doubled:,} | {self.left:,} |"


SHORT = """
[suite]
name = "short"
dataset = "digits"
epochs = 1
engine = "epoch"
[[grid]]
architecture = "softmax"
"""
NEW = 2
"""Trials that every round of an attack adds to the suite `SHORT`."""


def short_run_s(place: Place) -> float:
    """Put the suite there and run it once, which also fills the caches: the seconds that took."""
    (place.folder / "short.toml").write_text(SHORT)
    begun = time.monotonic()
    code, output = place.run("run", "short.toml", "--seeds", str(NEW))
    assert 0 == code, output
    return time.monotonic() - begun


def follow_up(place: Place, count: Count, rounds: int) -> None:
    """Bring so many rounds to their end by the same command, and count what is not there once."""
    seeds = (rounds + 1) * NEW
    code, output = place.run("run", "short.toml", "--seeds", str(seeds))
    if code:
        count.notes.append(output)
    stored = place.stored()
    count.lost += sum(1 for seed in range(seeds) if not stored[("softmax@digits@cpu", seed)])
    count.doubled += sum(number - 1 for number in stored.values())
