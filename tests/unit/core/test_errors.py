"""Errors that speak to a user."""

from __future__ import annotations

import pickle

import pytest

from bench.core import errors
from bench.core.errors import BenchError, ExitCode

KINDS = [BenchError, *BenchError.__subclasses__()]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_crosses_to_another_process(kind: type[BenchError]) -> None:
    """Pickled and unpickled it keeps its kind, sentence and hint."""
    back = pickle.loads(pickle.dumps(kind("What is wrong.", hint="What to type.")))  # noqa: S301  our own bytes
    assert (kind, "What is wrong.", "What to type.") == (type(back), back.message, back.hint)
    assert "What is wrong." == str(back)


OTHERS = {errors.NotJudgedError, errors.OutputError}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in OTHERS])
def test_an_error_of_the_users_ends_with_2(kind: type[BenchError]) -> None:
    """Usage and suite errors, whichever floor they come from; a hint is not owed."""
    assert (ExitCode.USAGE, 2, "") == (kind.exit_code, int(kind.exit_code), kind("x").hint)


def test_a_check_that_cannot_be_made_ends_with_4() -> None:
    """It is no mistake of whoever typed it."""
    assert ExitCode.NOT_JUDGED is errors.NotJudgedError("x").exit_code


def test_what_cannot_be_written_ends_with_74() -> None:
    """A file that was named, a file of a run, a record."""
    assert ExitCode.UNWRITTEN is errors.OutputError("x").exit_code is errors.UnsavedError("x").exit_code


def test_exit_codes_are_those_that_ci_relies_on() -> None:
    """They never change their meaning."""
    expected = {"OK": 0, "REGRESSED": 1, "USAGE": 2, "TRIALS_FAILED": 3, "NOT_JUDGED": 4, "BUG": 70}
    expected |= {"UNWRITTEN": 74, "INTERRUPTED": 130}
    assert expected == {code.name: code.value for code in errors.ExitCode}
