"""Every kind of title, recomputed from the frames in another way than the charts compute it, over random runs."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pytest
from random_runs import random_run

from bench.analyse.networks import networks_of
from bench.analyse.stats import summary
from bench.core.formatting import percent, points, seconds
from bench.core.score import ACCURACY
from bench.record.collect import epochs_frame, trials_frame
from bench.record.records import RunResult
from bench.render.context import report_context

QUICK, TIED, MANY = range(5), range(5, 8), range(5, 50)
NAME = r"(\S+)"


class Frames:
    """A run as frames, and what its report says."""

    def __init__(self, run: RunResult) -> None:
        self.trials, self.epochs = trials_frame(run), epochs_frame(run)
        self.every = summary(self.trials, ACCURACY)
        networks = networks_of(run)
        self.several = networks.several
        # of a run over devices, scores are those of one device, and names are of networks
        self.cells = networks.rows(self.every, ACCURACY)
        labels = networks.labels(self.every)
        self.ids = {labels[cell_id]: cell_id for cell_id in networks.by_reference}
        self.network_of = networks.reference_of
        self.all_ok = self.trials[self.trials["status"] == "OK"]
        self.ok = self.all_ok[self.all_ok["cell_id"].isin(self.cells["cell_id"])]
        self.timed = self.all_ok[~self.all_ok["timing_contended"].astype(bool)]
        self.means = self.ok.groupby("cell_id")["score"].mean()
        context = report_context(run)
        self.titles = {chart.name: chart.title for chart in context.charts}
        self.headline = context.headlines[0].title
        self.cards = context.cards
        self.text = [
            *self.titles.values(),
            *(sentence for one in context.headlines for sentence in (one.title, *one.sentences)),
            *(sentence for one in context.cards for sentence in (one.title, *one.sentences, *one.next_steps)),
            *(sentence for one in context.places for sentence in (one.title, *one.findings)),
        ]

    def mean(self, label: str) -> float:
        """The mean score of a cell."""
        return float(self.means[self.ids[label]])

    def device(self, lines: Iterable[str]) -> str:
        """Of the panel that a title is of: the first that is drawn."""
        return str(self.every[self.every["cell_id"].isin(list(lines))]["device"].iloc[0])

    def placed(self) -> pd.DataFrame:
        """The cells with a result: their mean and their value of each setting as text."""
        first = self.ok.drop_duplicates("cell_id").set_index("cell_id")
        settings = {"nodes": first["param_nodes"], "learning_rate": first["learning_rate"]}
        return pd.DataFrame({key: of.map(_level) for key, of in settings.items()}).assign(mean=self.means)

    def full(self) -> bool:
        """Whether every cell has a result."""
        return len(self.means) == len(self.cells)

    def levels(self, axis: str) -> dict[str, float]:
        """The mean of the cells of each value of a setting."""
        return {str(level): float(of.mean()) for level, of in self.placed().groupby(axis)["mean"]}

    def fields(self, first: str, second: str) -> dict[tuple[str, str], float]:
        """The mean of the cells that have two values."""
        found = self.placed().groupby([first, second])["mean"].mean()
        return {(str(one), str(other)): float(mean) for (one, other), mean in found.items()}

    def best(self, label: str) -> None:
        """No cell has a better mean."""
        assert self.mean(label) >= self.means.max() - 1e-12

    def lines(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Median seconds and accuracy after each epoch, by cell, of the timed trials."""
        kept = self.epochs[self.epochs["trial_id"].isin(self.timed["trial_id"])].sort_values("epoch").copy()
        kept["at"] = kept.groupby("trial_id")["train_time_s"].cumsum()
        found = kept.groupby(["cell_id", "epoch"])[["at", "accuracy"]].median()
        return {
            str(cell_id): (of["at"].to_numpy(float), of["accuracy"].to_numpy(float))
            for cell_id, of in found.groupby(level="cell_id")
        }


def check_headline(of: Frames) -> None:
    """It names a cell with the best mean, its score, and how many share rank 1 or have no rank."""
    name = of.headline.split(" ")[0]
    if name == "No":
        assert of.ok.empty
        return
    of.best(name)
    assert percent(of.mean(name)) in of.headline
    if found := re.search(r"but (another|\d+ other) (?:cell|network)s? may be as good", of.headline):
        open_ = of.cells[(of.cells["n"] > 0) & ((of.cells["rank"] == 1).fillna(value=False) | (of.cells["n"] == 1))]
        others = len(set(open_["cell_id"]) - {of.ids[name]})
        assert others == (1 if found[1] == "another" else int(found[1].split()[0]))


