"""Whether this machine's GPUs are used as they should be, and how quick they are: `python tests/gpu/run.py`.

Needs neither network nor TensorFlow, and no pytest: `bench`, Keras and JAX or PyTorch with CUDA. Takes 6 minutes at
most. Writes `reports/gpu/figures.md`. Exit 0: every check passed. 1: one failed. 4: there is no GPU to check, which is
0 with `--allow-none`. With `--pretend-cpu` all steps run on the processor at a small size, and no file is written.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.record.records import DeviceRecord

BACKENDS = ("jax", "torch")
LONGEST_S = 345.0
"""Of all steps together: what is not done by then has failed."""

STEPS = ("placement", "timing", "memory", "engines")
JAX_STEPS = (*STEPS, "seeds")

SUITE = """
[suite]
name = "gpu"
dataset = "digits"
seeds = {seeds}
epochs = 3
learning_rate = 0.1
backend = "{backend}"

[[grid]]
architecture = "mlp"
hidden = [[32]]
dropout = 0.2
device = {devices}

[[grid]]
architecture = "softmax"
device = {devices}
"""

FAILED, NONE_THERE = 1, 4


@dataclass
class Found:
    """What was checked and measured.

    Attributes:
        checks: backend, name, whether it passed, what was seen.
        figures: backend, name, values, unit.
    """

    checks: list[tuple[str, str, bool, str]] = field(default_factory=list)
    figures: list[tuple[str, str, list[float], str]] = field(default_factory=list)

    def check(self, backend: str, name: str, passed: bool, seen: str) -> None:  # noqa: FBT001  the outcome
        """Note a check, and say it."""
        self.checks.append((backend, name, bool(passed), " ".join(seen.split())))
        print(f"{'passed' if passed else 'FAILED'}  {backend:6} {name}: {seen}", flush=True)


def main() -> int:
    """Check every backend that sees a GPU."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--backend", action="append", choices=BACKENDS, help="Only this one; may be given twice.")
    parser.add_argument("--allow-none", action="store_true", help="Exit 0 where there is no GPU.")
    parser.add_argument("--pretend-cpu", action="store_true", help="Run all steps on the processor, at a small size.")
    parser.add_argument("--figures", type=Path, default=ROOT / "reports/gpu/figures.md", help="The file to write.")
    asked = parser.parse_args()
    until = time.monotonic() + LONGEST_S
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = without_tensorflow(folder)
        os.environ.update(environ)
        backends = [name for name in asked.backend or BACKENDS if importlib.util.find_spec(name)]
        gpus = {} if asked.pretend_cpu else {name: seen for name in backends if (seen := gpus_of(name))}
        if not gpus and not asked.pretend_cpu:
            print(f"There is no GPU that {' or '.join(backends) or 'JAX or PyTorch'} sees, so nothing was checked.")
            return 0 if asked.allow_none else NONE_THERE
        found = Found()
        for backend in backends if asked.pretend_cpu else gpus:
            for step in JAX_STEPS if backend == "jax" else STEPS:
                run_step(found, step, backend, until, pretend=asked.pretend_cpu)
            run_suite(found, backend, len(gpus.get(backend, ())), folder / backend, until)
    failed = [row for row in found.checks if not row[2]]
    text = markdown(found, next(iter(gpus.values()), ()))
    if asked.pretend_cpu:
        print(f"{len(found.checks)} checks on the processor, {len(failed)} failed; no file was written.")
    else:
        asked.figures.parent.mkdir(parents=True, exist_ok=True)
        asked.figures.write_text(text, encoding="utf-8")
        print(f"{len(found.checks)} checks, {len(failed)} failed; {asked.figures} was written.")
    return FAILED if failed else 0


