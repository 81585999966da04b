"""The step that tests: the score of the trial, computed anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import count, percent
from bench.core.score import ACCURACY, Form
from bench.core.target import Task
from bench.declare.values import is_reference
from bench.render.exports.lesson.figures import PER_CLASS, Figure, figure_code, metric_code
from bench.render.exports.lesson.own import imports
from bench.render.exports.lesson.subject import Step, spaced
from bench.render.exports.lesson.tasks import words_of
from bench.render.exports.lesson.tasks.words import predict

if TYPE_CHECKING:
    from bench.render.exports.lesson.subject import Subject

_FORMATS = {Form.PERCENT: ".2%", Form.FRACTION: ".4f", Form.NUMBER: ".4g"}


def test_network(of: Subject) -> Step:
    """Predictions for the test part, and their score beside the benchmark's."""
    outcome, cell = of.trial.outcome, of.cell
    code = _accuracy(of) if of.score == ACCURACY else _score(of)
    text = (
        f"The test {of.examples} are used only now, and only once. A choice that is made by them makes the score look "
        "better than it is."
    )
    if of.score != ACCURACY:
        text += f" {_meaning(of)} {of.score.direction.capitalize()}."
    if cell.deterministic and outcome.weights_digest:
        code = [
            "import hashlib", "", *code, "",
            "digest = hashlib.sha256()",
            "for weight in map(np.ascontiguousarray, model.get_weights()):",
            '    digest.update(f"{weight.shape}{weight.dtype}".encode())',
            "    digest.update(weight.data)",
            f"same = digest.hexdigest() == {outcome.weights_digest!r}",
            'print("The weights are those of the benchmark,", "bit by bit" if same else "but not bit by bit")',
        ]  # fmt: skip
    elif outcome.engine not in {"fit", "epoch"}:
        text += f" The benchmark trained with its engine {outcome.engine or ''}, which rounds a little "
        text += (
            "differently; the number of correct examples may differ a little here."
            if of.score == ACCURACY
            else "differently, so the last digits may differ here."
        )
    return Step("Test", text, spaced("\n".join(code)))


def _meaning(of: Subject) -> str:
    """The score and its definition; of one that is a mean, over what."""
    score, target = of.score, of.target
    if is_reference(score.name):
        return f"The score is the value of your own {score.name}."
    if score.name not in PER_CLASS:
        return f"The score is {score.heading} ({_inserted(score.meaning)})."
    of_which = "the mean over labels" if of.task is Task.MULTILABEL else "the mean over classes"
    if target.binary:
        of_which = f"the score of the class {target.names[1]}"
    return f"The score is {score.heading} ({_inserted(score.meaning.partition('. ')[0])}). It is {of_which}."


def _inserted(sentence: str) -> str:
    """A sentence as it stands in brackets."""
    return f"{sentence[:1].lower()}{sentence[1:]}".rstrip(".")


def _accuracy(of: Subject) -> list[str]:
    """How many examples are right, of how many."""
    outcome = of.trial.outcome
    right, total = (outcome.test_images or 0) - (outcome.test_errors or 0), count(outcome.test_images)
    if of.one_unit:
        reading, _ = words_of(of).reading(of)
    else:
        # logits, or values of any size, order the classes as their probabilities do
        reading = [f"predicted = np.argmax({predict(of)}, axis=1)"]
    return [
        *reading,
        "right = int(np.sum(predicted == y_test))",
        f'print(f"Test accuracy {{right / len(y_test):.2%}}: {{right:,}} of {{len(y_test):,}} {of.examples}")',
        f'print("In the benchmark: {percent(outcome.accuracy)}, {count(right)} of {total} {of.examples}")',
    ]


def _score(of: Subject) -> list[str]:
    """Any other score."""
    score, form = of.score, _FORMATS[of.score.form]
    reading, values = words_of(of).reading(of)
    value = of.trial.outcome.value(score)
    recorded = "not recorded" if value is None else format(value, form)
    judged = _own(of, values) if is_reference(score.name) else figure_code(score.name, of.target, values)
    return [
        *judged.before,
        *reading,
        *judged.lines,
        f"""print({_begun(f"Test {score.heading}")} {{score:{form}}} ({score.direction})")""",
        f'print("In the benchmark: {recorded}")',
    ]


def _begun(text: str) -> str:
    """The beginning of an f-string, with a text of somebody else's: nothing in it is code or ends the string."""
    plain = text.isprintable() and not set('"\\{}') & set(text)
    return f'f"{text}' if plain else f'{text!r}, f"'


def _own(of: Subject, values: str) -> Figure:
    """A score of the user's own: a Keras metric, or a function of (y_true, y_pred)."""
    lines, names = imports(of.score.name)
    name = names[of.score.name]
    before = [*lines, ""]
    if of.score_is_metric:
        return metric_code(f"{name}()", of.target, values, before)
    true = "y_test" if of.task is Task.REGRESSION else "y_test.astype(np.int64)"
    return Figure(before, [f"score = float(np.mean(keras.ops.convert_to_numpy({name}({true}, {values}))))"])
