"""What makes two machines two, where times are compared; and what leaves the key of a trial as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.commands import doctor
from bench.execute import environment
from bench.execute.environment import environment_signature, read_environment
from bench.execute.system import machine
from bench.execute.system.machine import BENDING_VARIABLES, machine_signature, processor

EPYC = {
    "brand_raw": "AMD EPYC",
    "vendor_id_raw": "AuthenticAMD",
    "family": 25,
    "model": 17,
    "stepping": 1,
    "flags": ["avx2", "avx512f", "fma"],
    "l2_cache_size": 2_097_152,
    "l3_cache_size": 33_554_432,
}


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine: neither its variables nor its caches."""
    for name in machine.bending_variables():
        monkeypatch.delenv(name)
    monkeypatch.setattr(machine, "CACHES", tmp_path)


def be(monkeypatch: pytest.MonkeyPatch, told: dict[str, Any]) -> None:
    """Let the processor be what py-cpuinfo would say of it."""
    for module in (machine, environment):
        monkeypatch.setattr(module, "cpu", lambda: told)
    monkeypatch.setattr(environment, "brand", lambda: told["brand_raw"])


def cache(folder: Path, index: int, level: str, kind: str, size: str) -> None:
    """A cache as Linux describes it."""
    place = folder / f"index{index}"
    place.mkdir(exist_ok=True)
    for name, text in (("level", level), ("type", kind), ("size", size)):
        (place / name).write_text(f"{text}\n")


@pytest.mark.parametrize(
    "change",
    [
        {"flags": ["avx2", "fma"]},
        {"family": 23},
        {"model": 1},
        {"stepping": 2},
        {"l3_cache_size": 16_777_216},
        {"brand_raw": "AMD EPYC 7B13"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_machine_is_more_than_its_brand(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]) -> None:
    """Whatever makes it quick or slow makes it another machine; only the brand is part of a trial's key."""
    be(monkeypatch, EPYC)
    before, key = machine_signature(), environment_signature()
    assert before == machine_signature()
    be(monkeypatch, {**EPYC, **change})
    assert before != machine_signature()
    assert (key != environment_signature()) == ("brand_raw" in change)


def test_the_order_of_flags_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels list them in an order of their own."""
    be(monkeypatch, EPYC)
    before = machine_signature()
    be(monkeypatch, {**EPYC, "flags": EPYC["flags"][::-1]})
    assert before == machine_signature()


@pytest.mark.parametrize("name", ["OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_CBWR"])
def test_variables_of_mathematical_libraries_make_another_machine(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """They are recorded with the run; the key of a trial does not change with them."""
    before, key = machine_signature(), environment_signature()
    monkeypatch.setenv(name, "1")
    assert before != machine_signature()
    assert key == environment_signature()
    assert "1" == read_environment((), Path()).variables[name]
    assert name.startswith(BENDING_VARIABLES)


def test_variables_that_an_import_sets_make_no_other_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is one machine before and after its report imported what it needs."""
    before = machine_signature()
    monkeypatch.setenv("KMP_INIT_AT_FORK", "FALSE")
    assert before == machine_signature()


def test_caches_are_those_that_linux_lists(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each by its name, where the system describes them; else what the processor says of itself."""
    be(monkeypatch, EPYC)
    told = {"vendor": "AuthenticAMD", "family": "25", "model": "17", "stepping": "1"}
    assert {**told, "L2 cache": "2097152", "L3 cache": "33554432"} == processor()
    cache(tmp_path, 0, "1", "Data", "32K")
    cache(tmp_path, 3, "3", "Unified", "32768K")
    assert {**told, "L1 data cache": "32K", "L3 unified cache": "32768K"} == processor()
    before = machine_signature()
    cache(tmp_path, 3, "3", "Unified", "16384K")
    assert before != machine_signature()


def test_a_processor_that_says_little_is_a_machine_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every system tells family, flags or caches."""
    be(monkeypatch, {})
    assert {} == processor()
    assert 64 == len(machine_signature())


def test_the_doctor_warns_of_kernels_for_another_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that chooses OpenBLAS's kernels has a note with what to do; others are listed."""
    assert ("ok", "none that change the speed of products") == (doctor.variables().level, doctor.variables().detail)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert ("ok", "OMP_NUM_THREADS=2", "") == (
        (found := doctor.variables()).level,
        found.detail,
        found.advice,
    )
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    found = doctor.variables()
    assert ("note", "OMP_NUM_THREADS=2, OPENBLAS_CORETYPE=Haswell") == (found.level, found.detail)
    assert "Unset it to measure times" in found.advice


@pytest.mark.parametrize(
    ("holds_are_known", "system", "level", "words"),
    [
        (True, "Linux", "ok", "all processes that it starts"),
        (False, "Linux", "note", "each process of a trial on its own"),
        (False, "Darwin", "note", "is not enforced on this system"),
    ],
)
def test_doctor_says_what_a_memory_limit_counts(
    monkeypatch: pytest.MonkeyPatch, *, holds_are_known: bool, system: str, level: str, words: str
) -> None:
    """It depends on what the kernel tells."""
    monkeypatch.setattr(doctor.processes, "HOLDS_ARE_KNOWN", holds_are_known)
    monkeypatch.setattr(doctor.platform, "system", lambda: system)
    monkeypatch.setattr(doctor.cgroups, "delegated", lambda: None)
    finding = doctor.memory_limit()
    assert level == finding.level
    assert words in finding.detail


def test_doctor_names_the_control_group_that_counts_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the user may make groups."""
    monkeypatch.setattr(doctor.cgroups, "delegated", lambda: Path("/sys/fs/cgroup/app.slice"))
    assert "by a control group in /sys/fs/cgroup/app.slice" in doctor.memory_limit().detail
