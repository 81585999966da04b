"""What a time depends on beside code and versions: the processor itself, and the variables that make it slow or fast.

A brand is not enough: `AMD EPYC` is the name of processors with different instructions and different caches, and a
virtual machine moves from one to the other.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from functools import cache
from pathlib import Path
from typing import Any

import cpuinfo

BENDING_VARIABLES = (
    "BLIS_", "GOMP_", "GOTO_", "KMP_", "MKL_", "NPY_", "OMP_", "OPENBLAS_", "TF_ENABLE_", "TF_NUM_", "VECLIB_",
    "XLA_FLAGS",
)  # fmt: skip
"""How the variables begin that decide how fast a matrix product is."""

SET_BY_IMPORTS = {"KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"}
"""Of these, what joblib and scikit-learn set when they are imported: they say nothing of the machine."""

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
"""Where Linux describes the caches of a processor (Documentation/ABI/testing/sysfs-devices-system-cpu)."""


@cache
def cpu() -> dict[str, Any]:
    """What the package py-cpuinfo says of the processor."""
    facts: dict[str, Any] = cpuinfo.get_cpu_info()
    return facts


def cpu_name() -> str:
    """The brand of the processor."""
    return str(cpu().get("brand_raw", "")) or platform.processor() or platform.machine()


def processor() -> dict[str, str]:
    """The processor beyond its brand and flags: vendor, family, model, stepping and caches, as far as they are told."""
    keys = {"vendor": "vendor_id_raw", "family": "family", "model": "model", "stepping": "stepping"}
    facts = {name: str(cpu()[key]) for name, key in keys.items() if key in cpu()}
    return {**facts, **(_caches(CACHES) or _recorded_caches())}


def bending_variables() -> dict[str, str]:
    """The variables of this process that make products slower or faster, by name."""
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(BENDING_VARIABLES) and name not in SET_BY_IMPORTS
    }


def machine_signature() -> str:
    """SHA-256 (hex) of the machine: times may be compared where it is the same, with code, versions and device.

    What decides the bits of a training is in `environment_signature`, which is part of every trial's key. This is not:
    another cache changes a time and no weight, so a stored trial may be used elsewhere, and its times may not.
    """
    content = {
        "brand": cpu_name(),
        "flags": sorted(cpu().get("flags", ())),
        "processor": processor(),
        "variables": bending_variables(),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _caches(folder: Path) -> dict[str, str]:
    """Name and size of each cache as Linux lists them: `L1 data cache` and `32K`; empty elsewhere."""
    facts = {}
    for index in sorted(folder.glob("index*")):
        try:
            level, kind, size = (
                (index / name).read_text(encoding="ascii").strip() for name in ("level", "type", "size")
            )
        except OSError:
            continue
        facts[f"L{level} {kind.lower()} cache"] = size
    return facts


def _recorded_caches() -> dict[str, str]:
    names = {"l1_data_cache_size": "L1 data cache", "l2_cache_size": "L2 cache", "l3_cache_size": "L3 cache"}
    return {name: str(cpu()[key]) for key, name in names.items() if key in cpu()}
