"""What the harness knows of each Keras backend without importing it; what runs in workers is in `runtimes`."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CUDA_ORDER = ("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
"""GPUs counted as NVIDIA's own tool counts them, so that `gpu:1` is the same one for every backend and everybody."""

SERVED = ("keras", "bench.execute.worker.group", "bench.execute.worker.errands")
"""What every warm server imports beside its backend."""


Variables: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A Keras backend.

    Attributes:
        name: as `KERAS_BACKEND` takes it; also the name of the package that is imported.
        title: as people write it.
        extra: of keras-bench, which installs it; empty where it comes with keras-bench itself.
        packages: whose versions decide whether two trials are interchangeable.
        variables: how the variables begin that decide what it computes.
        engines: beside `fit`.
        server: variables of its warm server; `{cache}` stands for the folder where compiled programs are kept.
        defaults: the same, where the user has not set them.
    """

    name: str
    title: str
    extra: str = ""
    packages: tuple[str, ...]
    variables: tuple[str, ...]
    engines: tuple[str, ...] = ("epoch",)
    server: Variables = ()
    defaults: Variables = ()

    def server_variables(self, environ: Mapping[str, str], cache: Path) -> dict[str, str]:
        """The environment variables of its warm server.

        Args:
            environ: the harness's own; flags of the user's come first.
            cache: where compiled programs are kept.
        """
        ours = {name: value.format(cache=cache) for name, value in self.server}
        flags = {
            name: f"{environ[name]} {value}" for name, value in ours.items() if "FLAGS" in name and environ.get(name)
        }
        theirs = {name: environ.get(name, value.format(cache=cache)) for name, value in self.defaults}
        return {"KERAS_BACKEND": self.name, **ours, **flags, **theirs}

    @property
    def preloaded(self) -> tuple[str, ...]:
        """The modules that its warm server imports."""
        return (self.name, *SERVED)

    @property
    def install(self) -> str:
        """The command that installs it."""
        return f"python3 -m pip install '{f'keras-bench[{self.extra}]' if self.extra else self.name}'"

    @property
    def installed(self) -> bool:
        """Whether its package is there; nothing is imported."""
        return importlib.util.find_spec(self.name) is not None


TENSORFLOW = Backend(
    name="tensorflow",
    title="TensorFlow",
    packages=("tensorflow",),
    variables=(
        "ONEDNN_DEFAULT_FPMATH_MODE", "TF_CUDNN", "TF_DETERMINISTIC", "TF_ENABLE_", "TF_GPU_", "TF_NUM_", "TF_XLA_",
    ),
    engines=("epoch", "epoch-xla"),
    defaults=(CUDA_ORDER,),
    server=(
        ("TF_CPP_MIN_LOG_LEVEL", "1"),
        (
            "TF_XLA_FLAGS",
            "--tf_xla_persistent_cache_directory={cache} --tf_xla_persistent_cache_device_types=CPU,GPU",
        ),
    ),
)  # fmt: skip

JAX = Backend(
    name="jax",
    title="JAX",
    extra="jax",
    packages=("jax", "jaxlib"),
    variables=("JAX_",),
    server=(
        ("TF_CPP_MIN_LOG_LEVEL", "1"),  # jaxlib reads it too
        ("XLA_PYTHON_CLIENT_PREALLOCATE", "false"),  # else it claims the GPU, and peak memory says nothing
    ),
    defaults=(
        CUDA_ORDER,
        ("JAX_COMPILATION_CACHE_DIR", "{cache}"),
        # programs of a small network take less than the second from which JAX keeps them
        ("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.05"),
    ),
)

TORCH = Backend(
    name="torch",
    title="PyTorch",
    extra="torch",
    packages=("torch",),
    variables=(
        "CUBLAS_WORKSPACE_CONFIG", "KERAS_TORCH_DEVICE", "ONEDNN_DEFAULT_FPMATH_MODE", "PYTORCH_", "TORCH_",
    ),
    # else looking for GPUs starts CUDA, and a process that has done so cannot be forked
    server=(("PYTORCH_NVML_BASED_CUDA_CHECK", "1"),),
    # threads that spin while they wait make a step 20 to 100 times as long where others use the processor
    defaults=(CUDA_ORDER, ("OMP_WAIT_POLICY", "PASSIVE")),
)  # fmt: skip

BACKENDS = {backend.name: backend for backend in (TENSORFLOW, JAX, TORCH)}


def usual_backend() -> Backend:
    """The first that is installed, for whatever any backend can do; TensorFlow where none is."""
    return next((backend for backend in BACKENDS.values() if backend.installed), TENSORFLOW)
