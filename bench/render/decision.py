"""The decision card: what to choose, what the next step costs and brings, how sure that is, what to try next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.analyse.axes import grids
from bench.analyse.decision import COSTS, decisions
from bench.analyse.networks import networks_of
from bench.core.formatting import about_one, elided, factor, percent, plural, seconds
from bench.core.names import listed
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame
from bench.render.networks import counted_word, place_name
from bench.render.times import comparison
from bench.render.words import with_direction, with_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from bench.analyse.axes import Grid
    from bench.analyse.decision import Decision, PlaceTime, Step
    from bench.analyse.networks import Networks
    from bench.core.score import Score
    from bench.declare.cell import Cell
    from bench.record.records import RunResult

    Row = Mapping[Any, Any]

NAME_WIDTH = 60  # characters of a name that a sentence can carry
CELL = "A cell is one network with its settings, on a data set and a device."
NETWORK = "A network is an architecture with its settings, on a data set."
HALF = 2  # times as much, from which a part is clearer as 1/2.0 than in percent
DIFFERENCES = 2  # settings that a sentence names instead of a whole cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A recommendation as text.

    Attributes:
        dataset: what it is for.
        title: what to choose, how good it is and what it costs.
        sentences: the next step, and how sure all of it is.
        next_steps: what to try next; empty where the results say nothing.
        names: what the names in it stand for.
        compares_places: whether the second sentence compares training times of devices or backends.
    """

    dataset: str
    title: str
    sentences: tuple[str, ...]
    next_steps: tuple[str, ...]
    names: tuple[str, ...]
    compares_places: bool = False


def cards(
    result: RunResult, rows: pd.DataFrame, grids: Sequence[Grid], labels: Mapping[str, str], networks: Networks
) -> tuple[Card, ...]:
    """One for each data set that has a result.

    Args:
        result: the run.
        rows: of `Networks.rows`, of all networks.
        grids: these on their axes.
        labels: by cell id.
        networks: of the run.
    """
    return tuple(
        card(decision, rows, labels, networks, result.run.score)
        for decision in decisions(result, rows, grids, networks)
    )


def cards_of(result: RunResult, summary: pd.DataFrame) -> tuple[Card, ...]:
    """The same from a run and its summary alone, for a terminal."""
    networks, score = networks_of(result), result.run.score
    references = [network.reference for network in networks.networks]
    placed = grids(references, trials_frame(result), score, with_places=not networks.several)
    return cards(result, networks.rows(summary, score), placed, networks.labels(summary), networks)


def card(of: Decision, rows: pd.DataFrame, labels: Mapping[str, str], networks: Networks, score: Score) -> Card:
    """The card of one data set.

    Args:
        of: the facts.
        rows: of `Networks.rows`.
        labels: by cell id.
        networks: of the run.
        score: of the run.
    """
    by_id = {str(row["cell_id"]): row for row in rows.to_dict("records")}
    names = {cell_id: elided(labels[cell_id], NAME_WIDTH) for cell_id in {of.best, of.choice, *_of(of.step)}}
    named = [networks.by_reference[cell_id].reference for cell_id in networks.by_reference if cell_id in names]
    words = _Words(of, by_id, names, networks, score)
    return Card(
        dataset=of.dataset,
        title=words.title(),
        sentences=tuple(filter(None, (words.step(), words.places(), words.doubt(), words.picked()))),
        next_steps=words.next_steps(),
        compares_places=len(of.times) > 1 and of.step is not None,
        names=tuple(
            dict.fromkeys((NETWORK if networks.several else CELL, *filter(None, (_meaning(cell) for cell in named))))
        ),
    )


def _of(step: Step | None) -> tuple[str, ...]:
    return () if step is None else (step.cell_id,)


