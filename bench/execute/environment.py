"""The host and its versions, and the signatures that decide which trials are interchangeable."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import socket
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.execute.backends import BACKENDS, TENSORFLOW
from bench.execute.sources import source_files
from bench.execute.system.gpus import gpu_kind
from bench.execute.system.machine import BENDING_VARIABLES, SET_BY_IMPORTS, brand, cpu, cpu_name, processor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.catalog.registry import Architecture
    from bench.execute.backends import Backend
    from bench.record.records import DeviceRecord, Environment

PACKAGES = ("keras-bench", "keras", "numpy", "pandas")
"""Whose versions are recorded, beside those of the backends."""

DECISIVE = ("keras", "numpy")
"""Whose versions decide whether two trials are interchangeable, beside those of the backends."""

VISIBLE_GPUS = "CUDA_VISIBLE_DEVICES"

DECISIVE_VARIABLES = (VISIBLE_GPUS, "KERAS_MAX_", "NVIDIA_TF32_OVERRIDE", "XLA_FLAGS")
"""How the variables begin that decide what every backend computes, or how fast; the others are the backend's own."""

KERAS_DEFAULTS = {"floatx": "float32", "epsilon": 1e-07, "image_data_format": "channels_last"}
"""What Keras's own configuration file (`keras.json`) may say otherwise, and every model depends on."""

DECISIVE_MODULES = {
    "bench.execute": ("alike", "backends", "choice", "inputs", "losses", "sources"),
    "bench.core": ("precision", "target", "trees"),
}
"""The modules, beside those of workers, that decide what is trained and what the record says."""

HARMLESS_MODULES = (
    "convert", "errands", "layers", "phases", "planting", "process", "recipe", "saving", "speed", "survey", "weights"
)  # fmt: skip
"""The files and the folder of `bench.execute.worker` that change no result of a trial."""

RECORDED_VARIABLES = (*DECISIVE_VARIABLES, "KERAS_BACKEND", *BENDING_VARIABLES)

USUAL = (TENSORFLOW.name,)


def read_environment(devices: Iterable[DeviceRecord], folder: Path, backends: Iterable[str] = USUAL) -> Environment:
    """What this machine and this installation are.

    Args:
        devices: as a worker listed them.
        folder: whose git revision is recorded (the suite's).
        backends: of the cells that are trained.
    """
    # a warm server's variables need the signature below, before anything else is imported
    import psutil  # noqa: PLC0415

    from bench.record.records import Environment  # noqa: PLC0415

    used = [BACKENDS[name] for name in sorted(set(backends))]
    revision, dirty = _git(folder)
    return Environment(
        hostname=socket.gethostname(),
        platform=platform.platform(),
        cpu_model=cpu_name(),
        cpu_flags=tuple(cpu().get("flags", ())),
        processor=processor(),
        cores=os.cpu_count() or 1,
        usable_cores=len(psutil.Process().cpu_affinity())
        if hasattr(psutil.Process, "cpu_affinity")
        else os.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
        devices=tuple(devices),
        python=platform.python_version(),
        packages={name: installed for name in (*PACKAGES, *_packages(used)) if (installed := _version(name))},
        git_revision=revision,
        git_dirty=dirty,
        variables=_variables((*RECORDED_VARIABLES, *_prefixes(used))),
    )


def environment_signature(*backends: str, any_gpu: bool = False) -> str:
    """SHA-256 (hex) of what a training's bits depend on outside its code: processor, cores and versions.

    It is part of every trial's key. What times depend on beyond it is in `machine_signature`.

    Args:
        backends: that cells are trained by; TensorFlow where none is named.
        any_gpu: the signature for cells on `gpu`, which any GPU of a kind may train: the kind counts, and not which
            GPUs are seen.
    """
    used = [BACKENDS[name] for name in sorted(set(backends or USUAL))]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    content: dict[str, Any] = {
        "cpu": brand(),
        "cores": cores,
        "machine": platform.machine(),
        "python": platform.python_version_tuple()[:2],
        "packages": {name: _version(name) for name in (*DECISIVE, *_packages(used))},
        "variables": _variables((*DECISIVE_VARIABLES, *_prefixes(used))),
    }
    if settings := _keras_settings():
        content["keras"] = settings
    if any_gpu:
        content["gpu"] = gpu_kind()
        content["variables"].pop(VISIBLE_GPUS, None)
    return _digest(content)