def without_tensorflow(folder: Path) -> dict[str, str]:
    """The environment of a machine where TensorFlow cannot be imported and nothing is reached."""
    stand_in = folder / "path" / "tensorflow"
    stand_in.mkdir(parents=True)
    (stand_in / "__init__.py").write_text('raise ImportError("TensorFlow is hidden here")\n', encoding="utf-8")
    path = [str(folder / "path"), str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    sys.path[:0] = [str(folder / "path")]
    return {
        "PYTHONPATH": os.pathsep.join(path),
        "BENCH_CACHE": os.environ.get("BENCH_CACHE", str(folder / "cache")),
    }


def gpus_of(backend: str) -> tuple[DeviceRecord, ...]:
    """The GPUs that a backend sees, asked of a worker as a run asks; none where it does not answer."""
    from bench.core.errors import BenchError  # noqa: PLC0415  the path is set by then
    from bench.execute.harness.gpus import DEVICES, TIMEOUT_S  # noqa: PLC0415
    from bench.execute.harness.launcher import WarmServer  # noqa: PLC0415
    from bench.execute.harness.starting import RuntimeSignature  # noqa: PLC0415

    try:
        with WarmServer(RuntimeSignature(backend)) as server:
            devices: tuple[DeviceRecord, ...] = server.call(DEVICES, None, timeout_s=TIMEOUT_S)
    except BenchError as error:
        print(f"{backend}: {error.message}", file=sys.stderr)
        return ()
    return tuple(device for device in devices if device.name != "cpu")


def run_step(found: Found, step: str, backend: str, until: float, *, pretend: bool) -> None:
    """Do a step in a process of its own, which may hang or die."""
    words = [sys.executable, str(Path(__file__).with_name("steps.py")), step, backend]
    words += ["cpu", "pretended"] if pretend else ["gpu:0", "gpu"]
    done = run(words, until, ROOT, variables_of(backend))
    last = done.stdout.strip().rpartition("\n")[2]
    if done.returncode or not last.startswith("{"):
        said = (done.stderr or done.stdout).strip().rpartition("\n")[2]
        found.check(backend, f"the step {step} ends", passed=False, seen=said or f"exit {done.returncode}")
        return
    said = json.loads(last)
    for name, passed, seen in said["checks"]:
        found.check(backend, f"{step}: {name}", passed, seen)
    found.figures += [(backend, name, values, unit) for name, values, unit in said["figures"]]


def run_suite(found: Found, backend: str, gpus: int, folder: Path, until: float) -> None:
    """A suite over the processor and GPUs, with its report; with several GPUs, once more on all of them at a time."""
    folder.mkdir()
    devices = ["cpu", "gpu"] if gpus else ["cpu", "cpu[threads=1]"]
    text = SUITE.format(backend=backend, devices=json.dumps(devices), seeds=2)
    (folder / "bench.toml").write_text(text, encoding="utf-8")
    done = run([sys.executable, "-m", "bench", "run"], until, folder)
    said = (done.stderr or done.stdout).strip().rpartition("\n")[2]
    found.check(backend, "suite: it ends well", done.returncode == 0, f"exit {done.returncode} {said}")
    trials = list(trials_of(folder))
    statuses = [trial["status"] for trial in trials]
    expected = 2 * len(devices) * 2
    found.check(backend, "suite: every trial is OK", statuses == ["OK"] * expected, f"{len(trials)}: {set(statuses)}")
    report = folder / "reports/gpu/latest/report.html"
    page = report.read_text(encoding="utf-8") if report.exists() else ""
    found.check(
        backend, "suite: the report has all devices", all(name in page for name in devices), f"{len(page)} characters"
    )
    by_device: dict[str, list[float]] = {name: [] for name in devices}
    for trial in trials:
        epochs = [epoch["train_time_s"] for epoch in trial["outcome"]["epochs"][1:]]
        by_device[trial["cell"]["device"]] += epochs if trial["status"] == "OK" else []
    for name, values in by_device.items():
        if values:
            found.figures.append((backend, f"suite on digits, {name}: an epoch", values, "s"))
    if not gpus:
        return
    outcomes = [trial["outcome"] for trial in trials if trial["cell"]["device"] == "gpu"]
    names = {outcome["device"]["name"] for outcome in outcomes if outcome["device"]}
    found.check(backend, "suite: records name the GPU that was used", len(names) == 1, ", ".join(sorted(names)))
    peaks = [outcome["device_peak_bytes"] for outcome in outcomes if outcome["device_peak_bytes"]]
    found.check(backend, "suite: a trial's peak memory on the GPU is known", bool(peaks), f"{len(peaks)} trials")
    done = run([sys.executable, "-m", "bench", "run"], until, folder)
    found.check(backend, "suite: a second run trains nothing", done.returncode == 0, f"exit {done.returncode}")
    if gpus > 1:
        words = ["run", "-k", "gpu", "--fresh", "--seeds", str(2 * gpus), "--jobs", str(gpus)]
        run([sys.executable, "-m", "bench", *words], until, folder)
        used = {trial["outcome"]["device"]["name"] for trial in trials_of(folder) if trial["outcome"]["device"]}
        found.check(backend, "suite: --jobs trains on every GPU", len(used) == gpus, ", ".join(sorted(used)))


def trials_of(folder: Path) -> Iterator[dict[str, Any]]:
    """The trials of the last run in a folder."""
    file = folder / "reports/gpu/latest/run.json"
    if file.exists():
        yield from json.loads(file.read_text(encoding="utf-8"))["trials"]


def variables_of(backend: str) -> dict[str, str]:
    """The variables of a warm server, which a step has as a worker has them."""
    from bench.execute.harness.starting import RuntimeSignature  # noqa: PLC0415  the path is set by then

    return RuntimeSignature(backend).variables()


def run(
    words: list[str], until: float, folder: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command that ends when the time of the whole script does."""
    environ = {**os.environ, **(variables or {})}
    left = max(0.1, until - time.monotonic())
    try:
        return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=left, env=environ)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 124, "", f"The {LONGEST_S:.0f} s of this script were over.")


def markdown(found: Found, gpus: Sequence[DeviceRecord]) -> str:
    """The file of figures."""
    sizes = [f"{(gpu.memory_bytes or 0) / 2**30:.1f} GiB, driver {gpu.driver}" for gpu in gpus]
    card = ", ".join(f"{gpu.description} ({size})" for gpu, size in zip(gpus, sizes, strict=True))
    packages = " ".join(f"{name} {known}" for name in ("keras", *BACKENDS) if (known := installed(name)))
    lines = [
        "Made by `nox -s gpu`, which replaces this file.",
        "",
        f"{card or 'No GPU'}. Python {platform.python_version()}, {packages}. {datetime.now(UTC):%Y-%m-%d}.",
        "",
        "| backend | figure | median (smallest to largest) | runs |",
        "| --- | --- | --- | --- |",
    ]
    for backend, name, values, unit in found.figures:
        middle, low, high = (f"{value:.4g} {unit}" for value in (statistics.median(values), min(values), max(values)))
        lines.append(f"| {backend} | {name} | {middle} ({low} to {high}) | {len(values)} |")
    lines += ["", "| backend | check | outcome | seen |", "| --- | --- | --- | --- |"]
    for backend, name, passed, seen in found.checks:
        shown = seen.replace("|", "/")
        lines.append(f"| {backend} | {name} | {'passed' if passed else '**failed**'} | {shown} |")
    return "\n".join(lines) + "\n"


def installed(package: str) -> str:
    """The version of a package; empty without it."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
