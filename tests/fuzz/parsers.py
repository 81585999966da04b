"""Every parser of what somebody else may have written: good inputs, how they are damaged, and all that reads them."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import random
import sqlite3
import struct
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import factories
import numpy as np
import pandas as pd
from mutations import BYTES, Mutation, as_json, as_toml, damage_document
from PIL import Image

from bench.analyse.gate.acceptance import Approval, accept
from bench.analyse.gate.judge import judge
from bench.catalog.datasets import DatasetTable, from_table, idx
from bench.catalog.datasets.facts import facts_of
from bench.catalog.datasets.sources import read_files
from bench.commands.compare import CompareRequest, compare_and_show
from bench.commands.publish import publish
from bench.commands.show import show_run
from bench.commands.workspace import Workspace
from bench.core.errors import BenchError
from bench.core.scores import SCORES
from bench.core.target import Task
from bench.declare.grid import expand
from bench.declare.locate import load_suite
from bench.declare.source import shipped_suites
from bench.record.baseline import BASELINE_VERSION, digest, read_baseline, write_baseline
from bench.record.records import RunResult
from bench.record.runfile import RUN_FILE, read_run_file, write_run_file
from bench.record.store import Store
from bench.record.store.pending import PendingRun, PendingTrial, read_pending, write_pending
from bench.record.verdictfile import VERDICT_FILE, read_verdict, write_verdict
from bench.render.exports.csv import write_csv
from bench.render.gate.reasons import worded
from bench.render.terminal import make_console

APPROVAL = Approval("2026-11-24T12:00:00+00:00", "Somebody", "the first")


@dataclass(frozen=True)
class Parser:
    """Something that reads a file.

    Attributes:
        seeds: good inputs.
        mutate: damages one.
        consume: reads an input, and does with what it gives all that the commands do.
    """

    name: str
    seeds: Callable[[], list[bytes]]
    mutate: Mutation
    consume: Callable[[bytes, Path], object]


def by_bytes(data: bytes, chance: random.Random) -> bytes:
    """One to three mutations of the bytes."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        data = chance.choice(BYTES)(data, chance) if data else data
    return data


def in_document(load: Callable[[bytes], Any], dump: Callable[[Any], bytes]) -> Mutation:
    """Mutations of the values of a document; of its bytes for every fourth input."""

    def mutate(data: bytes, chance: random.Random) -> bytes:
        return by_bytes(data, chance) if chance.randrange(4) == 0 else dump(damage_document(load(data), chance))

    return mutate


# ---------------------------------------------------------------------------------------------------------- a suite

_SUITE = """
[suite]
name = "fuzzed"
dataset = "digits"
seeds = [0, 1]
epochs = 2
optimizer = { name = "sgd", momentum = 0.9 }
learning_rate = { schedule = "cosine", initial = 0.5 }
validation_split = 0.1
early_stopping = { patience = 2 }
class_weight = "balanced"
metrics = ["f1_score"]
memory_limit_bytes = "4 GiB"
[datasets.houses]
name = "sklearn:iris"
[architectures.model-1]
builder = "softmax"
published = { accuracy = 0.9288, source = "A study" }
[architectures.model-2]
builder = "mlp"
hidden = [128, 64]
[[grid]]
architecture = ["model-1", "model-2"]
batch_size = [32, 128]
device = ["cpu", "cpu[threads=1]"]
[[grid]]
architecture = "mlp"
hidden = [[32], [64, 64]]
learning_rate = [0.1, 0.01]
loss = { name = "categorical_crossentropy", label_smoothing = 0.1 }
[[include]]
architecture = "cnn"
epochs = 3
[[exclude]]
hidden = [32]
batch_size = 128
[gate]
margin = 0.005
margins = { mlp = 0.01 }
on_inconclusive = "more-seeds"
"""


def _suites() -> list[bytes]:
    shipped = [load_suite(name).source for name in shipped_suites()]
    return [text.encode() for text in (_SUITE, *shipped)]


def _suite(data: bytes, folder: Path) -> None:
    (folder / "bench.toml").write_bytes(data)
    suite = load_suite("bench.toml", folder=folder)
    cells = expand(suite).cells
    assert len({cell.fingerprint() for cell in cells}) <= len(cells)


