"""Kept models as files: read back by Keras and by ONNX Runtime, with the predictions of the record."""

from __future__ import annotations

import subprocess
import sys

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
from commandline import bench as command

from bench.catalog import datasets

CELLS = ["hidden=12", "cnn", "Squared", "backend=jax", "two"]


def scaled(x, record):
    """Inputs after what the record says was done to them."""
    return ((x - np.float32(record.offset)) / np.float32(record.divisor)).astype("float32")


@pytest.fixture
def inputs(place, monkeypatch):
    """The test inputs by cell."""
    monkeypatch.syspath_prepend(place)
    import mine  # noqa: PLC0415  of the folder of the suite

    def made(run, trial):
        if trial.cell.dataset == "mine:halves":
            x = mine.halves()[1][0]
            return {name: scaled(array, trial.outcome.several_inputs[name]) for name, array in x.items()}
        obtained = datasets.obtain("digits", base=place)
        x = datasets.load(obtained.path, obtained.sha256).x_test
        return scaled(x, trial.outcome.inputs)

    return made


def kept_trial(run, cell):
    """The trial whose model is kept."""
    (model,) = [model for model in run.result.run.models if cell in model.cell]
    return next(one for one in run.result.trials if (one.cell.id, one.seed) == (model.cell, model.seed))


def predicted(run, trial):
    """The classes on record."""
    data = next(data for data in run.result.run.datasets if data.sha256 == trial.outcome.data_sha256)
    return data.target.unpack(trial.outcome.predictions)


@pytest.mark.parametrize("cell", CELLS)
def test_keras_and_onnx_predict_what_is_on_record(place, run, tmp_path, cell, inputs):
    """Each test example's class is the record's; the numbers of both formats agree."""
    trial = kept_trial(run, cell)
    x = inputs(run, trial)
    for to in ("keras", "onnx"):
        done = command("export", cell, "--run", str(run.folder), "--to", to, "-o", str(tmp_path / f"m.{to}"), cwd=place)
        assert 0 == done.returncode, done.stderr
        assert f"seed {trial.seed}" in done.stdout
    model = keras.saving.load_model(tmp_path / "m.keras")
    ours = np.asarray(model.predict(x, verbose=0))
    assert np.array_equal(predicted(run, trial), ours.argmax(axis=1))
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    names = [entry.name for entry in session.get_inputs()]
    feeds = {name: x[name.partition(":")[0]] for name in names} if isinstance(x, dict) else {names[0]: x}
    (theirs,) = session.run(None, feeds)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    notes = {entry.key: entry.value for entry in onnx.load(tmp_path / "m.onnx").metadata_props}
    assert (trial.cell.id, str(trial.seed)) == (notes["cell"], notes["seed"])
    assert "divided by" in str(notes) or "as they are" in str(notes) or "minus" in str(notes)


def test_what_was_done_to_the_inputs_is_said(run, place, tmp_path):
    """A model without it predicts nothing sensible."""
    done = command("export", "cnn", "--run", str(run.folder), "--to", "keras", "-o", str(tmp_path / "m.keras"))
    assert "divided by 255" in done.stdout
    assert "the best seed on the examples held out" in done.stdout


def test_nothing_is_replaced_unasked_and_no_other_seed_is_given(run, tmp_path):
    """As with all exports."""
    words = ("export", "cnn", "--run", str(run.folder), "--to", "keras", "-o", str(tmp_path / "m.keras"))
    kept = next(model for model in run.result.run.models if "cnn" in model.cell)
    assert 0 == command(*words).returncode
    refused = command(*words)
    assert (2, True) == (refused.returncode, "--force" in refused.stderr)
    assert 0 == command(*words, "--force", "--seed", str(kept.seed)).returncode
    other = command(*words, "--force", "--seed", str(kept.seed + 1))
    assert (2, True) == (other.returncode, f"--seed {kept.seed}" in other.stderr)


def test_another_precision_is_refused_for_onnx(run, tmp_path):
    """Keras's own converter takes float32 only; the file of Keras is there all the same."""
    words = ("export", "bfloat16", "--run", str(run.folder), "-o", str(tmp_path / "model"), "--to")
    refused = command(*words, "onnx")
    assert (2, True) == (refused.returncode, "mixed_bfloat16" in refused.stderr)
    assert 0 == command(*words, "keras").returncode


def test_the_harness_converts_in_a_worker(run, place, tmp_path):
    """The process of the command imports no backend."""
    code = (
        "import sys; from bench.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        "print(code, sorted({'tensorflow', 'keras', 'torch', 'jax', 'onnx'} & sys.modules.keys()))"
    )
    words = ["export", "hidden=12", "--run", str(run.folder), "--to", "onnx", "-o", str(tmp_path / "m.onnx")]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], check=False, capture_output=True, text=True, timeout=300, cwd=place
    )
    assert done.stdout.strip().endswith("0 []"), done.stdout + done.stderr
