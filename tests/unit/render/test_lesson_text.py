"""What becomes of hostile names in exported code: it stays valid Python, and runs none of them."""

from __future__ import annotations

import ast
import json
from dataclasses import replace

import pytest
from factories import HOSTILE, cell, result, trial

from bench.core.errors import BenchError
from bench.record.records import Phases
from bench.render.exports.latex import latex_text
from bench.render.exports.lesson import Subject, lesson
from bench.render.exports.notebook import notebook_text
from bench.render.exports.pytest_benchmark import pytest_benchmark_text
from bench.render.exports.script import script_text

NASTY = ('"; import os; os.system("touch x") #', "a\nb", "$\\foo$", "{x}", "'''", "\x00\u202e")


def steps(**changes):
    of = cell(HOSTILE, parameters={"x=print(666), y": 1, "lambda": 2, "a b": '"'}, named=())
    subject = Subject(
        trial=trial(of), layers=(), target="mine:make", optimizer="SGD", loss="", schedule="", picture=True,
        data_file="data.npz",        dataset=HOSTILE, classes=NASTY, image_shape=(8, 8, 1), held_out_seed=1,
    )  # fmt: skip
    return lesson(replace(subject, **changes))


def calls(code: str) -> set[str]:
    """The functions that a piece of code calls by name."""
    return {ast.unparse(node.func) for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("title", [HOSTILE, *NASTY])
def test_a_script_is_python_and_calls_nothing_of_theirs(title):
    """Names are text between quotes, keys of a dictionary, or comments of one line."""
    text = script_text(title, steps())
    assert not {"os.system", "print(666)"} & calls(text)
    assert "\x00" not in text
    assert repr(list(NASTY)) in text


def test_a_notebook_has_the_same_code():
    """Each of its cells is Python too."""
    content = json.loads(notebook_text(HOSTILE, steps()))
    for part in content["cells"]:
        if part["cell_type"] == "code":
            assert "os.system" not in calls(part["source"])


def test_class_names_are_not_read_as_mathematics():
    """A dollar sign in a name is a dollar sign."""
    assert 'plt.rcParams["text.parse_math"] = False' in steps()[0].code


def test_a_run_id_ends_no_comment_of_latex():
    """The head of the table stays one line."""
    head = latex_text(result(trial(), run_id="r\n\\input{/etc/passwd}")).splitlines()[:2]
    assert head[0].startswith("% Run r \\input")
    assert not head[1].startswith("\\input")


def test_a_run_without_training_times_has_nothing_for_pytest_benchmark():
    """It says so instead of dividing by nothing."""
    untimed = trial()
    untimed = replace(untimed, outcome=replace(untimed.outcome, phases=Phases()))
    with pytest.raises(BenchError, match="No timing"):
        pytest_benchmark_text(result(untimed))
