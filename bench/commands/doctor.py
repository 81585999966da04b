"""`bench doctor`: whether this machine can do what a run needs, and what to mend where it cannot."""

from __future__ import annotations

import platform
import shutil
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import numpy as np
import psutil
from rich.table import Table
from rich.text import Text

from bench.catalog import datasets
from bench.core.errors import BenchError, ExitCode, NoStoreError
from bench.core.formatting import percent, plural, seconds, size
from bench.core.secrets import without_passwords
from bench.execute.backends import BACKENDS, usual_backend
from bench.execute.harness.launcher import WarmServer
from bench.execute.system import cgroups, processes
from bench.execute.system.gpus import usable, visible_gpus
from bench.execute.system.machine import bending_variables
from bench.execute.system.stability import StabilityWatch, doubt_text
from bench.record.store import Store
from bench.render.damage import advice, damage_text, examination_text
from bench.render.documents.doctor import DoctorDocument, Fact, Finding, Level
from bench.render.documents.document import print_document
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rich.console import Console

    from bench.commands.workspace import Workspace
    from bench.execute.system.gpus import Gpu
    from bench.record.records import DeviceRecord

CORE_TYPE = "OPENBLAS_CORETYPE"
STYLES = {"ok": "green", "note": "yellow", "mend": "bold red"}
ROUNDS, PRODUCTS = 25, 40
"""About two seconds of arithmetic on a common processor."""


def examine(workspace: Workspace, *, quick: bool, as_json: bool = False) -> ExitCode:
    """Print what was found; exit 2 where something has to be mended before a run can work."""
    if as_json:
        findings = tuple(_findings(workspace, quick=quick))
        works = all(finding.level != "mend" for finding in findings)
        print_document(DoctorDocument(works=works, findings=findings))
        return ExitCode.OK if works else ExitCode.USAGE
    console = make_console()
    worst = ExitCode.OK
    for finding in _findings(workspace, quick=quick):
        _print(finding, console)
        if finding.level == "mend":
            worst = ExitCode.USAGE
    return worst


def _print(finding: Finding, console: Console) -> None:
    """Print what was found: in a terminal its further lines below the first, in a log whole lines."""
    level, subject = (
        Text(f"{finding.level:5}", style=STYLES[finding.level]),
        Text(f"{finding.subject:15}", style="bold"),
    )
    advice = Text(finding.advice, style="dim")
    if console.soft_wrap:
        console.print(Text.assemble(level, subject, finding.detail))
        if finding.advice:
            console.print(Text.assemble(f"{'':20}", advice))
        return
    row = Table.grid()
    for width in (len(level), len(subject)):
        row.add_column(width=width)
    row.add_column(overflow="fold")
    row.add_row(level, subject, finding.detail)
    if finding.advice:
        row.add_row("", "", advice)
    console.print(row)


def _findings(workspace: Workspace, *, quick: bool) -> Iterator[Finding]:
    yield _python()
    yield from _packages()
    yield from _data()
    yield from _store(workspace.store_url)
    yield _disk(workspace.reports)
    yield _memory()
    yield memory_limit()
    yield variables()
    yield _timing()
    if not quick:
        yield from _runtime()


def _python() -> Finding:
    text = sys.version.split()[0]
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding(
            "Python",
            "mend",
            f"{text}, where 3.11 to 3.13 is needed",
            "Make the environment with one of these.",
            {"version": text},
        )
    return Finding("Python", "ok", text, facts={"version": text})


def _packages() -> Iterator[Finding]:
    # any backend will do where another one is missing
    missing: Level = "note" if usual_backend().installed else "mend"
    for name in ("keras-bench", "tensorflow", "keras", "numpy", "pandas"):
        try:
            installed = version(name)
            yield Finding(name, "ok", installed, facts={"version": installed})
        except PackageNotFoundError:
            grade: Level = missing if name in BACKENDS else "mend"
            advice = "python3 -m pip install keras-bench"
            yield Finding(name, grade, "is not installed", advice, {"version": None})


