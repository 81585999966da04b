"""B compared with A: every figure against a calculation of its own, and what cannot be compared."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from factories import HOSTILE, failed, seeded_run
from scipy import stats

from bench.analyse.compare.comparison import Call, CellComparison, Comparison, compare
from bench.analyse.compare.obstacles import Gap, Obstacle
from bench.analyse.compare.party import party_of_baseline, party_of_run
from bench.analyse.gate.acceptance import Approval, accept
from bench.core.errors import BenchError, ExitCode
from bench.record.records import RunResult, Status
from bench.render.compare.words import EXAMPLES, obstacle_text

A = {"worse": [0.960, 0.962, 0.958, 0.961], "better": [0.90, 0.902, 0.898, 0.901], "open": [0.95, 0.96, 0.94, 0.955]}
B = {"worse": [0.940, 0.942, 0.938, 0.941], "better": [0.92, 0.922, 0.918, 0.921], "open": [0.95, 0.97, 0.93, 0.951]}


def both(before: RunResult, after: RunResult) -> Comparison:
    return compare(party_of_run(before), party_of_run(after))


def cells(found: Comparison) -> dict[str, CellComparison]:
    return {cell.cell_id.split("@")[0]: cell for cell in found.cells}


def one(before: RunResult, after: RunResult) -> CellComparison:
    found = both(before, after)
    assert 1 == len(found.cells)
    return found.cells[0]


def single(name: str, values: list[float], **options) -> RunResult:
    return seeded_run(name, {"mlp": values}, **options)


def test_differences_have_an_interval_for_all_cells_together():
    """By SciPy's own test at 97.5 % for each of two, from A to B; each is called by whether its interval holds 0."""
    found = cells(both(seeded_run("run-a", A), seeded_run("run-b", B)))
    assert all(one.interval.holds(0) is (one.call is Call.OPEN) for one in found.values())
    two = ("worse", "open")
    fewer = cells(both(*(seeded_run(run, {name: of[name] for name in two}) for run, of in (("a", A), ("b", B)))))
    for name in two:
        # with as many seeds on either side Welch's interval is the wider one
        expected = stats.ttest_ind(B[name], A[name], equal_var=False).confidence_interval(0.975)
        assert pytest.approx(np.mean(B[name]) - np.mean(A[name])) == fewer[name].difference
        assert pytest.approx((expected.low, expected.high)) == (fewer[name].interval.low, fewer[name].interval.high)
    assert [Call.WORSE, Call.BETTER, Call.OPEN] == [found[name].call for name in ("worse", "better", "open")]


def test_more_cells_need_more_evidence():
    """What differs alone does not among twenty that may as well be equal, and every call keeps to its interval."""
    before, after = [0.9, 0.902, 0.904, 0.901], [0.905, 0.907, 0.906, 0.904]
    alone = one(single("run-a", before), single("run-b", after))
    many = both(
        seeded_run("run-a", {f"net-{number}": before for number in range(20)}),
        seeded_run("run-b", {f"net-{number}": after if not number else before for number in range(20)}),
    )
    assert (Call.BETTER, Call.OPEN) == (alone.call, cells(many)["net-0"].call)
    assert 20 == many.judged
    assert alone.interval.low > 0 > cells(many)["net-0"].interval.low


def test_equal_seeds_that_moved_by_one_image_may_be_equal():
    """900 of 1,000 three times, then 899: an interval of no width would have called that worse."""
    found = one(single("run-a", [0.9] * 3), single("run-b", [0.899] * 3))
    assert Call.OPEN is found.call
    assert found.interval.low < -0.001 < 0 < found.interval.high


def test_a_trial_that_two_runs_show_is_known_by_its_id():
    """Also where others disturbed it, so that no time is kept."""
    before = single("run-a", [0.96, 0.95], contention="2 at once")
    later = replace(before, run=replace(before.run, run_id="run-z"))
    bare = tuple(replace(t, outcome=replace(t.outcome, weights_digest=None)) for t in before.trials)
    assert Call.SAME is one(replace(before, trials=bare), replace(later, trials=bare)).call
    other = tuple(replace(t, trial_id=f"{t.trial_id}/again") for t in bare)
    assert Call.OPEN is one(replace(before, trials=bare), replace(later, trials=other)).call


def test_the_other_way_round_the_signs_turn():
    """What is worse from A to B is better from B to A."""
    there, back = (
        cells(both(seeded_run(a, x), seeded_run(b, y))) for a, x, b, y in (("a", A, "b", B), ("b", B, "a", A))
    )
    assert (Call.WORSE, Call.BETTER) == (there["worse"].call, back["worse"].call)
    assert pytest.approx(-there["worse"].interval.low) == back["worse"].interval.high


