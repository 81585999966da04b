"""What a reader should choose, and what to try next."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from factories import cell, result, trial
from scipy import stats

from bench.analyse.axes import Axis, grids
from bench.analyse.decision import Decision, decisions
from bench.analyse.intervals import Sample
from bench.analyse.networks import networks_of
from bench.analyse.next_steps import beyond, seeds_to_separate
from bench.analyse.stats import summary
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame
from bench.record.records import TrialRecord
from bench.render.decision import cards_of

OFFSETS = (-0.0011, 0.0003, 0.0008)


def decided(*trials: TrialRecord) -> Decision:
    run = result(*trials)
    frame = trials_frame(run)
    placed = grids({one.cell.id: one.cell for one in trials}.values(), frame, ACCURACY)
    networks = networks_of(run)
    (made,) = decisions(run, networks.rows(summary(frame, ACCURACY), ACCURACY), placed, networks)
    return made


def of(
    name: str, mean: float, epoch_seconds: float, seeds: int = 3, node_kind: str = "", **changes: object
) -> list[TrialRecord]:
    """Trials whose scores lie a tenth of a point around a mean."""
    return [
        trial(
            cell(name, node_kind=node_kind),
            seed,
            accuracy=mean + OFFSETS[seed - 1],
            epoch_seconds=epoch_seconds,
            **changes,
        )
        for seed in range(1, seeds + 1)
    ]


def test_the_choice_is_the_cheapest_that_cannot_be_separated() -> None:
    """Among the best, one as good that is quicker, and one quicker still that is worse."""
    found = decided(*of("best", 0.981, 9.0), *of("near", 0.9805, 2.0), *of("bad", 0.95, 0.5))
    assert ("best@mnist@cpu", "near@mnist@cpu", "time") == (found.best, found.choice, found.cost)
    assert found.step is not None
    assert found.step.gain == pytest.approx(0.0005)
    assert found.step.interval.low < 0 < found.step.interval.high
    assert found.step.ratio == pytest.approx(4.5, rel=0.1)
    assert found.alike == 2


def test_a_best_cell_without_an_equal_is_the_choice_and_the_next_cheaper_is_named() -> None:
    """What it gives up has an interval without 0."""
    found = decided(*of("best", 0.981, 9.0), *of("middle", 0.96, 2.0), *of("bad", 0.95, 0.5))
    assert found.choice == found.best == "best@mnist@cpu"
    assert found.step is not None
    assert found.step.cell_id == "middle@mnist@cpu"
    assert found.step.interval.low > 0


def test_times_of_another_kind_of_node_are_no_cost() -> None:
    """A network that was quicker on other machines is no cheaper choice."""
    slow = [*of("best", 0.981, 9.0, node_kind="aaaa"), *of("near", 0.9805, 8.0, node_kind="aaaa")]
    quick = [*of("best", 0.9809, 1.0, node_kind="bbbb"), *of("near", 0.9804, 0.5, node_kind="bbbb")]
    found = decided(*slow, *quick)
    assert found.best == "best@mnist@cpu@aaaa"
    assert found.choice == "near@mnist@cpu@aaaa"
    assert found.step is not None
    assert found.step.ratio == pytest.approx(9 / 8, rel=0.1)


def test_without_times_parameters_are_the_cost_and_equal_costs_leave_the_best() -> None:
    """All factories' networks are of one size."""
    found = decided(*of("a", 0.981, 9.0, contention="busy"), *of("b", 0.9805, 2.0, contention="busy"))
    assert ("parameters", "a@mnist@cpu") == (found.cost, found.choice)


def test_one_seed_recommends_the_best_mean_and_says_no_interval() -> None:
    """Nothing is known of chance."""
    found = decided(*of("a", 0.981, 9.0, seeds=1), *of("b", 0.98, 2.0, seeds=1))
    assert found.choice == found.best == "a@mnist@cpu"
    assert found.optimism is None
    assert found.step is not None
    assert not found.step.interval.known


def test_where_there_is_a_validation_part_it_chooses() -> None:
    """The best by validation accuracy is the best; its test score was not picked, so no optimism is estimated."""
    found = decided(*of("a", 0.981, 2.0, validation=True), *of("b", 0.96, 2.0, validation=True))
    assert found.by_validation
    assert found.optimism is None
    card = cards_of(*_run(*of("a", 0.981, 2.0, validation=True), *of("b", 0.96, 2.0, validation=True)))[0]
    assert any("was chosen by validation accuracy" in sentence for sentence in card.sentences)


def _run(*trials: TrialRecord):
    run = result(*trials)
    return run, summary(trials_frame(run), ACCURACY)