# ------------------------------------------------------------------------------------------------------------- a run


def _small(run: RunResult) -> RunResult:
    """With two epochs of each trial, so that mutations find what else there is."""
    return replace(
        run,
        trials=tuple(replace(t, outcome=replace(t.outcome, epochs=t.outcome.epochs[:2])) for t in run.trials),
        run=replace(run.run, exhibits=run.run.exhibits[:2]),
    )


@cache
def _result() -> RunResult:
    run = factories.seeded_run("20261124-120000-abcd", {"model-1": [0.9, 0.91, 0.92], "model-2": [0.95, 0.96, 0.95]},
                               images=50)  # fmt: skip
    return _small(factories.with_answers(run, images=50))


@cache
def _results() -> tuple[RunResult, ...]:
    regression = factories.scored_run(SCORES["mean_absolute_error"], {"mlp": [3.0, 3.5], "linear": [5.0, 5.5]},
                                      Task.REGRESSION)  # fmt: skip
    swept = factories.grid(seeds=1)
    failed = replace(_result(), trials=(*_result().trials, factories.failed(factories.cell("model-3"), 1)))
    return failed, _small(regression), _small(replace(swept, trials=swept.trials[:12]))


def _run_files(folder: Path | None = None) -> list[bytes]:
    written = [write_run_file(run, Path("seeds")).read_bytes() for run in _results()]
    old = Path(factories.__file__).parent / "unit/record/version_3" / RUN_FILE
    return [*written, old.read_bytes()]


def _quietly(call: Callable[[], object]) -> object:
    with contextlib.redirect_stdout(io.StringIO()):
        return call()


def _run(data: bytes, folder: Path) -> None:
    """Show, compare, check, accept and export it."""
    file, other = folder / RUN_FILE, folder / "other.json"
    file.write_bytes(data)
    result = read_run_file(file)
    if not other.exists():
        other.write_bytes(write_run_file(_result(), folder / "good").read_bytes())
    _quietly(lambda: show_run(str(file), Workspace(folder)))
    write_csv(result, folder / "results.csv")
    request = CompareRequest(before=str(other), after=str(file), workspace=Workspace(folder), to=None, output=None)
    refusals: list[Callable[[], object]] = [
        lambda: _quietly(lambda: compare_and_show(request)),
        lambda: _quietly(lambda: publish(worded(judge(_accepted(), [result])), make_console(), folder)),
        lambda: judge(accept(result, APPROVAL, None), [result]),
    ]
    for call in refusals:
        with contextlib.suppress(BenchError):  # a run may be no reference, and yet be shown
            call()


def _report(data: bytes, folder: Path) -> None:
    """The report with its charts, also as an interactive page."""
    from bench.render.report import write_report  # noqa: PLC0415

    (folder / RUN_FILE).write_bytes(data)
    result = read_run_file(folder / RUN_FILE)
    write_report(result, folder)
    with contextlib.suppress(BenchError):  # its script comes with an extra
        write_report(result, folder, interactive=True)


# ------------------------------------------------------------------------------------------------- rows of the store


@cache
def _template() -> bytes:
    """A store whose rows have no checksums, as those of earlier versions."""
    path = Path("seeds") / "template.db"
    path.unlink(missing_ok=True)
    with contextlib.closing(Store(str(path))) as store:
        store.import_run(_result())
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        for table in ("runs", "trials", "run_trials", "labels"):
            database.execute(f"update {table} set checks = null")  # noqa: S608
        database.execute("pragma journal_mode=delete")
    return path.read_bytes()


_PLACES = {b'"planned"': ("runs", "record"), b'"outcome"': ("trials", "record")}


def _rows() -> list[bytes]:
    """The JSON of a run, a trial and a place in a plan."""
    (Path("seeds") / "rows.db").write_bytes(_template())
    with contextlib.closing(sqlite3.connect(Path("seeds") / "rows.db")) as database:
        queries = ("select record from runs", "select record from trials", "select cell from run_trials")
        return [database.execute(query).fetchone()[0].encode() for query in queries]


