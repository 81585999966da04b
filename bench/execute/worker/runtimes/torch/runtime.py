"""What depends on PyTorch.

Determinism follows PyTorch's page "Reproducibility". No GPU was available to measure on.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from bench.core import trees
from bench.execute.worker.devices import (
    cpu_record,
    free_memory,
    gpu_records,
    missing,
    only_gpu,
    show_only,
    usable_cores,
)
from bench.execute.worker.runtimes.lean import seed_without_tensorflow
from bench.execute.worker.runtimes.runtime import Placement
from bench.record.records import RateSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from bench.core.trees import Inputs
    from bench.declare.device import DeviceSpec
    from bench.execute.worker.engines.engine import Engine
    from bench.record.records import DeviceRecord


@dataclass(frozen=True, slots=True)
class TorchPlacement(Placement):
    """Where a trial runs, by Keras's name of the device."""

    def scope(self) -> AbstractContextManager[None]:
        """A context in which variables and operations are made on the device."""
        return _on(self.name)

    def peak_bytes(self) -> int | None:
        """The most memory of a GPU that was held; None for a CPU."""
        return torch.cuda.max_memory_allocated() if self.name == "gpu:0" else None

    def begin_trial(self) -> None:
        """Give back what PyTorch keeps for the next tensors, and count the memory anew."""
        if self.name == "gpu:0":
            free_memory()
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()


class TorchRuntime:
    """See `Runtime`."""

    name = "torch"

    def seed(self, seed: int) -> None:
        """Set every random seed; see `Runtime.seed`."""
        seed_without_tensorflow(seed)

    def list_devices(self) -> tuple[DeviceRecord, ...]:
        """The CPU and every GPU."""
        names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
        return (cpu_record(), *gpu_records(names))

    def place(self, device: DeviceSpec, *, deterministic: bool = False) -> Placement:  # noqa: ARG002
        """Make a device the one that Keras uses; see `Runtime.place`."""
        if device.threads:
            torch.set_num_threads(device.threads)
        if device.kind == "gpu":
            number = show_only(device)
            if not torch.cuda.is_available():
                raise missing(device, "PyTorch", number)
            return TorchPlacement("gpu:0", usable_cores(), only_gpu([torch.cuda.get_device_name(0)], device))
        return TorchPlacement("cpu", torch.get_num_threads(), cpu_record())

    def without_accelerators(self) -> AbstractContextManager[None]:
        """Have Keras use the CPU."""
        return _on("cpu")

    def synchronise(self) -> None:
        """Wait for the GPU."""
        if torch.cuda.is_initialized():
            torch.cuda.synchronize()

    def sync(self, model: keras.Model) -> None:
        """Nothing is to be done: variables are trained in place."""

    def settings(self) -> dict[str, object]:
        """What PyTorch holds for all models; see `Runtime.settings`."""
        return {
            "PyTorch's threads": torch.get_num_threads(),
            "PyTorch's usual dtype": str(torch.get_default_dtype()),
            "PyTorch's usual device": str(torch.get_default_device()),
            "PyTorch's determinism": torch.are_deterministic_algorithms_enabled(),
            "PyTorch's matrix products": torch.get_float32_matmul_precision(),
            "PyTorch's gradients": torch.is_grad_enabled(),
        }

    def make_deterministic(self, threads: int) -> dict[str, Any]:
        """Set what bits depend on, before anything has run; every setting that matters, as it now is."""
        torch.set_num_threads(threads)
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(mode=True)
        torch.backends.cudnn.benchmark = False
        return {
            "backend": "torch",
            "threads": torch.get_num_threads(),
            "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
            "cublas_workspace": os.environ["CUBLAS_WORKSPACE_CONFIG"],
            "matmul_precision": torch.get_float32_matmul_precision(),
        }

    def ran_out_of_memory(self, error: BaseException) -> bool:
        """Whether PyTorch could not allocate.

        On a CPU, and where a library of CUDA could not, its error has no kind of its own, but names who could not.
        """
        if isinstance(error, torch.OutOfMemoryError):
            return True
        names = ("DefaultCPUAllocator", "STATUS_ALLOC_FAILED")
        return isinstance(error, RuntimeError) and any(name in str(error) for name in names)

    def engines(self) -> Mapping[str, Engine]:
        """`fit` and `epoch`."""
        from bench.execute.worker.engines.fit import FitEngine  # noqa: PLC0415  engines ask for the current runtime
        from bench.execute.worker.runtimes.torch.epoch import EpochEngine  # noqa: PLC0415

        return {"fit": FitEngine(shares=False), "epoch": EpochEngine()}

    def first_uses(self, model: keras.Model, input_shape: tuple[int, ...], beyond: float) -> tuple[str, bool]:  # noqa: ARG002
        """Nothing is known: there is no program to look at."""
        return "", False

    def predictor(self, model: keras.Model, example: Inputs) -> Callable[[Inputs], NDArray[np.float32]]:  # noqa: ARG002
        """A call without gradients; see `Runtime.predictor`."""

        def call(x: Inputs) -> NDArray[np.float32]:
            with torch.no_grad():
                outputs = model(trees.each(keras.ops.convert_to_tensor, x), training=False)
            first: NDArray[np.float32] = keras.ops.convert_to_numpy(keras.tree.flatten(outputs)[0])
            return first

        return call

    def predicts_alike(self, model: keras.Model) -> bool:
        """Where Keras compiles nothing; see `Runtime.predicts_alike`."""
        return not model.jit_compile

    def training_flops(self, model: keras.Model, x: Inputs, batch_size: int) -> int | None:
        """Counted by PyTorch while a step runs that changes nothing; see `Runtime.training_flops`."""
        batch = trees.each(lambda array: np.resize(array[:batch_size], (batch_size, *array.shape[1:])), x)
        trained = [variable.value.detach().clone().requires_grad_() for variable in model.trainable_variables]
        fixed = [variable.value.detach().clone() for variable in model.non_trainable_variables]
        words = {"training": True} if model._call_has_training_arg else {}  # noqa: SLF001  as Keras's own steps do
        with FlopCounterMode(display=False) as counter:
            outputs, _ = model.stateless_call(trained, fixed, trees.each(keras.ops.convert_to_tensor, batch), **words)
            keras.tree.flatten(outputs)[0].sum().backward()
        return int(counter.get_total_flops()) or None

    def rate_sources(self) -> tuple[RateSource, ...]:
        """PyTorch's kernel."""
        return (RateSource.TORCH,)

    def product_call(
        self,
        source: RateSource,  # noqa: ARG002  there is one
        left: NDArray[np.float32],
        right: NDArray[np.float32],
        dtype: str,
    ) -> Callable[[], object]:
        """A product into memory that is there; see `Runtime.product_call`."""
        first, second = (keras.ops.convert_to_tensor(matrix, dtype) for matrix in (left, right))
        out = torch.matmul(first, second)

        def call() -> object:
            torch.matmul(first, second, out=out)
            self.synchronise()
            return out

        return call


def _on(device: str) -> AbstractContextManager[None]:
    """A context in which Keras uses a device; none is needed where it is the usual one."""
    from keras.src.backend.torch.core import DEFAULT_DEVICE  # noqa: PLC0415  it has no public name

    if device == DEFAULT_DEVICE:
        return nullcontext()
    scope: AbstractContextManager[None] = keras.device(device)
    return scope