def code_signature(architecture: Architecture) -> str:
    """SHA-256 (hex) of the source that decides a training: the builder's, and this harness's own from data to engine.

    A builder counts with the files that it imports from beside it, as `bench.execute.sources` finds them.
    """
    return _digest({"builder": _source_digest(architecture.source, architecture.target), "harness": _harness_digest()})


def loader_signature(reference: str, search_path: tuple[str, ...]) -> str:
    """SHA-256 (hex) of the source of a loader, and of what it imports from beside it.

    Args:
        reference: `package.module:function`.
        search_path: folders searched before `sys.path`.
    """
    from bench.catalog.registry import UnknownReferenceError, find_module_source  # noqa: PLC0415

    module = reference.partition(":")[0]
    try:
        return _source_digest(find_module_source(module, search_path), reference)
    except UnknownReferenceError:  # a module that an import hook makes
        return reference


@cache
def _harness_digest() -> str:
    paths = [Path(str(files(package) / f"{name}.py")) for package, names in DECISIVE_MODULES.items() for name in names]
    return _digest([hashlib.sha256(path.read_bytes()).hexdigest() for path in [*paths, *worker_files()]])


def worker_files() -> list[Path]:
    """The files that run in workers and decide what is trained, in a fixed order."""
    folder = Path(str(files("bench.execute") / "worker"))
    paths = sorted(folder.rglob("*.py"))
    return [path for path in paths if path.relative_to(folder).parts[0].removesuffix(".py") not in HARMLESS_MODULES]


def _source_digest(source: Path | None, target: str) -> str:
    if source is None:
        return target
    if target.startswith("bench."):  # the harness's own code is hashed apart
        return hashlib.sha256(source.read_bytes()).hexdigest()
    paths = source_files(source, target.partition(":")[0])
    if len(paths) == 1:
        return hashlib.sha256(paths[0].read_bytes()).hexdigest()
    return _digest([hashlib.sha256(path.read_bytes()).hexdigest() for path in paths])


def _variables(prefixes: tuple[str, ...]) -> dict[str, str]:
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(prefixes) and name not in SET_BY_IMPORTS
    }


def _packages(backends: Iterable[Backend]) -> list[str]:
    return [name for backend in backends for name in backend.packages]


def _prefixes(backends: Iterable[Backend]) -> list[str]:
    return [name for backend in backends for name in backend.variables]


def _keras_settings() -> dict[str, object]:
    """What Keras's configuration file says that is not its default, by name.

    Keras looks for it in the folder that `KERAS_HOME` names, or else in `.keras` of the user's folder.
    """
    folder = Path(os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser())
    try:
        settings = json.loads((folder / "keras.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(settings, dict):
        return {}
    return {name: settings[name] for name, default in KERAS_DEFAULTS.items() if settings.get(name, default) != default}


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git(folder: Path) -> tuple[str | None, bool | None]:
    """The revision checked out in `folder`, and whether files that git tracks differ from it."""

    def ask(*words: str) -> str | None:
        try:
            answer = subprocess.run(  # noqa: S603
                ["git", "-C", str(folder), *words],  # noqa: S607  the user's own git
                capture_output=True,
                text=True,
                timeout=10,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return answer.stdout.strip()

    revision = ask("rev-parse", "HEAD")
    status = ask("status", "--porcelain", "--untracked-files=no")
    return revision, None if status is None else bool(status)
