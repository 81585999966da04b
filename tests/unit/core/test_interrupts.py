"""An interruption waits for a moment at which nothing can be lost."""

from __future__ import annotations

import signal
import threading

import pytest

from bench.core.interrupts import SIGNALS, Interruptible, Interrupts


@pytest.mark.parametrize("number", SIGNALS)
def test_an_interruption_waits_until_it_is_welcome(number: signal.Signals) -> None:
    """Ctrl-C, SIGTERM and SIGHUP alike: the work at hand is finished first."""
    done = []
    with Interrupts() as interrupts:
        signal.raise_signal(number)
        done.append("commit")
        with pytest.raises(KeyboardInterrupt), interrupts.welcome():
            done.append("wait")
    assert ["commit"] == done


def test_an_interruption_that_is_welcome_is_raised_at_once() -> None:
    """In the middle of waiting."""
    done = []

    def wait() -> None:
        done.append("wait")
        signal.raise_signal(signal.SIGINT)
        done.append("wait on")

    with Interrupts() as interrupts, pytest.raises(KeyboardInterrupt), interrupts.welcome():
        wait()
    assert ["wait"] == done


def test_a_second_interruption_does_not_wait() -> None:
    """A user who presses Ctrl-C again means now."""
    with Interrupts():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_an_interruption_is_no_longer_welcome_afterwards() -> None:
    """The next piece of work is finished as well."""
    with Interrupts() as interrupts:
        with interrupts.welcome():
            pass
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt), interrupts.welcome():
            pass


def test_the_handlers_of_before_come_back() -> None:
    """Whatever happens inside."""
    before = [signal.getsignal(number) for number in SIGNALS]

    def fail() -> None:
        with Interrupts():
            assert before != [signal.getsignal(number) for number in SIGNALS]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert before == [signal.getsignal(number) for number in SIGNALS]


def test_another_thread_is_left_alone() -> None:
    """Python delivers signals to the main thread only."""
    entered = []

    def enter() -> None:
        with Interrupts() as interrupts, interrupts.welcome():
            entered.append([signal.getsignal(number) for number in SIGNALS])

    before = [signal.getsignal(number) for number in SIGNALS]
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert [before] == entered


def test_what_is_ignored_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """`nohup` ignores SIGHUP, and a shell's `&` ignores Ctrl-C."""
    previous = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
    try:
        with Interruptible() as interruption, Interrupts() as interrupts:
            for number in SIGNALS:
                signal.raise_signal(number)
            with interrupts.welcome():
                pass
        assert not interruption.requested
        assert {signal.SIG_IGN} == {signal.getsignal(number) for number in SIGNALS}
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_an_interruption_is_remembered_where_somebody_makes_something_else_of_it(number: signal.Signals) -> None:
    """As an import of a module written in C does."""
    with Interruptible() as interruption:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert interruption.requested


def test_an_interruption_that_was_swallowed_counts_later() -> None:
    """Python itself swallows one that is raised in a callback of C code."""
    with Interruptible():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with Interrupts() as interrupts, pytest.raises(KeyboardInterrupt), interrupts.welcome():
            pass
