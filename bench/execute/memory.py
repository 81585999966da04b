"""How much memory this process has held."""

from __future__ import annotations

import sys

import psutil


def peak_rss_bytes() -> int | None:
    """The most memory this process ever held, pages shared with the warm server included; None on Windows."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415  there is none on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def rss_bytes() -> int:
    """The memory this process holds now, shared pages included."""
    return int(psutil.Process().memory_info().rss)
