"""The interactive part of a report: the report's numbers and colours, a policy that holds, text that stays text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from factories import HOSTILE, cell, failed, grid, reference_study, result, trial

from bench.analyse.axes import grids
from bench.analyse.configuration import ABSENT, Configuration
from bench.analyse.labels import cell_labels
from bench.analyse.stats import ok_trials, summary
from bench.commands.report import write_again
from bench.commands.workspace import Workspace
from bench.core.errors import BenchError, ExitCode, TemplateError
from bench.core.formatting import count, percent, percent_range, printable, seconds, seconds_range, size
from bench.core.score import ACCURACY
from bench.record.collect import epochs_frame, trials_frame
from bench.record.records import EpochRecord, RunResult, RunStatus, Status, TrialRecord
from bench.record.runfile import write_run_file
from bench.render.charts.colouring import colouring
from bench.render.charts.curves import FOLLOWED
from bench.render.charts.curves import curves_of as chart_curves
from bench.render.charts.palette import MARKERS, Style, styles
from bench.render.explore.choices import choices, ordered
from bench.render.explore.data import exploration
from bench.render.explore.library import drawing_code
from bench.render.explore.measures import plot_measures
from bench.render.explore.numbers import drawn
from bench.render.explore.shapes import PATHS
from bench.render.report import is_interactive, render_html

if TYPE_CHECKING:
    from pathlib import Path

    from bench.render.explore.values import ExploredCell

STUDY = reference_study(2)
PAGES: dict[int, tuple[RunResult, str]] = {}
"""Interactive reports by the identities of their runs, which stay alive here."""
JSON_ID = {"type": "application/json", "id": "explored"}
MEASURE = {plot.key: plot for plot in plot_measures(ACCURACY, "image")}


def interactive(run: RunResult) -> str:
    """The report with charts to explore; made once of a run that several tests look at."""
    if id(run) not in PAGES:
        PAGES[id(run)] = (run, render_html(run, interactive=True))
    return PAGES[id(run)][1]


class Page(HTMLParser):
    """The elements of a page with their attributes, its scripts and its visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._open = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: D102  HTMLParser's own
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")
        if tag in {"script", "style"}:
            self._open = tag

    def handle_endtag(self, tag: str) -> None:  # noqa: D102  HTMLParser's own
        if tag == self._open:
            self._open = ""

    def handle_data(self, data: str) -> None:  # noqa: D102  HTMLParser's own
        if self._open == "script":
            self.scripts[-1] += data
        if self._open not in {"script", "style"}:
            self.text += data

    @property
    def plotted(self) -> dict[str, Any]:
        """What the page's own script reads."""
        return json.loads(self.scripts[0])

    @property
    def policy(self) -> str:
        """The Content-Security-Policy."""
        return next(a["content"] or "" for t, a in self.elements if t == "meta" and a.get("http-equiv"))


def with_epochs(of: TrialRecord, accuracies: list[float], times: list[float]) -> TrialRecord:
    """The trial with this learning curve."""
    curve = tuple(
        EpochRecord(epoch=number, train_time_s=time, loss=1 - accuracy, accuracy=accuracy)
        for number, (accuracy, time) in enumerate(zip(accuracies, times, strict=True), start=1)
    )
    return replace(of, outcome=replace(of.outcome, epochs=curve))


def hostile_run() -> RunResult:
    of = cell(HOSTILE, parameters={"x<y>": HOSTILE, "hidden": [1]}, dataset="a|b", named=("x<y>",))
    image = cell("<img src=x onerror=alert(1)>", parameters={"</script><b>": "</script><!--<script>"})
    return result(
        trial(of, 1), trial(of, 2), trial(image), failed(cell("b"), reason=HOSTILE),
        notices=(HOSTILE,), suite_name=HOSTILE, run_id=HOSTILE, bench_version=HOSTILE,
    )  # fmt: skip


