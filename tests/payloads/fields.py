"""A payload for each text of a value: found by its types, so that a field of tomorrow is attacked as well."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import factories

from bench.core.score import Score
from bench.core.target import Task
from bench.declare.cell import Cell
from bench.record.fleet import NodeRecord
from bench.record.layers import LayerRecord, structure_of
from bench.record.records import Exhibit, Outcome, Published, RunResult
from bench.record.treatment import CompileRecord

KEPT = {"pixels", "gate", "status", "form", "key", "structure"}
"""Fields without a text that anybody wrote: pictures, rules that are checked, words of ours, hashes."""
KEYS_KEPT = {"suite", "asked"}
"""Dictionaries with keys of ours; their values are anybody's."""

Text = Callable[[str], str]
"""The payload that stands for a text of the clean run: the same one each time, so that names still refer."""


class Placed:
    """Payload after payload, from a first one on, each for a text of its own.

    Args:
        payloads: at least as many as there are texts.
        first: which one stands for the first text.
    """

    def __init__(self, payloads: tuple[str, ...], first: int = 0) -> None:
        self._payloads, self._first = payloads, first
        self.places: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """The payload of a text; nothing stays nothing."""
        if text and text not in self.places:
            number = len(self.places)
            assert number < len(self._payloads), "two texts would have one payload"
            payload = self._payloads[(self._first + number) % len(self._payloads)]
            # half a character is no text: what records a run, and what reads one, lets none in
            self.places[text] = re.sub("[\ud800-\udfff]", "\ufffd", payload)
        return self.places.get(text, text)