def test_the_edge_of_the_grid_is_named() -> None:
    """Scores rise with the learning rate and do not with nodes."""
    trials = [
        trial(
            cell("mlp", parameters={"nodes": nodes}, learning_rate=rate, named=("nodes", "learning_rate")),
            seed,
            accuracy=0.9 + 0.1 * rate + OFFSETS[seed - 1] - 0.02 * (nodes != 32),
        )
        for nodes, rate, seed in itertools.product((8, 32, 128), (0.05, 0.1, 0.5), (1, 2, 3))
    ]
    assert [("learning_rate", "0.5", "1")] == [(one.axis, one.level, one.further) for one in decided(*trials).edges]
    card = cards_of(*_run(*trials))[0]
    assert "learning_rate=0.5 is the edge of the grid, and scores improve towards it: try 1." in card.next_steps


@pytest.mark.parametrize(
    ("levels", "upper", "expected"),
    [
        (("0.05", "0.1", "0.5"), True, "1"),
        (("0.05", "0.1", "0.5"), False, "0.025"),
        (("1", "2", "3"), True, "4"),
        (("1", "2", "3"), False, None),
        (("32", "128", "512"), True, "2048"),
        (("0", "0.5"), True, None),
        (("1", "4"), False, None),
    ],
)
def test_values_go_on_as_they_are_spaced(levels: tuple[str, ...], upper: bool, expected: str | None) -> None:  # noqa: FBT001
    """By equal steps or by the smallest factor; whole numbers stay whole, and none is 0."""
    assert expected == beyond(Axis(name="x", levels=levels, numeric=True), upper=upper)


def test_so_many_seeds_do_separate_in_four_of_five_runs() -> None:
    """Counted over t tests of drawn seeds."""
    number = seeds_to_separate(Sample(3, 0.98, 0.004), Sample(3, 0.975, 0.003))
    assert number is not None
    noise = np.random.default_rng(3)
    first, second = (noise.normal(mean, std, (4_000, number)) for mean, std in ((0.98, 0.004), (0.975, 0.003)))
    power = float((stats.ttest_ind(first, second, axis=1, equal_var=False).pvalue < 0.05).mean())
    assert 0.75 < power < 0.9
    assert seeds_to_separate(Sample(3, 0.98, 0.004), Sample(3, 0.98, 0.003)) is None


def test_names_that_only_the_suite_defines_are_explained() -> None:
    """The builder and its parameters stand beside them; a cell is explained everywhere."""
    card = cards_of(*_run(*of("model-2", 0.981, 2.0)))[0]
    assert card.names == (
        "A cell is one network with its settings, on a data set and a device.",
        "model-2 is a name of the suite for mlp with hidden=[128].",
    )
    assert not math.isnan(float(card.title.split()[2]))


def test_the_choice_is_called_the_cheapest_only_where_it_is() -> None:
    """A rival that is 1 % faster is no reason to leave the best, and makes it no cheapest one."""
    (card,) = cards_of(*_run(*of("best", 0.981, 2.0), *of("near", 0.9805, 1.98)))
    assert card.title.startswith("Choose best")
    (sentence,) = (text for text in card.sentences if "cannot separate" in text)
    assert sentence.endswith("; none of the others trains more than 5 % faster.")
    assert not any("times the time" in text or "of the time" in text for text in card.sentences)


@pytest.mark.parametrize(
    ("seeds", "mean", "expected"),
    [
        ((1, 1), 0.97, "is worse by 1.10 points; with one seed each that may be chance."),
        ((3, 1), 0.97, "is worse by 1.21 points; with one seed of near that may be chance."),
        ((1, 1), 0.981, "has almost the same accuracy; with one seed each that may be chance."),
    ],
)
def test_a_cheaper_network_with_one_seed_is_said_to_be_uncertain(
    seeds: tuple[int, int], mean: float, expected: str
) -> None:
    """Which side has one seed; a difference that would print as 0 has no figure."""
    (card,) = cards_of(*_run(*of("best", 0.981, 9.0, seeds=seeds[0]), *of("near", mean, 2.0, seeds=seeds[1])))
    assert card.sentences[0].startswith("near takes 1/4.")
    assert card.sentences[0].endswith(f" of the time and {expected}")


def test_another_architecture_is_called_by_its_name() -> None:
    """And no setting of the choice."""
    (card,) = cards_of(*_run(*of("best", 0.981, 9.0), *of("near", 0.9805, 2.0)))
    assert card.sentences[0].startswith("best may add 0.05 points for 4.5 times the time: 98.10 %")