class _Words:
    """The sentences of a card.

    Args:
        of: the facts.
        rows: by the ids of references.
        names: of the networks that the card names, by the same.
        networks: of the run.
        score: of the run.
    """

    def __init__(
        self, of: Decision, rows: Mapping[str, Row], names: Mapping[str, str], networks: Networks, score: Score
    ) -> None:
        self._of, self._rows, self._names, self._networks, self._score = of, rows, names, networks, score
        self._each = counted_word(networks)
        self._where = f" on {place_name(networks.place_of[of.best])}" if networks.several else ""

    def title(self) -> str:
        """What to choose, its score and what it costs."""
        row, cost = self._rows[self._of.choice], ""
        if self._of.cost == "time":
            cost = f" in {seconds(row[COSTS['time']])}{self._where}"
        elif self._of.cost:
            cost = f" with {plural(int(row[COSTS['parameters']]), 'parameter')}"
        return f"Choose {self._names[self._of.choice]}: {self._reached(self._of.choice)}{cost}"

    def step(self) -> str:
        """What the dearer cell brings, or what the cheaper one gives up."""
        of, step, score = self._of, self._of.step, self._score
        if step is None:
            return ""
        what = f"the time{self._where}" if self._of.cost == "time" else "the parameters"
        cost = f"{factor(step.ratio)} times {what}" if self._of.cost else "an unknown cost"
        gain = score.gap_text(abs(step.gain))
        interval = with_unit(score, score.gap_range(step.interval.low, step.interval.high))
        if self._of.choice != self._of.best:
            better, best = _changed(step) or self._names[self._of.best], self._reached(self._of.best)
            if step.gain <= 0:
                return f"{better}, with {best}, is no better here for {cost} (interval of its gain {interval})."
            return f"{better} may add {gain} for {cost}: {best} (interval of the gain {interval}, 95 %)."
        takes = "takes" if self._of.cost == "time" else "has"
        part = f"1/{factor(step.ratio)}" if step.ratio >= HALF else percent(1 / step.ratio, 0)
        share = f"{self._names[step.cell_id]} {takes} {part} of {what}"
        unseen = score.gap(step.gain) == score.gap(0.0)
        if not step.interval.known:
            better = "better" if step.gain < 0 else "worse"
            result = f"has almost the same {score.heading}" if unseen else f"is {better} by {gain}"
            alone = [self._names[cell_id] for cell_id in (of.best, step.cell_id) if self._rows[cell_id]["n"] == 1]
            seeds = "one seed each" if len(alone) > 1 else f"one seed of {alone[0]}"
            return f"{share} and {result}; with {seeds} that may be chance."
        return f"{share}, but gives up {'almost nothing' if unseen else gain} (interval {interval}, 95 %)."

    def places(self) -> str:
        """In which place the choice trains the fastest, as far as that is known; empty unless it has several times."""
        times = self._of.times
        if len(times) < 2:  # noqa: PLR2004  nothing to compare
            return ""
        name = self._names[self._of.choice]
        texts = listed([f"{seconds(time.seconds)} on {self._place(time)}" for time in times], "and")
        if any(place.kind for place in self._networks.places):
            return f"{name} trains in {texts}; times of different machines do not compare."
        quickest, *others = sorted(times, key=lambda time: time.seconds)
        if about_one(others[-1].seconds / quickest.seconds):
            return f"The place hardly matters for the training time of {name}: {texts}."
        return self._fastest(name, texts, quickest, others)

    def _fastest(self, name: str, texts: str, quickest: PlaceTime, others: Sequence[PlaceTime]) -> str:
        """The place with the fewest seconds, where its times are separated from those of all others."""
        known = [(time, time.ratio) for time in others if time.ratio is not None]
        if len(known) < len(others):
            return f"{name} trains in {texts}; too few trials on one machine were timed to compare these."
        equal = [time for time, ratio in known if not ratio.low > 1]
        if equal:
            if len(others) == 1:
                return f"{name} trains in {texts}; the data cannot separate these."
            them = listed([self._place(time) for time in equal], "and")
            return f"{name} trains in {texts}; the data cannot separate {them} from {self._place(quickest)}."
        takes = comparison(known[-1][1], f"an epoch on {self._place(known[-1][0])}", "epoch times")
        return f"{name} trains the fastest on {self._place(quickest)}: {texts}; {takes}."

    def _place(self, time: PlaceTime) -> str:
        return place_name(self._networks.places[time.place])

    def doubt(self) -> str:
        """How many cells may be as good as the best."""
        of, each = self._of, self._each
        if of.alike == 1:
            return ""
        alike = f"{plural(of.seeds, 'seed')} cannot separate {of.alike} {each}s, each compared with the best alone"
        if of.choice == of.best:
            fewer = "trains more than 5 % faster" if of.cost == "time" else "has 5 % fewer parameters"
            return f"{alike}; none of the others {fewer}." if of.cost else f"{alike}."
        return f"{alike}; {self._names[of.choice]} is the cheapest of them."

    def picked(self) -> str:
        """How the best was picked, and by how much that flatters it."""
        of, score, name = self._of, self._score, self._names[self._of.best]
        if of.by_validation:
            by = "accuracy" if score.name == ACCURACY.name else "loss"
            return f"{name} was chosen by validation {by}, so that its test score is not flattered by the choice."
        if of.optimism is None or score.gap(of.optimism.gain) == score.gap(0.0):
            return ""
        flattered = f"{score.gap_text(of.optimism.gain)} too {'high' if score.higher_is_better else 'low'}"
        chance = percent(of.optimism.best, 0)
        # the most it can be says nothing where it rounds to all
        best = "" if chance == percent(1, 0) else f", and the best in truth with a probability of {chance} at most"
        return (
            f"The best of {of.optimism.cells} {self._each}s was picked by its test score, "
            f"{score.labelled(self._rows[of.best]['score_mean'])}: estimated to be {flattered}{best}."
        )

    def next_steps(self) -> tuple[str, ...]:
        """What to try next."""
        of = self._of
        steps = [
            f"{edge.axis}={edge.level} is the edge of the grid, and scores improve towards it: try {edge.further}."
            for edge in of.edges
        ]
        if of.more_seeds is not None:
            steps.append(
                f"{plural(of.seeds, 'seed')} cannot separate the choice from the best {self._each}: about "
                f"{of.more_seeds} would, in four of five runs, if they differ as they seem to."
            )
        return tuple(steps)

    def _reached(self, cell_id: str) -> str:
        return with_direction(self._score, self._rows[cell_id]["score_mean"])


def _changed(step: Step) -> str:
    """The settings that differ, where these are few."""
    settings = [
        elided(level if axis == "architecture" else f"{axis}={level}", NAME_WIDTH) for axis, level in step.differs
    ]
    return " with ".join(settings) if 0 < len(settings) <= DIFFERENCES else ""


def _meaning(cell: Cell) -> str:
    """What a name that only the suite defines stands for; empty for a builder's own name."""
    if cell.architecture == cell.builder:
        return ""
    settings = ", ".join(f"{key}={value}" for key, value in cell.parameters.items())
    made = f"{cell.builder} with {settings}" if settings else cell.builder
    return f"{elided(cell.architecture, NAME_WIDTH)} is a name of the suite for {elided(made, NAME_WIDTH)}."
