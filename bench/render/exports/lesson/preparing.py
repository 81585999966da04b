"""The step that makes arrays ready: examples held out, weights, inputs scaled, true values as the loss takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import percent
from bench.render.exports.lesson.subject import Step, spaced
from bench.render.exports.lesson.tasks import words_of
from bench.render.treatment import inputs_text

if TYPE_CHECKING:
    from bench.render.exports.lesson.subject import Input, Subject

HELD_OUT_NOTE = "They are drawn with a fixed number, so every seed holds out the same."


def prepare_inputs(of: Subject) -> Step:
    """What becomes of the arrays before the network gets them."""
    parts = [_held_out(of), _weights(of), _scaling(of), words_of(of).encoding(of)]
    code = [line for lines, _ in parts for line in lines]
    return Step("Prepare inputs and targets", " ".join(text for _, text in parts if text), spaced("\n".join(code)))


def _held_out(of: Subject) -> tuple[list[str], str]:
    fraction = of.settings.validation_split
    if not fraction:
        return [], ""
    size = "y" if of.several else "x"
    code = [
        f"order = np.random.default_rng({of.held_out_seed}).permutation(len({size}_train))",
        f"held = round(len({size}_train) * {fraction!r})",
        "held_out, kept = np.sort(order[:held]), np.sort(order[held:])",
    ]
    if of.several:
        code += [
            "x_validation = {name: values[held_out] for name, values in x_train.items()}",
            "x_train = {name: values[kept] for name, values in x_train.items()}",
            "y_validation, y_train = y_train[held_out], y_train[kept]",
        ]
    else:
        code += [
            "x_validation, y_validation = x_train[held_out], y_train[held_out]",
            "x_train, y_train = x_train[kept], y_train[kept]",
        ]
    code += ["w_validation, w_train = w_train[held_out], w_train[kept]"] if of.weighted else []
    text = (
        f"{percent(fraction, 0)} of the training {of.examples} are held out: they show how well the network does on "
        f"{of.examples} that it does not learn from. The test set is not used for that. {HELD_OUT_NOTE}"
    )
    return [*code, ""], text


def _weights(of: Subject) -> tuple[list[str], str]:
    declared = of.settings.class_weight
    own = "Each training example has its own weight in the loss." if of.weighted else ""
    if declared is None:
        return [], own
    if isinstance(declared, str):  # balanced
        code = [
            "counts = np.bincount(y_train, minlength=len(classes))",
            "by_class = np.zeros(len(classes))",
            "np.divide(len(y_train), np.count_nonzero(counts) * counts, out=by_class, where=counts > 0)",
        ]
        text = "Classes are weighted: each class counts equally in the loss, even if it has few examples."
    else:
        table = {str(name): weight for name, weight in declared}
        numbers = [table.get(name, table.get(str(number))) for number, name in enumerate(of.target.names)]
        code = [f"by_class = np.array({numbers!r})"]
        text = "Classes are weighted: by_class is the weight of an example of each class in the loss."
    code += [f"w_train = by_class[y_train].astype(np.float32){' * w_train' if of.weighted else ''}", ""]
    return code, " ".join(filter(None, (own, text)))


# --------------------------------------------------------------------------------------------------------------- inputs


def _scaling(of: Subject) -> tuple[list[str], str]:
    """The function `scale`, as the trial's inputs were scaled."""
    if not of.several:
        code = _scale_one(of, of.inputs[0])
        return [*code, "", ""], f"{_scaling_text(of)}{_ids_text(of)}"
    standard = [one_input for one_input in of.inputs if _standard(of, one_input)]
    code = ["mean, deviation = {}, {}"] if standard else []
    for one_input in standard:
        code += _moments(one_input, f"[{one_input.name!r}]")
    code += ["", ""] if code else []
    code += ["def scale(inputs):", "    return {"]
    code += [f"        {one_input.name!r}: {_scaled(of, one_input)}," for one_input in of.inputs]
    texts = [
        f"Input {one_input.name} is "
        f"{_standard_words(one_input) if _standard(of, one_input) else inputs_text(one_input.record)}."
        for one_input in of.inputs
        if one_input.record is not None
    ]
    return [*code, "    }", "", ""], " ".join(texts) + _ids_text(of)


