"""Where the user's cache is."""

from __future__ import annotations

import os
from pathlib import Path


def cache_dir() -> Path:
    """Where data sets and compiled programs are kept: the folder BENCH_CACHE names, else the platform's for caches."""
    named = os.environ.get("BENCH_CACHE")
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_cache_path  # noqa: PLC0415  only where it is wanted

    return user_cache_path("keras-bench", appauthor=False)