EDGES = {
    "one trial": result(trial()),
    "one seed": reference_study(1),
    "one epoch": result(trial(cell(epochs=1))),
    "no OK trial": result(failed(), failed(seed=2, status=Status.TIMEOUT)),
    "no trial": result(planned=(("a", 1),), status=RunStatus.INTERRUPTED),
    "a failed cell": result(trial(), failed(cell("other"))),
    "contended": result(trial(contention="2 at once"), trial(seed=2, contention="2 at once")),
    "mixed engines": result(trial(), trial(seed=2, engine="epoch")),
    "missing parameter": result(trial(cell("a", parameters={})), trial(cell("b", parameters={"hidden": [8]}))),
    "perfect": result(trial(accuracy=1.0), trial(seed=2, accuracy=1.0)),
    "long names": result(trial(cell("n" * 200)), trial(cell("n" * 199 + "m"))),
    "two data sets": result(*(trial(cell(dataset=name), s) for name in ("mnist", "digits") for s in (1, 2))),
    "hostile": hostile_run(),
}


@pytest.mark.parametrize("name", EDGES)
def test_every_run_has_an_interactive_report(name: str) -> None:
    """Whatever a run holds the page comes out, its data is valid JSON, and no missing value is printed as one."""
    run = EDGES[name]
    page = Page(interactive(run))

    assert not re.search(r"\b(nan|NaN|None|<NA>|inf)\b", page.text)
    if not any(trial.status is Status.OK for trial in run.trials):
        assert page.text == Page(render_html(run)).text
        return
    assert len(page.plotted["cells"]) == len({trial.cell.id for trial in run.trials})
    assert not re.search(r"\b(NaN|Infinity)\b", page.scripts[0])


def test_what_a_cell_says_is_the_summarys_numbers() -> None:
    """Every number of the tooltip and the table is the summary's, formatted, the most accurate cell first."""
    run = reference_study()
    expected = [
        [
            str(row["architecture"]),
            str(row["rank"]),
            (percent(row["score_mean"]), percent_range(row["score_low"], row["score_high"])),
            (percent(row["test_error"]), percent_range(row["error_low"], row["error_high"])),
            (seconds(row["train_time_median_s"]), seconds_range(row["train_time_q1_s"], row["train_time_q3_s"])),
            (seconds(row["epoch_time_median_s"]), ""),
            (count(row["parameter_count"]), ""),
            (size(row["own_memory_bytes"]), ""),
            (seconds(row["latency_median_s"]), ""),
            (count(row["images_per_s"]), ""),
            "5 of 5",
        ]
        for _, row in summary(trials_frame(run), ACCURACY).sort_values("score_mean", ascending=False).iterrows()
    ]

    assert expected == [
        [shown.label, shown.rank, *zip(shown.texts, shown.intervals, strict=True), shown.trials]
        for shown in exploration(run).cells
    ]


@pytest.mark.parametrize("name", ["grid", "few cells", "cells of one architecture"])
def test_curves_have_the_colours_of_the_static_chart(name: str) -> None:
    """Those of the setting that the chart names, of cells, or of architectures, as the chart has them."""
    run = {
        "grid": grid(seeds=3),
        "few cells": reference_study(2),
        "cells of one architecture": result(
            *(trial(cell("mlp", parameters={"hidden": [width]}, named=("hidden",)), seed, accuracy=width / 100)
              for width in (10, 20, 30, 40, 50) for seed in (1, 2))
        ),
    }[name]  # fmt: skip
    trials, epochs, explored = trials_frame(run), epochs_frame(run), exploration(run)
    cells = summary(trials, ACCURACY)
    axes = grids({trial.cell.id: trial.cell for trial in run.trials}.values(), trials, ACCURACY)
    looks = styles(trials["architecture"])
    colours = colouring(axes, set(cells["cell_id"]), ACCURACY) if len(cells) > FOLLOWED else None
    ok = epochs[epochs["trial_id"].isin(ok_trials(trials)["trial_id"])]
    labels = cell_labels(cells)
    drawn = {labels[curve.cell_id]: curve.style.colour for curve in chart_curves(ok, looks, colours)}

    def colour(shown: ExploredCell) -> str:
        if explored.coloured_by is not None:
            return explored.grid[explored.coloured_by].colours[shown.at[explored.coloured_by]]
        return shown.colour or explored.architectures[shown.architecture].colour

    assert drawn == {shown.label: colour(shown) for shown in explored.cells if shown.label in drawn}
    assert {"grid": colours is not None, "few cells": True, "cells of one architecture": len(set(drawn.values())) == 5}[
        name
    ]