def check_card(of: Frames) -> None:
    """The choice, its figures, what the step to the best one brings and costs, and that edges are edges."""
    if of.ok.empty:
        assert of.cards == ()
        return
    (card,) = of.cards
    rows = of.cells.set_index("cell_id")
    found = re.match(rf"Choose {NAME}: (\S+ %)(?: in (.+?)(?: on \S+)?| with ([\d,]+) parameters)?$", card.title)
    assert found is not None, card.title
    choice = rows.loc[of.ids[found[1]]]
    assert percent(choice["score_mean"]) == found[2]
    assert found[3] in {None, seconds(choice["train_time_median_s"])}
    best = rows.loc[of.means[of.means >= of.means.max() - 1e-12].index[0]]
    for sentence in card.sentences:
        if step := re.match(
            r".* may add (\S+) points for (\S+) times the (time|parameters)(?: on \S+)?: (\S+ %) \(", sentence
        ):
            assert points(best["score_mean"] - choice["score_mean"]) == step[1]
            assert percent(best["score_mean"]) == step[4]
            column = "train_time_median_s" if step[3] == "time" else "parameter_count"
            assert float(step[2].replace(",", "")) == pytest.approx(best[column] / choice[column], rel=0.06)
        if below := re.match(rf"{NAME} takes (\S+|\d+ %) of the time(?: on \S+)?, but gives up (\S+) points", sentence):
            other = rows.loc[of.ids[below[1]]]
            assert points(best["score_mean"] - other["score_mean"]) == below[3]
            ratio = best["train_time_median_s"] / other["train_time_median_s"]
            if below[2].endswith("%"):
                assert float(below[2].split()[0]) == pytest.approx(100 / ratio, abs=0.5)
            else:
                assert float(below[2].removeprefix("1/").replace(",", "")) == pytest.approx(ratio, rel=0.06)
    for sentence in card.next_steps:
        if edge := re.match(
            r"(\w+)=(\S+) is the edge of the grid, and scores improve towards it: try (\S+)\.$", sentence
        ):
            levels = sorted(of.levels(edge[1]), key=float)
            assert edge[2] in {levels[0], levels[-1]}
            assert not float(levels[0]) <= float(edge[3]) <= float(levels[-1])
            inside = levels[1] if edge[2] == levels[0] else levels[-2]
            if of.full():
                assert of.levels(edge[1])[edge[2]] > of.levels(edge[1])[inside]


def check_score_against_time(of: Frames, title: str) -> None:
    """The first panel: who has the best mean in what time, and what a quicker cell gives up."""
    device = re.search(r"of training on (\S+?)(?:;|$)", title)
    every = of.every.assign(cell_id=of.every["cell_id"].map(of.network_of)).set_index("cell_id")
    every = every[(every["device"] == (device[1] if device else every["device"])) & (every["n"] > 0)]
    judged, here = every[every["timed"] > 0], len(every)
    if of.several:
        # the reference's place comes first, unless nothing was timed there
        first = of.cells[of.cells["timed"] > 0]["device"]
        assert device is not None
        assert first.empty or device[1] in set(first)
    assert title.startswith("Of ") == (len(judged) < here and len(judged) > 1), title
    who = rf"(?:Of \d+ timed cells, )?{NAME} (?:is (?:the best|as good as any) and the quickest: |reaches )"
    best = re.match(who + r"(\S+ %) after (.+?)(?: of training(?: on \S+?(?=;|$))?|$)", title)
    assert best is not None, title
    row = judged.loc[of.ids[best[1]]]
    assert row["score_mean"] == judged["score_mean"].max()
    assert (percent(row["score_mean"]), seconds(row["train_time_median_s"])) == (best[2], best[3])
    if "and the quickest" in title:
        assert row["train_time_median_s"] == judged["train_time_median_s"].min()
    if near := re.search(rf"; {NAME} comes within (\S+) points of it in (.+)$", title):
        other = judged.loc[of.ids[near[1]]]
        assert points(row["score_mean"] - other["score_mean"]) == near[2]
        assert seconds(other["train_time_median_s"]) == near[3]
    if quick := re.search(rf"; {NAME} trains (\S+) times as fast and gives up (?:(\S+) points|almost nothing)", title):
        other = judged.loc[of.ids[quick[1]]]
        assert other["train_time_median_s"] == judged["train_time_median_s"].min()
        ratio = row["train_time_median_s"] / other["train_time_median_s"]
        assert float(quick[2].replace(",", "")) == pytest.approx(ratio, rel=0.06)
        assert points(row["score_mean"] - other["score_mean"]) == (quick[3] or "0.00")
    if "; none is more than 5 % faster" in title:
        assert row["train_time_median_s"] < 1.05 * judged["train_time_median_s"].min()


