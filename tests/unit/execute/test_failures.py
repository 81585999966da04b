"""Exceptions as the one line of a record."""

from __future__ import annotations

import pytest

from bench.execute.failures import LONGEST_REASON, LONGEST_TEXT, device_text, reason_text, sentence
from bench.record.records import DeviceRecord


class SilentError(Exception):
    """One that fails to say what is wrong."""

    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("one\nparagraph\n\nand a story"), "ValueError: one paragraph"),
        (KeyError(), "KeyError"),
        (SilentError(), "SilentError"),
        (
            ValueError("Exception encountered when calling Dense.call().\n\n\x1b[1mno room\x1b[0m\n\nArguments: many"),
            "ValueError: Exception encountered when calling Dense.call(). no room",
        ),
        (ValueError("x" * 1000), f"ValueError: {'x' * LONGEST_REASON}..."),
    ],
)
def test_an_exception_is_one_line(error: Exception, expected: str) -> None:
    """The type and the first paragraph; of Keras's wrapper also what it wraps."""
    assert expected == sentence(error)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("as it is: \u00e9 \u20ac \U0001f600", "as it is: \u00e9 \u20ac \U0001f600"),
        ("half \ud800 character", "half \ufffd character"),
        ("\x1b[2J\x00 cleared", "\ufffd[2J\ufffd cleared"),
        ("y" * 5000, f"{'y' * LONGEST_TEXT}..."),
    ],
)
def test_a_reason_is_printable_and_bounded(text: str, expected: str) -> None:
    """Whatever a worker says of its end."""
    assert expected == reason_text(text)


def test_a_device_is_the_gpu_that_was_used() -> None:
    """Its cell may say no more than `gpu`."""
    gpu = DeviceRecord(name="gpu:1", description="NVIDIA H100", memory_bytes=80 * 2**30)
    assert "gpu:1 (NVIDIA H100, 80.0 GiB)" == device_text("gpu", gpu)
    assert "gpu:1" == device_text("gpu", DeviceRecord(name="gpu:1"))
    assert "cpu[threads=1]" == device_text("cpu[threads=1]", DeviceRecord(name="cpu", memory_bytes=2**30))
    assert "gpu" == device_text("gpu", None)