def test_one_seed_decides_nothing():
    """There is a difference and no interval."""
    found = one(single("run-a", [0.96]), single("run-b", [0.5, 0.51]))
    assert Call.OPEN is found.call
    assert not found.interval.known
    assert pytest.approx(-0.455) == found.difference


def test_a_run_compared_with_itself_differs_in_nothing():
    """No interval, since there is no chance in it; no flip; the same measurements."""
    run = seeded_run("run-a", A)
    found = both(run, run)
    assert found.equal
    assert {Call.SAME} == {cell.call for cell in found.cells}
    assert {Obstacle(Gap.SAME_TIMES)} == {cell.untimed for cell in found.cells}
    assert {(0, 0)} == {(cell.flips.lost, cell.flips.gained) for cell in found.cells if cell.flips}
    assert not any(cell.interval.known for cell in found.cells)


def test_a_run_does_not_differ_from_the_baseline_it_became():
    """Nor from that of a run whose trials it took from the store, by their time to the microsecond."""
    run = seeded_run("run-a", A)
    baseline = accept(run, Approval("2026-11-24T12:00:00+00:00", "Somebody", "good"), None)
    assert compare(party_of_baseline(baseline), party_of_run(run)).equal
    later = replace(run, run=replace(run.run, run_id="run-z"))
    assert compare(party_of_baseline(baseline), party_of_run(later)).equal


def test_the_same_weights_are_found_by_their_digests():
    """Where every seed has them; other times do not matter, and can be compared."""
    before, after = single("run-a", [0.96, 0.95, 0.94]), single("run-b", [0.96, 0.95, 0.94], epoch_seconds=3.4)
    assert 0 == one(before, after).same
    digests = {trial.seed: trial.outcome.weights_digest for trial in before.trials}
    again = replace(
        after,
        trials=tuple(replace(t, outcome=replace(t.outcome, weights_digest=digests[t.seed])) for t in after.trials),
    )
    found = one(before, again)
    assert (3, Call.SAME) == (found.same, found.call)
    assert found.ratio is not None
    assert pytest.approx(2, rel=0.05) == found.ratio.value
    fewer = replace(again, trials=again.trials[:2])
    assert (2, Call.OPEN) == (one(before, fewer).same, one(before, fewer).call)
    for other in ({"data_sha256": "cd" * 32}, {"accuracy": 0.5}):
        changed = tuple(replace(t, outcome=replace(t.outcome, **other)) for t in again.trials)
        assert 0 == one(before, replace(again, trials=changed)).same


def test_times_are_compared_by_the_ratio_of_geometric_means():
    """With an interval that holds it, and over all cells by the geometric mean."""
    found = both(seeded_run("run-a", A, epoch_seconds=2.0), seeded_run("run-b", B, epoch_seconds=1.2))
    for compared in found.cells:
        before, after = (
            np.mean(np.log([seed.train_time_s for seed in side.cell.seeds]))
            for side in (compared.before, compared.after)
        )
        assert compared.ratio is not None
        assert pytest.approx(np.exp(after - before)) == compared.ratio.value
        assert compared.ratio.low <= compared.ratio.value <= compared.ratio.high
    assert found.ratio is not None
    assert pytest.approx(np.exp(np.mean([np.log(c.ratio.value) for c in found.cells if c.ratio]))) == found.ratio.value


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"fingerprint": "00" * 32}, "versions of Keras, its backend or NumPy are not the same"),
        ({"fingerprint": ""}, "does not record its machine"),
        ({"engine": "epoch"}, "the engines are not the same"),
        ({"contention": "2 at once"}, "0 trials of B ran alone on the machine, and 3 are needed"),
    ],
)
def test_times_that_cannot_be_compared_say_why(options, told):
    """There is no ratio then, and none over all cells."""
    found = both(single("run-a", [0.96, 0.95, 0.94]), single("run-b", [0.96, 0.95, 0.93], **options))
    assert told in obstacle_text(found.cells[0].untimed, "Times")
    assert found.cells[0].ratio is None
    assert found.ratio is None


def test_other_data_is_neither_timed_nor_flipped():
    """Its images are others, even where the name is the same."""
    after = single("run-b", [0.96, 0.95, 0.93])
    after = replace(
        after,
        trials=tuple(replace(t, outcome=replace(t.outcome, data_sha256="cd" * 32)) for t in after.trials),
    )
    found = one(single("run-a", [0.96, 0.95, 0.94]), after)
    assert (Obstacle(Gap.DATA), Obstacle(Gap.DATA)) == (found.untimed, found.unflipped)
    assert "the test examples are not the same" == obstacle_text(found.unflipped, EXAMPLES)
    assert [("data (SHA-256)", "abababababab", "cdcdcdcdcdcd")] == [(c.key, c.before, c.after) for c in found.changes]


