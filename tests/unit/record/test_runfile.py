"""`run.json` makes a run folder stand alone."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from factories import HOSTILE, cell, failed, reference_study, result, run_record, trial, with_answers

from bench.core.errors import BenchError, StoreError
from bench.record.runfile import RUN_FILE, read_run_file, write_run_file

if TYPE_CHECKING:
    from pathlib import Path

    from bench.record.records import RunResult

SHORT = cell(epochs=2)


def as_written(run: RunResult) -> RunResult:
    trials = tuple(replace(t, outcome=replace(t.outcome, predictions=None)) for t in run.trials)
    return replace(run, trials=trials)


def test_a_run_is_read_back_from_its_folder_or_file(tmp_path: Path) -> None:
    """Run, trials, epochs and which trials were reused; without labels, predictions stay in the store."""
    trials = (trial(SHORT, 1), failed(SHORT, 2, reason=HOSTILE))
    run = result(*trials, reused=frozenset({trials[0].trial_id}), notices=(HOSTILE,))
    file = write_run_file(run, tmp_path / "new" / "folder")
    assert tmp_path / "new" / "folder" / RUN_FILE == file
    assert as_written(run) == read_run_file(file) == read_run_file(file.parent)


def test_predictions_travel_with_the_folder(tmp_path: Path) -> None:
    """Labels and what every trial answered come back as they were, in little space; so does a picture."""
    run = with_answers(reference_study(seeds=2), images=10_000)
    file = write_run_file(run, tmp_path)
    read = read_run_file(file)
    assert [zlib.decompress(t.outcome.predictions or b"") for t in run.trials] == [
        zlib.decompress(t.outcome.predictions or b"") for t in read.trials
    ]
    assert zlib.decompress(run.run.datasets[0].labels or b"") == zlib.decompress(read.run.datasets[0].labels or b"")
    assert run.run.exhibits == read.run.exhibits
    answers = [len(one["answers"]) for one in json.loads(file.read_text())["trials"]]
    assert max(answers) < 4_000


@pytest.mark.parametrize("damage", ["%%%", "AAAA", 5, "eJwDAAAAAAE="])
def test_damaged_predictions_are_refused(tmp_path: Path, damage: object) -> None:
    """Not base64, not zlib, no text, or answers to another number of images."""
    file = write_run_file(with_answers(reference_study(seeds=1)), tmp_path)
    content = json.loads(file.read_text())
    content["trials"][0]["answers"] = damage
    file.write_text(json.dumps(content))
    with pytest.raises(StoreError, match="its predictions or labels are damaged"):
        read_run_file(file)


def test_a_run_without_trials_is_a_run(tmp_path: Path) -> None:
    """One that was interrupted before its first."""
    assert result() == read_run_file(write_run_file(result(), tmp_path))


def test_a_file_that_ends_early_is_refused(tmp_path: Path) -> None:
    """Wherever it was cut off."""
    file = write_run_file(reference_study(seeds=1), tmp_path)
    whole = file.read_text()
    for cut in range(0, len(whole) - 2, len(whole) // 20):
        file.write_text(whole[:cut])
        with pytest.raises(StoreError, match=r"run\.json is not JSON: "):
            read_run_file(file)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not json", "is not JSON: Expecting value: line 1 column 1 (char 0)."),
        (b"\xff\xfe", "is not JSON: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte."),
        (b"[" * 100_000, "is not JSON: lists and tables nested too deeply."),
        (b"[]", "is not a record of keras-bench: it has no schema_version."),
        (b"{}", "is not a record of keras-bench: it has no schema_version."),
        (b'{"schema_version": 5}', "was written with schema 5; this version reads up to schema 4."),
        (b'{"schema_version": 1}', "cannot be read: run_id: Field required."),
    ],
    ids=["text", "bytes", "too deep", "a list", "an empty table", "a newer schema", "nothing else"],
)
def test_what_is_no_run_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """The sentence names the file and what is wrong with it."""
    file = tmp_path / RUN_FILE
    file.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        read_run_file(tmp_path)
    assert caught.value.message.startswith(f"{file} {message}")


@pytest.mark.parametrize(
    ("trials", "message"),
    [
        (5, "cannot be read: trials: not a list."),
        (None, "cannot be read: trials: not a list."),
        ({"a": 1}, "cannot be read: trials: not a list."),
        ([5], ", trial 1 is not a record of keras-bench: it has no schema_version."),
        ([{"reused": True}], ", trial 1 is not a record of keras-bench: it has no schema_version."),
        ([{"reused": True, "schema_version": 1}], ", trial 1 cannot be read: trial_id: Field required."),
        ([{"schema_version": True}], ", trial 1 is not a record of keras-bench: it has no schema_version."),
    ],
)
def test_edited_trials_are_refused(tmp_path: Path, trials: Any, message: str) -> None:
    """Whatever stands in their place."""
    file = write_run_file(result(trial(SHORT)), tmp_path)
    file.write_text(json.dumps({**json.loads(file.read_text()), "trials": trials}))
    with pytest.raises(StoreError) as caught:
        read_run_file(file)
    assert f"{file} {message}".replace(" ,", ",") == caught.value.message


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("run_id",), "/tmp/elsewhere", "'/tmp/elsewhere' is not the name of a run"),  # noqa: S108  never written
        (("suite_name",), "../up", "'../up' is not the name of a suite"),
        (("wall_time_s",), float("inf"), "inf is not a finite number"),
        (("trials", 0, "outcome", "phases", "train_time_s"), 1e30, "a time of 1e+30 s"),
        (("trials", 0, "outcome", "phases", "train_time_s"), 1e308, "1e+308 is larger than any figure"),
        (("trials", 0, "outcome", "epochs", 0, "train_time_s"), 1e-300, "a time of 1e-300 s"),
        (("trials", 0, "outcome", "speed", "latency_s"), 5e-324, "a time of 4.94066e-324 s"),
        (("trials", 0, "outcome", "speed", "yardstick", "flops_per_s"), 0.0, "a device of 0 operations per second"),
        (("trials", 0, "outcome", "epochs", 0, "validation_accuracy"), -0.5, "an accuracy of -0.5"),
        (("trials", 0, "cell", "named"), ["nothing"], "named holds 'nothing', which the cell does not have"),
        (("datasets", 0, "labels"), "", "its predictions or labels are damaged"),
        (("trials", 0, "outcome", "parameter_count"), 2**53, "a whole number has more than 53 bits"),
        (("datasets", 0, "test_images"), -1, "the data set 'mnist' has -1 examples"),
        (("datasets", 0, "image_shape"), [28, 0, 1], "the data set 'mnist' has examples of no size"),
        (("trials", 0, "seed"), 10**30, "a whole number has more than 53 bits"),
        (("trials", 0, "outcome", "accuracy"), 7.0, "an accuracy of 7.0"),
        (("trials", 0, "outcome", "test_errors"), 500, "500 errors in 400 test examples"),
        (("trials", 0, "outcome", "phases", "train_time_s"), -1.0, "a time below 0"),
        (("trials", 0, "outcome", "weights_digest"), '"; import os #', "an invalid digest of weights"),
        (("exhibits", 0, "pixels"), "!!!", "the picture of image 0 is none"),
        (("gate",), {"margin": {"a": {}}}, "its table [gate] is wrong at margin"),
        (("trials", 0, "answers"), "eJwDAAAAAAE=", "they have other than the announced 400 bytes"),
    ],
)
def test_what_no_run_can_have_left_is_refused(tmp_path: Path, keys: tuple[Any, ...], value: Any, message: str) -> None:
    """Names that lead elsewhere, figures that cannot be, pictures that are none: said, and nothing is made of them."""
    file = write_run_file(with_answers(reference_study(seeds=1)), tmp_path)
    content = json.loads(file.read_text())
    place = content
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    file.write_text(json.dumps(content))
    with pytest.raises(StoreError) as caught:
        read_run_file(file)
    assert message in caught.value.message
    assert caught.value.hint


def test_half_a_character_in_a_file_is_replaced(tmp_path: Path) -> None:
    """An earlier version wrote such text; the run is read, and can be written again."""
    file = write_run_file(result(failed(SHORT, reason="half")), tmp_path)
    file.write_text(file.read_text().replace('"half"', '"half \\ud800 and \\u0000"'))
    assert "half \\ud800" in file.read_text()
    read = read_run_file(file)
    assert "half \ufffd and \ufffd" == read.trials[0].reason
    assert read == read_run_file(write_run_file(read, tmp_path / "again"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With the system's own words, and where to find runs."""
    with pytest.raises(StoreError) as caught:
        read_run_file(tmp_path)
    assert f"{tmp_path / RUN_FILE} cannot be read: No such file or directory." == caught.value.message
    assert "`bench list` shows the runs in the store." == caught.value.hint


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_nan_is_never_written(tmp_path: Path, number: float) -> None:
    """It is no JSON; a file that was there stays as it was, and nothing lies beside it."""
    good = result(trial(SHORT))
    file = write_run_file(good, tmp_path)
    before = file.read_text()
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        write_run_file(replace(good, run=run_record(wall_time_s=number)), tmp_path)
    assert (before, [file]) == (file.read_text(), list(tmp_path.iterdir()))


