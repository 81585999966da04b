"""The errors that speak to a user.

Every error a user can cause is a `BenchError`: one sentence that says what was received and why it cannot be, and a
hint that says what to type instead. Anything else that reaches the command line is a bug of ours (exit 70).
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
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


class ErrorKind(StrEnum):
    """What `--json` calls an error."""

    BASELINE = "baseline"
    BUG = "bug"  # a mistake of ours
    DATA = "data"
    ERROR = "error"  # none of the others
    EXECUTION = "execution"
    INTERRUPTED = "interrupted"
    NO_STORE = "no-store"
    NOT_JUDGED = "not-judged"
    OUTPUT = "output"
    STORE = "store"
    SUITE = "suite"
    TEMPLATE = "template"
    UNSAVED = "unsaved"
    USAGE = "usage"  # flags and arguments


class BenchError(Exception):
    """A failure with a sentence for the user and a way out.

    Args:
        message: what was received and why it cannot be; one or more whole sentences.
        hint: what to type or change instead; empty when nothing helps.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE
    kind: ClassVar[ErrorKind] = ErrorKind.ERROR

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SuiteError(BenchError):
    """A suite file that cannot be read or does not say what it must."""

    kind: ClassVar[ErrorKind] = ErrorKind.SUITE


class DataError(BenchError):
    """A data set that cannot be had, or whose bytes are not the ones expected."""

    kind: ClassVar[ErrorKind] = ErrorKind.DATA


class StoreError(BenchError):
    """A store or run file that cannot be opened, read or written."""

    kind: ClassVar[ErrorKind] = ErrorKind.STORE


class NoStoreError(StoreError):
    """There is no store where one was to be read."""

    kind: ClassVar[ErrorKind] = ErrorKind.NO_STORE


class UnsavedError(StoreError):
    """A store or a folder that does not hold all of a run that has ended; what it lacks is kept elsewhere."""

    exit_code: ClassVar[ExitCode] = ExitCode.UNWRITTEN
    kind: ClassVar[ErrorKind] = ErrorKind.UNSAVED


class ExecutionError(BenchError):
    """A worker process that cannot be started on this machine."""

    kind: ClassVar[ErrorKind] = ErrorKind.EXECUTION


class TemplateError(BenchError):
    """A report template that cannot be rendered, with its file and line."""

    kind: ClassVar[ErrorKind] = ErrorKind.TEMPLATE


class OutputError(BenchError, OSError):
    """A file that cannot be written; an `OSError` as well, for whoever expects one."""

    exit_code: ClassVar[ExitCode] = ExitCode.UNWRITTEN
    kind: ClassVar[ErrorKind] = ErrorKind.OUTPUT


class BaselineError(BenchError):
    """A baseline that cannot be read, was not written by `bench accept`, or belongs to something else."""

    kind: ClassVar[ErrorKind] = ErrorKind.BASELINE


class NotJudgedError(BenchError):
    """A check that cannot be made at all: there is nothing to judge, or nothing to judge it by."""

    exit_code: ClassVar[ExitCode] = ExitCode.NOT_JUDGED
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_JUDGED
