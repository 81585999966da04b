"""What depends on JAX.

GPU placement follows JAX's page "GPU memory allocation". JAX takes its devices from the environment, and its threads
from the processors that the process may run on.
"""

from __future__ import annotations

import os
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

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
from bench.execute.worker.runtimes.jax.products import training_flops
from bench.execute.worker.runtimes.lean import seed_without_tensorflow
from bench.execute.worker.runtimes.runtime import Placement
from bench.record.records import RateSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    import keras
    from numpy.typing import NDArray

    from bench.core.trees import Inputs
    from bench.declare.device import DeviceSpec
    from bench.execute.worker.engines.engine import Engine
    from bench.record.records import DeviceRecord

EXACT_FLAG = "--xla_gpu_deterministic_ops=true"


@dataclass(frozen=True, slots=True)
class JaxPlacement(Placement):
    """Where a trial runs: JAX has one device here.

    Attributes:
        peaks: JAX's peak when each further trial began: it counts for the process and cannot be set back.
    """

    peaks: list[int] = field(default_factory=list, compare=False)

    def peak_bytes(self) -> int | None:
        """The most memory of a GPU that was held; None for a CPU, and where an earlier trial held as much."""
        peak = self._peak()
        earlier = self.peaks[-1] if self.peaks else 0
        return peak if peak is not None and peak > earlier else None

    def begin_trial(self) -> None:
        """Note the peak so far."""
        if self.name:
            free_memory()
            self.peaks.append(self._peak() or 0)

    def _peak(self) -> int | None:
        statistics = jax.devices()[0].memory_stats() if self.name else None
        return int(statistics["peak_bytes_in_use"]) if statistics else None


class JaxRuntime:
    """See `Runtime`."""

    name = "jax"

    def seed(self, seed: int) -> None:
        """Set every random seed; see `Runtime.seed`."""
        seed_without_tensorflow(seed)

    def list_devices(self) -> tuple[DeviceRecord, ...]:
        """The CPU and every GPU."""
        return (cpu_record(), *gpu_records(gpu.device_kind for gpu in _gpus()))

    def place(self, device: DeviceSpec, *, deterministic: bool = False) -> Placement:
        """Make a device the only one that JAX sees; see `Runtime.place`."""
        if deterministic:
            # XLA reads its flags once, when the first device starts
            _exact_flags()
        if device.kind == "gpu":
            number = show_only(device)
            gpus = _gpus()
            if not gpus:
                raise missing(device, "JAX", number)
            return JaxPlacement("gpu", usable_cores(), only_gpu([gpus[0].device_kind], device))
        jax.config.update("jax_platforms", "cpu")
        if device.threads and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: device.threads])
        return JaxPlacement("", device.threads or usable_cores(), cpu_record())

    def without_accelerators(self) -> AbstractContextManager[None]:
        """Have JAX see the CPU alone."""
        jax.config.update("jax_platforms", "cpu")
        return nullcontext()

    def synchronise(self) -> None:
        """Wait for every array: JAX works on after a call has returned on a CPU, too."""
        jax.block_until_ready(jax.live_arrays())

    def sync(self, model: keras.Model) -> None:
        """Fetch the state that `fit` passes from step to step; see `Runtime.sync`."""
        model.jax_state_sync()

    def settings(self) -> dict[str, object]:
        """What `jax.config` holds; see `Runtime.settings`."""
        return {f"JAX's {name}": str(value) for name, value in jax.config.values.items()}

    def make_deterministic(self, threads: int) -> dict[str, Any]:
        """Set what bits depend on; a CPU needs nothing but a fixed number of threads.

        Source: XLA's page on determinism on GPUs (`xla_gpu_deterministic_ops`).
        """
        _exact_flags()
        return {
            "backend": "jax",
            "threads": threads,
            "xla_flags": os.environ["XLA_FLAGS"],
            "double_precision": bool(jax.config.jax_enable_x64),
            "matmul_precision": str(jax.config.jax_default_matmul_precision),
        }

    def ran_out_of_memory(self, error: BaseException) -> bool:
        """Whether XLA could not allocate; its one kind of error has a status code at its beginning.

        Where CUDA itself could not, the code is another one, and the error has CUDA's name.
        """
        text = str(error)
        exhausted = text.startswith("RESOURCE_EXHAUSTED") or "CUDA_ERROR_OUT_OF_MEMORY" in text
        return isinstance(error, jax.errors.JaxRuntimeError) and exhausted

    def engines(self) -> Mapping[str, Engine]:
        """`fit` and `epoch`."""
        from bench.execute.worker.engines.fit import FitEngine  # noqa: PLC0415  engines ask for the current runtime
        from bench.execute.worker.runtimes.jax.epoch import EpochEngine  # noqa: PLC0415

        return {"fit": FitEngine(shares=False), "epoch": EpochEngine()}

    def first_uses(self, model: keras.Model, input_shape: tuple[int, ...], beyond: float) -> tuple[str, bool]:  # noqa: ARG002
        """Nothing is known: JAX's programs are not looked at."""
        return "", False

    def predictor(self, model: keras.Model, example: Inputs) -> Callable[[Inputs], NDArray[np.float32]]:  # noqa: ARG002
        """A compiled call of the model; see `Runtime.predictor`."""
        state = [v.value for v in model.trainable_variables], [v.value for v in model.non_trainable_variables]
        words = {"training": False} if model._call_has_training_arg else {}  # noqa: SLF001  as Keras's own steps do

        def first_output(state: Any, x: Any) -> Any:  # noqa: ANN401  arrays
            outputs, _ = model.stateless_call(*state, x, **words)
            return jax.tree.leaves(outputs)[0]

        program = jax.jit(first_output)
        return lambda x: np.asarray(program(state, x))

    def predicts_alike(self, model: keras.Model) -> bool:
        """Where Keras compiles its `predict`; see `Runtime.predicts_alike`."""
        return bool(model.jit_compile)

    def training_flops(self, model: keras.Model, x: Inputs, batch_size: int) -> int | None:
        """Of the products in the traced step; see `Runtime.training_flops`."""
        return training_flops(model, trees.each(lambda array: (array.shape[1:], array.dtype), x), batch_size)

    def rate_sources(self) -> tuple[RateSource, ...]:
        """XLA's kernel."""
        return (RateSource.XLA,)

    def product_call(
        self,
        source: RateSource,  # noqa: ARG002  there is one
        left: NDArray[np.float32],
        right: NDArray[np.float32],
        dtype: str,
    ) -> Callable[[], object]:
        """A compiled product; see `Runtime.product_call`."""
        on_device = jnp.asarray(left, dtype), jnp.asarray(right, dtype)
        program = jax.jit(jnp.matmul)
        return lambda: program(*on_device).block_until_ready()


def _exact_flags() -> None:
    flags = os.environ.get("XLA_FLAGS", "")
    if EXACT_FLAG not in flags.split():
        os.environ["XLA_FLAGS"] = f"{flags} {EXACT_FLAG}".strip()


def _gpus() -> list[Any]:
    with suppress(RuntimeError):  # the platform is missing
        return list(jax.devices("gpu"))
    return []
