"""How much memory this process has held."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path

import psutil

_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


def peak_rss_bytes() -> int | None:
    """The most memory this process held since `reset_peak`, or ever; None on Windows.

    Pages shared with the warm server count. Source: proc_pid_status(5) on Linux, getrusage(2) elsewhere.
    """
    if sys.platform == "win32":
        return None
    if sys.platform == "linux":
        with suppress(OSError):
            match = _PEAK.search(Path("/proc/self/status").read_text(encoding="ascii", errors="replace"))
            if match:
                return int(match[1]) * 1024
    import resource  # noqa: PLC0415  there is none on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def reset_peak() -> None:
    """Let the peak be counted from now on, where the kernel can do that: Linux, see `clear_refs` in proc(5)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def rss_bytes() -> int:
    """The memory this process holds now, shared pages included."""
    return int(psutil.Process().memory_info().rss)
