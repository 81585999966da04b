"""Which test examples changed sides: what most seeds get wrong now and did not before, and back. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate.mistakes import fit
from bench.core.target import Task
from bench.record.evidence import Flips

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from bench.analyse.gate.mistakes import Mistakes
    from bench.analyse.gate.side import Truth

MOST_LOST = 3
"""How many of the classes that lost are named."""


def find_flips(before: Mistakes, now: Mistakes, truth: Truth | None) -> Flips | None:
    """The examples that changed sides.

    Args:
        before: of the accepted seeds.
        now: of the current seeds, on the same examples.
        truth: of these examples; without it no class is named.

    Returns:
        None where the two are not of the same examples, or not of those of `truth`.
    """
    if before.task is not now.task or (truth and not (fit(before, truth) and fit(now, truth))):
        return None
    if before.errors is not None and now.errors is not None:
        return _errors_compared(before.errors, now.errors)
    lost, gained = now.wrong.keys() - before.wrong.keys(), before.wrong.keys() - now.wrong.keys()
    worst: tuple[tuple[str, int], ...] = ()
    swapped: tuple[tuple[str, str], ...] = ()
    if truth:
        names = truth.target.names
        worst = tuple((_name(number, names), count) for number, count in _worst(before, now, truth))
        swapped = tuple((_name(a, names), _name(b, names)) for a, b in _swapped(before, now, truth))
    return Flips(
        lost=len(lost),
        gained=len(gained),
        p=mcnemar(len(lost), len(gained)),
        classes=worst,
        swapped=swapped,
        task=now.task,
    )


def mcnemar(lost: int, gained: int) -> float:
    """The p-value of the exact form of McNemar's test: that as many examples are lost as gained.

    Given how many examples changed sides, the number that were lost is binomial with probability one half.

    Source: McNemar, Psychometrika 12 (1947), pages 153 to 157.
    """
    return _even(lost, gained)


def sign_test(further: int, nearer: int) -> float:
    """The p-value of the exact, two-sided, paired sign test: that an error grows as often as it shrinks.

    Examples whose error is the same on both sides are left out; the number that are further off now is then binomial
    with probability one half, whatever the errors' distribution.

    Source: Dixon and Mood, Journal of the American Statistical Association 41 (1946), pages 557 to 566.
    """
    return _even(further, nearer)


def _even(first: int, second: int) -> float:
    from scipy import stats  # noqa: PLC0415  takes half a second to import, and most runs compare nothing

    return float(stats.binomtest(first, first + second).pvalue) if first + second else 1.0


def _errors_compared(before: NDArray[np.float32], now: NDArray[np.float32]) -> Flips | None:
    if before.shape != now.shape:
        return None
    further, nearer = int(np.count_nonzero(now > before)), int(np.count_nonzero(now < before))
    return Flips(
        lost=further,
        gained=nearer,
        p=sign_test(further, nearer),
        classes=(),
        swapped=(),
        task=Task.REGRESSION,
        ties=len(now) - further - nearer,
    )


def _worst(before: Mistakes, now: Mistakes, truth: Truth) -> Sequence[tuple[int, int]]:
    """The classes or labels that lost most on balance, with how many examples."""
    balance: Counter[int] = Counter()
    balance.update(_blamed(before, now, truth))
    balance.subtract(_blamed(now, before, truth))
    worst = sorted((item for item in balance.items() if item[1] > 0), key=lambda item: (-item[1], item[0]))
    return worst[:MOST_LOST]


def _blamed(before: Mistakes, now: Mistakes, truth: Truth) -> Iterable[int]:
    """Of what is wrong now and was not before, the true class of each example, or each label."""
    for row, numbers in now.wrong.items():
        if truth.target.task is Task.CLASSES:
            yield from () if row in before.wrong else (int(truth.y[row]),)
        else:
            yield from set(numbers) - set(before.wrong.get(row, ()))


def _swapped(before: Mistakes, now: Mistakes, truth: Truth) -> list[tuple[int, int]]:
    """Pairs of classes most of whose examples are now called by the other's name, and were not before."""
    if truth.target.task is not Task.CLASSES:
        return []
    old, new = _mostly_called(before, truth), _mostly_called(now, truth)
    return [
        (a, b)
        for a, b in sorted(new.items())
        if a < b and new.get(b) == a and not (old.get(a) == b and old.get(b) == a)
    ]


def _mostly_called(mistakes: Mistakes, truth: Truth) -> dict[int, int]:
    """The classes most of whose examples are taken for one other class, and which."""
    sizes = np.bincount(truth.y.astype(np.int64))
    taken = Counter((int(truth.y[row]), numbers[0]) for row, numbers in mistakes.wrong.items())
    return {label: other for (label, other), count in taken.items() if 2 * count > sizes[label]}


def _name(label: int, names: Sequence[str]) -> str:
    return names[label] if label < len(names) else str(label)
