"""Getting the data sets of a plan, or their stand-in where the suite allows one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.catalog import datasets
from bench.commands.missing import in_worker
from bench.core.errors import BenchError, DataError, ExecutionError
from bench.core.formatting import count, plural
from bench.core.scores import SCORES
from bench.core.target import Task
from bench.declare.cell import dataset_label
from bench.declare.judged import suite_score
from bench.record.records import DatasetRecord, StreamRecord
from bench.render.datasets import dataset_sentence

if TYPE_CHECKING:
    from bench.catalog.datasets import Obtained, Progress
    from bench.catalog.datasets.stream import StreamFacts
    from bench.core.score import Score
    from bench.declare.cell import Cell
    from bench.declare.suite import Suite
    from bench.execute.harness.servers import Servers

LOADER_TIMEOUT_S = 600.0
SLOW_LOADER_S = 30.0
"""A loader that took longer is not called a second time to see whether it returns the same."""


@dataclass(frozen=True, slots=True)
class PreparedData:
    """What the cells will be trained on.

    Attributes:
        cells: as declared, or moved to the fallback data set.
        obtained: by the cells' reference.
        notices: what the reader must know: a data set that could not be had.
        score: what the cells are ranked and judged by.
        warnings: what spoils the scores on a data set, and is on record with it; said in the terminal as well.
        descriptions: a sentence per data set: its inputs, its target, and what was inferred or done to get them.
    """

    cells: tuple[Cell, ...]
    obtained: dict[str, Obtained]
    notices: tuple[str, ...]
    score: Score
    warnings: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()

    def records(self) -> tuple[DatasetRecord, ...]:
        """The data sets as a run records them."""
        names = {cell.dataset: cell.dataset_name for cell in self.cells}
        return tuple(
            _record(names.get(reference, dataset_label(reference)), obtained)
            for reference, obtained in self.obtained.items()
        )


def prepare_data(suite: Suite, cells: tuple[Cell, ...], servers: Servers, progress: Progress) -> PreparedData:
    """Have every data set that the cells name, verified and in the cache.

    Args:
        suite: may name a fallback.
        cells: to be trained.
        servers: a user's own loader runs in a worker of theirs.
        progress: told of downloads.

    Raises:
        DataError: a data set cannot be had, and the suite names no fallback or that cannot be had either.
        SuiteError: the suite's score cannot judge what a data set predicts.
    """
    obtained: dict[str, Obtained] = {}
    notices: list[str] = []
    warnings: list[str] = []
    moved: dict[str, str] = {}
    for reference in dict.fromkeys(cell.dataset for cell in cells):
        try:
            obtained[reference] = _obtain(reference, suite, servers, progress, warnings)
        except DataError as error:
            fallback = suite.keys.fallback_dataset
            if fallback is None or fallback == reference:
                raise
            obtained[fallback] = _obtain(fallback, suite, servers, progress, warnings)
            moved[reference] = fallback
            notices.append(_fallback_notice(reference, obtained[fallback], error))
    kept: dict[tuple[str, str, str], Cell] = {}
    for cell in cells:
        placed = cell.on_dataset(moved[cell.dataset]) if cell.dataset in moved else cell
        kept.setdefault((placed.architecture, placed.dataset, placed.fingerprint()), placed)
    names = {cell.dataset: cell.dataset_name for cell in kept.values()}
    for reference, data in obtained.items():
        warnings += _warnings(names.get(reference, dataset_label(reference)), data)
        notices += _streamed(names.get(reference, dataset_label(reference)), data)
    score = suite_score(suite, {names.get(name, name): data.target for name, data in obtained.items()})
    judged_by = [score, *(SCORES[name] for name in suite.keys.metrics if name in SCORES and name != score.name)]
    descriptions = [
        dataset_sentence(names.get(reference, dataset_label(reference)), data, judged_by)
        for reference, data in obtained.items()
    ]
    return PreparedData(tuple(kept.values()), obtained, tuple(notices), score, tuple(warnings), tuple(descriptions))


def _obtain(reference: str, suite: Suite, servers: Servers, progress: Progress, warnings: list[str]) -> Obtained:
    """The data set of a reference; a loader that cannot be called a second time adds to `warnings`."""
    table = suite.datasets.get(reference) or datasets.named(reference)
    target = datasets.entry_point_datasets().get(reference, reference)
    if not in_worker(reference, suite):
        return datasets.obtain(target, base=suite.base, progress=progress, table=table)
    call, payload = servers.main.call, (target, table, suite.base)
    if table is not None:
        progress(f"reading {table.source}", None, None)
    answer = call("bench.execute.worker.errands:load_dataset", payload, timeout_s=LOADER_TIMEOUT_S)
    if isinstance(answer, BenchError):
        raise answer
    obtained: Obtained
    obtained, load_time_s = answer
    loader = target if table is None else table.loader
    if loader is None or load_time_s > SLOW_LOADER_S or obtained.stream is not None:
        return obtained
    progress(f"calling {loader} a second time, to see whether it returns the same", None, None)
    try:
        again = call(
            "bench.execute.worker.errands:load_again",
            (*payload, obtained.path, obtained.sha256),
            timeout_s=LOADER_TIMEOUT_S,
        )
    except ExecutionError as error:  # it ended its worker
        again = error
    if isinstance(again, BenchError):
        warnings.append(f"{loader} returned data once, but failed when it was called again: {again.message}")
        return obtained
    return replace(obtained, facts=replace(obtained.facts, unstable=again))


def _warnings(name: str, data: Obtained) -> list[str]:
    """What spoils the scores on a data set, a sentence each."""
    facts = data.facts
    sentences: list[str] = []
    if facts.unstable:
        sentences.append(
            f"The loader of {name} is not repeatable: {plural(facts.unstable, 'example')} of "
            f"{data.train_images + data.test_images:,} differed when it was called a second time. This run trains on "
            "what the first call returned; another run will train on other data."
        )
    if facts.unseen:
        classes = ", ".join(f"{label} ({tests:,})" for label, tests in facts.unseen)
        sentences.append(f"{name} has test examples of classes that no training example has: {classes}.")
    if facts.overlap:
        sentences.append(
            f"{name} has {plural(facts.overlap, 'test example')} of {data.test_images:,} in its training set as well."
        )
    if data.target.task is Task.CLASSES and datasets.look_measured(data.target.width, data.train_images):
        sentences.append(
            f"{name} has {data.target.width:,} classes and {plural(data.train_images, 'training example')}. Many "
            'classes with few examples look like measured values: if they are, say task = "regression" in a table '
            "[datasets.NAME]."
        )
    sentences += [
        f"{name} has {plural(rows, 'test example')} with a value of {column} that no training example has; such a row "
        "has a 0 for every category."
        for column, rows in data.preparation.unknown
    ]
    return sentences


def _streamed(name: str, data: Obtained) -> list[str]:
    """What a reader has to know of data that is not held whole."""
    if data.stream is None:
        return []
    kind, batch = data.stream.kind, count(data.stream.batch_size)
    sentence = (
        f"{name} is streamed: its loader gives {kind}s in batches of {batch}, and Model.fit alone trains on them. It "
        f"is known by the version {data.stream.version!r} and the loader's code, not by a hash of its values."
    )
    return [sentence]


def _stream_record(stream: StreamFacts | None) -> StreamRecord | None:
    if stream is None:
        return None
    return StreamRecord(
        kind=stream.kind,
        version=stream.version,
        batch_size=stream.batch_size,
        train_batches=stream.train_batches,
        test_batches=stream.test_batches,
    )


def _fallback_notice(reference: str, fallback: Obtained, error: DataError) -> str:
    examples = count(fallback.train_images)
    tried = " ".join(line.strip() for line in error.message.splitlines())
    return (
        f"These are not results on {reference}. It could not be had, so this run was trained on {fallback.name} "
        f"instead ({examples} training examples), as the suite allows. {tried}"
    )


def _record(name: str, obtained: Obtained) -> DatasetRecord:
    target, shape = obtained.target, obtained.input_shape
    return DatasetRecord(
        name=name,
        sha256=obtained.sha256,
        pinned=obtained.pinned,
        source=obtained.source,
        train_images=obtained.train_images,
        test_images=obtained.test_images,
        image_shape=() if isinstance(shape, dict) else shape,
        inputs=shape if isinstance(shape, dict) else {},
        classes=target.names if target.task is Task.CLASSES else (),
        task=target.task,
        targets=() if target.task is Task.CLASSES else target.names,
        features=obtained.features,
        preparation=obtained.preparation,
        weighted=obtained.weighted,
        stream=_stream_record(obtained.stream),
        labels=target.pack(obtained.y_test),
        low=obtained.facts.low,
        high=obtained.facts.high,
        whole=obtained.facts.whole,
        picture=obtained.facts.picture,
        unseen=dict(obtained.facts.unseen),
        overlap=obtained.facts.overlap,
        unstable=obtained.facts.unstable,
    )