def test_what_is_drawn_is_what_the_frames_hold() -> None:
    """Cells and seeds stand at the frames' own numbers, in the unit that the axis names."""
    run = reference_study(3)
    explored, frame = exploration(run), trials_frame(run)
    cells = summary(frame, ACCURACY).set_index("architecture")
    axes = [axis.title for axis in explored.axes]

    assert [
        "accuracy, %", "test error, %", "train time, s", "epoch time, ms", "parameters", "memory, MiB", "latency, ms",
        "images/s",
    ] == axes  # fmt: skip
    for shown in explored.cells:
        row, seeds = cells.loc[shown.label], frame[frame["architecture"] == shown.label]
        assert pytest.approx(100 * row["score_mean"], rel=1e-5) == shown.values[0]
        assert pytest.approx(100 * row["score_low"], rel=1e-5) == shown.low[0]
        assert pytest.approx(100 * row["score_high"], rel=1e-5) == shown.high[0]
        assert pytest.approx(row["train_time_median_s"], rel=1e-5) == shown.values[2]
        assert pytest.approx(row["own_memory_bytes"] / 2**20, rel=1e-5) == shown.values[5]
        assert list(seeds["seed"]) == [seed for seed, _ in shown.seeds]
        assert pytest.approx(list(100 * seeds["accuracy"]), rel=1e-5) == [values[0] for _, values in shown.seeds]
        errors = 100 * seeds["test_errors"].astype(float) / seeds["test_images"].astype(float)
        assert pytest.approx(list(errors), rel=1e-5) == [values[1] for _, values in shown.seeds]
        assert pytest.approx(list(seeds["train_time_s"]), rel=1e-5) == [values[2] for _, values in shown.seeds]


def test_an_architecture_has_the_reports_colour() -> None:
    """Colour and shape are those of `palette.styles`, in the order of the plan, and the page defines the colour."""
    run = grid(seeds=1)
    looks = styles(trials_frame(run)["architecture"])
    html = interactive(run)
    plotted = Page(html).plotted

    assert [{"colour": look.colour, "shape": PATHS[look.marker]} for look in looks.values()] == plotted["architectures"]
    by_label = {shown["label"].partition("[")[0]: shown["architecture"] for shown in plotted["cells"]}
    assert {name: number for number, name in enumerate(looks)} == by_label
    assert all(f"--{look.colour}:#" in html for look in looks.values())


def test_the_policy_lets_these_scripts_run_and_no_other() -> None:
    """Scripts run by their hashes alone: nothing inline besides, no eval, no address."""
    page = Page(interactive(STUDY))
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in page.scripts[1:]
    ]
    directives = dict(part.strip().split(" ", 1) for part in page.policy.split(";") if part.strip())

    assert hashes == directives["script-src"].split()
    assert "'none'" == directives["default-src"]
    assert [JSON_ID, {}, {}] == [a for tag, a in page.elements if tag == "script"]
    assert "unsafe-eval" not in page.policy


def test_the_plain_page_has_nothing_of_it() -> None:
    """Every section of it is in the interactive page as well, which is about 1 MB larger."""
    run = STUDY
    plain, page = render_html(run), interactive(run)

    assert "explore" not in re.sub(r"<script>.*?</script>", "", plain, flags=re.DOTALL)
    headings = [re.findall(r"<h2>(.*?)</h2>", html.split("<script")[0]) for html in (plain, page)]
    assert headings[0] == [heading for heading in headings[1] if not heading.startswith("Explore")]
    assert 1 == len(Page(plain).scripts)
    assert len(page.encode()) - len(plain.encode()) < 1_050_000