def bomb(folder: Path, announced: int, held: int) -> Path:
    """A small run file whose labels and predictions have many bytes once they are decompressed."""
    file = write_run_file(with_answers(reference_study(seeds=1)), folder)
    content = json.loads(file.read_text())
    content["datasets"][0] |= {"test_images": announced, "labels": packed(held)}
    for one in content["trials"]:
        one["answers"] = packed(held)
    file.write_text(json.dumps(content))
    return file


def packed(zeros: int) -> str:
    return base64.b64encode(zlib.compress(bytes(zeros), 9)).decode()


def test_a_small_file_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is decompressed beyond what the data set announces, nor beyond what the user allows."""
    with pytest.raises(StoreError, match="they have other than the announced 400 bytes"):
        read_run_file(bomb(tmp_path, announced=400, held=2**26))
    with pytest.raises(StoreError, match="have 900,000,000 bytes once they are decompressed, more than") as caught:
        read_run_file(bomb(tmp_path, announced=300_000_000, held=10))
    assert caught.value.hint.endswith("BENCH_MAX_DECOMPRESSED='1 GiB'.")
    large = bomb(tmp_path, announced=100_000, held=100_000)
    assert len(read_run_file(large).trials) == 2
    monkeypatch.setenv("BENCH_MAX_DECOMPRESSED", "1 KiB")
    assert file_grows_by_less_than_fifty(large)
    monkeypatch.setenv("BENCH_MAX_DECOMPRESSED", "much")
    with pytest.raises(BenchError, match="BENCH_MAX_DECOMPRESSED is 'much', which is not a size"):
        read_run_file(large)


def file_grows_by_less_than_fifty(file: Path) -> bool:
    """Whether a file is read under a small limit: what grows as usual always is."""
    read_run_file(file)
    return 3 * 100_000 < 50 * file.stat().st_size
