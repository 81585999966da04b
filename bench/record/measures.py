"""The one registry of measures: what every column of the frames is called, means and is counted in.

Columns of the three frames, of the leaderboard and of interactive charts, headings of tables and exports: all are
derived from here. What depends on the run (its score, whether its examples are images) is a word in braces until
`summary_measures` or `Measure.worded` fills it in. The statistics themselves are made in `bench.analyse.stats`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bench.core import formatting
from bench.core.score import ACCURACY, Form
from bench.core.scores import SCORES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bench.core.score import Score

FRACTION, SECONDS, BYTES = "fraction", "s", "bytes"
METRIC = "metric_"
"""How the columns of further metrics begin."""
PARAMETER = "param_"
"""How the columns of a builder's own parameters begin."""
BUILDER = "builder_"
"""How the names of metrics begin that a builder compiled: what they are is not ours to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A column of a frame. `heading` and `meaning` may hold {score}, {example} and {examples}.

    Attributes:
        name: of the column.
        meaning: its definition, one sentence or more.
        dtype: of pandas.
        heading: what tables call it, in the middle of a line; empty for what no table shows.
        unit: of its values in a frame: `fraction`, `s`, `bytes`; empty for a mere number and for text.
        small: whether small values are the good ones.
        text: prints a value.
        span: prints two ends of an interval.
        of: in the summary, the column of the trials that it is a statistic of; empty for none.
        timed: whether only trials count whose training ran alone.
        measured: whether only trials count whose inference was measured undisturbed.
        ends: columns that hold the ends of its interval; empty where it has none.
        interval: what that interval is.
    """

    name: str
    meaning: str
    dtype: str = "float64"
    heading: str = ""
    unit: str = ""
    small: bool = False
    text: Callable[[Any], str] = formatting.number
    span: Callable[[Any, Any], str] = formatting.percent_range
    of: str = ""
    timed: bool = False
    measured: bool = False
    ends: tuple[str, str] | None = None
    interval: str = ""

    @property
    def title(self) -> str:
        """Its heading at the beginning of a line."""
        return self.heading[:1].upper() + self.heading[1:]

    @property
    def number(self) -> bool:
        """Whether its values are numbers."""
        return self.dtype not in {"string", "boolean"}

    def worded(self, score: Score, example: str = "example") -> Measure:
        """With the words of a run.

        Args:
            score: of the run.
            example: what an example is called: `image` where it is a picture.
        """
        words = {"score": score.heading, "example": example, "examples": f"{example}s"}
        return replace(self, heading=self.heading.format_map(words), meaning=self.meaning.format_map(words))


def _name(name: str, meaning: str, heading: str = "") -> Measure:
    return Measure(name=name, meaning=meaning, heading=heading, dtype="string", text=str)


def _flag(name: str, meaning: str) -> Measure:
    return Measure(name=name, meaning=meaning, dtype="boolean", text=str)


def _whole(name: str, meaning: str, heading: str = "", unit: str = "", **changes: Any) -> Measure:  # noqa: ANN401
    text = formatting.size if unit == BYTES else formatting.count
    return Measure(name=name, meaning=meaning, heading=heading, unit=unit, dtype="Int64", text=text, **changes)


def _fraction(name: str, meaning: str, heading: str = "", **changes: Any) -> Measure:  # noqa: ANN401
    return Measure(
        name=name, meaning=meaning, heading=heading, unit=FRACTION, **{"text": formatting.percent, **changes}
    )


def _time(name: str, meaning: str, heading: str = "") -> Measure:
    return Measure(
        name=name,
        meaning=meaning,
        heading=heading,
        unit=SECONDS,
        small=True,
        text=formatting.seconds,
        span=formatting.seconds_range,
    )


def _rate(name: str, meaning: str, heading: str = "") -> Measure:
    return Measure(name=name, meaning=meaning, heading=heading, text=formatting.count)


