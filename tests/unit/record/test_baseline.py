"""The baseline's file: written, read back, and refused when it is not what was accepted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.core.errors import BaselineError, ExitCode, NotJudgedError
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.declare.schema import GateKeys
from bench.record.baseline import (
    BASELINE_VERSION,
    Acceptance,
    AcceptedCell,
    AcceptedSeed,
    Baseline,
    PastCell,
    folded,
    read_baseline,
    sealed,
    write_baseline,
)


def cell(name: str, accuracies) -> AcceptedCell:
    return AcceptedCell(
        cell_id=name,
        architecture="mlp",
        declared={"epochs": "20"},
        data_sha256="ab" * 32,
        code_sha256="cd" * 32,
        engine="fit",
        fingerprint="ef" * 32,
        images=10_000,
        seeds=tuple(AcceptedSeed(seed=seed, score=value) for seed, value in enumerate(accuracies)),
        mistakes="3:5 17:2",
    )


def acceptance(cells, reason="the first") -> Acceptance:
    return Acceptance(
        accepted_at="2026-11-24T12:00:00+00:00",
        accepted_by="Somebody",
        reason=reason,
        run_id="20261124-120000-abcd",
        revision="",
        bench_version="0.1.0",
        suite_sha256="12" * 32,
        content="",
        previous="",
        hash="",
        cells={one.cell_id: PastCell(n=len(one.seeds), mean=0.98, std=None, content="x") for one in cells},
    )


def baseline(steps: int = 1) -> Baseline:
    cells = (cell("mlp@mnist@cpu", [0.98, 0.981, 0.979]), cell("softmax@mnist@cpu", [0.92, 0.921, 0.922]))
    made = Baseline(
        schema_version=BASELINE_VERSION, suite="mine", gate=GateKeys(), cells=cells, acceptances=(acceptance(cells),)
    )
    made = sealed(made)
    for step in range(1, steps):
        made = sealed(replace(made, acceptances=(*made.acceptances, acceptance(cells, f"step {step}"))))
    return made


def test_it_is_read_as_it_was_written(tmp_path):
    """And written the same every time."""
    path = write_baseline(baseline(3), tmp_path / "baselines" / "mine.json")
    assert read_baseline(path, suite="mine") == baseline(3)
    first = path.read_bytes()
    assert first == write_baseline(read_baseline(path), path).read_bytes()


def test_a_seed_has_a_line_of_its_own(tmp_path):
    """So that a diff shows what changed and nothing else."""
    text = write_baseline(baseline(), tmp_path / "mine.json").read_text()
    assert sum('"score": 0.981' in line for line in text.splitlines()) == 1
    assert json.loads(text)["cells"][0]["seeds"][1]["score"] == 0.981


def test_no_baseline_cannot_be_judged_by(tmp_path):
    """Exit 4, with what makes one."""
    with pytest.raises(NotJudgedError, match="There is no baseline") as caught:
        read_baseline(tmp_path / "none.json")
    assert ExitCode.NOT_JUDGED is caught.value.exit_code
    assert "bench accept" in caught.value.hint


EDITS = {
    "a score": lambda c: c["cells"][0]["seeds"][0].update(score=0.5),
    "the margin": lambda c: c["gate"].update(margin=0.4),
    "a cell taken out": lambda c: c["cells"].pop(),
    "a reason": lambda c: c["acceptances"][0].update(reason="another"),
    "a mean of the past": lambda c: c["acceptances"][0]["cells"]["mlp@mnist@cpu"].update(mean=0.5),
    "an acceptance taken out": lambda c: c["acceptances"].pop(0),
    "all acceptances taken out": lambda c: c["acceptances"].clear(),
    "the score of all": lambda c: c["score"].update(higher_is_better=False),
    "the suite": lambda c: c.update(suite="other"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_by_hand_is_found(tmp_path, edit):
    """Whatever was edited, the hashes no longer match; the file stays as it is."""
    path = write_baseline(baseline(3), tmp_path / "mine.json")
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))
    before = path.read_bytes()
    with pytest.raises(BaselineError, match="changed by hand"):
        read_baseline(path)
    assert before == path.read_bytes()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not JSON"),
        ("[1, 2", "not JSON"),
        ("[]", "not a baseline"),
        ('{"schema_version": 99}', "schema 99"),
        ('{"schema_version": 1, "suite": 7}', "cannot be read"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_baseline_is_refused_in_a_sentence(tmp_path, text, told):
    """Exit 2."""
    path = tmp_path / "mine.json"
    path.write_text(text)
    with pytest.raises(BaselineError, match=told) as caught:
        read_baseline(path)
    assert ExitCode.USAGE is caught.value.exit_code


def test_another_suite_s_baseline_is_refused(tmp_path):
    """By name."""
    path = write_baseline(baseline(), tmp_path / "mine.json")
    with pytest.raises(BaselineError, match="belongs to the suite 'mine'"):
        read_baseline(path, suite="yours")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_folding_changes_no_value(value):
    """It is JSON, however it is broken into lines."""
    assert json.loads(folded(value)) == value


def test_a_line_is_not_longer_than_it_must_be():
    """What fits stands on one line, what does not is broken."""
    value = {f"key {i}": [1 / (3 + i + j) for j in range(i)] for i in range(20)}
    assert max(map(len, folded(value).splitlines())) <= 128 + len(",")


OLD = Path(__file__).parents[3] / "reports" / "baselines"


@pytest.mark.parametrize("suite", ["digits", "mnist-mlp"])
def test_a_baseline_of_version_1_is_one_of_accuracy(suite, tmp_path):
    """Its hashes hold as they are, and it is written again byte for byte."""
    path = OLD / f"{suite}.json"
    old = read_baseline(path, suite=suite)
    content = json.loads(path.read_text())
    assert content["schema_version"] == 1
    assert old.score == ACCURACY
    accuracies = [seed["accuracy"] for cell in content["cells"] for seed in cell["seeds"]]
    assert accuracies == [seed.score for cell in old.cells for seed in cell.seeds]
    assert write_baseline(old, tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_a_baseline_of_version_1_is_continued_by_one_of_version_2(tmp_path):
    """The acceptances before keep their hashes, and the whole is read back."""
    old = read_baseline(OLD / "digits.json")
    continued = sealed(
        replace(
            old, schema_version=BASELINE_VERSION, score=SCORES["auc"],
            acceptances=(*old.acceptances, acceptance(old.cells, "the next")),
        )
    )  # fmt: skip
    path = write_baseline(continued, tmp_path / "digits.json")
    assert read_baseline(path) == continued
    assert read_baseline(path).score.name == "auc"


def test_what_later_versions_brought_is_not_written_where_it_says_nothing(tmp_path):
    """Files that were accepted before keep their bytes and their hashes; what is said is part of the hash."""
    path = write_baseline(baseline(), tmp_path / "mine.json")
    assert "machine" not in path.read_text()
    assert "require_time" not in path.read_text()
    cells = tuple(replace(one, machine="3a" * 32) for one in baseline().cells)
    said = sealed(replace(baseline(), cells=cells, gate=GateKeys(time=True, require_time=True)))
    path = write_baseline(said, path)
    assert read_baseline(path) == said
    path.write_text(path.read_text().replace("3a" * 32, "3b" * 32))
    with pytest.raises(BaselineError, match="changed by hand"):
        read_baseline(path)


def test_an_edit_of_a_baseline_of_version_1_is_found(tmp_path):
    """By the hash of its old form."""
    path = tmp_path / "digits.json"
    path.write_text((OLD / "digits.json").read_text().replace('"accuracy": 0.875,', '"accuracy": 0.975,', 1))
    with pytest.raises(BaselineError, match="changed by hand"):
        read_baseline(path)