def _data() -> Iterator[Finding]:
    by_name: dict[str, list[datasets.Availability]] = {}
    for row in datasets.availability():
        by_name.setdefault(row.name, []).append(row)
    for name, rows in by_name.items():
        usable = [row for row in rows if row.available]
        if usable:
            facts: dict[str, Fact] = {"source": usable[0].source, "available": True}
            yield Finding(name, "ok", usable[0].detail, facts=facts)
        else:
            detail = "; ".join(f"{row.source}: {row.detail}" for row in rows)
            yield Finding(name, "note", detail, "A run will look again.", {"source": None, "available": False})


def _store(url: str) -> Iterator[Finding]:
    """Every row of the store against its checksums, and what the database itself says of its pages."""
    try:
        store = Store(url, create=False)
    except NoStoreError as error:
        yield Finding("store", "ok", error.message, facts={"url": without_passwords(url), "exists": False})
        return
    except BenchError as error:
        yield Finding("store", "mend", error.message, error.hint, {"url": without_passwords(url)})
        return
    try:
        examined = store.examine()
    finally:
        store.close()
    facts: dict[str, Fact] = {
        "url": store.url,
        "exists": True,
        "runs": examined.runs,
        "trials": examined.trials,
        "trials_without_checksums": examined.unchecked,
        "damaged_rows": len(examined.damage),
    }
    if examined.sound:
        yield Finding("store", "ok", examination_text(examined, store.url), facts=facts)
        return
    yield Finding("store", "mend", examination_text(examined, store.url), advice(examined.damage), facts)
    for damage in examined.damage:
        where: dict[str, Fact] = {"table": damage.table, "row": damage.row, "columns": ", ".join(damage.columns)}
        yield Finding("store", "mend", damage_text(damage), facts=where)
    for problem in examined.problems:
        yield Finding("store", "mend", problem)


def _disk(reports: Path) -> Finding:
    folder = next(path for path in (reports.absolute(), *reports.absolute().parents) if path.exists())
    free = shutil.disk_usage(folder).free
    level: Level = "ok" if free > 2**30 else "mend"
    advice = "" if level == "ok" else "Make room: 1 GiB at least."
    facts: dict[str, Fact] = {"free_bytes": free, "folder": str(folder)}
    return Finding("disk", level, f"{size(free)} free for {reports}", advice, facts)


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    facts: dict[str, Fact] = {"available_bytes": memory.available, "total_bytes": memory.total}
    return Finding("memory", "ok", f"{size(memory.available)} of {size(memory.total)} available", facts=facts)


def memory_limit() -> Finding:
    """What bounds the memory of a trial here."""
    if (group := cgroups.delegated()) is not None:
        detail = f"counts a trial with all processes that it starts, by a control group in {group}"
        return Finding("memory limit", "ok", detail, facts={"counts": "all processes", "by": "control group"})
    if processes.HOLDS_ARE_KNOWN:
        return Finding(
            "memory limit",
            "ok",
            "counts a trial with all processes that it starts, twice a second; the trial's own process is also bounded "
            "by RLIMIT_DATA",
            facts={"counts": "all processes", "by": "polling"},
        )
    linux = platform.system() == "Linux"
    if linux:
        detail = "bounds each process of a trial on its own (RLIMIT_DATA), and no memory that processes share"
        advice = "A kernel with /proc/PID/smaps_rollup lets all of it be counted."
    else:
        detail, advice = "is not enforced on this system", "A trial may take all of the memory."
    facts: dict[str, Fact] = {"counts": "each process" if linux else None, "by": "RLIMIT_DATA" if linux else None}
    return Finding("memory limit", "note", detail, advice, facts)


def variables() -> Finding:
    """The variables that make matrix products slow or fast; one of them chooses kernels for another processor."""
    bending = bending_variables()
    detail = ", ".join(f"{name}={value}" for name, value in bending.items()) or "none that change the speed of products"
    if CORE_TYPE not in bending:
        return Finding("environment", "ok", detail, facts=dict(bending))
    advice = (
        f"{CORE_TYPE} makes NumPy multiply as on that processor, which can take twice as long. Unset it to measure "
        "times: they are compared only where it is the same."
    )
    return Finding("environment", "note", detail, advice, dict(bending))