TRIAL: tuple[Measure, ...] = (
    _name("run_id", "The run that shows the trial."),
    _name("trial_id", "The trial's id."),
    _flag("reused", "Trained by an earlier run, see `trained_by`."),
    _name("trained_by", "The run that trained it."),
    _name("cell_id", "The cell's id."),
    _name("architecture", "The suite's name for it.", "architecture"),
    _name("builder", "The builder of the model."),
    _name("dataset", "The data set.", "data set"),
    _name("device", "The device.", "device"),
    _name("device_name", "The processor's or the GPU's own name, where known."),
    _name("backend", "What Keras computed with."),
    _name("precision", "The Keras dtype policy."),
    _flag("deterministic", "Operations were held to a fixed order."),
    _name(
        "engine",
        "What drove the epochs: Model.fit, or one program per epoch, or that compiled by XLA.",
        "engine",
    ),
    _name(
        "engine_reason",
        "Why that engine, where the suite left it open or it could not train the model; why it ran Keras's own steps.",
    ),
    _name("program_of", "The trial whose program trained this one as well; empty where it made its own."),
    _whole("seed", "The seed.", "seed"),
    _name("status", "OK, FAILED, TIMEOUT, DIVERGED, SKIPPED or INTERRUPTED.", "status"),
    _name("reason", "One sentence, empty for OK.", "reason"),
    Measure(name="score", meaning="What the run is ranked by, see its record. NaN unless OK.", heading="{score}"),
    _fraction(
        "accuracy",
        "Fraction of the test {examples} that were classified correctly. NaN unless OK, and where no class is "
        "predicted.",
        "accuracy",
    ),
    Measure(name="loss", meaning="Mean test loss.", heading="test loss", small=True),
    _fraction(
        "validation_accuracy",
        "Accuracy on {examples} held out from the training set, after the last epoch.",
        "validation",
    ),
    Measure(
        name="validation_loss",
        meaning="Loss on {examples} held out from the training set, after the last epoch.",
        heading="validation loss",
        small=True,
    ),
    _whole("test_errors", "Test {examples} that were classified wrongly. Missing where no class is predicted."),
    _whole("test_images", "Test {examples}."),
    _whole("train_images", "Training {examples}."),
    _whole("epochs", "Epochs, as declared."),
    _whole("epochs_trained", "Epochs trained; fewer where the training was stopped early or ended."),
    _whole("batch_size", "The size of a batch, in {examples}."),
    _name("optimizer", "The optimizer."),
    Measure(name="learning_rate", meaning="The learning rate of the first step."),
    _name("schedule", "How the learning rate goes on from there."),
    _name("loss_function", "The loss that the training minimises."),
    _name("compiled_by", "Whose optimizer and loss: the suite's, or the builder's own."),
    _name("outputs", "What the outputs were taken for: probabilities, logits or values."),
    _name("input_scaling", "As declared."),
    Measure(
        name="input_offset",
        meaning="What was subtracted from the inputs. NaN where each feature or channel has its own.",
    ),
    Measure(name="input_divisor", meaning="What the inputs were divided by then; NaN likewise."),
    _name("input_untouched", "Why nothing was done to the inputs; empty where something was."),
    _flag("model_scales", "The model scales its inputs too."),
    _fraction("validation_split", "Fraction of the training set that is held out."),
    _whole("parameter_count", "Trainable weights of the model, biases included.", "parameters", small=True),
    _time("start_time_s", "From the decision to the worker's first own line."),
    _time("load_time_s", "The data set read, verified, split and encoded.", "load"),
    _time("build_time_s", "The model built and compiled in Keras's sense.", "build"),
    _time("warmup_time_s", "The {examples} made ready for the engine.", "warm-up"),
    _time(
        "compile_time_s",
        "Tracing and compiling; with the engine fit, everything up to the end of the first step.",
        "compile",
    ),
    _time("train_time_s", "All epochs; tracing, compiling and validation are left out.", "train time"),
    _time(
        "epoch_time_s",
        "Median over the epochs of a trial, the training alone: what a time per epoch is everywhere.",
        "epoch time",
    ),
    _time("evaluate_time_s", "Predictions for the whole test set, and their loss.", "evaluate"),
    _time("measure_time_s", "Inference and arithmetic measured, after the training.", "measure"),
    _time(
        "total_time_s",
        "From the worker's first line to its last: data, building, compiling, training, testing and measuring.",
        "whole trial",
    ),
    _fraction(
        "train_share",
        "Seconds of training over those of the whole trial.",
        "training share",
        text=lambda value: formatting.percent(value, 0),
    ),
    _rate("images_per_s", "Training {examples} of an epoch over the epoch time.", "{examples}/s"),
    _fraction("target_accuracy", "The accuracy to be reached, as the suite names it."),
    _name("target_on", "Judged on `validation` where {examples} are held out, else on `training`."),
    _whole("epochs_to_target", "The first epoch that reached it.", small=True),
    _time(
        "time_to_target_s",
        "Seconds of training until the target accuracy of the suite was reached, on the {examples} held out or else on "
        "those trained on.",
        "time to target",
    ),
    _name("measured_in", "The trial of the cell in which inference and arithmetic were measured; empty for this one."),
    _time("latency_s", "Prediction of a single {example}: the median of a trial.", "latency"),
    _time("latency_p99_s", "Prediction of a single {example}: the 99th percentile.", "p99"),
    _rate("inference_images_per_s", "Predictions per second in large batches."),
    Measure(name="flops_per_image", meaning="Operations of the matrix products of a training step, per {example}."),
    _fraction(
        "utilisation",
        "What a training achieves of the device's arithmetic: the operations of its matrix products at the rate of "
        "{examples}/s, over the fastest product that NumPy, TensorFlow or XLA was measured at on the device.",
        "utilisation",
        text=lambda value: formatting.percent(value, 0),
    ),
    Measure(
        name="yardstick_flops_per_s",
        meaning="That product's operations a second. The value may be too low where utilisation is missing.",
    ),
    _name("yardstick_source", "Whose product it was: numpy, tensorflow, xla or torch."),
    _whole("peak_rss_bytes", "The most memory, what is shared with the warm server included.", unit=BYTES, small=True),
    _whole(
        "own_memory_bytes",
        "The most the worker process held beyond what it was started with.",
        "memory",
        BYTES,
        small=True,
    ),
    _whole("device_peak_bytes", "The most memory of a GPU.", unit=BYTES, small=True),
    _whole("threads", "Threads of TensorFlow."),
    _flag("timing_contended", "The training did not run alone, or nobody can tell: its times are in no statistic."),
    _name("contention", "Why the timing is left out; empty where it counts."),
    _flag("speed_contended", "The same of latency and inference, which are measured after the training."),
    _name("weights_digest", "SHA-256 over the final weights."),
    _name("data_sha256", "SHA-256 over the decoded arrays."),
    _name("started_at", "UTC, ISO 8601."),
    _name("log", "The captured output, relative to the folder of the run that trained it."),
)
"""The columns of `bench.record.collect.trials_frame`."""