def test_flips_are_counted_and_named():
    """By the vote of the seeds: 40 of 1000 images wrong before, 60 after; McNemar's exact p."""
    found = one(single("run-a", [0.96, 0.96, 0.95]), single("run-b", [0.94, 0.94, 0.95]))
    assert found.flips is not None
    assert (20, 0) == (found.flips.lost, found.flips.gained)
    assert pytest.approx(stats.binomtest(20, 20).pvalue) == found.flips.p
    assert [(row, True, row % 10, ((row + 1) % 10,)) for row in range(40, 60)] == [
        (flip.example, flip.lost, flip.label, flip.wrong) for flip in found.flipped
    ]


def test_two_baselines_are_flipped_without_labels():
    """What either got wrong is enough to count; the true class of an image is not known then."""
    approval = Approval("2026-11-24T12:00:00+00:00", "Somebody", "good")
    sides = [
        party_of_baseline(accept(single(name, values), approval, None))
        for name, values in (("run-a", [0.96, 0.96, 0.95]), ("run-b", [0.94, 0.94, 0.95]))
    ]
    found = compare(*sides).cells[0]
    assert found.flips is not None
    assert (20, 0) == (found.flips.lost, found.flips.gained)
    assert {None} == {flip.label for flip in found.flipped}
    back = compare(*sides[::-1]).cells[0]
    assert back.flips is not None
    assert (0, 20) == (back.flips.lost, back.flips.gained)


def test_predictions_that_are_not_kept_are_no_flips():
    """And it says whose."""
    after = single("run-b", [0.94, 0.94, 0.95])
    bare = replace(after, trials=tuple(replace(t, outcome=replace(t.outcome, predictions=None)) for t in after.trials))
    found = one(single("run-a", [0.96, 0.96, 0.95]), bare)
    assert (None, Obstacle(Gap.NO_PREDICTIONS, "B")) == (found.flips, found.unflipped)


def test_failed_trials_are_tolerated_and_told():
    """They count in no figure; a NaN that calls itself OK is one of them."""
    before, after = single("run-a", [0.96, 0.95, 0.94]), single("run-b", [0.96, 0.95, 0.94, 0.93, 0.92])
    first = after.trials[0]
    broken = replace(
        after,
        trials=(
            failed(first.cell, 1, status=Status.DIVERGED, reason=HOSTILE),
            replace(after.trials[1], outcome=replace(after.trials[1].outcome, accuracy=math.nan)),
            *after.trials[2:],
        ),
    )
    found = one(before, broken)
    assert pytest.approx(np.mean([0.94, 0.93, 0.92]) - 0.95) == found.difference
    assert found.after.failure is not None
    assert (2, (("DIVERGED", 1), ("OK", 1)), HOSTILE) == (
        found.after.failure.trials,
        found.after.failure.statuses,
        found.after.failure.reason,
    )
    assert (3, 5) == (len(found.after.values), found.after.trials)


def test_a_side_without_any_result_is_void():
    """It is no drop and no gain."""
    before = single("run-a", [0.96, 0.95, 0.94])
    found = both(before, replace(before, trials=tuple(failed(trial.cell, trial.seed) for trial in before.trials)))
    assert (Call.VOID, Obstacle(Gap.NO_RESULT), Obstacle(Gap.NO_RESULT)) == (
        found.cells[0].call,
        found.cells[0].untimed,
        found.cells[0].unflipped,
    )
    assert not found.equal
    assert math.isnan(found.cells[0].difference)


def test_cells_of_one_side_are_listed():
    """And are not compared."""
    found = both(
        seeded_run("run-a", {"both": [0.9, 0.91], "gone": [0.8]}),
        seeded_run("run-b", {"new": [0.7], "both": [0.9, 0.91]}),
    )
    assert ["both@mnist@cpu"] == [cell.cell_id for cell in found.cells]
    assert ["gone@mnist@cpu"] == [side.cell.cell_id for side in found.only_before]
    assert ["new@mnist@cpu"] == [side.cell.cell_id for side in found.only_after]
    assert not found.equal


def test_no_cell_in_common_is_an_error_that_names_them():
    """Exit 2; of many cells the first eight."""
    many = seeded_run("run-b", {f"net-{number}": [0.9] for number in range(11)})
    with pytest.raises(BenchError, match="no cell in common") as caught:
        both(seeded_run("run-a", {"mlp": [0.9]}), many)
    assert "A has mlp@mnist@cpu; B has net-0@mnist@cpu" in caught.value.message
    assert "net-7@mnist@cpu and 3 more" in caught.value.message
    assert ExitCode.USAGE is caught.value.exit_code
