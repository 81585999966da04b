"""A batch of inputs in a process of its own: what each did, how long it took and how much memory.

`python attack.py PARSER SEED FIRST NUMBER RESULT` runs mutated inputs FIRST, FIRST + 1, ...; `attack` starts it from a
test, and goes on behind an input that ended the process. Time is the processor's, so that a busy machine changes
nothing; memory is what an input adds to what the process held before it.
"""

# ruff: noqa: S311

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LIMIT_S, LIMIT_BYTES = 2.0, 256 * 2**20
ROOM_BYTES = 4 * LIMIT_BYTES
"""Of addresses, beyond what the process has: what is asked for beyond it is a finding, not a danger to the machine."""
STUCK_S = 120.0
"""Without any progress, after which the process is ended."""
BATCH = 2_500
READY, CORPUS = "ready", "corpus"
ROW = "fuzz"
HEAD = "| parser | inputs | accepted | refused | uncaught | slowest, CPU s | most memory, MB |\n" + "| --- " * 7 + "|"
USUAL = {
    "run.json": 400, "report": 6, "suite": 1_500, "baseline": 1_000, "verdict.json": 1_500, "IDX": 5_000, "npz": 1_500,
    "CSV": 300, "Parquet": 500, "image": 800, "store": 100, "pending record": 500,
}  # fmt: skip
"""Inputs of each parser where nobody says a number, what takes longest first: four minutes on two cores."""
PAST = ("suite", "run.json", "baseline", "verdict.json", "IDX", "npz", "CSV", "Parquet", "image")
"""The parsers with past findings, see `corpora.py`."""
MB = 2**20


@dataclass
class Report:
    """What the inputs of a parser did.

    Attributes:
        inputs: how many there were.
        refused: how many of them ended in a `BenchError`; the others gave a value.
        slowest_s: the most processor time of one.
        most_bytes: the most memory of one.
        findings: what must not be: a traceback, a signal, more than the limits.
    """

    inputs: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    most_bytes: int = 0
    findings: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def take(self, line: dict[str, Any]) -> None:
        """Count one input."""
        self.inputs += 1
        self.refused += line["what"] == "refused"
        self.slowest_s, self.most_bytes = max(self.slowest_s, line["s"]), max(self.most_bytes, line["bytes"])
        if line["what"] not in {"value", "refused"} or line["s"] > LIMIT_S or line["bytes"] > LIMIT_BYTES:
            kind = line["where"] or f"{line['what']}, {line['s']:.1f} s, {line['bytes'] // MB} MB"
            self.kinds[kind] += 1
            if self.kinds[kind] <= 3:
                self.findings.append(f"input {line['number']}: {kind}")

    def row(self, name: str) -> str:
        """Of the table."""
        uncaught = sum(self.kinds.values())
        return (
            f"| {name} | {self.inputs:,} | {self.inputs - self.refused - uncaught:,} | {self.refused:,} | {uncaught:,} "
            f"| {self.slowest_s:.2f} | {self.most_bytes / MB:.0f} |"
        )


def attack(parser: str, seed: int | str, number: int) -> Report:
    """Give a parser so many mutated inputs, a batch per process; those of its corpus where the seed is `CORPUS`."""
    report = Report()
    first = 0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        while first < number:
            batch = Batch(parser, seed, first, min(BATCH, number - first))
            first += _run(batch, Path(folder), report)
    return report


@dataclass(frozen=True)
class Batch:
    """Inputs `first`, `first` + 1, ... of a parser and a seed, so many."""

    parser: str
    seed: int | str
    first: int
    number: int


def _run(batch: Batch, folder: Path, report: Report) -> int:
    """Run a batch; how many of its inputs were run."""
    results = folder / "results"
    results.write_text("")
    words = [sys.executable, __file__, *map(str, (batch.parser, batch.seed, batch.first, batch.number, results))]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait(process, results)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    ready, *written = results.read_text().splitlines() or [""]
    tail = (folder / "log").read_text(errors="replace").strip()[-1_500:]
    if ready != READY:
        raise RuntimeError(f"{batch.parser} refuses its own good inputs: {tail}")
    lines = [json.loads(line) for line in written if line.endswith("}")]
    for line in lines:
        report.take(line)
    if len(lines) == batch.number or process.returncode == 0:  # a corpus is smaller than a batch
        return batch.number
    what = f"ended the process with {process.returncode}: {tail}"
    report.take({"number": batch.first + len(lines), "what": "ended", "where": what, "s": 0.0, "bytes": 0})
    return len(lines) + 1