def poisoned(value: Any, text: Text) -> Any:
    """The value with a payload for every text in it, at any depth; numbers, bytes and words of ours stay."""
    if type(value) is str:
        return text(value)
    if isinstance(value, Cell):
        return _cell(value, text)
    if dataclasses.is_dataclass(value):
        return _record(value, text)
    if isinstance(value, dict):
        return {poisoned(key, text): poisoned(item, text) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return type(value)(poisoned(item, text) for item in value)
    return value


def poisoned_run(run: RunResult, text: Text) -> RunResult:
    """The run, every text of which is a payload; its cells are planned under the ids that they have now."""
    ids = {trial.cell.id: _cell(trial.cell, text).id for trial in run.trials}
    planned = tuple((ids[cell_id], seed) for cell_id, seed in run.run.planned)
    made = poisoned(dataclasses.replace(run, run=dataclasses.replace(run.run, planned=())), text)
    return dataclasses.replace(made, run=dataclasses.replace(made.run, planned=planned))


def _record(value: Any, text: Text) -> Any:
    parts = {}
    for field in dataclasses.fields(value):
        part = getattr(value, field.name)
        if not field.init or field.name in KEPT or (isinstance(value, Score) and value.name == "accuracy"):
            continue
        if field.name in KEYS_KEPT:
            parts[field.name] = {key: poisoned(item, text) for key, item in part.items()}
        else:
            parts[field.name] = poisoned(part, text)
    if isinstance(value, Outcome):
        parts["structure"] = structure_of(parts["layers"])
    return dataclasses.replace(value, **parts)


def _cell(cell: Cell, text: Text) -> Cell:
    """Names of settings are ours: a grid names them, and so does the id."""
    own = {key: text(key) for key in cell.parameters}
    settings = cell.settings
    optimizer = settings.optimizer.model_copy(update={"options": poisoned(settings.optimizer.options, text)})
    return dataclasses.replace(
        cell,
        architecture=text(cell.architecture),
        dataset=text(cell.dataset),
        dataset_alias=text(cell.dataset_alias),
        device=text(cell.device),
        builder=text(cell.builder),
        backend=text(cell.backend),
        precision=text(cell.precision),
        engine=text(cell.engine),
        score=text(cell.score),
        parameters={own[key]: poisoned(value, text) for key, value in cell.parameters.items()},
        named=tuple(own.get(key, key) for key in cell.named),
        settings=settings.model_copy(update={"optimizer": optimizer}),
    )


def clean_runs() -> dict[str, tuple[RunResult, RunResult]]:
    """By name, two runs of one suite: classes judged by accuracy, and values judged by a score of the user's own."""
    return {"classes": (_classes(1), _classes(2)), "values": (_values(1), _values(2))}


LAYERS = (
    LayerRecord(name="layer", kind="Kind", outputs=((8, None, 3), (4,)), parameters=7, trainable=5),
    LayerRecord(name="nested/layer", kind="Kind", parameters=3),
    LayerRecord(name="rest", kind="", parameters=30, trainable=30, layers=20),
)


def _classes(number: int) -> RunResult:
    options = {"momentum": 0.5, "note": "option"}
    cells = [
        factories.cell(
            name, parameters={"kind": f"parameter {name}", "shift": 1.5}, named=("kind", "learning_rate"), epochs=2,
            learning_rate=rate, device="gpu", dataset_alias="alias", engine="engine", metrics=("auc",),
        )
        for name, rate in (("first", 0.1), ("second", 0.2))
    ]  # fmt: skip
    cells = [
        dataclasses.replace(cell, settings=cell.settings.model_copy(update={
            "optimizer": cell.settings.optimizer.model_copy(update={"options": options})}))
        for cell in cells
    ]  # fmt: skip
    compiled = CompileRecord(
        optimizer="optimizer", learning_rate="rate", loss="loss", metrics=("metric",), outputs="out"
    )
    made = [
        factories.trial(
            cell, seed, accuracy=0.9 - 0.1 * place - 0.02 * number - 0.01 * seed, test_images=400,
            contention="contended", log=f"logs/{number}.log", run_id=f"run {number}",
            trial_id=f"trial {number}{place}{seed}", started_at="start", engine="engine", key="key",
        )
        for place, cell in enumerate(cells)
        for seed in (1, 2, 3)
    ]  # fmt: skip
    made = [
        dataclasses.replace(one, outcome=dataclasses.replace(
            one.outcome, compiled=compiled, engine_reason="why this engine",
            weights_digest=f"digest {number}{one.cell.architecture}{one.seed}",
            layers=LAYERS, structure=structure_of(LAYERS),
        ))
        for one in made
    ]  # fmt: skip
    lost = factories.failed(cells[1], 4, reason="reason")
    lost = dataclasses.replace(lost, run_id=f"run {number}", trial_id=f"trial {number}lost", log="log", key="key")
    classes = tuple(f"class {name}" for name in "0123456789")
    data = factories.dataset("alias", classes=classes, test_images=400, unseen={"class 3": 4}, features=("column",),
                             pinned=False)  # fmt: skip
    host = factories.environment(
        hostname="host", platform="platform", cpu_model="processor", cpu_flags=("flag",),
        packages={"package": "version"}, variables={"VARIABLE": "value"}, git_revision="revision",
    )  # fmt: skip
    run = factories.with_answers(factories.result(
        *made, lost, run_id=f"run {number}", suite_name="suite", suite={"name": "suite", "note": "in the suite"},
        suite_source="source of the suite", command="command", notices=(f"notice {number}",), environment=host,
        datasets=(data,), bench_version="0.1", process_id=1, asked={"suite": "asked"}, code={"mlp": f"code {number}"},
        fingerprint=f"fingerprint {number}", machine="machine",
        published={"first": Published(accuracy=0.9, source="paper", dataset="alias")},
    ))  # fmt: skip
    nodes = (
        NodeRecord(node="node", kind="kind of node", signatures={"backend": "signature"}, bench_version="0.1",
                   machine="machine", environment=host, lost_at="moment", lost="why it was lost"),
        NodeRecord(node="other node", refused="why it was refused"),
    )  # fmt: skip
    run = dataclasses.replace(run, run=dataclasses.replace(run.run, nodes=nodes))
    shown = tuple(Exhibit(dataset=data.sha256, image=one.image, pixels=one.pixels) for one in run.run.exhibits[:3])
    return dataclasses.replace(run, run=dataclasses.replace(run.run, exhibits=shown))


def _values(number: int) -> RunResult:
    score = Score(name="own:score", heading="own heading", meaning="Own meaning.", higher_is_better=False)
    values = {"first": [1.0 + number / 10, 1.2, 1.1], "second": [3.0, 3.3 + number / 10, 3.1]}
    keys = {
        name: {"run_id": f"run {number}", "key": "key", "started_at": "start", "log": f"logs/{number}.log"}
        for name in values
    }
    return factories.scored_run(
        score, values, Task.REGRESSION, run_id=f"run {number}", trials=keys, notices=(f"notice {number}",),
        code={"mlp": f"code {number}"}, machine="machine", gate={"margin": 0.5},
    )  # fmt: skip