def _standard(of: Subject, one_input: Input) -> bool:
    return of.settings.input_scaling == "standard" and not one_input.looked_up


def _scale_one(of: Subject, only: Input) -> list[str]:
    """Of the only input."""
    head = ["def scale(inputs):", "    inputs = inputs.astype(np.float32)"]
    if _standard(of, only):
        return [*_moments(only, ""), "", "", *head, "    return (inputs - mean) / deviation"]
    if only.record is None and of.settings.input_scaling == "unit":  # version 0.1 went by the type of the values
        whole = "whole = np.float32(255 if x_train.dtype == np.uint8 else 1)"
        return [whole, "", "", *head, "    return inputs / whole"]
    if only.ids:
        return [head[0], f"    return {_as_ids('inputs', only)}"]
    if only.record is not None and only.record.divisor != 1:
        return [*head, f"    return inputs / np.float32({only.record.divisor:.9g})"]
    return [*head, "    return inputs"]


def _scaled(of: Subject, one_input: Input) -> str:
    """Of one of several inputs, as an expression."""
    key = repr(one_input.name)
    values = f"inputs[{key}]"
    if one_input.ids:
        return _as_ids(values, one_input)
    values = f"{values}.astype(np.float32)"
    if _standard(of, one_input):
        return f"({values} - mean[{key}]) / deviation[{key}]"
    if one_input.record is not None and one_input.record.divisor != 1:
        return f"{values} / np.float32({one_input.record.divisor:.9g})"
    return values


def _as_ids(values: str, one_input: Input) -> str:
    return values if one_input.dtype == "int64" else f"{values}.astype(np.int32)"


def _moments(one_input: Input, key: str) -> list[str]:
    """Mean and deviation of the training part: of all values, or of each feature or channel."""
    record = one_input.record
    x, mean, deviation = f"x_train{key}", f"mean{key}", f"deviation{key}"
    if record is None or not isinstance(record.offset, tuple):
        # exactly 1 is what stands for inputs that do not vary
        varies = record is None or record.divisor != 1
        spread = f"np.std({x}, dtype=np.float64) or 1.0" if varies else "1.0"
        return [f"{mean} = np.float32(np.mean({x}, dtype=np.float64))", f"{deviation} = np.float32({spread})"]
    axes = tuple(range(len(one_input.shape)))
    axis = 0 if axes == (0,) else axes
    return [
        f"{mean} = np.mean({x}, axis={axis}, dtype=np.float64).astype(np.float32)",
        f"{deviation} = np.std({x}, axis={axis}, dtype=np.float64)",
        f"{deviation}[{x}.min(axis={axis}) == {x}.max(axis={axis})] = 1",
        f"{deviation} = {deviation}.astype(np.float32)",
    ]


def _scaling_text(of: Subject) -> str:
    only = of.inputs[0]
    if _standard(of, only):
        return f"Inputs are {_standard_words(only)}."
    if only.record is not None:
        return f"Inputs are {inputs_text(only.record)}."
    match of.settings.input_scaling:
        case "unit":
            return "Pixels from 0 to 255 become numbers from 0 to 1, which gradients handle better."
        case _:
            return "Inputs are not changed."


def _standard_words(one_input: Input) -> str:
    each = ""
    if one_input.record is not None and isinstance(one_input.record.offset, tuple):
        each = f", each {'feature' if len(one_input.shape) == 1 else 'channel'} by itself"
    return f"shifted and scaled to mean 0 and deviation 1 over the training {'set' if not each else 'part'}{each}"


def _ids_text(of: Subject) -> str:
    return " Ids stay whole numbers." if any(one_input.ids for one_input in of.inputs) else ""