def _row(data: bytes, folder: Path) -> None:
    """In its place: listed, loaded and shown, with what earlier runs found, and examined."""
    path, run_id = folder / "bench.db", _result().run.run_id
    table, column = next((where for mark, where in _PLACES.items() if mark in data), ("run_trials", "cell"))
    path.write_bytes(_template())
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(f"update {table} set {column} = ?", (data.decode("utf-8", "replace"),))  # noqa: S608
    with contextlib.closing(Store(str(path), create=False)) as store:
        store.runs()
        store.typical_times()
        store.examine()
        result = store.load_run(run_id)
        store.history(result.run)
    _quietly(lambda: show_run(run_id, Workspace(folder)))
    write_csv(result, folder / "results.csv")


def _pending_files() -> list[bytes]:
    trial = _result().trials[0]
    records = (PendingRun(_result().run), PendingTrial(trial.run_id, trial, 0, reused=False, exclusive=True))
    return [write_pending(record, "store", Path("seeds/pending")).read_bytes() for record in records]


def _pending(data: bytes, folder: Path) -> None:
    (folder / "000000.json").write_bytes(data)
    read_pending(folder / "000000.json")


# --------------------------------------------------------------------------------------------- baselines and verdicts


@cache
def _accepted() -> Any:
    return accept(_result(), APPROVAL, None)


def _baselines() -> list[bytes]:
    again = accept(_result(), APPROVAL, _accepted())
    gate = again.gate.model_copy(update={"time": True, "on_inconclusive": "fail"})
    written = [_accepted(), again, accept(replace(_result(), run=replace(_result().run, gate=gate.model_dump())),
                                          APPROVAL, None)]  # fmt: skip
    folder = Path(factories.__file__).parents[1] / "reports" / "baselines"
    return [
        *(write_baseline(baseline, Path("seeds/b.json")).read_bytes() for baseline in written),
        *(path.read_bytes() for path in sorted(folder.glob("*.json"))),
    ]


def resealed(content: Any) -> Any:
    """A damaged baseline with hashes that match it again, as an attacker would make them."""
    try:
        version = content["schema_version"]
        kept = {key: value for key, value in content.items() if key != "acceptances"}
        before = ""
        for acceptance in content["acceptances"]:
            acceptance["previous"] = before
            if acceptance is content["acceptances"][-1]:
                acceptance["content"] = digest(kept)
            acceptance["hash"] = before = digest({key: value for key, value in acceptance.items() if key != "hash"})
        assert version <= BASELINE_VERSION
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, AssertionError):
        pass
    return content


def _damaged_baseline(data: bytes, chance: random.Random) -> bytes:
    if chance.randrange(4) == 0:
        return by_bytes(data, chance)
    damaged = damage_document(json.loads(data), chance)
    return as_json(resealed(damaged) if chance.randrange(4) else damaged)


def _baseline(data: bytes, folder: Path) -> None:
    """Judge a run by it, continue it, and compare with it."""
    path, run = folder / "baseline.json", folder / "good" / RUN_FILE
    path.write_bytes(data)
    baseline = read_baseline(path)
    if not run.exists():
        write_run_file(_result(), run.parent)
    request = CompareRequest(before=str(path), after=str(run), workspace=Workspace(folder), to=None, output=None)
    calls: list[Callable[[], object]] = [
        lambda: _quietly(lambda: publish(worded(judge(baseline, [_result()])), make_console(), folder)),
        lambda: accept(_result(), APPROVAL, baseline),
        lambda: _quietly(lambda: compare_and_show(request)),
    ]
    for call in calls:
        with contextlib.suppress(BenchError):
            call()


def _verdicts() -> list[bytes]:
    worse = [replace(t, outcome=replace(t.outcome, accuracy=(t.outcome.accuracy or 0) - 0.2)) if t.outcome.accuracy
             else t for t in _result().trials]  # fmt: skip
    runs = (_result(), replace(_result(), trials=tuple(worse)))
    made = [worded(judge(_accepted(), [run])) for run in runs]
    return [write_verdict(judgement, Path("seeds")).read_bytes() for judgement in made]