def test_the_contents_list_the_charts_to_explore() -> None:
    """Each of their sections has a heading, and an entry that leads to it."""
    page = Page(interactive(STUDY))
    sections = [a["id"] for tag, a in page.elements if tag == "section" and (a.get("id") or "").startswith("explore")]

    assert ["explore", "explore-curves"] == sections
    assert {f"#{name}" for name in sections} <= {a.get("href") for tag, a in page.elements if tag == "a"}


def test_the_interactive_report_asks_for_nothing() -> None:
    """It points where the plain report points, and to its own sections."""
    followed = ("src", "href", "xlink:href", "action", "srcset", "data", "poster")
    for run in (STUDY, EDGES["hostile"]):
        plain, page = (
            [a[name] for _, a in Page(html).elements for name in followed if name in a]
            for html in (render_html(run), interactive(run))
        )
        assert plain == [address for address in page if address not in {"#explore", "#explore-curves"}]


def test_hostile_names_stay_text_in_the_interactive_report() -> None:
    """Names full of markup add no element and no handler, and are there to read, in the data as well."""
    tame, html = Page(interactive(EDGES["two data sets"])), interactive(EDGES["hostile"])
    page = Page(html)

    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in tame.elements} | {"b", "strong", "wbr"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert 3 == len(page.scripts)
    assert not re.search("[<>&]", page.scripts[0])
    assert " ".join(printable(HOSTILE).split()) in " ".join(page.text.split())
    assert "<img src=x onerror=alert(1)>" in {shown["label"] for shown in page.plotted["cells"]} | set(
        next(axis["values"] for axis in page.plotted["grid"] if axis["name"] == "architecture")
    )
    # the library's own code holds such characters in its patterns, the rest of the page does not
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", html.replace(drawing_code(), ""))


def test_the_script_takes_no_name_for_markup() -> None:
    """The page's own script writes text nodes only, and makes no code or expression of what it read."""
    script = Page(interactive(EDGES["one trial"])).scripts[2]

    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|fetch\(|import\(", script
    )


def test_the_same_store_gives_the_same_page() -> None:
    """Nothing of the moment or of the process enters the page."""
    first = interactive(STUDY)

    assert first == render_html(STUDY, interactive=True)


def test_the_library_fits_into_a_script_element() -> None:
    """It defines what our script calls, ends no element early, and is made once."""
    code = drawing_code()

    assert "window.drawPlot=" in code
    assert "</script" not in code
    assert "<!--" not in code
    assert code is drawing_code()


def test_a_missing_library_is_told_with_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the sentence says what is missing, the hint how to have it."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    drawing_code.cache_clear()

    with pytest.raises(BenchError) as caught:
        render_html(EDGES["one trial"], interactive=True)

    assert "An interactive report needs vl-convert, which is not installed here." == caught.value.message
    assert "python3 -m pip install 'keras-bench[interactive]'" == caught.value.hint


def test_a_library_of_another_version_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A vl-convert without the Vega-Lite that our script writes for is named, not tried."""
    monkeypatch.setitem(sys.modules, "vl_convert", SimpleNamespace(get_vegalite_versions=lambda: ["5.8", "5.21"]))
    drawing_code.cache_clear()

    with pytest.raises(BenchError) as caught:
        drawing_code()

    assert "The installed vl-convert has Vega-Lite 5.8 or 5.21, not 6.4." == caught.value.message
    drawing_code.cache_clear()


def test_contended_times_are_not_drawn() -> None:
    """Accuracy counts of every trial, time only of the one that ran alone."""
    explored = exploration(result(trial(), trial(seed=2, contention="2 at once")))
    keys = [axis.key for axis in explored.axes]
    (alone, contended), place = (values for _, values in explored.cells[0].seeds), keys.index("train-time")

    assert alone[place] is not None
    assert contended[place] is None
    assert contended[keys.index("score")] is not None


def test_a_run_without_times_says_so() -> None:
    """Where no training time counts no axis of it is offered, the plot begins with parameters, and the page says why.

    Latency was measured after the training, and counts by what went on then.
    """
    run = result(trial(contention="2 at once"), trial(seed=2, contention="2 at once"))
    explored, page = exploration(run), Page(interactive(run))

    assert ["score", "error", "parameters", "memory", "latency"] == [axis.key for axis in explored.axes]
    assert (2, 0, False) == (explored.across, explored.up, explored.timed)
    assert "There are no times: the times of all trials are excluded." in page.text
    assert "seconds of training" not in page.text
    assert "The leaderboard has the reason." in page.text


def test_curves_are_medians_over_seeds() -> None:
    """The line is the median of the seeds at an epoch, the band their range, seconds add up over the epochs."""
    run = result(
        with_epochs(trial(seed=1), [0.50, 0.80], [1.0, 2.0]),
        with_epochs(trial(seed=2), [0.60, 0.90], [2.0, 2.0]),
        with_epochs(trial(seed=3), [0.10, 0.85, 0.91], [9.0, 9.0, 9.0]),
        failed(seed=4),
    )
    explored = exploration(run)
    shown = explored.cells[0]

    assert ("training accuracy, %", "training loss") == explored.curves
    assert ("50.00 %", "85.00 %", "91.00 %") == shown.lines[0].middle
    assert ((10.0, 80.0, 91.0), (60.0, 90.0, 91.0)) == (shown.lines[0].low, shown.lines[0].high)
    assert ("0.5", "0.15", "0.09") == shown.lines[1].middle
    assert (2.0, 4.0, 27.0) == shown.elapsed


def test_a_run_without_results_has_a_plain_report() -> None:
    """There is nothing to plot."""
    run = EDGES["no OK trial"]

    assert render_html(run) == interactive(run)


def test_values_of_a_setting_stand_in_order() -> None:
    """Numbers by size, other values as the plan has them, cells without one at the end."""
    assert ("0.05", "0.1", "1", "1e2", ABSENT) == ordered(["0.1", "1e2", ABSENT, "0.05", "1", "0.1"])
    assert ("sgd", "adam", ABSENT) == ordered([ABSENT, "sgd", "adam", "sgd"])


def test_settings_that_part_the_cells_alike_are_offered_once() -> None:
    """A builder that goes with its architecture is no second choice; cells know their values on what is left."""
    settings = Configuration(
        common=(),
        axes=("architecture", "builder", "learning_rate", "hidden"),
        cells=(
            ("a", ("x", "mlp", "0.1", "9")),
            ("b", ("x", "mlp", "0.05", "10")),
            ("c", ("y", "cnn", "0.1", ABSENT)),
        ),
    )
    chosen = choices(settings, {"y": Style("series-0", "o"), "x": Style("series-1", "s")})

    assert ["architecture", "learning_rate", "hidden"] == [axis.name for axis in chosen.axes]
    assert [("x", "y"), ("0.05", "0.1"), ("9", "10", "none")] == [axis.values for axis in chosen.axes]
    assert (1, 0) == chosen.axes[0].architectures
    assert [("series-1", "series-0"), ("series-0", "series-1"), ("series-0", "series-1", "muted")] == [
        axis.colours for axis in chosen.axes
    ]
    assert {"a": (0, 1, 0), "b": (0, 0, 1), "c": (1, 1, 2)} == chosen.places


def test_only_one_data_set_is_ticked_at_first() -> None:
    """Accuracies on two data sets are not compared unless the reader wants to see both."""
    paired = result(trial(cell("a")), trial(cell("b", dataset="digits")))
    for run in (EDGES["two data sets"], paired):
        axis = next(axis for axis in exploration(run).grid if axis.name == "dataset")
        assert {"mnist": True, "digits": False} == dict(zip(axis.values, axis.ticked, strict=True))


@pytest.mark.parametrize(
    ("key", "low", "high", "unit", "spread"),
    [
        ("train-time", 100.0, 300.0, "min", False),
        ("train-time", 2.0, 300.0, "s", True),
        ("train-time", 90.0, 119.0, "s", False),
        ("latency", 0.0004, 0.0005, "ms", False),
        ("memory", 50 * 2**20, 3 * 2**30, "MiB", True),
        ("memory", 2 * 2**30, 3 * 2**30, "GiB", False),
        ("score", 0.10, 0.98, "%", True),
        ("score", 0.95, 0.98, "%", False),
        ("score", 1.0, 1.0, "%", False),
        ("error", 0.0, 0.5, "%", False),
    ],
)
def test_an_axis_suits_its_values(key: str, low: float, high: float, unit: str, spread: bool) -> None:  # noqa: FBT001
    """The unit makes plain numbers of the ticks; values far apart begin on a logarithmic axis."""
    assert unit == MEASURE[key].unit(low, high)[1]
    assert spread is MEASURE[key].logarithmic(low, high)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.98126, 0.01, 98.126),
        (1 / 3, 1.0, 0.333333),
        (None, 1.0, None),
        (float("nan"), 1.0, None),
        (float("inf"), 1.0, None),
    ],
)
def test_drawn_numbers_are_short_and_finite(value: float | None, unit: float, expected: float | None) -> None:
    """Six digits are drawn, and what is missing is missing."""
    assert expected == drawn(value, unit)


def test_every_marker_has_a_shape_within_its_square() -> None:
    """Each of the palette's markers is drawn, differs from the others, and is as large as they are."""
    assert set(MARKERS) == set(PATHS)
    assert len(PATHS) == len(set(PATHS.values()))
    for path in PATHS.values():
        numbers = [abs(float(number)) for number in re.findall(r"-?\d*\.?\d+", path)]
        assert max(numbers) <= 1
        assert max(numbers) >= 0.8


def test_a_template_of_the_users_own_comes_first(tmp_path: Path) -> None:
    """Its words are in the page, and its error is told with file and line."""
    template = tmp_path / "explorer" / "section.html.j2"
    template.parent.mkdir()
    template.write_text("{{ explorer.run.best }} in our words", encoding="utf-8")
    assert "highest accuracy in our words" in render_html(result(trial()), template_dir=tmp_path, interactive=True)

    template.write_text("fine\n{{ explorer.nothing }}", encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        render_html(result(trial()), template_dir=tmp_path, interactive=True)
    assert f"The template {template}, line 2 fails: " in caught.value.message


def test_the_command_writes_the_one_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without -o it is the report of the run's folder; with it, that file alone. Without the flag it is plain again."""
    run = reference_study(2)
    write_run_file(run, tmp_path)
    options: dict[str, Any] = {"templates": None, "workspace": Workspace(tmp_path), "interactive": True}
    mine, page = tmp_path / "mine" / "page.html", tmp_path / "report.html"

    assert [ExitCode.OK] * 2 == [write_again(str(tmp_path), output, **options) for output in (mine, None)]
    assert interactive(run) == mine.read_text(encoding="utf-8") == page.read_text(encoding="utf-8")
    assert is_interactive(page)
    assert (tmp_path / "report.md").exists()
    assert "report.html" in capsys.readouterr().out.replace("\n", "")
    write_again(str(tmp_path), None, **options | {"interactive": False})
    assert render_html(run) == page.read_text(encoding="utf-8")
    assert not is_interactive(page)
    assert not is_interactive(tmp_path / "missing.html")


def test_an_interactive_report_is_html(tmp_path: Path) -> None:
    """Another ending is refused with the name that would do."""
    write_run_file(reference_study(2), tmp_path)
    with pytest.raises(BenchError) as caught:
        write_again(
            str(tmp_path), tmp_path / "page.md", templates=None, workspace=Workspace(tmp_path), interactive=True
        )

    assert f"An interactive report is .html; received {tmp_path / 'page.md'}." == caught.value.message
    assert f"Try {tmp_path / 'page.html'}." == caught.value.hint
