"""The schema of a suite file: every table's keys, what each may hold, and the JSON Schema that editors read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ByteSize,
    Field,
    PositiveFloat,
    PositiveInt,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bench.catalog.datasets import DatasetTable
from bench.declare.device import ALLOWED, parse_device
from bench.declare.optimizer import Optimizer, check_options
from bench.declare.settings import METRICS, TrainingSettings
from bench.declare.values import Value, is_reference, known_name

EngineName = Literal["auto", "auto-exact", "fit", "epoch", "epoch-xla"]
Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]
Backend = Literal["tensorflow", "jax", "torch"]
MOST_SEEDS = 10_000


def _seeds(value: object) -> object:
    allowed = f"1 to {MOST_SEEDS:,} trials per cell, or a list of different seeds from 0 to 4294967295"
    if isinstance(value, bool) or not isinstance(value, (int, list, tuple)):
        raise PydanticCustomError("seeds", allowed)
    if isinstance(value, int) and value > MOST_SEEDS:
        raise PydanticCustomError("seeds", allowed)
    seeds = list(range(value)) if isinstance(value, int) else list(value)
    valid = all(isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < 2**32 for seed in seeds)
    if not seeds or not valid or len(set(seeds)) != len(seeds):
        raise PydanticCustomError("seeds", allowed)
    return tuple(seeds)


def _device(value: object) -> str:
    try:
        return str(parse_device(value)) if isinstance(value, str) else str(parse_device(""))
    except ValueError as error:
        raise PydanticCustomError("device", "{allowed}", {"allowed": ALLOWED}) from error


def _score(value: object) -> object:
    return "" if value == "" else known_name("score", METRICS, value)


def _direction(value: str | None, info: ValidationInfo) -> str | None:
    """A score of the user's own has no direction but the one that they write; any other has its own."""
    score = info.data.get("score")  # missing where it was refused itself
    if is_reference(score) and value is None:
        raise PydanticCustomError("direction", '"higher" or "lower" with a score of your own')
    if score and not is_reference(score) and value is not None:
        raise PydanticCustomError("direction", "no direction: {score} has its own", {"score": score})
    if score == "" and value is not None:
        raise PydanticCustomError("direction", "no direction without a score of your own")
    return value


ScoreName = Annotated[str, BeforeValidator(_score, json_schema_input_type=str)]


class CellKeys(TrainingSettings):
    """What a cell is made of beside its architecture: every key that any table of the file may set."""

    optimizer: Annotated[Optimizer, AfterValidator(check_options)] = Field(
        Optimizer(name="sgd"), description="a Keras optimizer, package.module:make, or a table of a name and options"
    )
    dataset: str = Field(
        "mnist", min_length=1, description="a name, a table [datasets.NAME], a path or package.module:loader"
    )
    device: Annotated[str, BeforeValidator(_device, json_schema_input_type=str)] = Field(
        "cpu", description="cpu, cpu[threads=N], gpu (any free one) or gpu:N"
    )
    engine: EngineName = Field(
        "auto",
        description="how the epochs are driven; auto: the fastest, auto-exact: the fastest with the weights of fit",
    )
    precision: Precision = Field("float32", description="the Keras dtype policy")
    backend: Backend = Field(
        "tensorflow", description="what Keras computes with; jax and torch are extras of keras-bench"
    )
    deterministic: bool = Field(
        default=False, description="hold every operation to a fixed order, and keep the weights' digests on the way"
    )
    timeout_s: PositiveFloat = Field(600.0, description="seconds one trial may take")
    memory_limit_bytes: ByteSize | None = Field(
        None, gt=0, description="memory one trial may claim: 4294967296 or '4 GiB'"
    )
    isolation: Literal["group", "trial"] = Field(
        "group", description="group: a process trains trials of one shape in turn; trial: a process for each"
    )
    target_accuracy: float | None = Field(
        None, gt=0, le=1, description="report the time to it, on the images held out, else on those trained on"
    )


