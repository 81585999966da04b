"""What a trial has left behind in its worker. Runs in a worker process only.

A worker trains several trials, and each must find the process as a fresh one would be. What is set back is set back
here: modules of the user's own are imported anew by each trial. What cannot be set back is found here, and ends the
worker: processes, threads, environment, Keras's and TensorFlow's settings, and functions that somebody has replaced.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

import keras
import numpy as np
import psutil

from bench.declare.values import is_reference
from bench.execute.alike import names_own_code
from bench.execute.sources import installed_places
from bench.execute.system.memory import rss_bytes
from bench.execute.worker.runtimes import current

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.execute.messages import TrialTask

LEAK_BYTES = 2**30
"""A worker that holds so much more than after its first trial has a leak, and ends."""

SET_BY_IMPORTS = frozenset({"KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"})
"""Variables that scikit-learn sets when it is imported, as the next trial would have them set again."""

WATCHED = ("keras", "bench", "numpy", "tensorflow", "jax", "torch")
"""Packages whose functions decide a training, and that a builder may change."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that a trial has left behind.

    Attributes:
        text: what, as a clause.
        changes: whether it changes what is computed in the process, from then on or already.
    """

    text: str
    changes: bool = True


class Traces:
    """The state of a worker that has taken its seat, and before its first trial, to compare with.

    Args:
        task: any of those that the worker trains; they share builder and folders.
    """

    def __init__(self, task: TrialTask) -> None:
        self._own = has_own_code(task)
        self._folders = [Path(folder).resolve() for folder in task.search_path]
        self._modules = set(sys.modules)
        self._code: dict[str, object] = _code() if self._own else {}
        self._state = _state()
        self._held_bytes: int | None = None

    def restore(self) -> list[Trace]:
        """Set back what can be set back, and say what cannot be; the log of the trial has it as well."""
        traces = list(self._look())
        for trace in traces:
            sys.stdout.write(f"This worker trains no further trial: {trace.text}.\n")
        return traces

    def _look(self) -> Iterator[Trace]:
        for kind, name in _running():
            yield Trace(f"the trial left the {kind} {name} running", changes=False)
        for name, value in _state().items():
            if self._state.get(name) != value:
                yield Trace(f"the trial changed {name}")
        if self._own:
            code = _code()
            for name, value in self._code.items():
                if code.get(name) != value:
                    yield Trace(f"the trial replaced {name}")
            yield from self._forget_modules()
        held = rss_bytes()
        self._held_bytes = self._held_bytes or held
        if held > self._held_bytes + LEAK_BYTES:
            yield Trace("it holds much more memory than after its first trial", changes=False)

    def _forget_modules(self) -> Iterator[Trace]:
        """Take out the modules of the user's own, which the next trial imports anew."""
        for name in sorted(set(sys.modules) - self._modules):
            file = getattr(sys.modules[name], "__file__", None)
            if not file or not is_own(Path(file).resolve(), self._folders, installed_places()):
                continue
            if not file.endswith(".py"):
                yield Trace(f"the module {name} is compiled and cannot be imported anew", changes=False)
            else:
                del sys.modules[name]


def is_own(file: Path, folders: Iterable[Path], installed: Iterable[Path]) -> bool:
    """Whether a module's file is the user's own: in a folder of theirs, and no package that is installed below it."""
    return any(map(file.is_relative_to, folders)) and not any(map(file.is_relative_to, installed))


def has_own_code(task: TrialTask) -> bool:
    """Whether code of the user's own takes part in a training: a builder, a loss, a metric, a callback, a loader."""
    if not task.builder.startswith("bench.") or is_reference(task.score.name) or task.stream is not None:
        return True
    return names_own_code(task.cell.settings)


def _running() -> Iterator[tuple[str, str]]:
    """Processes and threads of Python's own that are there beside the one that asks."""
    for process in psutil.Process().children(recursive=True):
        yield "process", str(process.pid)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread is not threading.main_thread():
            yield "thread", thread.name


def _state() -> dict[str, object]:
    """What of the process a trial could change; a worker itself changes its folder for temporary files."""
    umask = os.umask(0o077)
    os.umask(umask)
    config = keras.config
    variables = {name: value for name, value in os.environ.items() if name not in {"TMPDIR", *SET_BY_IMPORTS}}
    state: dict[str, object] = {
        **{f"the variable {name}": value for name, value in variables.items()},
        "the variables of the environment": frozenset(variables),
        "the working folder": _folder(),
        "the mask of new files": umask,
        "signals": tuple(signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)),
        "standard output": id(sys.stdout),
        "NumPy's errors": tuple(sorted(np.geterr().items())),
        "floatx": config.floatx(),
        "epsilon": config.epsilon(),
        "image_data_format": config.image_data_format(),
        "flash attention": config.is_flash_attention_enabled(),
    }
    return state | current().settings()


def _folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:
        return ""


def _code() -> dict[str, object]:
    """The functions and classes of packages that decide a training, by their full names."""
    code: dict[str, object] = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in WATCHED or not isinstance(module, ModuleType):
            continue
        for key, value in list(vars(module).items()):
            if isinstance(value, FunctionType):
                code[f"{name}.{key}"] = id(value)
            elif isinstance(value, type) and value.__module__ == name:
                code.update({f"{name}.{key}.{own}": id(part) for own, part in list(vars(value).items())})
    return code