def _verdict(data: bytes, folder: Path) -> None:
    (folder / VERDICT_FILE).write_bytes(data)
    judgement = read_verdict(folder)
    if judgement is None:
        raise BenchError("It is none.")
    _quietly(lambda: publish(judgement, make_console(), folder / "published"))


# --------------------------------------------------------------------------------------------------------------- data


def _looked_at(arrays: Any) -> None:
    facts_of(arrays, arrays.target)


_DIGITS = np.random.default_rng(0).integers(0, 256, (30, 6, 5), dtype=np.uint8)
_LABELS = np.arange(30, dtype=np.uint8) % 3


def _idx_bytes(array: Any) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def _idx_files() -> list[bytes]:
    return [_idx_bytes(_DIGITS), _idx_bytes(_LABELS), gzip.compress(_idx_bytes(_DIGITS)), _idx_bytes(_DIGITS[:, 0, 0])]


def _damaged_idx(data: bytes, chance: random.Random) -> bytes:
    if not data.startswith(b"\x1f\x8b") or chance.randrange(2):
        return by_bytes(data, chance)
    return gzip.compress(by_bytes(gzip.decompress(data), chance))


def _idx(data: bytes, folder: Path) -> None:
    """As pictures, and as labels."""
    good = {("train", "images"): _idx_bytes(_DIGITS), ("train", "labels"): _idx_bytes(_LABELS),
            ("t10k", "images"): _idx_bytes(_DIGITS), ("t10k", "labels"): _idx_bytes(_LABELS)}  # fmt: skip
    names = {part: "-".join(part) for part in good}
    errors = []
    for part in (("train", "images"), ("train", "labels")):
        files = {names[key]: data if key == part else content for key, content in good.items()}
        try:
            _looked_at(idx.assemble(names, files.__getitem__, "folder"))
        except BenchError as error:
            errors.append(error)
    if len(errors) == 2:
        raise errors[0]


def _npz_files() -> list[bytes]:
    parts = {"x_train": _DIGITS, "y_train": _LABELS, "x_test": _DIGITS, "y_test": _LABELS}
    floats = {"x_train": _DIGITS[:, :, 0] / 255, "y_train": _LABELS * 0.5, "x_test": _DIGITS[:, :, 0] / 255,
              "y_test": _LABELS * 0.5, "w_train": np.ones(30), "w_test": np.ones(30)}  # fmt: skip
    named = {"x": _DIGITS, "y": np.array(["a", "b", "c"] * 10)}
    about = json.dumps({"task": "classes", "names": ["a", "b", "c"], "features": []})
    several = {"x_train/a": _DIGITS, "x_train/b": _LABELS, "y_train": _LABELS, "x_test/a": _DIGITS,
               "x_test/b": _LABELS, "y_test": _LABELS, "about": np.array(about)}  # fmt: skip
    made = []
    for arrays in (parts, floats, named, several):
        for save in (np.savez, np.savez_compressed):
            file = io.BytesIO()
            save(file, **arrays)
            made.append(file.getvalue())
    return made


def _damaged_npz(data: bytes, chance: random.Random) -> bytes:
    """The archive, or one of its arrays in an archive that is whole."""
    if chance.randrange(3) == 0:
        return by_bytes(data, chance)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        members = {name: old.read(name) for name in old.namelist()}
        name = chance.choice(sorted(members))
        if chance.randrange(6) == 0:
            members[chance.choice((name.removesuffix(".npy"), "x_train.npy", "source.npy", "../a.npy", "é.npy"))] = (
                members.pop(name)
            )
        else:
            head = chance.randrange(2)
            content = members[name]
            members[name] = by_bytes(content[:128], chance) + content[128:] if head else by_bytes(content, chance)
        for key, content in members.items():
            new.writestr(key, content)
    return file.getvalue()


def _npz(data: bytes, folder: Path) -> None:
    path = folder / "a.npz"
    path.write_bytes(data)
    try:
        _looked_at(read_files(path))
    except BenchError:
        _looked_at(from_table(DatasetTable(path="a.npz", test_split=0.3), folder).arrays)


_COLOURS = ("red", "green", "blue")