_TRIAL = {measure.name: measure for measure in TRIAL}

EPOCH: tuple[Measure, ...] = (
    *(_TRIAL[name] for name in ("run_id", "trial_id", "cell_id", "architecture", "dataset", "device", "seed")),
    _whole("epoch", "1 for the first.", "epoch"),
    _time("train_time_s", "The training of this epoch alone."),
    Measure(
        name="loss", meaning="Keras's running mean over the batches of the epoch.", heading="training loss", small=True
    ),
    _fraction(
        "accuracy", "Keras's running mean over the batches of the epoch, on training {examples}.", "training accuracy"
    ),
    Measure(name="validation_loss", meaning="After the epoch.", heading="validation loss", small=True),
    _fraction("validation_accuracy", "After the epoch.", "validation accuracy"),
    Measure(name="learning_rate", meaning="At the end of the epoch."),
)
"""The columns of `bench.record.collect.epochs_frame`."""


def _over(name: str, statistic: str, of: str, **changes: Any) -> Measure:  # noqa: ANN401  any field of a measure
    """A statistic of a column of the trials, which keeps its heading, unit, direction and form."""
    trial = _TRIAL[of]
    return replace(trial, name=name, dtype="float64", of=of, meaning=f"{statistic} {trial.meaning}", **changes)


_TIMED = "Median over the timed trials."
_MEASURED = "Median over the trials whose inference was measured while nobody disturbed it."
_TEST_ERROR = (
    "Of the median trial, with Wilson's 95 % interval for a test set of this size: how far the error on other "
    "{examples} of the same kind could lie. Seeds are not pooled, because all are judged on the same {examples}."
)

