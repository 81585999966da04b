"""A judgement in every format: hostile names stay text, limits are kept, nothing is lost."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import factories
import jsonschema
import pytest
from factories import result, trial
from judgements import ALL, SEEDS, cell, judgement, printed

from bench.core.errors import ExitCode
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.declare.schema import GateKeys
from bench.record.evidence import Difference, Drift, Flips, Obstacle, Origin, Pace, TimeVerdict
from bench.record.verdictfile import read_verdict, verdict_schema, write_verdict
from bench.record.verdicts import Cause, Grounds, Judgement, Remark, Topic, Verdict
from bench.render.charts.verdicts import verdicts as chart
from bench.render.context import report_context
from bench.render.gate.advice import next_steps
from bench.render.gate.annotations import annotation_lines, refusal_line
from bench.render.gate.junit import junit
from bench.render.gate.markdown import refusal, summary
from bench.render.gate.reasons import worded
from bench.render.gate.words import ordered, rates, sentence
from bench.results import Run

HOSTILE = judgement(
    cell(Verdict.REGRESSED, factories.HOSTILE, reason=factories.HOSTILE),
    cell(Verdict.INVALID, "x", reason="]]>\x00\ufffe&<"),
    unjudged=(factories.HOSTILE,),
    notes=(factories.HOSTILE,),
)


def test_the_worst_comes_first():
    """And the sentence counts all."""
    assert ["REGRESSED", "INVALID", "MISSING", "INCONCLUSIVE", "IMPROVED", "PASS"] == [c.verdict for c in ordered(ALL)]
    assert "1 REGRESSED, 1 INVALID, 1 MISSING, 1 INCONCLUSIVE, 1 IMPROVED, 1 PASS of 6 cells" in sentence(ALL)


def test_every_cell_is_in_every_format():
    """Terminal, Markdown and JUnit; annotations leave out what passes."""
    for verdict in Verdict:
        name = f"{verdict.lower()}@mnist@cpu"
        assert re.search(
            rf"^{verdict} +{verdict.lower()} ", printed(ALL), re.MULTILINE
        )  # what all ids share is left out
        assert name in printed(ALL) or verdict is Verdict.PASS
        assert name in summary(ALL)
        assert name in junit(ALL)
        assert (verdict is not Verdict.PASS) == any(name in line for line in annotation_lines(ALL))


def test_junit_counts_failures_and_errors():
    """REGRESSED fails; what could not be judged is an error."""
    root = ET.fromstring(junit(ALL))  # noqa: S314  ours
    assert ("6", "1", "3") == (root.get("tests"), root.get("failures"), root.get("errors"))


def test_inconclusive_is_no_error_where_the_suite_lets_it_pass():
    """JUnit and the exit code say the same."""
    lenient = judgement(cell(Verdict.INCONCLUSIVE), gate=GateKeys(on_inconclusive="pass").model_dump(mode="json"))
    assert ExitCode.OK is lenient.exit_code
    assert "0" == ET.fromstring(junit(lenient)).get("errors")  # noqa: S314  ours


def test_hostile_text_stays_text():
    """No format lets a name act."""
    assert "\x1b" not in printed(HOSTILE)
    prose = re.sub(r"(`+).*?\1", "", summary(HOSTILE))
    assert not re.search(r"(?<!\\)<script", prose)
    assert "\\<script" in prose
    ET.fromstring(junit(HOSTILE))  # noqa: S314  well-formed, whatever the text
    lines = annotation_lines(HOSTILE)
    assert all("\n" not in line and line.count("::") >= 2 for line in lines)
    assert lines[0].startswith("::error title=REGRESSED ")
    assert ":" not in lines[0].split("::")[1].removeprefix("error title=")
    assert "<script>" not in chart(HOSTILE, {}, ACCURACY).svg


def test_a_summary_is_cut_at_a_row():
    """Within the bytes that are left, counting what is left out."""
    many = judgement(*(cell(Verdict.REGRESSED, f"cell-{i}") for i in range(500)))
    text = summary(many, 20_000)
    assert len(text.encode()) <= 20_000
    assert "more cells, in `verdict.json`" in text
    assert text.count("| `cell-") == sum(line.endswith("|") for line in text.splitlines() if "cell-" in line)
    assert len(summary(judgement(*many.cells * 20)).encode()) <= 2**20


def test_ten_annotations_at_most():
    """The worst of them, and how many more there are."""
    many = judgement(*(cell(Verdict.REGRESSED, f"cell-{i}") for i in range(500)))
    lines = annotation_lines(many)
    assert 10 == len(lines)
    assert "491 more cells" in lines[-1]


def test_what_is_shown_with_a_verdict_is_said():
    """Flips, swapped classes, drift, time and what changed."""
    shown = cell(
        Verdict.PASS,
        drift=Drift(since="2026-01-01T00:00:00+00:00", accepted=SEEDS, value=-0.01, low=-0.012, high=-0.008),
        flips=Flips(lost=9, gained=2, p=0.065, classes=(("4", 5), ("9", 2)), swapped=(("4", "9"),)),
        time=TimeVerdict(pace=Pace.SLOWER, reason="2.00 times", ratio=2.0, low=1.9, high=2.1),
        changed=("the engine",),
    )
    for text in (printed(judgement(shown)), summary(judgement(shown)), junit(judgement(shown))):
        for part in ("9 test examples correct before and wrong now", "look swapped", "DRIFT", "SLOWER", "the engine"):
            assert part in text.replace("\\", "")
    assert ExitCode.REGRESSED is judgement(shown).exit_code
    assert "1 cell slower; 1 cell drifted since an earlier acceptance." in sentence(judgement(shown))


@pytest.mark.parametrize(
    ("origin", "words"), [(Origin.FIRST, "the first"), (Origin.BEST, "the best"), (Origin.EARLIER, "an earlier")]
)
def test_drift_names_the_acceptance_it_is_measured_from(origin, words):
    """With its date and mean."""
    drift = Drift(
        since="2026-01-01T00:00:00+00:00", accepted=SEEDS, value=-0.01, low=-0.012, high=-0.008, origin=origin
    )
    text = printed(judgement(cell(Verdict.PASS, drift=drift)))
    assert f"DRIFT: -1.00 points since {words} acceptance (2026-01-01: 98.00 %); at worst -1.20." in text


def test_new_cells_are_named_in_every_output():
    """Terminal, page, summary, annotations, JUnit: the baseline lacks them, so nobody judged them."""
    one = judgement(cell(Verdict.PASS), unjudged=("new@mnist@cpu",))
    two = judgement(cell(Verdict.PASS), unjudged=("new@mnist@cpu", "newer@mnist@cpu"))
    assert sentence(one) == "mnist-mlp: 1 PASS of 1 cell; 1 cell is new and was not judged."
    for output in (printed, summary, junit, lambda of: chart(of, {}, ACCURACY).title, page_verdict):
        assert "2 cells are new and were not judged" in output(two)
    assert [
        "::notice title=New cells::2 cells are new and were not judged: new@mnist@cpu, newer@mnist@cpu"
    ] == annotation_lines(two)
    assert "new" not in sentence(judgement(cell(Verdict.PASS)))
    assert sentence(judgement(unjudged=("a",))).endswith("no cell of the baseline; 1 cell is new and was not judged.")
    assert not annotation_lines(judgement(cell(Verdict.PASS)))


def page_verdict(of: Judgement) -> str:
    """The line at the top of a report."""
    return report_context(factories.reference_study(), of).verdict


def test_ten_annotations_leave_room_for_the_new_cells():
    """The last line is the summary where ten are not enough, and the summary counts the new cells."""
    bad = [cell(Verdict.REGRESSED, f"cell-{i}") for i in range(10)]
    assert 10 == len(annotation_lines(judgement(*bad[:9], unjudged=("a",))))
    lines = annotation_lines(judgement(*bad, unjudged=("a",)))
    assert 10 == len(lines)
    assert "1 more cell is in the summary." in lines[-1]
    assert "1 cell is new and was not judged" in lines[-1]
    many = judgement(unjudged=tuple(f"cell-{i}" for i in range(12)))
    assert annotation_lines(many)[0].endswith("cell-9, ...")


@pytest.mark.parametrize(
    ("seeds", "begin", "end"),
    [
        (
            (17, 23, 42),
            "Seeds 17, 23, 42 are not",
            "cannot be paired with the baseline: check in review why they were chosen.",
        ),
        ((7,), "Seed 7 is not", "cannot be paired with the baseline: check in review why it was chosen."),
        (tuple(range(10, 22)), "Seeds 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 and 2 more are not", "they were chosen."),
    ],
)
def test_seeds_that_were_never_accepted_are_named(seeds, begin, end):
    """They may have been chosen for their luck."""
    of = worded(judgement(cell(Verdict.PASS), remarks=(Remark(topic=Topic.SEEDS, seeds=seeds),)))
    (note,) = of.notes
    assert note.startswith(f"{begin} among the accepted seeds and cannot be paired")
    assert note.endswith(end)
    assert begin in printed(of)
    assert begin in summary(of)


def test_the_rates_say_what_they_assume():
    """Wherever they are printed."""
    of = judgement(cell(Verdict.PASS))
    for text in (printed(of), summary(of), chart(of, {}, ACCURACY).note):
        assert "These rates are for one check. Repeated checks of the same change" in " ".join(text.split())


def test_a_verdict_is_read_back(tmp_path):
    """As it was written."""
    path = write_verdict(ALL, tmp_path)
    assert ALL == read_verdict(tmp_path)
    jsonschema.validate(json.loads(path.read_text()), verdict_schema())
    assert read_verdict(tmp_path / "nowhere") is None


def test_a_verdict_of_another_run_is_not_this_runs(tmp_path):
    """A file that was copied into the folder, of another suite or an earlier run, is left out of the report."""
    run = result(trial())
    for changes in ({}, {"suite": "other"}, {"runs": ("another",)}, {"runs": ()}):
        of = judgement(cell(Verdict.PASS), **{"suite": run.run.suite_name, "runs": (run.run.run_id, "more"), **changes})
        write_verdict(of, tmp_path)
        assert (not changes) is (Run(run, tmp_path).judgement is not None)


@pytest.mark.parametrize("number", [0, 1, 60])
def test_the_chart_draws_what_was_compared(number):
    """However many cells there are; those without a difference are drawn as words, and in its table."""
    of = judgement(*(cell(Verdict.PASS, f"cell-{i}") for i in range(number)), cell(Verdict.MISSING, "gone"))
    drawn = chart(of, {}, ACCURACY)
    assert number + 1 == len(drawn.rows)
    assert "<svg" in drawn.svg
    assert ("The worst 40 of 61 cells are drawn" in drawn.note) == (number == 60)
    assert "MISSING, not compared" in drawn.svg


def test_a_drop_far_beyond_the_margin_is_drawn_where_the_chart_ends():
    """Its bar is cut with an arrow and its figure beside it; it is no longer and no nearer than it is."""
    far = Difference(
        value=-0.1889, low=-0.251, high=-0.1268, level=0.05, p_inferior=1.0, p_drop=0.0, p_drop_adjusted=0.0,
        p_gain_adjusted=1.0, look=1,
    )  # fmt: skip
    drawn = chart(judgement(cell(Verdict.REGRESSED, "far", difference=far), cell(Verdict.PASS, "near")), {}, ACCURACY)
    assert "-18.89" in drawn.svg
    assert "An arrow marks a bar that is cut off" in drawn.note
    assert "arrow" not in chart(judgement(cell(Verdict.PASS, "near")), {}, ACCURACY).note


def test_the_band_of_the_accepted_loss_follows_the_direction():
    """Of an error it lies right of 0, and a cell passes where its bar ends left of it."""
    of = judgement(cell(Verdict.PASS, "near"))
    higher, lower = chart(of, {}, ACCURACY), chart(of, {}, SCORES["mean_absolute_error"])
    assert "ends to the right of the band's left edge" in higher.note
    assert "mean MAE since it was accepted (lower is better)" in lower.note
    assert "ends to the left of the band's right edge" in lower.note
    assert "change of MAE since it was accepted (lower is better)" in lower.svg


def timed(pace: Pace, obstacle: Obstacle | None = None) -> TimeVerdict:
    return TimeVerdict(pace=pace, obstacle=obstacle, ratio=1.2, low=1.0, high=1.4, margin=1.25)


def test_times_that_are_required_and_missing_are_told_everywhere():
    """A passing cell without its time is an error in JUnit and a line on GitHub; where nobody asks for it, neither."""
    cells = (
        cell(Verdict.PASS, "a@mnist@cpu", time=timed(Pace.NOT_COMPARABLE, Obstacle.MACHINE)),
        cell(Verdict.PASS, "b@mnist@cpu", time=timed(Pace.UNCLEAR)),
        cell(Verdict.PASS, "c@mnist@cpu", time=timed(Pace.KEPT)),
    )
    remark = Remark(topic=Topic.UNTIMED, number=1, cells=3, obstacles=((Obstacle.MACHINE, 1),))
    asked, required = (
        worded(judgement(*cells, remarks=(remark,), gate=GateKeys(time=True, require_time=require).model_dump()))
        for require in (False, True)
    )
    assert (0, 4) == (asked.exit_code, required.exit_code)
    note = "The training time of 1 of 3 cells could not be compared, so it was not judged: the accepted times are of"
    for one in (asked, required):
        assert "3 PASS of 3 cells; the time of 2 cells was not judged." in sentence(one)
        assert note in " ".join(printed(one).split())
        assert note in summary(one)
    assert () == next_steps(asked)
    assert next_steps(required)[0].startswith("TIME: require_time asks for the time of every cell.")
    assert [] == annotation_lines(asked)
    assert ["a@mnist@cpu", "b@mnist@cpu"] == [
        line.split("PASS ")[1].split(":")[0] for line in annotation_lines(required)
    ]
    assert ("0", "2") == tuple(ET.fromstring(junit(one)).get("errors") for one in (asked, required))  # noqa: S314
    assert "TIME NOT JUDGED: 0.40 points lower." in junit(required)
    assert "Time UNCLEAR: 1.20 times the accepted time of an epoch" in printed(required)


@pytest.mark.parametrize("obstacle", Obstacle)
def test_every_reason_why_times_are_not_compared_has_words(obstacle):
    """For one cell, and in the note over all."""
    of_one = cell(
        Verdict.PASS, time=TimeVerdict(pace=Pace.NOT_COMPARABLE, obstacle=obstacle, accepted="2", current="1")
    )
    told = worded(
        judgement(of_one, remarks=(Remark(topic=Topic.UNTIMED, number=1, cells=1, obstacles=((obstacle, 1),)),))
    )
    assert len(told.cells[0].time.reason.split()) > 5
    assert told.notes[0].startswith("The training time of any of 1 cell could not be compared, so it was not judged: ")


def test_a_check_that_cannot_be_made_is_told_on_github():
    """The sentence and its hint, in the summary and as one line."""
    assert "## \u26a0\ufe0f The run was not judged\n\nNo \\`x\\`.\n\nTry y.\n" == refusal("No `x`.", "Try y.")
    assert "::error title=The run was not judged::a%0Ab Try y." == refusal_line("a\nb", "Try y.")


def test_cells_that_were_compared_in_pairs_say_so():
    """Their change is not that of the two means in the table."""
    apart = cell(Verdict.PASS)
    paired = replace(apart, difference=replace(apart.difference, pairs=3))
    assert "compared in pairs" not in rates(judgement(apart))
    assert rates(judgement(paired, apart)).startswith("1 cell was compared in pairs: its change is over the seeds")
    assert rates(judgement(paired, paired)).startswith("2 cells were compared in pairs: their change is over")


def test_the_same_trainings_are_counted():
    """In the summary, and no error rate is claimed where nothing else was judged."""
    same = replace(cell(Verdict.PASS), difference=None, grounds=Grounds(cause=Cause.SAME_PREDICTIONS, trials=5))
    assert "; 1 cell has results identical to the accepted results" in sentence(judgement(same))
    assert "no error rate applies" in rates(judgement(same))