def check_learning_curves(of: Frames, title: str) -> None:
    """How far the loss of the best cell fell at its end, and whether its learning rate was spent."""
    name = title.split(" ", maxsplit=1)[0].removesuffix(":")
    of.best(name)
    kept = of.epochs[of.epochs["trial_id"].isin(of.ok["trial_id"]) & (of.epochs["cell_id"] == of.ids[name])]
    of_epoch = kept.groupby("epoch")[["loss", "learning_rate"]].median()
    losses, rates = of_epoch["loss"].to_numpy(float), of_epoch["learning_rate"].to_numpy(float)
    late = max(1, round(len(losses) * 0.2))
    if len(losses) == 1:
        assert "too few to see a trend" in title
        return
    fell = 1 - losses[-1] / losses[-1 - late]
    last = 1 - losses[-1] / losses[-2]
    assert ("ended with a learning rate near 0" in title) == (rates[-1] < rates.max() / 100)
    if "was still learning" in title:
        assert fell > 0.05
        assert last > 0
        assert rates[-1] > 0
    if "had levelled off" in title:
        assert abs(fell) <= 0.05
    if "got worse late" in title:
        assert fell < 0
    told = re.search(r"its training loss (fell by (\d+) %|rose by (\d+) %|did not move) over", title)
    assert told is not None, title
    said = int(told[2] or 0) - int(told[3] or 0)
    assert abs(100 * fell - said) <= 0.5 + 1e-9


def check_learning_over_time(of: Frames, title: str) -> None:
    """At the moments it names, the cells it names are ahead, by lines drawn as the chart draws them."""
    lines = of.lines()
    first = of.every.set_index("cell_id").loc[list(lines)]
    every = np.concatenate([at for at, _ in lines.values()])  # all panels have one axis of time
    device = of.device(lines)
    title = title.removesuffix(f" (on {device})")
    lines = {of.network_of[one]: lines[one] for one in lines if first.loc[one, "device"] == device}
    times = np.concatenate([at for at, _ in lines.values()])
    values = np.concatenate([value for _, value in lines.values()])
    scale = np.log if every.max() / every.min() > 10 else np.asarray
    errors = np.maximum(1 - values, 1e-4)
    place = (lambda v: -np.log10(np.maximum(1 - v, 1e-4))) if errors.max() / errors.min() > 10 else np.asarray

    def height(cell_id: str, when: float) -> float:
        at, value = lines[cell_id]
        return -np.inf if when < at[0] * (1 - 1e-12) else float(np.interp(scale(when), scale(at), place(value)))

    def ahead(cell_id: str, when: float) -> bool:
        return height(cell_id, when) >= max(height(other, when) for other in lines) - 1e-9

    end = {cell_id: value[-1] for cell_id, (_, value) in lines.items()}
    if found := re.match(r"(\d+) cells end equal in training accuracy, at (\S+ %)", title):
        assert int(found[1]) == sum(value == max(end.values()) for value in end.values())
        assert percent(max(end.values())) == found[2]
        return
    if len(lines) == 1:
        assert "reaches a training accuracy of" in title
        return
    last = re.search(rf"it is {NAME}(?:, with|$)", title) or re.match(rf"{NAME} is ahead", title)
    assert last is not None, title
    since = re.search(r"(?:from|again from) (.+?) on", title)
    assert since is not None, title
    moment = _in_seconds(since[1])
    cell_id = of.ids[last[1]]
    assert end[cell_id] == max(end.values())
    for when in np.geomspace(moment * 1.05, times.max() * 1.01, 50):
        assert ahead(cell_id, when), (title, when)
    before = moment * 0.95
    assert (
        before < times.min()
        or not ahead(cell_id, before)
        or any(other != cell_id and ahead(other, before) for other in lines)
        or not any(at[0] <= before for at, _ in lines.values())
    )
    if begun := re.match(rf"At first {NAME} is ahead", title):
        at, _ = lines[of.ids[begun[1]]]
        assert any(ahead(of.ids[begun[1]], when) for when in np.geomspace(at[0], moment, 400))


def _level(value: object) -> str:
    return str(value) if isinstance(value, str) else f"{float(str(value)):g}"