RANK = (
    "One more than the number of cells of the data set that are better by more than chance: a t test of every pair, "
    "with an error of 5 % over all pairs together. Cells that the data cannot separate share a rank. A cell with one "
    "seed has none, since nothing says how much another seed would differ."
)
"""What every table says where it gives ranks."""

SUMMARY: tuple[Measure, ...] = (
    _TRIAL["cell_id"],
    _TRIAL["architecture"],
    _TRIAL["dataset"],
    _TRIAL["device"],
    replace(
        _TRIAL["engine"], meaning=f"{_TRIAL['engine'].meaning} `mixed` where the OK trials of a cell ran several."
    ),
    _flag("mixed_engines", "The trials ran several engines: no time is given, because engines are never pooled."),
    _whole("seeds", "Trials there are a record of, whatever their status."),
    _whole("n", "OK trials: the number behind every {score} of the row.", "seeds"),
    _name(
        "status",
        "OK where every seed gave a result. A trial that did not is listed under Failures and counts nowhere else.",
        "status",
    ),
    _name("statuses", "How many trials ended how."),
    _whole("rank", RANK, "rank", small=True),
    _TRIAL["test_images"],
    Measure(
        name="score_mean",
        meaning="Mean over the OK trials.",
        heading="{score}",
        of="score",
        ends=("score_low", "score_high"),
        interval="95 % interval of the mean",
    ),
    Measure(
        name="score_std",
        meaning="Standard deviation over seeds, with n - 1 in the denominator. NaN for one seed.",
        heading="SD",
        small=True,
    ),
    Measure(
        name="score_low",
        meaning="Student's t interval of the mean {score}: how far the mean over other seeds could lie from ours. It "
        "says nothing about other test {examples}. Sorted by its lower end.",
        heading="95 % interval",
    ),
    Measure(name="score_high", meaning="The upper end of that interval."),
    Measure(name="score_min", meaning="The least over seeds."),
    Measure(name="score_max", meaning="The greatest over seeds."),
    _fraction(
        "test_error",
        _TEST_ERROR,
        "test error",
        small=True,
        of="test_error",
        ends=("error_low", "error_high"),
        interval="95 % interval",
    ),
    _fraction("error_low", "The lower end of its interval."),
    _fraction("error_high", "The upper end of its interval."),
    _over(
        "validation_accuracy_mean",
        "Mean over the OK trials. Choose settings by it, never by the test {score}: the best of many test results "
        "flatters.",
        "validation_accuracy",
    ),
    _over(
        "validation_loss_mean",
        "Mean over the OK trials. Choose settings by it, never by the test {score}: the best of many test results "
        "flatters.",
        "validation_loss",
    ),
    _whole("timed", "OK trials that had the machine to themselves: the number behind every time of the row.",
           "timed trials"),
    _whole("contended", "OK trials whose timing is left out."),
    _over(
        "train_time_median_s",
        "Median and quartiles over the OK trials that ran alone, on a machine that nobody else kept busy.",
        "train_time_s",
        timed=True,
        ends=("train_time_q1_s", "train_time_q3_s"),
        interval="quartiles",
    ),
    _over("train_time_q1_s", "The first quartile.", "train_time_s", timed=True),
    _over("train_time_q3_s", "The third quartile.", "train_time_s", timed=True),
    _over("epoch_time_median_s", _TIMED, "epoch_time_s", timed=True),
    _over("compile_time_median_s", _TIMED, "compile_time_s", timed=True),
    _over("total_time_median_s", _TIMED, "total_time_s", timed=True),
    _over("train_share", "Over the timed trials, their seconds summed.", "train_share", timed=True),
    _over(
        "images_per_s",
        "Training {examples} of all epochs over the train time, the median over the timed trials.",
        "images_per_s",
        timed=True,
    ),
    _over(
        "time_to_target_median_s",
        "Median over the timed trials, given only where all of them reached it.",
        "time_to_target_s",
        timed=True,
    ),
    _over("epochs_to_target_median", "Median, given only where every OK trial reached it.", "epochs_to_target"),
    _over("latency_median_s", _MEASURED, "latency_s", measured=True),
    _over("latency_p99_s", "The largest over the same trials.", "latency_p99_s", measured=True),
    _over("inference_images_per_s", _MEASURED, "inference_images_per_s", measured=True),
    _over("flops_per_image", "The largest over trials.", "flops_per_image"),
    _over("utilisation", _TIMED, "utilisation", timed=True),
    _over("peak_rss_bytes", "The largest over trials.", "peak_rss_bytes"),
    _over("own_memory_bytes", "The largest over trials.", "own_memory_bytes"),
    _over("parameter_count", "The largest over trials.", "parameter_count"),
)  # fmt: skip
"""The columns of `bench.analyse.stats.summary`."""