def _timing() -> Finding:
    """Whether timings may be trusted here: the same arithmetic again and again, judged as a trial's epochs are."""
    rng = np.random.default_rng(0)
    left, right = rng.random((512, 512), dtype=np.float32), rng.random((512, 512), dtype=np.float32)
    watch, taken = StabilityWatch(), []
    watch.begin()
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for _ in range(PRODUCTS):
            left @ right
        taken.append(time.perf_counter() - begun)
    watch.lap()
    stability = watch.stop(sum(taken), taken)
    figures = (("others", stability.others_share), ("stolen by other machines", stability.steal_share))
    parts = [f"{name} {percent(share, 0)}" for name, share in figures if share is not None]
    parts.append(f"{ROUNDS} rounds of one sum within {percent(stability.epoch_spread or 0.0, 1)}")
    facts: dict[str, Fact] = {
        "others_share": stability.others_share,
        "steal_share": stability.steal_share,
        "rounds_spread": stability.epoch_spread,
    }
    if reason := doubt_text(stability, sum(taken)):
        advice = "Trials timed now would be marked and left out of timing statistics; accuracies are not touched."
        return Finding("timing", "note", f"not to be trusted now: {reason}", advice, {**facts, "trusted": False})
    return Finding("timing", "ok", f"can be trusted: {', '.join(parts)}", facts={**facts, "trusted": True})


def _runtime() -> Iterator[Finding]:
    try:
        with WarmServer() as server:
            ready = server.ready()
            begun = time.perf_counter()
            devices = server.call("bench.execute.worker.errands:devices", None, timeout_s=120)
            start = time.perf_counter() - begun
    except BenchError as error:
        backend = usual_backend()
        mend = f"python3 -m pip install --force-reinstall {backend.name} keras"
        yield Finding(backend.title, "mend", error.message, mend)
        return
    how = f"imported in {seconds(ready.import_time_s)}; a worker answers in {seconds(start)}"
    facts: dict[str, Fact] = {
        "start_method": ready.start_method,
        "import_time_s": ready.import_time_s,
        "worker_start_time_s": start,
    }
    if ready.start_method == "fork":
        yield Finding("workers", "ok", f"forked from a warm server: {how}", facts=facts)
    else:
        advice = "Forking is not safe here, so every worker imports its backend anew."
        yield Finding("workers", "note", f"spawned: {how}", advice, facts)
    for device in devices:
        known: dict[str, Fact] = {
            "name": device.name,
            "description": device.description,
            "memory_bytes": device.memory_bytes,
            "driver": device.driver,
        }
        yield Finding("device", "ok", device_text(device), facts=known)
    yield gpu_finding(devices, visible_gpus(), server.signature.backend)


def device_text(device: DeviceRecord) -> str:
    """A device with what is known of it."""
    memory = size(device.memory_bytes) if device.memory_bytes else ""
    driver = f"driver {device.driver}" if device.driver else ""
    return ", ".join(part for part in (f"{device.name} {device.description}".strip(), memory, driver) if part)


def gpu_finding(devices: Sequence[DeviceRecord], listed: Sequence[Gpu], backend: str) -> Finding:
    """How a run would use the GPUs.

    Args:
        devices: that a backend sees.
        listed: the GPUs that NVIDIA's tool lists.
        backend: of the two, by its name.
    """
    title = BACKENDS[backend].title
    names = [device.description for device in devices if device.name != "cpu"]
    if not names:
        skipped = "cells on a GPU are skipped"
        if not listed:
            return Finding("gpu", "ok", f"none; {skipped}", facts={"seen": 0, "listed": 0})
        advice = f"Install the build of {title} for CUDA, as its own page says."
        detail = f"{title} sees none of {plural(len(listed), 'GPU')}; {skipped}"
        return Finding("gpu", "note", detail, advice, {"seen": 0, "listed": len(listed)})
    order = usable(listed, names)
    takes = ", ".join(f"gpu:{number}" for number in order)
    detail = f'device = "gpu" takes {takes}, the first of them alone unless --jobs is given, then one trial on each'
    busy = [f"gpu:{number}" for number in order if number < len(listed) and listed[number].in_use]
    facts: dict[str, Fact] = {"seen": len(names), "listed": len(listed), "takes": takes, "busy": ", ".join(busy)}
    if busy:
        advice = "Times taken there now are of a GPU that is shared. CUDA_VISIBLE_DEVICES hides a GPU."
        return Finding("gpu", "note", f"{detail}; another program uses {', '.join(busy)}", advice, facts)
    return Finding("gpu", "ok", detail, facts=facts)
