"""The GPUs of a machine as NVIDIA's tool lists them, and what CUDA shows of them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from bench.commands.doctor import device_text, gpu_finding
from bench.declare.device import parse_device
from bench.execute import environment
from bench.execute.environment import environment_signature
from bench.execute.harness.gpus import SeenGpus, gpus_of
from bench.execute.system import gpus as system
from bench.execute.system.gpus import Gpu, parse, usable, visible
from bench.execute.worker import devices
from bench.record.records import DeviceRecord

LISTED = """\
0, GPU-aaaa1111-2222, 81559, 4, 570.86.15, NVIDIA H100 80GB HBM3
1, GPU-aabb3333-4444, 81559, 60000, 570.86.15, NVIDIA H100 80GB HBM3
2, GPU-cccc5555-6666, 15360, [N/A], 570.86.15, Tesla T4
"""
H100, SECOND, T4 = parse(LISTED)
ALL = (H100, SECOND, T4)


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine of three GPUs."""
    monkeypatch.setattr(system, "_listed", lambda: ALL)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return monkeypatch


def test_a_line_is_a_gpu() -> None:
    """What is not known is 0, and a line of another form is none."""
    assert Gpu(0, "GPU-aaaa1111-2222", "NVIDIA H100 80GB HBM3", 81559 * 2**20, 4 * 2**20, "570.86.15") == H100
    assert [False, True, False] == [gpu.in_use for gpu in ALL]
    assert () == parse("No devices were found\n\n")


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        (None, ALL),
        ("", ()),
        ("-1", ()),
        ("2,0", (T4, H100)),
        ("GPU-cccc, GPU-aaaa1111-2222", (T4, H100)),
        ("0,-1,1", (H100,)),
        ("0,7,1", (H100,)),
        ("GPU-aa", ()),  # two begin so
        ("MIG-1234", ()),  # a part of a GPU, which the tool lists elsewhere
    ],
)
def test_cuda_shows_what_the_variable_names(variable: str | None, expected: tuple[Gpu, ...]) -> None:
    """Up to the first word that names none."""
    assert expected == visible(ALL, variable)


def test_any_gpu_is_one_of_the_first_ones_kind_and_rather_an_idle_one() -> None:
    """Results of a cell are of one kind of GPU; one that another program works on comes last."""
    names = [gpu.name for gpu in ALL]
    assert (0, 1) == usable(ALL, names)
    assert (1, 0) == usable((SECOND, H100), names[:2])
    assert (2, 0, 1) == usable((SECOND, SECOND, H100), [H100.name] * 3)
    assert (0, 1) == usable((), ["AMD", "AMD"])
    assert () == usable((), [])


def test_a_backend_says_how_many_there_are(three: pytest.MonkeyPatch) -> None:
    """NVIDIA's tool may see GPUs that a backend without CUDA cannot use."""
    cpu = DeviceRecord(name="cpu")
    assert SeenGpus(0, ()) == gpus_of([cpu])
    listed = devices.gpu_records(gpu.name for gpu in ALL)
    assert SeenGpus(3, (0, 1)) == gpus_of([cpu, *listed])


def test_a_record_names_the_gpu_that_it_is_of(three: pytest.MonkeyPatch) -> None:
    """Number, name, memory and driver; counted as CUDA counts what it shows."""
    three.setenv("CUDA_VISIBLE_DEVICES", "2,0")
    first, second = devices.gpu_records(["Tesla T4", H100.name])
    assert ("gpu:0", "Tesla T4", 15360 * 2**20, "570.86.15") == (
        first.name, first.description, first.memory_bytes, first.driver,
    )  # fmt: skip
    assert ("gpu:1", 81559 * 2**20) == (second.name, second.memory_bytes)
    (unknown,) = devices.gpu_records(["Another"])
    assert (None, "570.86.15") == (unknown.memory_bytes, unknown.driver)


def test_a_worker_is_shown_its_own_gpu_alone(three: pytest.MonkeyPatch) -> None:
    """Its record has the number that the harness knows it by."""
    three.setenv("CUDA_VISIBLE_DEVICES", "0,2")
    second = parse_device("gpu:1")
    assert 0 == devices.show_only(second)
    assert "2" == devices.os.environ["CUDA_VISIBLE_DEVICES"]
    record = devices.only_gpu(["Tesla T4"], second)
    assert ("gpu:1", "Tesla T4", 15360 * 2**20) == (record.name, record.description, record.memory_bytes)
    assert "The device gpu:1 does not exist: JAX sees 1 GPU on this machine." == str(devices.missing(second, "JAX", 1))


def test_a_key_knows_the_kind_of_gpu_and_not_its_number(three: pytest.MonkeyPatch) -> None:
    """Where the suite says `gpu`; which GPUs are shown is part of all other keys, as it has always been."""
    signed = environment_signature(any_gpu=True)
    usual = environment_signature()
    assert signed != usual
    three.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert signed == environment_signature(any_gpu=True)
    assert usual != environment_signature()
    three.setenv("CUDA_VISIBLE_DEVICES", "2")
    assert signed != environment_signature(any_gpu=True)


def test_no_key_of_another_device_depends_on_the_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stored trials on `cpu` and `gpu:0` are found again, and NVIDIA's tool is not even asked."""
    before = environment_signature()
    monkeypatch.setattr(environment, "gpu_kind", lambda: pytest.fail("asked"))
    assert before == environment_signature()


def test_the_doctor_says_how_gpus_would_be_used(three: pytest.MonkeyPatch) -> None:
    """Which ones `gpu` takes, which are in use, and whether the backend sees them at all."""
    cpu = DeviceRecord(name="cpu")
    seen = devices.gpu_records(gpu.name for gpu in ALL)
    assert "gpu:2 Tesla T4, 15.0 GiB, driver 570.86.15" == device_text(seen[2])
    idle = gpu_finding([cpu, *seen[:1]], ALL[:1], "jax")
    assert ("ok", True) == (idle.level, idle.detail.startswith('device = "gpu" takes gpu:0, '))
    shared = gpu_finding([cpu, *seen], ALL, "jax")
    assert ("note", True) == (shared.level, shared.detail.endswith("; another program uses gpu:1"))
    assert "takes gpu:0, gpu:1, the first" in shared.detail
    blind = gpu_finding([cpu], ALL, "torch")
    assert ("note", "PyTorch sees none of 3 GPUs; cells on a GPU are skipped") == (blind.level, blind.detail)
    assert "none; cells on a GPU are skipped" == gpu_finding([cpu], (), "jax").detail


def test_the_figures_of_a_card_are_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Card, driver, versions; figures with runs and spread; checks with what was seen."""
    spec = importlib.util.spec_from_file_location("gpu_script", Path(__file__).parents[2] / "gpu" / "run.py")
    script = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "gpu_script", script)
    spec.loader.exec_module(script)
    card = DeviceRecord(name="gpu:0", description=H100.name, memory_bytes=H100.memory_bytes, driver=H100.driver)
    found = script.Found()
    found.check("jax", "placement", True, "gpu")
    found.check("jax", "timing", False, "1 | 2")
    found.figures.append(("jax", "an epoch", [0.2, 0.1, 0.4], "s"))
    page = script.markdown(found, [card])
    assert "NVIDIA H100 80GB HBM3 (79.6 GiB, driver 570.86.15)." in page
    assert "| jax | an epoch | 0.2 s (0.1 s to 0.4 s) | 3 |" in page
    assert "| jax | placement | passed | gpu |" in page
    assert "| jax | timing | **failed** | 1 / 2 |" in page