def _frame() -> pd.DataFrame:
    return pd.DataFrame({
        "area": np.linspace(1, 9, 24), "rooms": np.arange(24) % 5, "town": [_COLOURS[i % 3] for i in range(24)],
        "sold": [i % 2 == 0 for i in range(24)], "part": ["test" if i % 4 == 0 else "train" for i in range(24)],
        "y": [_COLOURS[i % 3] for i in range(24)], "price": np.linspace(100, 900, 24) ** 2,
    })  # fmt: skip


def _csv_files() -> list[bytes]:
    frame = _frame()
    gaps = frame.copy()
    gaps.loc[3, "area"] = np.nan
    return [text.encode() for text in (frame.to_csv(index=False), frame.to_csv(sep=";"), gaps.to_csv(index=False),
                                       frame.to_csv(index=False).replace("red", '"re\n""d"'))]  # fmt: skip


def _table(name: str, data: bytes, folder: Path) -> None:
    """As classes, as values, and with a column that says which rows are tested on."""
    (folder / name).write_bytes(data)
    tables = (
        DatasetTable(path=name, target="y", missing="drop", test_split=0.3),
        DatasetTable(path=name, target="price", missing="mean", split_column="part", categories="ordinal"),
        DatasetTable(path=name, target=("area", "price"), features=("rooms", "town"), weights="rooms"),
    )
    errors = []
    for table in tables:
        try:
            _looked_at(from_table(table, folder).arrays)
        except BenchError as error:
            errors.append(error)
    if len(errors) == len(tables):
        raise errors[0]


def _csv(data: bytes, folder: Path) -> None:
    _table("a.csv", data, folder)


def _parquet_files() -> list[bytes]:
    made = []
    for options in ({}, {"compression": None}, {"compression": "gzip"}, {"row_group_size": 5}):
        file = io.BytesIO()
        _frame().to_parquet(file, **options)
        made.append(file.getvalue())
    return made


def _parquet(data: bytes, folder: Path) -> None:
    _table("a.parquet", data, folder)


def _picture_files() -> list[bytes]:
    noise = np.random.default_rng(1).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    made = []
    for kind, mode in (("PNG", "RGB"), ("PNG", "P"), ("PNG", "RGBA"), ("PNG", "1"), ("JPEG", "RGB"), ("JPEG", "CMYK"),
                       ("GIF", "P"), ("BMP", "RGB")):  # fmt: skip
        file = io.BytesIO()
        Image.fromarray(noise).convert(mode).save(file, kind)
        made.append(file.getvalue())
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(noise).save(file, "JPEG", exif=exif)
    return [*made, file.getvalue()]


def _picture(data: bytes, folder: Path) -> None:
    """Among good ones, with and without a size that all are brought to."""
    pictures = folder / "pictures"
    for name in ("a", "b"):
        (pictures / name).mkdir(parents=True, exist_ok=True)
        for number in range(3):
            Image.fromarray(_DIGITS[number]).save(pictures / name / f"{number}.png")
    (pictures / "a" / "fuzzed.png").write_bytes(data)
    _looked_at(from_table(DatasetTable(path="pictures", size=(6, 5), test_split=0.3), folder).arrays)


def _load_toml(data: bytes) -> Any:
    return tomllib.loads(data.decode())


JSON = in_document(json.loads, as_json)
PARSERS = {
    parser.name: parser
    for parser in (
        Parser("suite", _suites, in_document(_load_toml, as_toml), _suite),
        Parser("run.json", _run_files, JSON, _run),
        Parser("report", _run_files, JSON, _report),
        Parser("store", _rows, JSON, _row),
        Parser("pending record", _pending_files, JSON, _pending),
        Parser("baseline", _baselines, _damaged_baseline, _baseline),
        Parser("verdict.json", _verdicts, JSON, _verdict),
        Parser("IDX", _idx_files, _damaged_idx, _idx),
        Parser("npz", _npz_files, _damaged_npz, _npz),
        Parser("CSV", _csv_files, by_bytes, _csv),
        Parser("Parquet", _parquet_files, by_bytes, _parquet),
        Parser("image", _picture_files, by_bytes, _picture),
    )
}