def _wait(process: subprocess.Popen[bytes], results: Path) -> None:
    size = -1
    while True:
        try:
            process.wait(timeout=STUCK_S)
        except subprocess.TimeoutExpired:
            if results.stat().st_size == size:
                return
            size = results.stat().st_size
        else:
            return


class TooSlowError(BaseException):
    """An input took longer than it may; no handler of ours catches it."""


def _interrupt(number: int, frame: object) -> None:
    raise TooSlowError


def _held(key: str) -> int:
    """Bytes by a key of `/proc/self/status`."""
    with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123  called for every input
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(key))


def one(consume: Any, data: bytes, folder: Path) -> dict[str, Any]:
    """What one input does."""
    from bench.core.errors import BenchError  # noqa: PLC0415

    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    before, begun = _held("VmRSS"), _cpu_s()
    signal.setitimer(signal.ITIMER_PROF, 3 * LIMIT_S)
    where = ""
    try:
        consume(data, folder)
        what = "value"
    except BenchError as error:
        what = "refused"
        if isinstance(error.__cause__, MemoryError):
            what, where = "memory", f"more than {ROOM_BYTES // MB} MB asked for: {error}"[:300]
    except TooSlowError:
        what = "slow"
        where = "too slow: " + _place(sys.exc_info()[2])
    except BaseException as error:  # noqa: BLE001  this is what is looked for
        what, where = "uncaught", f"{type(error).__name__}: {str(error)[:150]} @ {_place(error.__traceback__)}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return {"what": what, "where": where, "s": round(_cpu_s() - begun, 3), "bytes": max(_held("VmHWM") - before, 0)}


def _cpu_s() -> float:
    return sum(os.times()[:2])


def _place(trace: Any) -> str:
    """The innermost lines of ours."""
    frames = [frame for frame in traceback.extract_tb(trace) if "/bench/" in frame.filename] or traceback.extract_tb(
        trace
    )
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))


def main(parser: str, seed: str, first: str, number: str, results: str) -> None:
    """Run a batch, and write a line per input."""
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    os.environ |= {"MALLOC_ARENA_MAX": "1", "GITHUB_ACTIONS": "true", "NO_COLOR": "1", "MPLBACKEND": "agg"}
    sys.path.insert(0, str(Path(__file__).parent))
    sys.path.insert(0, str(Path(__file__).parents[1]))
    import parsers  # noqa: PLC0415

    of, parent = parsers.PARSERS[parser], os.getppid()
    seeds, kept = of.seeds(), []
    if seed == CORPUS:
        from corpora import corpus  # noqa: PLC0415

        kept = list(corpus(parser).values())
    signal.signal(signal.SIGPROF, _interrupt)
    folder = Path(results).parent / "input"
    folder.mkdir(exist_ok=True)
    for data in seeds:  # what is imported and cached once is no input's memory
        of.consume(data, folder)
    room = _held("VmSize") + ROOM_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    if "tensorflow" in sys.modules or "keras" in sys.modules:
        raise SystemExit("A parser imported Keras.")
    with Path(results).open("a", encoding="utf-8") as file:
        file.write(READY + "\n")
        for place in range(int(first), int(first) + int(number)):
            if (place == len(kept) and seed == CORPUS) or os.getppid() != parent:  # nobody waits any more
                break
            data = kept[place] if seed == CORPUS else mutated(of, seeds, int(seed), place)
            file.write(json.dumps({"number": place, **one(of.consume, data, folder)}) + "\n")
            file.flush()


def mutated(of: Any, seeds: list[bytes], seed: int, number: int) -> bytes:
    """Input `number`: the same for the same seed, whichever process makes it."""
    chance = random.Random(f"{of.name}/{seed}/{number}")
    return of.mutate(chance.choice(seeds), chance)


if __name__ == "__main__":
    main(*sys.argv[1:])
