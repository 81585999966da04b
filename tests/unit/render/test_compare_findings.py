"""The sentence that a comparison comes to."""

from __future__ import annotations

from dataclasses import replace

from factories import failed, seeded_run

from bench.analyse.compare.comparison import Comparison, compare
from bench.analyse.compare.party import party_of_run
from bench.record.records import RunResult, RunStatus
from bench.render.compare.findings import headline, notes

GOOD, BAD, WIDE = [0.960, 0.962, 0.958, 0.960], [0.940, 0.942, 0.938, 0.940], [0.95, 0.97, 0.93, 0.95]


def compared(before: RunResult, after: RunResult) -> Comparison:
    return compare(party_of_run(before), party_of_run(after))


def title(before: dict[str, list[float]], after: dict[str, list[float]], **options) -> str:
    return told(seeded_run("run-a", before), seeded_run("run-b", after, **options)).title


def told(before: RunResult, after: RunResult):
    found = compared(before, after)
    return headline(found, {cell.cell_id: cell.cell_id.split("@")[0] for cell in found.cells})


def test_the_worse_cell_is_named_with_its_figures():
    """By how much, and where its interval lies; those that may be equal are counted, and time follows."""
    before = {"narrow": GOOD, "wide": WIDE, "deep": WIDE}
    after = {"narrow": BAD, "wide": WIDE[::-1], "deep": WIDE[::-1]}
    text = title(before, after, epoch_seconds=0.85)
    assert text.startswith(
        "Of 3 cells, 1 is worse (95 % interval below 0): narrow 96.00 % -> 94.00 %, -2.00 points (-2.40 to -1.60); "
        "2 may be equal; training takes 0.50 times as long (0."
    )
    assert text.endswith("geometric mean of 3 cells)")


def test_of_several_the_worst_and_the_best_are_named():
    """The worst comes first."""
    text = title(
        {"a": GOOD, "b": GOOD, "c": BAD},
        {"a": BAD, "b": [value - 0.05 for value in GOOD], "c": GOOD},
        contention="2 at once",
    )
    assert (
        "Of 3 cells, 2 are worse (95 % interval below 0), most of all b 96.00 % -> 91.00 %, -5.00 points (-5.36 to "
        "-4.64); 1 is better (95 % interval above 0): c 94.00 % -> 96.00 %, +2.00 points (+1.64 to +2.36)"
    ) == text


def test_where_nothing_is_sure_it_says_so():
    """Without a second count of the same cells."""
    text = title({"a": WIDE, "b": WIDE}, {"a": WIDE[::-1], "b": WIDE[::-1]}, contention="2 at once")
    assert "Of 2 cells, none is better or worse by more than chance" == text


def test_a_single_cell_is_the_subject():
    """Whatever can be said of it."""
    alone = {"contention": "2 at once"}
    assert title({"a": GOOD}, {"a": BAD}, **alone).startswith(
        "a is worse (95 % interval below 0): 96.00 % -> 94.00 %, -2.00 points ("
    )
    assert title({"a": WIDE}, {"a": WIDE[::-1]}, **alone).startswith("a may be equal in A and B: 95.00 % -> 95.00 %, 0")
    assert "a may be equal in A and B: 90.00 % -> 80.00 %, -10.00 points (too few seeds for an interval)" == title(
        {"a": [0.9]}, {"a": [0.8]}
    )


def test_a_run_with_itself():
    """Says that nothing differs, and of which run."""
    run = seeded_run("run-a", {"a": GOOD, "b": WIDE})
    assert "Nothing differs: both are run run-a, 2 cells with 8 trials" == told(run, run).title
    other = replace(run, run=replace(run.run, run_id="run-b"))
    assert "Nothing differs: A and B have identical results, 2 cells with 8 trials" == told(run, other).title


def test_the_same_trainings_elsewhere_are_no_equal_runs():
    """The headline counts them; the environment is what differs."""
    run = seeded_run("run-a", {"a": GOOD, "b": WIDE})
    found = told(run, replace(run, run=replace(run.run, run_id="run-b", bench_version="9.9")))
    assert "Of 2 cells, 2 have identical results" == found.title
    assert "Settings, data, code and engine of the cells are the same. The environment differs." == found.sentences[0]


def test_what_is_missing_is_in_the_title():
    """Cells of one side, and trials without a result."""
    before = seeded_run("run-a", {"a": WIDE, "gone": GOOD}, contention="2 at once")
    after = seeded_run("run-b", {"a": WIDE[::-1]}, contention="2 at once")
    broken = replace(after, trials=(failed(after.trials[0].cell, 1), *after.trials[1:]))
    assert told(before, broken).title.endswith("; 1 cell in A only; 1 of 4 trials of B without a result")
    void = replace(after, trials=tuple(failed(trial.cell, trial.seed) for trial in after.trials))
    assert told(before, void).title.startswith("a has no result in B; 1 cell in A only; 4 of 4 trials of B")


def test_the_cause_is_named_where_there_is_one():
    """A shared setting with its values; chance where nothing differs; how to decide."""
    before, after = (seeded_run(name, {"a": GOOD, "b": WIDE}) for name in ("run-a", "run-b"))
    changed = seeded_run("run-c", {"a": BAD, "b": WIDE}, cells={"learning_rate": 0.01})
    causes = told(before, changed).sentences
    assert "Differences in all 2 cells: learning_rate 0.1 -> 0.01." == causes[0]
    assert causes[1].startswith("Intervals are 95 % for all 2 cells together: if nothing changed, at most one ")
    assert "bench check" in causes[1]
    assert "The environment is the same too: only chance is left" in told(before, after).sentences[0]


def test_one_seed_on_a_side_cannot_be_judged():
    """It counts for no correction, and the sentence says so."""
    before = seeded_run("run-a", {"a": GOOD, "b": [0.9]})
    sentences = told(before, seeded_run("run-b", {"a": BAD, "b": [0.5]})).sentences
    assert any(text.startswith("The interval is 95 %.") for text in sentences)
    assert "1 cell with one seed on a side cannot be judged: one seed has no spread." in sentences


def test_seeds_that_both_sides_share_are_told():
    """Their two means are not independent."""
    run = seeded_run("run-a", {"a": GOOD})
    more = seeded_run("run-b", {"a": [*GOOD, 0.97]})
    shared = replace(more, trials=(*run.trials, more.trials[-1]))
    assert any(
        sentence.startswith("4 seeds of 1 cell are the same training") for sentence in told(run, shared).sentences
    )


def test_an_unfinished_run_and_its_notices_are_noted():
    """By letter; a run of a part says which."""
    run = seeded_run("run-a", {"a": GOOD})
    late = replace(run, run=replace(run.run, status=RunStatus.RUNNING, planned=(*run.run.planned, ("a@mnist@cpu", 9))))
    part = replace(run, run=replace(run.run, asked={"expression": "a"}, notices=("Fallback data.",)))
    assert (
        "Run A has not finished: 4 of 5 planned trials left a record.",
        "Run B trained a part of its suite: -k 'a'.",
        "B: Fallback data.",
    ) == notes(compared(late, part))
    assert () == notes(compared(run, run))
