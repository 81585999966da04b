"""The same networks on several backends and devices: what the report says is computed again."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from factories import cell, result, trial
from scipy import stats

from bench.analyse.labels import cell_labels
from bench.analyse.places import places
from bench.analyse.stats import summary
from bench.core.score import ACCURACY
from bench.declare.schema import GateKeys
from bench.record.collect import trials_frame
from bench.record.records import Outcome, RunResult, Status, TrialRecord
from bench.render.charts.palette import styles
from bench.render.charts.score_time import score_against_time
from bench.render.context import report_context
from bench.render.context.places import places_sections
from bench.render.decision import cards_of
from bench.render.report import render_html, render_markdown
from bench.render.tables import places_tables

SCORES = {
    ("lr", "tensorflow"): [0.9801, 0.9812, 0.9806, 0.9809],
    ("lr", "jax"): [0.9803, 0.9810, 0.9806, 0.9812],
    ("lr", "torch"): [0.9701, 0.9714, 0.9702, 0.9713],
    ("wide", "tensorflow"): [0.9830, 0.9851, 0.9844, 0.9829],
    ("wide", "jax"): [0.9860, 0.9800, 0.9850, 0.9790],
}
SECONDS = {"tensorflow": 2.0, "jax": 1.0, "torch": 4.0}


def run(**changes: object) -> RunResult:
    """Two networks on TensorFlow and JAX, one of them on PyTorch as well, four seeds each."""
    trials = []
    for (name, backend), values in SCORES.items():
        of = cell(
            name, backend=backend, named=("backend",), follows="" if backend == "tensorflow" else "tensorflow", epochs=2
        )
        trials += [
            trial(of, seed, accuracy=value, epoch_seconds=SECONDS[backend] * (1 + seed / 100))
            for seed, value in enumerate(values)
        ]
    made = result(*trials, gate={"margin": 0.005}, **changes)
    return replace(made, run=replace(made.run, planned=()))


def test_networks_are_grouped_by_all_but_their_backend() -> None:
    """The first of each is the reference."""
    (found,) = places(run().trials, ACCURACY, GateKeys(margin=0.005))
    assert ("backend", ("tensorflow", "jax", "torch")) == (found.axis, found.places)
    assert ["lr", "wide"] == [network.reference.cell.architecture for network in found.networks]
    assert [["jax", "torch"], ["jax"]] == [[other.side.place for other in network.others] for network in found.networks]


def test_what_the_report_says_is_recomputed() -> None:
    """Differences, intervals, words, ratios and counts, from the scores and times themselves."""
    (section,) = places_sections(run())
    level, words = 0.05 / 3, []
    for (name, backend), values in SCORES.items():
        if backend == "tensorflow":
            continue
        pairs = np.round(np.array(values), 4) - np.round(np.array(SCORES[name, "tensorflow"]), 4)
        reach = stats.t.ppf(1 - level / 2, 3) * max(pairs.std(ddof=1), 1e-4 / math.sqrt(2)) / 2
        p = max(
            stats.ttest_1samp(pairs, -0.005, alternative="greater").pvalue,
            stats.ttest_1samp(pairs, 0.005, alternative="less").pvalue,
        )
        word = "equivalent" if p <= level else "different" if abs(pairs.mean()) > reach else "not separated"
        words.append(word)
        row = next(row for row in section.rows if row[0].text == name)
        value = row[2 if backend == "jax" else 4]
        low, high = 100 * (pairs.mean() - reach), 100 * (pairs.mean() + reach)
        assert (word, f"{100 * pairs.mean():+.2f} ({low:+.2f} to {high:+.2f})") == (value.text, value.sub)
    assert ["equivalent", "different", "not separated"] == words
    assert section.title == "JAX and PyTorch: 1 of 3 comparisons with TensorFlow differs in score"
    times = {
        backend: [
            one.outcome.epoch_time_s
            for one in run().trials
            if one.cell.id.startswith("lr") and one.cell.backend == backend
        ]
        for backend in SECONDS
    }
    jax = math.exp(np.log(times["jax"]).mean() - np.log(times["tensorflow"]).mean())
    assert section.rows[0][3].text.startswith(f"{jax:.2f} (")
    assert section.findings[1].startswith("PyTorch against TensorFlow, 1 network: 1 different (margin 0.50 points).")
    assert ("-", "-") == tuple(value.text for value in section.rows[1][4:])


def test_every_format_shows_the_same(tmp_path: object) -> None:
    """HTML, Markdown and terminal."""
    (section,) = places_sections(run())
    html, (markdown, _) = render_html(run()), render_markdown(run())
    (table,) = places_tables(run())
    assert '<section id="backends">' in html
    assert "## Backends" in markdown
    assert len(section.rows) == table.row_count
    for row in section.rows:
        for value in row[1:]:
            assert value.sub in html
            assert value.sub in markdown.replace("\\", "")


def test_nothing_is_said_of_a_run_in_one_place() -> None:
    """And two networks that differ by more than their place are not compared."""
    made = run()
    alone = replace(made, trials=tuple(one for one in made.trials if one.cell.backend == "tensorflow"))
    kept = {("lr", "tensorflow"), ("wide", "jax")}
    other = replace(made, trials=tuple(one for one in made.trials if (one.cell.architecture, one.cell.backend) in kept))
    assert ((), ()) == (places_sections(alone), places_sections(other))


def test_devices_are_compared_in_the_same_way() -> None:
    """Also where a run has both axes: one error for all comparisons of the page."""
    made = run()
    threads = [
        replace(one, cell=replace(one.cell, device="cpu[threads=1]"), trial_id=f"{one.trial_id}-t")
        for one in made.trials
        if one.cell.backend == "tensorflow"
    ]
    sections = places_sections(replace(made, trials=(*made.trials, *threads)))
    assert ["backends", "devices"] == [section.name for section in sections]
    # the very same trials: every score is the same, and so is every time
    assert "Scores are identical on cpu and cpu[threads=1]" == sections[1].title
    assert all("for all 5 comparisons" in section.notes[0] for section in sections)


def test_failed_trials_and_contended_times_are_left_out() -> None:
    """A backend without a result is said to be so, in its row."""
    made = run()
    trials = tuple(
        replace(one, status=Status.FAILED, reason="it is not there", outcome=Outcome())
        if one.cell.backend == "torch"
        else replace(one, contention="others used the processor")
        if one.cell.backend == "jax"
        else one
        for one in made.trials
    )
    (section,) = places_sections(replace(made, trials=trials))
    assert [("equivalent", "-"), ("not separated", "-")] == [(row[2].text, row[3].text) for row in section.rows]
    assert ("no result", "") == (section.rows[0][4].text, section.rows[0][4].sub)
    assert "1 network: 1 no result" in section.findings[1]
    assert "Times cannot be compared." in section.findings[0]


@pytest.mark.parametrize(("machines", "ratio"), [(("a", "a"), True), (("a", "b"), False)])
def test_times_of_two_machines_are_not_compared(machines: tuple[str, str], ratio: bool) -> None:  # noqa: FBT001
    """Trials that are reused may have been trained elsewhere."""
    made = run()
    trials = tuple(replace(one, machine=machines[one.cell.backend == "jax"]) for one in made.trials)
    (section,) = places_sections(replace(made, trials=trials))
    assert ratio == bool(re.match(r"0\.\d+ \(", section.rows[0][3].text))


def test_the_page_says_what_was_followed() -> None:
    """And what was not, as in runs of earlier versions."""
    made = run()
    before = tuple(replace(one, cell=replace(one.cell, follows="")) for one in made.trials)
    (now,), (then,) = places_sections(made), places_sections(replace(made, trials=before))
    assert "began with the initial weights of TensorFlow" in now.notes[1]
    assert "Every backend drew its own initial weights" in then.notes[1]
    assert now.rows == then.rows


def test_the_title_of_devices_has_the_ratio_of_their_times() -> None:
    """One thread takes 1.9 times as long; the ratio is that of the geometric means."""
    made = run()
    whole = [one for one in made.trials if one.cell.backend == "tensorflow" and one.cell.architecture == "lr"]

    def slower(one: TrialRecord) -> TrialRecord:
        epochs = tuple(replace(epoch, train_time_s=1.9 * epoch.train_time_s) for epoch in one.outcome.epochs)
        of = replace(one.cell, device="cpu[threads=1]")
        return replace(one, cell=of, trial_id=f"{one.trial_id}-t", outcome=replace(one.outcome, epochs=epochs))

    (section,) = places_sections(replace(made, trials=(*whole, *map(slower, whole))))
    expected = "Scores are identical on cpu and cpu[threads=1]; an epoch on cpu[threads=1] takes 1.90 times as long"
    assert expected == section.title


def test_panels_of_devices_share_the_axis_of_time() -> None:
    """The ticks below both panels are the same, though one device is twenty times as fast."""
    trials = [
        trial(cell("a", device=device), seed, epoch_seconds=time)
        for device, time in (("cpu", 2.0), ("gpu", 0.1))
        for seed in (1, 2)
    ]
    frame = trials_frame(result(*trials))
    cells = summary(frame, ACCURACY)
    chart = score_against_time(frame, cells, cell_labels(cells), styles(frame["architecture"]), ACCURACY)
    assert chart is not None
    ticks = re.findall(r">(\d+ (?:s|min))<", chart.svg)
    assert len(ticks) > 2
    assert ticks[: len(ticks) // 2] == ticks[len(ticks) // 2 :]


def test_the_same_network_on_another_device_is_no_rival_in_the_card() -> None:
    """Of two devices the card weighs the cells of one."""
    trials = [
        trial(cell(name, device=device), seed, accuracy=accuracy)
        for device in ("cpu", "gpu")
        for name, accuracy in (("a", 0.98), ("b", 0.95))
        for seed in (1, 2, 3)
    ]
    made = result(*trials)
    (card,) = cards_of(made, summary(trials_frame(made), ACCURACY))
    assert card.title.startswith("Choose a: 98.00 %")
    assert not any("cannot separate" in sentence for sentence in card.sentences)


@pytest.mark.parametrize(
    ("cpu", "gpu", "expected"),
    [
        (
            (2.0, 2.02, 1.98),
            (4.0, 4.04, 3.96),
            (
                "a trains the fastest on cpu: 10.1 s on cpu and 20.6 s on gpu; "
                "an epoch on gpu takes 2.06 times as long (1.92 to 2.22)."
            ),
        ),
        (
            (2.0, 5.0, 1.0),
            (3.0, 1.0, 6.0),
            "a trains in 10.0 s on cpu and 15.5 s on gpu; the data cannot separate these.",
        ),
        (
            (2.0, 2.02),
            (4.0, 4.04),
            ("a trains in 10.2 s on cpu and 20.7 s on gpu; too few trials on one machine were timed to compare these."),
        ),
        (
            (2.0, 2.02, 1.98),
            (2.06, 2.0, 2.04),
            "The place hardly matters for the training time of a: 10.1 s on cpu and 10.3 s on gpu.",
        ),
    ],
)
def test_the_card_names_the_fastest_place_only_where_times_are_separated(
    cpu: tuple[float, ...], gpu: tuple[float, ...], expected: str
) -> None:
    """By the interval that the section of devices has; medians alone are no reason to choose a place."""
    trials = [
        trial(cell("a", device=device, epochs=5), seed, accuracy=0.98, epoch_seconds=time)
        for device, times in (("cpu", cpu), ("gpu", gpu))
        for seed, time in enumerate(times, start=1)
    ]
    made = result(*trials)
    (card,) = cards_of(made, summary(trials_frame(made), ACCURACY))
    (sentence,) = (text for text in card.sentences if " on gpu" in text)
    assert sentence == expected
    if "fastest" in expected:
        (section,) = places_sections(made)
        assert section.rows[0][3].text == "2.06 (1.92 to 2.22)"


LONG = "a-network-whose-name-is-too-long-for-a-mark"


def two_devices() -> RunResult:
    """Three networks on two devices, whose order of times is the other way round on the second."""
    seconds = {"cpu": (1.0, 2.0, 4.0), "gpu": (0.6, 0.4, 0.8)}
    trials = [
        trial(
            cell(LONG, parameters={"nodes": nodes}, device=device, named=("nodes", "device")),
            seed,
            accuracy=accuracy,
            epoch_seconds=time * (1 + seed / 100),
        )
        for device, times in seconds.items()
        for nodes, accuracy, time in zip((8, 32, 128), (0.90, 0.95, 0.98), times, strict=True)
        for seed in (1, 2, 3)
    ]
    return result(*trials)


def test_a_network_has_one_letter_in_all_panels() -> None:
    """Its figures in each place stand in one line; a panel has the letters of its own front."""
    chart = next(one for one in report_context(two_devices()).charts if one.name == "score-against-time")
    assert [text.split(": ")[0] for text in chart.findings] == ["A", "B", "C"]
    nodes = [re.search(r"nodes=(\d+)", text)[1] for text in chart.findings]
    assert nodes == ["8", "32", "128"]
    assert [len(re.findall("on cpu", text)) for text in chart.findings] == [1, 1, 1]
    # on gpu the smallest is slower than the next, which is better
    assert [len(re.findall("on gpu", text)) for text in chart.findings] == [0, 1, 1]
    letters = re.findall(r">([A-Z])<", chart.svg)
    assert sorted(letters) == ["A", "B", "B", "C", "C"]


def test_captions_say_which_place_is_drawn() -> None:
    """Of the charts that draw each network once; those of times name places in their panels."""
    notes = {chart.name: chart.note for chart in report_context(two_devices()).charts}
    for name in ("learning-curves", "main-effects"):
        assert notes[name].endswith(" Drawn: cpu.")
    assert "Drawn: cpu" not in notes["score-against-time"]
    one = result(*(one for one in two_devices().trials if one.cell.device == "cpu"))
    assert not any("Drawn:" in chart.note for chart in report_context(one).charts)
