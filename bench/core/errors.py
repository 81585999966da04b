"""The errors that speak to a user.

Every error a user can cause is a `BenchError`: one sentence that says what was received and why it cannot be, and a
hint that says what to type instead. Anything else that reaches the command line is a bug of ours (exit 70).
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the process says to a shell or to CI when it ends."""

    OK = 0
    REGRESSED = 1
    USAGE = 2
    TRIALS_FAILED = 3
    NOT_JUDGED = 4
    BUG = 70
    UNWRITTEN = 74
    INTERRUPTED = 130


class BenchError(Exception):
    """A failure with a sentence for the user and a way out.

    Args:
        message: what was received and why it cannot be; one or more whole sentences.
        hint: what to type or change instead; empty when nothing helps.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SuiteError(BenchError):
    """A suite file that cannot be read or does not say what it must."""


class DataError(BenchError):
    """A data set that cannot be had, or whose bytes are not the ones expected."""


class StoreError(BenchError):
    """A store or run file that cannot be opened, read or written."""


class NoStoreError(StoreError):
    """There is no store where one was to be read."""


class UnsavedError(StoreError):
    """A store or a folder that does not hold all of a run that has ended; what it lacks is kept elsewhere."""

    exit_code: ClassVar[ExitCode] = ExitCode.UNWRITTEN


class ExecutionError(BenchError):
    """A worker process that cannot be started on this machine."""


class TemplateError(BenchError):
    """A report template that cannot be rendered, with its file and line."""


class OutputError(BenchError, OSError):
    """A file that cannot be written; an `OSError` as well, for whoever expects one."""

    exit_code: ClassVar[ExitCode] = ExitCode.UNWRITTEN


class BaselineError(BenchError):
    """A baseline that cannot be read, was not written by `bench accept`, or belongs to something else."""


class NotJudgedError(BenchError):
    """A check that cannot be made at all: there is nothing to judge, or nothing to judge it by."""

    exit_code: ClassVar[ExitCode] = ExitCode.NOT_JUDGED