TRIAL_COLUMNS = {measure.name: measure.dtype for measure in TRIAL}
EPOCH_COLUMNS = {measure.name: measure.dtype for measure in EPOCH}
SUMMARY_COLUMNS = {measure.name: measure.dtype for measure in SUMMARY}


_STEPS = (
    "Seeds are taken to deviate by at least half of what one {example} changes, so that equal seeds do not look "
    "certain; by three times that where a seed is at 0 or 100 %."
)


def score_measure(name: str, score: Score) -> Measure:
    """A column of the summary that begins with `score_`, in the unit and with the words of the run's score."""
    measure = next(measure for measure in SUMMARY if measure.name == name)
    unit = FRACTION if (score.low, score.high) == (0.0, 1.0) else ""
    common = replace(measure, unit=unit, text=score.text, span=score.range, small=not score.higher_is_better)
    if name == "score_std":
        return replace(
            common, text=score.gap, small=True, heading=f"{measure.heading} in {score.unit}" if score.unit else "SD"
        )
    if name == "score_low" and score.stepped:
        return replace(common, meaning=f"{measure.meaning} {_STEPS}")
    if name != "score_mean":
        return common
    points = " in percentage points" if score.form is Form.PERCENT else ""
    return replace(
        common,
        meaning=f"{braceless(score.meaning)} After the last epoch, mean over the OK trials; {score.direction}. "
        "No epoch is picked by its test {score}. Beneath it, SD: the standard deviation over seeds"
        f"{points}, with n - 1 in the denominator.",
    )


def summary_measures(score: Score, example: str = "example") -> dict[str, Measure]:
    """The columns of a run's summary by name, in the words and units of its score.

    Args:
        score: of the run.
        example: what an example is called: `image` where it is a picture.
    """
    return {
        measure.name: (score_measure(measure.name, score) if measure.name.startswith("score_") else measure).worded(
            score, example
        )
        for measure in SUMMARY
    }


def metric_measures(columns: Iterable[object], second: str = "") -> tuple[Measure, ...]:
    """The further metrics among the columns of a frame, in their order.

    Args:
        columns: of the frame.
        second: the second of two classes; empty where there are not two, or nobody knows.
    """
    return tuple(_metric(str(column), second) for column in columns if str(column).startswith(METRIC))


def _metric(column: str, second: str) -> Measure:
    name = column.removeprefix(METRIC)
    if name.startswith(BUILDER):
        own = name.removeprefix(BUILDER)
        meaning = f"The metric {own} as the builder compiled it, over the test set. Mean over the OK trials."
        return Measure(name=column, heading=f"{own} (builder)", meaning=meaning)
    score = SCORES.get(name)
    if score is None:  # one of the user's own, or one that nobody described
        plain = name.rpartition(":")[2].replace("_", " ")
        return Measure(name=column, heading=plain, meaning=f"{name}, over the test set. Mean over the OK trials.")
    score = score.of_class(second) if second else score
    return Measure(
        name=column,
        heading=score.heading,
        meaning=f"{braceless(score.meaning)} Mean over the OK trials; {score.direction}.",
        unit=FRACTION if (score.low, score.high) == (0.0, 1.0) else "",
        small=not score.higher_is_better,
        text=score.text,
        span=score.range,
        of=ACCURACY.name if name == ACCURACY.name else column,
    )


def braceless(text: str) -> str:
    """Text of others in which no word is filled in."""
    return text.replace("{", "{{").replace("}", "}}")
