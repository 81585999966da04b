"""Logs: opened only where that cannot block, bounded, and read for one line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.execute.failures import LONGEST_REASON
from bench.execute.system import logs
from bench.execute.system.logs import SILENT, LogLimit, last_line, open_log

STARTUP = (
    "2026-11-26 14:02:23.123456: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.",
    "2026-11-26 14:02:23.123456: W tensorflow/core/framework/cpu_allocator_impl.cc:83] Allocation exceeds 10 %",
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "E0000 00:00:1732630943.123456   12345 cuda_dnn.cc:8310] Unable to register cuDNN factory",
    "I0000 00:00:1732630943.123456   12345 service.cc:148] XLA service initialized",
    "W0000 00:00:1732630943.123456   12345 gpu_device.cc:2344] Cannot dlopen some GPU libraries.",
    "2026-11-26 14:02:24.1: E external/local_xla/xla/stream_executor/cuda/cuda_platform.cc:51] failed call to cuInit:",
    "2026-11-26 14:02:24.1: I tensorflow/core/platform/cpu_feature_guard.cc:210] This TensorFlow binary is optimized",
    "To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow.",
)
"""What TensorFlow prints where all is well."""


@pytest.mark.parametrize("line", STARTUP)
def test_what_tensorflow_prints_when_it_starts_is_no_reason(own_folder: Path, line: str) -> None:
    """Whether something else was printed before it or not."""
    log = own_folder / "x.log"
    log.write_text(f"{line}\n")
    assert SILENT == last_line(log)
    log.write_text(f"the real reason\n{line}\n\n")
    assert "the real reason" == last_line(log)


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-26 14:02:23.1: F tensorflow/core/platform/default/env.cc:74] Check failed: ret == 0 (11 vs. 0)",
        "2026-11-26 14:02:23.1: E tensorflow/core/common_runtime/gpu.cc:1] out of memory",
        "terminate called after throwing an instance of 'std::bad_alloc'",
    ],
)
def test_an_error_of_tensorflow_is_a_reason(own_folder: Path, line: str) -> None:
    """Where it says why the worker ended."""
    log = own_folder / "x.log"
    log.write_text(f"before\n{line}\n")
    assert line == last_line(log)


def test_only_the_end_of_a_log_is_read(own_folder: Path) -> None:
    """A terabyte without a line feed is as quick as a line; what is quoted of it is short."""
    log = own_folder / "x.log"
    with log.open("wb") as file:
        file.truncate(2**40)  # takes no room on the disk
        file.seek(0, os.SEEK_END)
        file.write(b"y" * 10_000)
    said = last_line(log)
    assert said.endswith("...")
    assert LONGEST_REASON + 3 == len(said)


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def another_file(path: Path) -> None:
    path.with_name("other").write_text("not a log")
    path.symlink_to(path.with_name("other"))


@pytest.mark.parametrize("place", [a_pipe, a_device, another_file, Path.mkdir, lambda path: None])
def test_what_is_no_regular_file_is_neither_read_nor_written(own_folder: Path, place) -> None:
    """A pipe that nobody writes to would keep the harness waiting for ever."""
    log = own_folder / "x.log"
    place(log)
    assert SILENT == last_line(log)
    if log.exists() or log.is_symlink():
        descriptor = open_log(str(log))
        os.write(descriptor, b"thrown away")
        os.close(descriptor)
        LogLimit([str(log)]).keep()
    assert "not a log" == (own_folder / "other").read_text() if place is another_file else True


def test_a_log_that_is_too_long_loses_its_middle(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Again and again; its beginning and its end stay, and it says how much is missing."""
    monkeypatch.setattr(logs, "LONGEST_LOG_BYTES", 1000)
    monkeypatch.setattr(logs, "KEPT_BYTES", 100)
    log = own_folder / "x.log"
    limit, descriptor = LogLimit([str(log)]), open_log(str(log))
    written = 0
    for number in range(100):
        written += os.write(descriptor, f"line {number:03d} {'.' * 40}\n".encode())
        limit.keep()
        assert log.stat().st_size <= 1000
    os.close(descriptor)
    text = log.read_text()
    assert text.startswith("line 000")
    assert text.endswith(f"line 099 {'.' * 40}\n")
    (said,) = [line for line in text.splitlines() if "left out" in line]
    kept = len(text) - len(said) - 2
    assert abs(written - kept - int(said.split()[0].lstrip("[").replace(",", ""))) < 1000
