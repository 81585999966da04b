"""Which models a run keeps, where, and what becomes of them in a later run."""

from __future__ import annotations

import hashlib
import shutil
from collections import defaultdict

import pytest
from commandline import bench as command

import bench
from bench.record.records import KeptBy


def cells(run):
    """The trials of a run by cell."""
    found = defaultdict(list)
    for trial in run.result.trials:
        found[trial.cell.id].append(trial)
    return found


def test_one_model_of_each_cell_is_kept_and_no_other_file(run):
    """Its SHA-256 is on record; the model that cannot be saved costs its trials nothing, and says why."""
    kept = {model.cell: model for model in run.result.run.models}
    (unsaveable,) = [cell for cell in cells(run) if "unsaveable" in cell]
    assert set(cells(run)) - {unsaveable} == set(kept)
    assert all("no configuration" in trial.outcome.model.obstacle for trial in cells(run)[unsaveable])
    files = {path.name: path for path in (run.folder / "models").iterdir()}
    assert sorted(files) == sorted(model.file for model in kept.values())
    for model in kept.values():
        content = files[model.file].read_bytes()
        assert (model.sha256, model.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))


def test_validation_chooses_the_seed_or_else_the_median(run):
    """Recomputed from the record; the best seed by the test set is not what is asked for."""
    of = cells(run)
    for model in run.result.run.models:
        trials = {trial.seed: trial.outcome for trial in of[model.cell]}
        if "cnn" in model.cell:
            assert KeptBy.VALIDATION is model.by
            assert trials[model.seed].validation_accuracy == max(one.validation_accuracy for one in trials.values())
        else:
            assert KeptBy.MEDIAN is model.by
            assert trials[model.seed].accuracy == sorted(one.accuracy for one in trials.values())[1]


def test_keeping_changes_no_weights_and_no_programs(place, run, tmp_path):
    """Trials that share a process and a program end with the weights that they have where nothing is kept."""
    keys = {"select": "mlp and not jax and not bfloat16", "settings": {"keep_models": "none"}}
    again = bench.run(place / "bench.toml", reports=tmp_path, progress=False, **keys)
    found = {(trial.cell.id, trial.seed): trial.outcome for trial in run.result.trials}
    assert len(again.result.trials) >= 6
    for trial in again.result.trials:
        before = found[trial.cell.id, trial.seed]
        assert before.weights_digest == trial.outcome.weights_digest
        assert bool(before.program_of) == bool(trial.outcome.program_of)
        assert trial.outcome.model is None
    assert any(outcome.program_of for outcome in found.values())
    assert () == again.result.run.models
    assert not (again.folder / "models").exists()


def test_a_later_run_brings_the_models_of_stored_trials(place, run, tmp_path):
    """Nothing is trained; the files are the earlier run's. Where they are gone, the run says so."""
    shutil.copytree(place, tmp_path / "copy", symlinks=True)
    words = ("run", "-k", "mlp and not jax and not bfloat16")
    done = command(*words, cwd=tmp_path / "copy")
    assert 0 == done.returncode, done.stderr
    later = bench.load(tmp_path / "copy" / "reports" / "kept" / "latest")
    assert later.result.reused == {trial.trial_id for trial in later.result.trials}
    expected = {model.cell: (model.seed, model.sha256) for model in run.result.run.models}
    assert {model.cell: (model.seed, model.sha256) for model in later.result.run.models} == {
        cell: expected[cell] for cell in cells(later)
    }
    for folder in (tmp_path / "copy" / "reports" / "kept").glob("2*/models"):
        shutil.rmtree(folder)
    without = command(*words, cwd=tmp_path / "copy")
    assert 0 == without.returncode, without.stderr
    said = without.stdout + without.stderr
    assert "No model of 2 cells is kept" in said
    assert "--fresh" in said
    assert () == bench.load(tmp_path / "copy" / "reports" / "kept" / "latest").result.run.models


def test_of_further_seeds_the_nearest_that_is_there_is_kept(place, tmp_path):
    """An earlier run has removed the models of other seeds; where none is left, the run says so."""
    (tmp_path / "bench.toml").write_text((place / "bench.toml").read_text().partition("[[grid]]")[0] + CELL)
    command("run", "--set", "seeds=[0, 1, 2]", cwd=tmp_path)
    first = bench.load(tmp_path / "reports" / "kept" / "latest").result
    (kept,) = first.run.models
    ranked = [trial.seed for trial in sorted(first.trials, key=lambda trial: trial.outcome.accuracy)]
    others = [seed for seed in ranked if seed != kept.seed]
    without = command("run", "--set", f"seeds={others}", cwd=tmp_path)
    assert "No model of 1 cell is kept" in without.stdout + without.stderr
    # two seeds are equally near to their median, and the lower one is the first by the rule
    pair = next(sorted([kept.seed, other]) for other in others)
    done = command("run", "--set", f"seeds={pair}", cwd=tmp_path)
    (model,) = bench.load(tmp_path / "reports" / "kept" / "latest").result.run.models
    assert (kept.seed, kept.sha256) == (model.seed, model.sha256)
    said = f"that of seed {pair[0]}, the first by median, is not there"
    assert (kept.seed != pair[0]) == (said in " ".join((done.stdout + done.stderr).split()))


CELL = """
[[grid]]
architecture = "softmax"
engine = "fit"
"""


def test_the_key_takes_two_values(place, tmp_path):
    """And may not stand in a grid: it is the run's, not a cell's."""
    (tmp_path / "bench.toml").write_text((place / "bench.toml").read_text() + '\n[[grid]]\nkeep_models = "best"\n')
    assert 2 == command("plan", cwd=tmp_path).returncode
    refused = command("plan", str(place / "bench.toml"), "--set", "keep_models=all")
    assert 2 == refused.returncode
    assert "keep_models" in refused.stderr


@pytest.mark.parametrize("change", ["damaged", "gone", "another file"])
def test_a_file_that_is_not_the_saved_one_is_refused(run, tmp_path, change):
    """Damaged, gone, or named by somebody who wants another file read."""
    folder = shutil.copytree(run.folder, tmp_path / "run")
    kept = next(model for model in run.result.run.models if "cnn" in model.cell)
    file = folder / "models" / kept.file
    if change == "damaged":
        file.write_bytes(file.read_bytes()[:-1] + b"x")
    elif change == "gone":
        file.unlink()
    else:
        text = (folder / "run.json").read_text()
        (folder / "run.json").write_text(text.replace(f'"{kept.file}"', '"../../../secret.keras"'))
    done = command("export", "cnn", "--run", str(folder), "--to", "keras")
    assert 2 == done.returncode
    assert ("SHA-256" if change == "damaged" else "any more") in done.stderr
    assert not list(tmp_path.glob("*.keras"))
