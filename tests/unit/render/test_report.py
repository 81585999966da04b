"""The report: the same numbers in every format, text that stays text, no request, the same bytes."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from factories import (
    HOSTILE,
    cell,
    dataset,
    environment,
    failed,
    grid,
    large,
    reference_study,
    result,
    trial,
    with_answers,
)

from bench.analyse.stats import summary
from bench.core.errors import TemplateError
from bench.core.formatting import percent, percent_range, points, printable, seconds, seconds_range, size
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame
from bench.record.records import DeviceRecord, Doubt, Published, RunResult, RunStatus, Status
from bench.render.context import report_context
from bench.render.exports.csv import csv_text, write_csv
from bench.render.pages import page
from bench.render.report import render_html, render_markdown, write_report

if TYPE_CHECKING:
    from pathlib import Path


Study = tuple[RunResult, str, str, dict[str, str]]


class Page(HTMLParser):
    """The elements of a page with their attributes, its tables and its visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.text = ""
        self._cell: list[str] | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: D102  HTMLParser's own
        self.elements.append((tag, dict(attrs)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
            self._cell = self.tables[-1][-1]
        elif tag == "span" and self._cell is not None and ("class", "sub") in attrs:
            self._cell[-1] += " | "

    def handle_endtag(self, tag: str) -> None:  # noqa: D102  HTMLParser's own
        if tag in {"td", "th"}:
            self._cell = None

    def handle_data(self, data: str) -> None:  # noqa: D102  HTMLParser's own
        self.text += data
        if self._cell is not None:
            self._cell[-1] += data.strip()

    def attributes(self, *names: str) -> list[str]:
        """All values of the attributes called so."""
        return [value for _, attributes in self.elements for name, value in attributes.items() if name in names]


def pipe_table(markdown: str) -> list[list[str]]:
    """The rows of a Markdown table whose values hold no pipe, without its head."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    return [[part.strip().strip("`") for part in line.strip("|").split(" | ")] for line in lines[2:]]


@functools.cache
def hostile_report() -> Study:
    """The hostile run and what is rendered of it, once."""
    run = hostile_run()
    return run, render_html(run), *render_markdown(run)


@pytest.fixture(scope="module")
def study() -> Study:
    """The reference study and what is rendered of it."""
    run = reference_study()
    return run, render_html(run), *render_markdown(run)


def hostile_run() -> RunResult:
    of = cell(HOSTILE, parameters={"x<y>": HOSTILE, "hidden": [1]}, dataset="a|b", named=("x<y>",))
    trials = [trial(of, 1), trial(of, 2, accuracy=0.97), failed(of, 3, reason=HOSTILE), trial(cell("日本語 $a$"))]
    return result(
        *(replace(one, log=HOSTILE) for one in trials),
        notices=(HOSTILE,),
        suite_name=HOSTILE,
        suite_source=f"{HOSTILE}\n```\n</details><script>",
        command=HOSTILE,
        run_id=HOSTILE,
        published={HOSTILE: Published(accuracy=0.9, source=HOSTILE, dataset="a|b")},
        environment=environment(variables={HOSTILE: HOSTILE}, packages={HOSTILE: HOSTILE}, cpu_flags=(HOSTILE,)),
    )


EDGES = {
    "one trial": result(trial()),
    "one seed": reference_study(1),
    "no OK trial": result(failed(), failed(seed=2, status=Status.TIMEOUT)),
    "no trial": result(planned=(("a", 1),), status=RunStatus.INTERRUPTED),
    "no environment": result(trial(), environment=None, datasets=(), suite_source="", finished_at=None),
    "contended": result(trial(contention="2 at once"), trial(seed=2, contention="2 at once")),
    "missing parameter": result(trial(cell("a", parameters={})), trial(cell("b", parameters={"hidden": [8]}))),
    "equal seeds": result(trial(), trial(seed=2), trial(cell("b"))),
    "perfect": result(trial(accuracy=1.0), trial(seed=2, accuracy=1.0)),
    "chance": result(trial(accuracy=0.1, test_images=10), trial(seed=2, accuracy=0.0, test_images=10)),
    "one epoch": result(trial(cell(epochs=1)), trial(cell(epochs=1), 2)),
    "validation": result(trial(validation=True), trial(seed=2, validation=True)),
    "long names": result(trial(cell("n" * 200)), trial(cell("n" * 199 + "m"))),
    "two data sets": result(*(trial(cell(dataset=name), s) for name in ("mnist", "digits") for s in (1, 2))),
    "hostile": hostile_run(),
}


@pytest.mark.parametrize("name", EDGES)
def test_every_run_has_a_report(name: str, tmp_path: Path) -> None:
    """Whatever a run holds, both formats and all charts come out, and no missing value is printed as one."""
    paths = write_report(EDGES[name], tmp_path)
    html, markdown = (path.read_text(encoding="utf-8") for path in (paths.html, paths.markdown))

    assert html.rstrip().endswith("</html>")
    for text in (Page(html).text, markdown):
        assert not re.search(r"\b(nan|NaN|None|<NA>|NaT|inf)\b", text)
    for chart in paths.charts:
        ET.fromstring(chart.read_text(encoding="utf-8"))  # noqa: S314  our own


def printed(row: pd.Series) -> dict[str, str]:
    """What a leaderboard has to print of a row of the summary, by heading."""
    return {
        "Accuracy": percent(row["score_mean"]),
        "Accuracy, SD in points": points(row["score_std"]),
        "95 % interval": percent_range(row["score_low"], row["score_high"]),
        "Seeds": str(row["n"]),
        "Train time": seconds(row["train_time_median_s"]),
        "Train time, quartiles": seconds_range(row["train_time_q1_s"], row["train_time_q3_s"]),
        "Images/s": f"{row['images_per_s']:,.0f}",
        "Parameters": f"{row['parameter_count']:,.0f}",
        "Test error": percent(row["test_error"]),
        "Test error, 95 % interval": percent_range(row["error_low"], row["error_high"]),
        "Epoch time": seconds(row["epoch_time_median_s"]),
        "Training share": percent(row["train_share"], 0),
        "Utilisation": percent(row["utilisation"], 0),
        "Latency": seconds(row["latency_median_s"]),
        "Latency, p99": seconds(row["latency_p99_s"]),
        "Memory": size(row["own_memory_bytes"]),
        "Compile": seconds(row["compile_time_median_s"]),
        "Whole trial": seconds(row["total_time_median_s"]),
        "Timed trials": str(row["timed"]),
        "Engine": "fit",
        "Status": "OK",
    }


def test_every_format_prints_the_frames_numbers(study: Study) -> None:
    """To the digit: each column of the leaderboard in HTML, in Markdown, and of a summary made from the CSV."""
    run, html, markdown, _ = study
    cells = summary(trials_frame(run), ACCURACY).sort_values("score_mean", ascending=False)
    again = summary(pd.read_csv(io.StringIO(csv_text(run)), keep_default_na=True), ACCURACY).set_index("cell_id")
    head, *rows = Page(html).tables[0]
    tables = [part.strip() for part in markdown.split("## Leaderboard")[1].split("\n\n")[1:5:3]]
    (_, _, *shown), (_, *more) = ([h.strip() for h in table.split("\n")[0].strip("|").split("|")] for table in tables)
    boards = [pipe_table(table) for table in tables]
    for rank, (_, row) in enumerate(cells.iterrows(), start=1):
        expected = printed(row)
        assert expected == printed(again.loc[row["cell_id"]])
        page = dict(zip(head, rows[rank - 1], strict=True))
        assert [str(rank), row["architecture"]] == [page.pop("Rank"), page.pop("Cell")]
        assert page.pop("Command").startswith("bench run mnist-mlp -k ")
        beneath = {heading.partition(", ")[0]: text for heading, text in expected.items() if ", " in heading}
        for heading, text in page.items():
            main, _, sub = text.partition(" | ")
            if heading == "95 % interval":  # its bar stands where others have their figure
                main, sub = sub, ""
            assert expected[heading] == main.strip(), heading
            if heading == "Accuracy":
                assert sub.strip().endswith(" points"), "a deviation has its name and its unit"
                sub = sub.strip().removeprefix("SD ").removesuffix(" points")
            assert beneath.get(heading, "") == sub.strip(), heading
        assert {heading for heading in expected if ", " not in heading} == set(page)
        (place, name, *main), (_, *details, _) = boards[0][rank - 1], boards[1][rank - 1]
        assert [str(rank), row["architecture"]] == [place, name]
        assert [expected[heading] for heading in shown] == main
        assert [expected[heading] for heading in more[:-1]] == details


def test_the_csv_holds_the_same_numbers(study: Study, tmp_path: Path) -> None:
    """A summary made from the CSV prints what the report prints."""
    run, html, _, _ = study
    again = summary(pd.read_csv(io.StringIO(csv_text(run)), keep_default_na=True), ACCURACY)

    for _, row in again.iterrows():
        assert percent(row["score_mean"]) in html
        assert percent_range(row["score_low"], row["score_high"]) in html
        assert seconds(row["train_time_median_s"]) in html
    assert csv_text(run) == write_csv(run, tmp_path / "results.csv").read_text(encoding="utf-8")
    assert ["results.csv"] == [path.name for path in tmp_path.iterdir()]


def test_charts_carry_the_same_numbers_as_the_leaderboard(study: Study) -> None:
    """The table behind the first chart repeats accuracy, interval and time to the digit."""
    context = report_context(study[0])
    (board,) = context.leaderboards
    keys = [column.key for column in board.columns]
    rows = {row.label: dict(zip(keys, row.figures, strict=True)) for row in board.rows}

    for label, accuracy, interval, time, quartiles, _ in context.charts[0].rows:
        row = rows[label]
        assert (accuracy, interval) == (row["score"].text, row["interval"].text)
        assert (time, quartiles) == (row["train"].text, row["train"].sub)


def test_the_same_run_gives_the_same_bytes(study: Study) -> None:
    """Nothing of the moment or of the process enters a report."""
    run, html, markdown, charts = study

    assert html == render_html(run)
    assert (markdown, charts) == render_markdown(run)


@pytest.mark.parametrize("run", [reference_study(2), hostile_run()], ids=["study", "hostile"])
def test_the_page_asks_for_nothing(run: RunResult) -> None:
    """No element and no style of the page points outside it, and the policy would forbid it."""
    html = render_html(run)
    page = Page(html)
    policy = next(a["content"] for t, a in page.elements if t == "meta" and a.get("http-equiv"))

    assert policy.startswith("default-src 'none';")
    followed = page.attributes("src", "href", "xlink:href", "action", "srcset")
    assert all(value.startswith("#") for value in followed)
    # A style or an SVG attribute may refer to a part of the page, nothing else.
    styles = [*page.attributes("style", "clip-path", "fill", "mask"), html.split("<style>")[1].split("</style>")[0]]
    assert not re.search(r"url\((?!#)|@import", " ".join(styles))


def test_the_page_runs_its_own_script_and_no_other(study: Study) -> None:
    """The policy names the hash of the one script, which holds nothing of the run."""
    html = study[1]
    script = html.split("<script>")[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in html
    assert script == render_html(hostile_run()).split("<script>")[1].split("</script>")[0]
    assert "unsafe-eval" not in html


def test_chart_files_point_nowhere() -> None:
    """A chart beside the Markdown names no address but the namespace of SVG."""
    charts = hostile_report()[3]

    for svg in charts.values():
        assert ["http://www.w3.org/2000/svg"] == re.findall(r"https?://[^\"'\s<]*", svg)


def test_every_reference_inside_the_page_resolves_once(study: Study) -> None:
    """Ids are unique over all charts, and every reference finds its own."""
    page = Page(study[1])
    ids = page.attributes("id")
    used = [ref[1:] for ref in page.attributes("href", "xlink:href")]
    used += re.findall(r"url\(#([^)]+)\)", " ".join(page.attributes("clip-path", "style")))

    assert len(ids) == len(set(ids))
    assert set(used) <= set(ids)
    assert set(" ".join(page.attributes("aria-labelledby")).split()) <= set(ids)


def test_hostile_strings_stay_text() -> None:
    """Names, reasons, notices and sources full of markup add no element, and are there to read."""
    tame, page = Page(render_html(reference_study(2))), Page(hostile_report()[1])

    assert 1 == [tag for tag, _ in page.elements].count("script")
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in tame.elements} | {"strong", "circle", "wbr", "b"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert " ".join(printable(HOSTILE).split()) in " ".join(page.text.split())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", hostile_report()[1])


def test_hostile_strings_stay_text_in_svg() -> None:
    """A chart whose labels hold markup has only the elements of a chart, and text is no mathematics."""
    charts = hostile_report()[3]
    allowed = {"svg", "title", "desc", "style", "rect", "defs", "g", "path", "use", "text", "clipPath", "tspan"}

    for svg in charts.values():
        tree = ET.fromstring(svg)  # noqa: S314  our own
        assert {node.tag.rpartition("}")[2] for node in tree.iter()} <= allowed
    assert "<script>" in "".join(ET.fromstring(charts["charts/published-figures.svg"]).itertext())  # noqa: S314
    assert "日本語 $a$" in "".join(ET.fromstring(charts["charts/learning-curves.svg"]).itertext())  # noqa: S314


def test_hostile_strings_stay_text_in_markdown() -> None:
    """No line of the Markdown holds raw HTML but our own <details>, <summary> and empty comments."""
    from markdown_it import MarkdownIt  # noqa: PLC0415

    markdown = hostile_report()[2]
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    leaves = [leaf for token in tokens for leaf in (token.children or [token])]
    raw = "".join(leaf.content for leaf in leaves if leaf.type.startswith("html"))

    assert not re.sub(r"</?details( open)?>|<summary>[\w, ]+</summary>|<!-- -->|\s", "", raw)
    assert not [leaf for leaf in leaves if leaf.type == "link_open"]
    assert "\x1b" not in markdown


def test_notices_come_before_any_number() -> None:
    """Fallback data is announced above the headline in both formats."""
    run = replace(reference_study(2), run=replace(reference_study(2).run, notices=("MNIST was not to be had.",)))

    for text in (render_html(run), render_markdown(run)[0].partition("\n")[2]):
        assert text.index("MNIST was not to be had.") < text.index("That is the mean test accuracy")


def test_a_figure_without_data_set_is_for_the_suites_own() -> None:
    """A run recorded before figures named their data set is compared on the data set that its suite declares."""
    figure = {"model-2": Published(accuracy=0.9782, source="x")}
    names = {
        name: {chart.name for chart in report_context(result(trial(cell(dataset=name)), published=figure)).charts}
        for name in ("mnist", "fashion_mnist")
    }

    assert "published-figures" in names["mnist"]
    assert "published-figures" not in names["fashion_mnist"]


def test_stand_in_data_is_not_compared_with_published_figures() -> None:
    """A figure published for MNIST says nothing about the digits that stood in for it."""
    run = result(
        *(trial(cell(dataset="digits"), seed) for seed in (1, 2)),
        suite={"dataset": "mnist", "fallback_dataset": "digits"},
        notices=("MNIST was not to be had; this is digits.",),
    )

    assert "published-figures" not in {chart.name for chart in report_context(run).charts}
    assert "published-figures" in {chart.name for chart in report_context(reference_study(2)).charts}


def test_failures_are_listed_with_reason_and_log() -> None:
    """Each trial without a result stands with its status, reason and log."""
    page = Page(render_html(result(trial(), failed(seed=2, status=Status.DIVERGED, reason="The loss is NaN."))))

    for text in ("DIVERGED", "The loss is NaN.", "logs/2.log", "1 of 2 OK", "1 failure"):
        assert text in page.text


def test_what_weakens_trust_is_said_at_the_top() -> None:
    """Uncommitted changes, unpinned data, reused trials, mixed engines and a killed run each have a badge."""
    trials = (trial(seed=1), trial(seed=2, engine="epoch"), trial(seed=3, contention="2 at once"))
    host = environment(git_dirty=True, devices=(DeviceRecord(name="gpu:0", description="A100", memory_bytes=2**34),))
    run = result(
        *trials,
        status=RunStatus.RUNNING,
        environment=host,
        datasets=(dataset(pinned=False),),
        reused=frozenset({trials[0].trial_id}),
    )

    context = report_context(run)

    assert {
        "incomplete",
        "1 timing excluded",
        "mixed engines",
        "1 reused",
        "uncommitted changes",
        "unpinned data",
    } == {badge.label for badge in context.badges}
    assert dict(context.environment)["Devices"] == "gpu:0 (A100, 16.0 GiB)"
    assert dict(context.environment)["Git"].endswith("(with uncommitted changes)")
    assert report_context(replace(run, run=replace(run.run, environment=environment(git_revision=None)))).environment


def test_a_run_without_times_says_why() -> None:
    """Charts and columns of time do not vanish silently: the reason of the records stands in their place."""
    run = result(*(trial(seed=seed, contention="2 trials ran at a time (--jobs 2)") for seed in (1, 2)))
    page, markdown = Page(render_html(run)), render_markdown(run)[0]

    for text in (page.text, markdown):
        assert "No time of 2 OK trials is reliable: 2 trials ran at a time (--jobs 2)." in text
        assert "To measure times, run the suite again with --fresh and without --jobs" in text
    assert "Train time" not in page.tables[0][0]
    assert "Train time" not in markdown
    assert {"learning-curves", "published-figures"} == {chart.name for chart in report_context(run).charts}
    assert not report_context(reference_study(2)).untimed


def test_times_that_are_too_short_for_the_clock_ask_for_more_epochs() -> None:
    """Nobody disturbed them, so running alone would not help."""
    short = {"contention": "30 ms is too short to tell what other programs took", "doubts": (Doubt.TOO_SHORT,)}
    told = report_context(result(*(trial(seed=seed, **short) for seed in (1, 2)))).untimed
    assert "is reliable: 30 ms is too short to tell what other programs took." in told
    assert told.endswith("To measure times, train for more epochs.")


def test_the_environment_says_which_product_utilisation_is_a_share_of() -> None:
    """Whose it was and how fast, for each device; a doubtful one says that it may be too low."""
    rows = dict(report_context(reference_study(2)).environment)
    assert rows["Fastest product on cpu"] == "24 GFLOP/s by tensorflow: 512 x 512 x 512, float32, 2 threads"
    disturbed = [trial(seed=seed) for seed in (1, 2)]
    disturbed = [
        replace(one, outcome=replace(one.outcome, speed=replace(one.outcome.speed, yardstick=replace(
            one.outcome.speed.yardstick, doubts=(Doubt.OTHERS,)
        ))))
        for one in disturbed
    ]  # fmt: skip
    context = report_context(result(*disturbed))
    told = dict(context.environment)["Fastest product on cpu"]
    assert told.endswith("2 threads (disturbed while it was measured, so utilisation is not given)")
    assert "Utilisation" not in [column.heading for column in context.leaderboards[0].columns]


def test_mixed_engines_are_the_reason_for_no_times() -> None:
    """Where nothing was contended, engines that differ explain why no time is given."""
    run = result(trial(seed=1), trial(seed=2, engine="epoch"))

    assert "ran different engines" in report_context(run).untimed


def test_cells_without_times_are_counted_under_the_charts_of_time() -> None:
    """A chart of time that leaves a cell out says so."""
    run = result(trial(cell("a")), trial(cell("b"), contention="2 at once"))
    notes = {chart.name: chart.note for chart in report_context(run).charts}

    for name in ("score-against-time", "time-by-phase"):
        assert "1 of 2 cells is not drawn: no OK trial was timed alone." in notes[name]


def test_validation_accuracy_has_a_column_where_there_is_one() -> None:
    """The held-out accuracy stands beside the test accuracy, and says what it would choose."""
    chosen = trial(cell("b"), accuracy=0.97, validation=True)
    chosen = replace(chosen, outcome=replace(chosen.outcome, validation_accuracy=0.99))
    run = result(trial(cell("a"), accuracy=0.98, validation=True), chosen)
    page, markdown = Page(render_html(run)), render_markdown(run)[0]

    assert "Validation" in page.tables[0][0]
    assert "| Validation |" in markdown
    assert "99.00 %" in [row[page.tables[0][0].index("Validation")] for row in page.tables[0]]
    assert "By it, b is the best: 99.00 % on the held-out images, 97.00 % on the test set." in markdown
    assert "It also has the best validation accuracy" in render_markdown(result(run.trials[0], trial(
        cell("c"), accuracy=0.9, validation=True)))[0]  # fmt: skip
    assert "alidation accuracy" not in Page(render_html(reference_study(2))).text


def test_missing_trials_are_counted() -> None:
    """A planned trial without a record is no silent success."""
    run = result(trial(), planned=(("model-2@mnist@cpu", 1), ("model-2@mnist@cpu", 2)))

    assert "1 of 2 planned trials left no record" in render_html(run)


def test_sixty_cells_render_small_and_readable() -> None:
    """A grid of 60 cells keeps every row, under a megabyte."""
    html = render_html(grid())

    assert len(Page(html).tables[0]) == 61
    assert len(html) < 1_000_000
    assert "The loss is NaN in epoch 2." in html


@pytest.mark.soak
def test_two_thousand_trials_are_still_a_page() -> None:
    """At most three megabytes, with a row for each of 667 cells and every chart."""
    context = report_context(with_answers(large(), images=2_000))
    html = page("report.html.j2", report=context, explorer=None)

    assert len(Page(html).tables[0]) == 668
    assert len(html.encode()) < 3_000_000
    assert {"score-against-time", "heat-maps", "confusion"} <= {chart.name for chart in context.charts}


def test_charts_have_titles_and_descriptions(study: Study) -> None:
    """Each chart is an image with a name and a description, for whoever cannot see it."""
    page = Page(study[1])
    images = [attributes for tag, attributes in page.elements if tag == "svg" and attributes.get("role") == "img"]

    assert len(images) == len(report_context(study[0]).charts) >= 5
    assert all(image["aria-labelledby"] for image in images)
    assert {"title", "desc"} <= {tag for tag, _ in page.elements}


def test_the_report_is_written_whole(tmp_path: Path, study: Study) -> None:
    """The folder holds the page, the Markdown and the charts it refers to, and no unfinished file."""
    run, html, markdown, charts = study

    paths = write_report(run, tmp_path / "run")

    assert html == paths.html.read_text(encoding="utf-8")
    assert markdown == paths.markdown.read_text(encoding="utf-8")
    assert set(charts) == {str(path.relative_to(tmp_path / "run")) for path in paths.charts}
    assert set(charts) == set(re.findall(r"\]\((charts/[^)]+)\)", markdown))
    assert not [path for path in (tmp_path / "run").rglob("*") if path.name.startswith(".")]


def test_charts_of_an_earlier_rendering_are_removed(tmp_path: Path) -> None:
    """A chart the report no longer shows goes, a file of the user's beside it stays."""
    write_report(reference_study(2), tmp_path)
    (tmp_path / "charts" / "mine.svg").touch()

    write_report(result(trial(contention="2 at once"), published={}), tmp_path)

    assert {"learning-curves.svg", "mine.svg"} == {path.name for path in (tmp_path / "charts").iterdir()}


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("line\n{% if %}\n", 2, "cannot be read"),
        ("a\nb\n{{ report.nothing }}\n", 3, "nothing"),
        ("{{ 1 / 0 }}\n", 1, "division"),
        ("\n{% include 'absent.j2' %}\n", None, "absent.j2"),
    ],
)
def test_an_error_in_a_users_template_names_file_and_line(
    tmp_path: Path, content: str, line: int | None, words: str
) -> None:
    """A user's own template that fails says where, and leaves an older report alone."""
    (tmp_path / "report.html.j2").write_text(content, encoding="utf-8")

    with pytest.raises(TemplateError) as caught:
        write_report(result(trial()), tmp_path / "run", template_dir=tmp_path)

    assert words in caught.value.message
    if line:
        assert f"{tmp_path / 'report.html.j2'}, line {line}" in caught.value.message
    assert not (tmp_path / "run").exists()


def test_a_users_template_comes_first(tmp_path: Path) -> None:
    """A folder of the user's replaces the templates it holds; ours serve the rest."""
    (tmp_path / "style.css").write_text("body { color: {{ 'teal' }} }", encoding="utf-8")

    assert "body { color: teal }" in render_html(result(trial()), template_dir=tmp_path)


def test_a_template_that_is_not_text_is_named(tmp_path: Path) -> None:
    """A template in another encoding is an error of the template, not a bug of ours."""
    (tmp_path / "report.html.j2").write_bytes(b"\xff\xfe")

    with pytest.raises(TemplateError, match="not UTF-8"):
        render_html(result(trial()), template_dir=tmp_path)