def _in_seconds(text: str) -> float:
    units = {"us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600}
    words = text.replace("\u00b5s", "us").split()
    return sum(float(number) * units[unit] for number, unit in zip(words[::2], words[1::2], strict=True))


def check_main_effects(of: Frames, title: str) -> None:
    """The mean of each level named, over combinations that all levels share: here the grid is full."""
    if found := re.match(rf"{NAME} moves accuracy most: (\S+) is (\S+) points above (\S+?)(?: on average|,|;)", title):
        levels = of.levels(found[1])
        if of.full():
            assert points(levels[found[2]] - levels[found[4]]) == found[3]
            assert levels[found[2]] == max(levels.values())
            assert levels[found[4]] == min(levels.values())


def check_heat_maps(of: Frames, title: str) -> None:
    """The pair of values with the best mean, and at how many values of the other setting its first is alone."""
    if (same := re.match(r"All pairs of values have the same mean accuracy, (\S+ %)", title)) is not None:
        assert {percent(value) for value in of.means} == {same[1]}
        return
    found = re.match(r"(\w+)=(\S+) with (\w+)=(\S+) has the highest mean accuracy, ([^,;]+ %)", title)
    assert found is not None, title
    first, level, second, other, mean = found.groups()
    fields = of.fields(first, second)
    assert percent(fields[level, other]) == mean
    assert fields[level, other] >= max(value for value in fields.values()) - 1e-12
    alone = shared = judged = 0
    for column in dict.fromkeys(value for _, value in fields):
        rest = [value for (row, at), value in fields.items() if at == column and row != level]
        if (level, column) in fields and rest:
            judged += 1
            alone += fields[level, column] > max(rest) + 1e-12
            shared += abs(fields[level, column] - max(rest)) <= 1e-12
    if "has it at every value of" in title:
        assert alone == judged
    elif told := re.search(r"has it alone at (\d+) of (\d+) values? of \w+(?: and shares it at (\d+))?", title):
        assert (alone, judged, shared) == (int(told[1]), int(told[2]), int(told[3] or 0))
    else:
        assert "shares it at every value" in title
        assert shared == judged


def check_time_by_phase(of: Frames, title: str) -> None:
    """The quickest and the slowest epoch of a device, and the part of its trials' time that a phase takes."""
    for device, low, rest, share, doing in re.findall(
        r"On (\S+) an epoch takes ([^;(]+?)(?: \(\S+\) to ([^;(]+?) \(\S+\))?; (\d+) % of a trial is (\w+)", title
    ):
        here = of.every[(of.every["device"] == device) & (of.every["timed"] > 0)]["epoch_time_median_s"]
        assert seconds(here.min()) == low
        assert rest in {"", seconds(here.max())}
        trials = of.timed[of.timed["device"] == device]
        column = {"training": "train", "compiling": "compile", "loading": "load"}.get(doing, doing)
        if f"{column}_time_s" in trials:
            assert percent(trials[f"{column}_time_s"].sum() / trials["total_time_s"].sum(), 0) == f"{share} %"


CHECKS = {
    "score-against-time": check_score_against_time,
    "learning-curves": check_learning_curves,
    "learning-over-time": check_learning_over_time,
    "main-effects": check_main_effects,
    "heat-maps": check_heat_maps,
    "time-by-phase": check_time_by_phase,
}


def check_ratios(of: Frames) -> None:
    """A ratio of costs is printed only where it is a difference: never 1.0 times, nor 1/1.0 of anything."""
    for sentence in of.text:
        assert not re.search(r"\b(?:1\.0\d?|0\.9[6-9]) times|1/1\.0", sentence), sentence


def check(number: int, *, tied: bool = False) -> set[str]:
    """Every title of a random run; which kinds it has."""
    of = Frames(random_run(number, tied=tied))
    check_ratios(of)
    check_headline(of)
    check_card(of)
    for name, title in of.titles.items():
        if name in CHECKS:
            CHECKS[name](of, title)
    return set(of.titles) & set(CHECKS)


@pytest.mark.parametrize("number", QUICK)
def test_titles_are_true(number: int) -> None:
    """No sentence says what the frames do not."""
    check(number)


@pytest.mark.parametrize("number", TIED)
def test_titles_are_true_where_networks_take_the_same_time(number: int) -> None:
    """No figure is given for equal values."""
    check(number, tied=True)


@pytest.mark.soak
def test_titles_of_many_runs_are_true() -> None:
    """Of further random runs, among which every kind of title occurs."""
    assert set().union(*map(check, MANY)) == set(CHECKS)
    for number in MANY:
        check(number, tied=True)
