"""Who leads, and whether that is more than chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from factories import cell, failed, reference_study, result, trial

from bench.analyse.labels import cell_labels
from bench.analyse.leader import leader, leaders
from bench.analyse.stats import summary
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame
from bench.render.findings import headline, no_result

if TYPE_CHECKING:
    import pandas as pd

    from bench.record.records import TrialRecord


def summarised(*trials: TrialRecord) -> pd.DataFrame:
    return summary(trials_frame(result(*trials)), ACCURACY)


def trials_of(name: str, *accuracies: float, dataset: str = "mnist") -> list[TrialRecord]:
    return [trial(cell(name, dataset=dataset), seed, accuracy=a) for seed, a in enumerate(accuracies, start=1)]


def test_a_clear_lead() -> None:
    """Five points between tight samples are a lead, and only the leader is a contender."""
    best = leader(summary(trials_frame(reference_study()), ACCURACY), ACCURACY)

    assert ("model-2@mnist@cpu", "model-1@mnist@cpu", False) == (best.cell_id, best.runner_up, best.tied)
    assert best.interval.low < best.difference < best.interval.high
    assert ("model-2@mnist@cpu",) == best.contenders


def test_overlapping_samples_are_tied() -> None:
    """A difference that is small beside the deviation of the seeds is a tie."""
    best = leader(summarised(*trials_of("a", 0.97, 0.98, 0.99), *trials_of("b", 0.969, 0.979, 0.989)), ACCURACY)

    assert best.tied is True
    assert best.difference == pytest.approx(0.001)
    assert ("a@mnist@cpu", "b@mnist@cpu") == best.contenders


def test_one_seed_leaves_it_open() -> None:
    """With one seed the order of the means is known, a tie is not."""
    best = leader(summarised(*trials_of("a", 0.98), *trials_of("b", 0.97)), ACCURACY)

    assert best.tied is None
    assert best.difference == pytest.approx(0.01)
    assert ("a@mnist@cpu", "b@mnist@cpu") == best.contenders


def test_a_contender_behind_the_runner_up_is_found() -> None:
    """A wide third cell may be tied with the leader although the tight second one is not."""
    best = leader(
        summarised(
            *trials_of("a", 0.98, 0.9801, 0.9802), *trials_of("b", 0.975, 0.9751, 0.9752), *trials_of("c", 0.96, 0.985)
        ),
        ACCURACY,
    )

    assert best.tied is False
    assert ("a@mnist@cpu", "c@mnist@cpu") == best.contenders


def test_equal_means_without_deviation_are_tied() -> None:
    """Two cells that give the same accuracy for every seed are tied, the first of the plan in front."""
    best = leader(summarised(*trials_of("b", 0.98, 0.98), *trials_of("a", 0.98, 0.98)), ACCURACY)

    assert ("b@mnist@cpu", True, 0.0) == (best.cell_id, best.tied, best.difference)


def test_a_single_cell_leads_nobody() -> None:
    """One cell has no runner-up, also where the only other one failed."""
    best = leader(summarised(*trials_of("a", 0.98, 0.97), failed(cell("b"))), ACCURACY)

    assert best.runner_up is None
    assert best.tied is None


def test_no_result_has_no_leader() -> None:
    """Failures and an empty run have no leader."""
    assert leader(summarised(failed()), ACCURACY) is None
    assert leaders(summarised(), ACCURACY) == ()


def test_data_sets_are_never_compared() -> None:
    """Each data set has a leader of its own."""
    found = leaders(summarised(*trials_of("a", 0.9, dataset="fashion_mnist"), *trials_of("a", 0.98)), ACCURACY)

    assert [("fashion_mnist", None), ("mnist", None)] == [(one.dataset, one.runner_up) for one in found]


@pytest.mark.parametrize(
    ("trials", "title", "sentence"),
    [
        (
            [*trials_of("a", 0.98, 0.982), *trials_of("b", 0.9, 0.901)],
            "a wins on mnist with 98.10 %, ahead of b by 8.05 points (7.13 to 8.97)",
            "It leads second place, b at 90.05 %, by 8.05 points (interval 7.13 to 8.97 points, 95 %)",
        ),
        (
            [*trials_of("a", 0.97, 0.99), *trials_of("b", 0.96, 0.99)],
            "a comes first on mnist with 98.00 %, but another cell may be as good",
            "The data cannot separate it from second place, b at 97.50 %",
        ),
        (
            [*trials_of("a", 0.98), *trials_of("b", 0.97)],
            "a comes first on mnist with 98.00 %; there are too few seeds to be sure",
            "too few seeds to say whether that is chance",
        ),
        (trials_of("a", 0.98), "a reaches 98.00 % on mnist", "That is one seed"),
        (trials_of("a", 0.98, 0.98), "a reaches 98.00 % on mnist", "Training took"),
    ],
)
def test_the_headline_says_how_sure_it_is(trials: list[TrialRecord], title: str, sentence: str) -> None:
    """Lead, tie, doubt and a single seed each have words of their own."""
    frame = summarised(*trials)

    told = headline(leader(frame, ACCURACY), frame, cell_labels(frame), ACCURACY)

    assert title == told.title
    assert sentence in " ".join(told.sentences)


def test_an_untimed_leader_has_no_cost() -> None:
    """Where every trial was contended the headline says that there is no time instead of one."""
    frame = summarised(trial(cell("a"), contention="2 at once"))

    assert "none of its trials was timed alone" in " ".join(
        headline(leader(frame, ACCURACY), frame, cell_labels(frame), ACCURACY).sentences
    )


def test_a_run_without_result_says_so() -> None:
    """A run in which all failed and a run that has not begun have headlines too."""
    assert no_result(summarised(failed())).title == "No trial succeeded"
    assert no_result(summarised()).title == "No trial has ended yet"
