"""What the runtimes of JAX and PyTorch do about GPUs, each in a process; what their libraries say is made up."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.soak

JAX = """
import os
from types import SimpleNamespace
from unittest import mock
import jax
from bench.declare.device import parse_device
from bench.execute.system import gpus as system
from bench.execute.system.gpus import Gpu
from bench.execute.worker.runtimes.jax import runtime as module
from bench.execute.worker.runtimes import DeviceMissingError

system._listed = lambda: tuple(Gpu(n, f"GPU-{n}", "H", 2**30, 0, "570") for n in range(2))
runtime, seen, peak = module.JaxRuntime(), [], [0]

def devices(*kind):
    seen.append((os.environ.get("CUDA_VISIBLE_DEVICES"), os.environ.get("XLA_FLAGS")))
    return [SimpleNamespace(device_kind="H", memory_stats=lambda: {"peak_bytes_in_use": peak[0]})]

with mock.patch.object(jax, "devices", devices):
    place = runtime.place(parse_device("gpu:1"), deterministic=True)
    # the GPU is chosen and the flags are set before the first device starts
    assert seen == [("1", "--xla_gpu_deterministic_ops=true")], seen
    assert (place.device.name, place.device.description, place.device.driver) == ("gpu:1", "H", "570")
    peak[0] = 500
    assert place.peak_bytes() == 500
    place.begin_trial()
    assert place.peak_bytes() is None, "an earlier trial held as much"
    peak[0] = 700
    assert place.peak_bytes() == 700
    assert runtime.make_deterministic(1)["xla_flags"] == "--xla_gpu_deterministic_ops=true"

with mock.patch.object(module, "_gpus", list):
    os.environ["CUDA_VISIBLE_DEVICES"] = "0"
    try:
        runtime.place(parse_device("gpu:3"))
    except DeviceMissingError as error:
        assert str(error) == "The device gpu:3 does not exist: JAX sees 1 GPU on this machine.", error

kind = jax.errors.JaxRuntimeError
assert runtime.ran_out_of_memory(kind("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 1 bytes."))
assert runtime.ran_out_of_memory(kind("INTERNAL: failed to create a stream: CUDA_ERROR_OUT_OF_MEMORY: out of memory"))
assert not runtime.ran_out_of_memory(kind("INTERNAL: something else"))
assert not runtime.ran_out_of_memory(ValueError("RESOURCE_EXHAUSTED"))
print("fine")
"""

TORCH = """
import os
from unittest import mock
import torch
from bench.declare.device import parse_device
from bench.execute.system import gpus as system
from bench.execute.system.gpus import Gpu
from bench.execute.worker.runtimes import DeviceMissingError
from bench.execute.worker.runtimes.torch import runtime as module

system._listed = lambda: tuple(Gpu(n, f"GPU-{n}", "H", 2**30, 0, "570") for n in range(3))
os.environ["CUDA_VISIBLE_DEVICES"] = "2,0"
runtime, cuda = module.TorchRuntime(), torch.cuda
with mock.patch.multiple(
    cuda,
    is_available=lambda: True,
    get_device_name=lambda index: "H",
    empty_cache=mock.Mock(),
    reset_peak_memory_stats=mock.Mock(),
    max_memory_allocated=lambda: 5,
):
    place = runtime.place(parse_device("gpu"))
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "2"
    assert (place.device.name, place.name, place.peak_bytes()) == ("gpu:0", "gpu:0", 5)
    place.begin_trial()
    assert cuda.empty_cache.call_count == cuda.reset_peak_memory_stats.call_count == 1
    runtime.place(parse_device("cpu")).begin_trial()
    assert cuda.empty_cache.call_count == 1
with mock.patch.object(cuda, "is_available", lambda: False):
    try:
        runtime.place(parse_device("gpu:4"))
    except DeviceMissingError as error:
        assert str(error) == "The device gpu:4 does not exist: PyTorch sees 1 GPU on this machine.", error

assert runtime.ran_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
assert runtime.ran_out_of_memory(RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`"))
assert runtime.ran_out_of_memory(RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"))
assert not runtime.ran_out_of_memory(RuntimeError("shapes"))
print("fine")
"""


@pytest.mark.parametrize(("backend", "program"), [("jax", JAX), ("torch", TORCH)])
def test_a_runtime_takes_one_gpu_and_counts_its_memory(backend: str, program: str) -> None:
    """It hides the others, sets what must be set before the GPU starts, and knows what memory errors look like."""
    if importlib.util.find_spec(backend) is None:
        pytest.skip("an extra")
    environ = {**os.environ, "KERAS_BACKEND": backend, "XLA_FLAGS": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=False, timeout=300
    )
    assert "fine" in done.stdout, done.stderr