class SuiteKeys(CellKeys):
    """The keys of the table [suite]."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$", description="letters, digits, dots, dashes")
    description: str = Field("", description="one sentence for the reader of the report")
    fallback_dataset: str | None = Field(None, description="trained on, loudly, where the data set cannot be had")
    score: ScoreName = Field(
        "", description="what cells are ranked and judged by: a name, or package.module:function with a direction"
    )
    direction: Annotated[Literal["higher", "lower"] | None, AfterValidator(_direction)] = Field(
        None, validate_default=True, description="of a score of your own: whether higher or lower values are better"
    )
    seeds: Annotated[tuple[int, ...], BeforeValidator(_seeds, json_schema_input_type=int | list[int])] = Field(
        (0, 1, 2, 3, 4), description="trials per cell, or a list of the seeds"
    )
    keep_models: Literal["none", "best"] = Field(
        "none",
        description="best: keep one trained model of each cell in the run's folder: the best seed by validation, else "
        "the seed nearest to the median score",
    )
    max_cells: PositiveInt = Field(100_000, description="a larger grid is refused")


class PublishedKeys(Value):
    """A figure from the literature: an accuracy, or a value of the suite's score."""

    accuracy: float | None = Field(None, ge=0, le=1, description="fraction of the test set")
    value: float | None = Field(None, description="in the unit of the suite's score")
    source: str = Field(min_length=1, description="where the figure was published")

    @model_validator(mode="after")
    def _one_figure(self) -> PublishedKeys:
        if (self.accuracy is None) == (self.value is None):
            raise PydanticCustomError("published", "either accuracy, or value in the unit of the suite's score")
        return self


Margin = Annotated[float, Field(gt=0)]


def _with_time(value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001  what pydantic calls
    """Nobody can ask for times that are not judged."""
    if value and info.data.get("time") is False:
        raise PydanticCustomError("require_time", "false, or time = true beside it")
    return value


class GateKeys(Value):
    """The table [gate]: how `bench check` judges."""

    margin: Margin | None = Field(
        None,
        description="largest loss of score that is accepted, in its unit; fractions have 0.005 where none is given",
    )
    margins: dict[str, Margin] = Field(
        default_factory=dict, description="other margins, by the id of a cell or the name of an architecture"
    )
    alpha: float = Field(0.01, gt=0, lt=1, description="probability of any false alarm in one check")
    rule: Literal["difference", "margin"] = Field(
        "difference",
        description="REGRESSED means, difference: dropped significantly; margin: dropped significantly beyond it",
    )
    on_inconclusive: Literal["exit-4", "more-seeds", "fail", "pass"] = Field(
        "exit-4", description="what follows when the seeds cannot decide"
    )
    looks: int = Field(3, ge=2, le=5, description="with more-seeds, how often the seeds may be looked at")
    min_seeds: int = Field(3, ge=2, description="the fewest seeds of a cell that may be accepted or judged")
    time: bool = Field(default=False, description="judge training time too, where it can be compared")
    time_margin: float = Field(1.25, gt=1, description="largest ratio of training times that is accepted")
    require_time: Annotated[bool, AfterValidator(_with_time)] = Field(
        default=False, description="with time, a check that cannot judge the time of every cell exits 4"
    )


def json_schema() -> dict[str, Any]:
    """The suite file as a JSON Schema (draft 2020-12), for editors that complete and check TOML.

    Builder parameters are open there: which ones exist depends on the builder, and `bench plan` checks them.
    """
    suite = SuiteKeys.model_json_schema(ref_template="#/$defs/{model}")
    cell = CellKeys.model_json_schema(ref_template="#/$defs/{model}")
    published = PublishedKeys.model_json_schema()
    gate = GateKeys.model_json_schema()
    table = DatasetTable.model_json_schema(ref_template="#/$defs/{model}")
    definitions = {**suite.pop("$defs", {}), **cell.pop("$defs", {}), **table.pop("$defs", {})}
    settings = cell["properties"]
    axes = {
        key: {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}]} for key, value in settings.items()
    }
    name = {"type": "string", "description": "a named architecture, one of the catalog or package.module:function"}
    names = {"anyOf": [name, {"type": "array", "items": name, "minItems": 1}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "keras-bench suite",
        "type": "object",
        "required": ["suite"],
        "additionalProperties": False,
        "properties": {
            "suite": suite,
            "datasets": {"type": "object", "additionalProperties": table},
            "architectures": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": ["builder"],
                    "properties": {"builder": name, "published": published, **settings},
                },
            },
            "grid": {"type": "array", "items": {"type": "object", "properties": {"architecture": names, **axes}}},
            "include": {"type": "array", "items": {"type": "object", "properties": {"architecture": name, **settings}}},
            "exclude": {"type": "array", "items": {"type": "object", "minProperties": 1}},
            "gate": gate,
        },
        "$defs": definitions,
    }
