"""What a runtime is."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    import keras
    import numpy as np
    from numpy.typing import NDArray

    from bench.core.trees import Inputs
    from bench.declare.device import DeviceSpec
    from bench.execute.worker.engines.engine import Engine
    from bench.record.records import DeviceRecord, RateSource


class DeviceMissingError(Exception):
    """A declared device that this machine does not have; the trial is skipped, never moved."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a trial runs.

    Attributes:
        name: the backend's name of the device; empty where the backend has but one to run on.
        threads: threads an operation may use on the CPU.
        device: as it was detected.
    """

    name: str
    threads: int
    device: DeviceRecord

    def scope(self) -> AbstractContextManager[None]:
        """A context in which variables and operations are made on the device."""
        return nullcontext()

    def peak_bytes(self) -> int | None:
        """The most memory of a GPU that the trial held, in bytes; None for a CPU, whose memory is the process's.

        None as well where a backend cannot say it of a trial that is not the first of its worker.
        """
        return None

    def begin_trial(self) -> None:
        """Let go of what earlier trials held of a GPU, and count its memory anew."""


class Runtime(Protocol):
    """A backend as workers use it. Nothing but `name` may be asked before `place` or `without_accelerators`."""

    name: str

    def seed(self, seed: int) -> None:
        """Set every random seed, as `keras.utils.set_random_seed` does."""
        ...

    def list_devices(self) -> tuple[DeviceRecord, ...]:
        """Every device that a suite could name on this machine, the CPU first."""
        ...

    def place(self, device: DeviceSpec, *, deterministic: bool = False) -> Placement:
        """Make `device` the only one that the backend uses, and set its threads, before anything has run.

        Args:
            device: as declared, with the number of the GPU that the harness chose.
            deterministic: whether `make_deterministic` follows: what it sets must be set before a GPU is started.

        Raises:
            DeviceMissingError: the device is missing.
        """
        ...

    def without_accelerators(self) -> AbstractContextManager[None]:
        """A context in which models are made and called on the CPU, before anything has run."""
        ...

    def synchronise(self) -> None:
        """Wait until every device has done what it was given: a GPU works on after a call has returned."""
        ...

    def sync(self, model: keras.Model) -> None:
        """Have a model's variables hold what the `fit` that is going on has trained."""
        ...

    def make_deterministic(self, threads: int) -> dict[str, Any]:
        """Set what bits depend on, before anything has run; every setting that matters, as it now is."""
        ...

    def settings(self) -> dict[str, object]:
        """Settings of the backend's own that a builder could change for the trials after its own, by name."""
        ...

    def ran_out_of_memory(self, error: BaseException) -> bool:
        """Whether an error says that a device has no memory left."""
        ...

    def engines(self) -> Mapping[str, Engine]:
        """The engines of this backend by name; `fit` is one of them."""
        ...

    def first_uses(self, model: keras.Model, input_shape: tuple[int, ...], beyond: float) -> tuple[str, bool]:
        """What a model's own program does first with its inputs, where the backend has one to look at.

        Args:
            model: built.
            input_shape: of one example.
            beyond: constants greater than this are not meant for values from 0 to 1.

        Returns:
            The operation that looks inputs up, empty for none; whether one scales them. A backend that has no program
            to look at says neither.
        """
        ...

    def predictor(self, model: keras.Model, example: Inputs) -> Callable[[Inputs], NDArray[np.float32]]:
        """The quickest way to call a trained model on inputs of one shape.

        Args:
            model: built.
            example: (n, ...) inputs of the shape and dtype that it will be called with, or several by name.

        Returns:
            A function from inputs in the program's memory to the first output back there.
        """
        ...

    def predicts_alike(self, model: keras.Model) -> bool:
        """Whether a `predictor` computes what `Model.predict` computes, by the same kind of program."""
        ...

    def training_flops(self, model: keras.Model, x: Inputs, batch_size: int) -> int | None:
        """Floating-point operations of the matrix products of one training step, a convolution being one of them.

        Args:
            model: built; nothing of it changes.
            x: (m, ...) inputs as the model takes them, or several by name; shapes and dtypes are read.
            batch_size: examples in the step.

        Returns:
            None where no product is found.
        """
        ...

    def rate_sources(self) -> tuple[RateSource, ...]:
        """Whose matrix products this backend can compute."""
        ...

    def product_call(
        self, source: RateSource, left: NDArray[np.float32], right: NDArray[np.float32], dtype: str
    ) -> Callable[[], object]:
        """A function that multiplies an (m, k) and a (k, n) matrix on the device, and returns when it is done.

        Args:
            source: one of `rate_sources`.
            left: (m, k).
            right: (k, n).
            dtype: that they are turned to before.
        """
        ...
