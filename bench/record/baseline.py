"""The accepted reference of a suite: a reviewed file, `reports/baselines/<suite>.json`, with a chain of acceptances.

The file is made to be read in a diff: its order is that of the suite, every seed has a line, and every earlier
acceptance stays in it with its means. Each acceptance carries a hash over itself, the one before it and, for the last,
the cells; so a figure that was edited by hand no longer matches. The hash protects from accidents and from edits that
nobody meant to review. It is no signature: who can write the file can also make a new one, which is why CI reads it
from the base branch.

Version 1 knew accuracies only, version 2 no digests of predictions. They are read, checked and written again as they
were; what is accepted now is version 3.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import AliasChoices, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from bench.core.documents import read_json
from bench.core.errors import BaselineError, NotJudgedError
from bench.core.files import write_text

# pydantic reads these annotations when it makes an adapter, so they are imported for real
from bench.core.score import ACCURACY, Score
from bench.core.target import Task
from bench.declare.schema import GateKeys  # noqa: TC001
from bench.record.checks import impossible_time

if TYPE_CHECKING:
    from pathlib import Path

BASELINE_VERSION = 3
ACCURACY_ONLY = 1
"""The version whose seeds hold an `accuracy`, and which says nothing of a score or a task."""
NO_DIGESTS = 2
"""The last version whose seeds hold no digest of their predictions."""
STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
HINT = "`git checkout` brings the reviewed file back. To begin anew, move it away and accept a run."


@checked(frozen=True, slots=True, kw_only=True, config=STRICT)
class AcceptedSeed:
    """One accepted trial.

    Attributes:
        score: what it reached, in the score's unit; `accuracy` in files of version 1.
        epoch_time_s: median over its epochs; None where the timing was contended.
        train_time_s: all epochs; None where the timing was contended.
        weights_digest: SHA-256 (hex) of the final weights, where the cell is deterministic.
        predictions_digest: SHA-256 (hex) of what it predicted for every test example; None where that was not stored.
    """

    seed: int
    score: float = Field(validation_alias=AliasChoices("score", "accuracy"))
    epoch_time_s: float | None = None
    train_time_s: float | None = None
    weights_digest: str | None = None
    predictions_digest: str | None = None


@checked(frozen=True, slots=True, kw_only=True, config=STRICT)
class AcceptedCell:
    """A cell as it was accepted.

    Attributes:
        declared: everything the suite says of it that decides a training, by dotted key, as text.
        data_sha256: of the data set it was trained on.
        code_sha256: of the code that builds and trains it.
        engine: the one that ran.
        fingerprint: of the environment its bits and timings depend on.
        machine: of what timings depend on beyond that; empty where no time was kept, or of several machines, and in
            files of earlier versions: such times are not compared.
        images: examples in the test set.
        mistakes: what most of its seeds get wrong, separated by spaces: `example:class`, by the number of the example
            in the test set and of the class predicted; of several labels `example:label,label`, by the numbers of the
            labels that are wrong. None where predictions were not stored, and for values.
        seeds: in the order they were trained.
        task: what it predicts.
        errors: of values, how far the seeds are off on each test example, as `packed_errors` makes it; None where it is
            not kept.
    """

    cell_id: str
    architecture: str
    declared: dict[str, str]
    data_sha256: str
    code_sha256: str
    engine: str
    fingerprint: str
    images: int
    seeds: tuple[AcceptedSeed, ...]
    mistakes: str | None = None
    task: Task = Task.CLASSES
    errors: str | None = None
    machine: str = ""


@checked(frozen=True, slots=True, kw_only=True, config=STRICT)
class PastCell:
    """What an acceptance said of a cell: enough to compare with it for ever.

    Attributes:
        n: how many seeds.
        mean: of their scores.
        std: n - 1 in the denominator; None for a single seed.
        content: hash of the declared settings, the data and the score: figures of others are not compared.
    """

    n: int
    mean: float
    std: float | None
    content: str


@checked(frozen=True, slots=True, kw_only=True, config=STRICT)
class Acceptance:
    """Who accepted what, when and why.

    Attributes:
        accepted_at: UTC, ISO 8601.
        revision: of the repository that was trained, where it was one; `+` at its end says that files were changed.
        suite_sha256: of the suite file's text.
        content: hash of the gate's settings and the cells.
        previous: hash of the acceptance before; empty for the first.
        hash: SHA-256 (hex) over all other keys.
    """

    accepted_at: str
    accepted_by: str
    reason: str
    run_id: str
    revision: str
    bench_version: str
    suite_sha256: str
    content: str
    previous: str
    hash: str
    cells: dict[str, PastCell]


@checked(frozen=True, slots=True, kw_only=True, config=STRICT)
class Baseline:
    """What a run is judged against.

    Attributes:
        gate: the rules as accepted: a change of them in a suite file takes effect when it is accepted.
        acceptances: the oldest first; the last one is in force.
        score: what its seeds were ranked by.
    """

    schema_version: int
    suite: str
    gate: GateKeys
    cells: tuple[AcceptedCell, ...]
    acceptances: tuple[Acceptance, ...]
    score: Score = ACCURACY

    @property
    def last(self) -> Acceptance:
        """The acceptance in force."""
        return self.acceptances[-1]


_BASELINE = TypeAdapter(Baseline)


def sealed(baseline: Baseline) -> Baseline:
    """The same with the content and the hash of its last acceptance filled in."""
    *earlier, last = baseline.acceptances
    last = replace(last, content=_content(baseline), previous=earlier[-1].hash if earlier else "")
    return replace(baseline, acceptances=(*earlier, replace(last, hash=_hash(last))))


def write_baseline(baseline: Baseline, path: Path) -> Path:
    """Write a sealed baseline, whole or not at all; equal baselines give equal bytes."""
    return write_text(path, folded(_json(baseline)) + "\n")


def read_baseline(path: Path, *, suite: str = "") -> Baseline:
    """Read a baseline, and make sure that nobody changed it since it was accepted.

    Args:
        path: of the file.
        suite: that it must belong to, where not empty.

    Raises:
        NotJudgedError: there is no such file.
        BaselineError: it is no baseline, of a newer version, of another suite, or its hashes do not match.
    """
    content = _document(path)
    version = content.get("schema_version") if isinstance(content, dict) else None
    if isinstance(content, dict) and "run_id" in content:
        raise BaselineError(
            f"{path} is a run and not a baseline.", hint='Accept it first: bench accept RUN --reason "..."'
        )
    if not isinstance(version, int) or isinstance(version, bool):
        raise BaselineError(f"{path} is not a baseline: it has no schema_version.", hint=HINT)
    if version > BASELINE_VERSION:
        raise BaselineError(
            f"The baseline {path} was written with schema {version}; this version reads up to {BASELINE_VERSION}.",
            hint="Upgrade keras-bench.",
        )
    try:
        baseline = _BASELINE.validate_json(json.dumps(content))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BaselineError(f"The baseline {path} cannot be read: {place}: {first['msg']}.", hint=HINT) from error
    if problem := _broken(baseline):
        raise BaselineError(f"The baseline {path} was changed by hand: {problem}.", hint=HINT)
    if problem := _impossible(baseline):
        raise BaselineError(f"The baseline {path} cannot be right: {problem}.", hint=HINT)
    if suite and baseline.suite != suite:
        raise BaselineError(
            f"The baseline {path} belongs to the suite {baseline.suite!r}; this run is of {suite!r}.",
            hint="Name the baseline of this suite with --baseline.",
        )
    return baseline


def _document(path: Path) -> Any:  # noqa: ANN401  whatever the file holds
    try:
        content = read_json(path)
    except FileNotFoundError as error:
        raise NotJudgedError(
            f"There is no baseline at {path}, so there is nothing to judge this run by.",
            hint='Look at the run; when it is as good as it should be: bench accept RUN --reason "first baseline"',
        ) from error
    except OSError as error:
        raise BaselineError(f"The baseline {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BaselineError(f"The baseline {path} is not JSON: {error}.", hint=HINT) from error
    return content


def folded(value: object, depth: int = 0, width: int = 128) -> str:
    """JSON with what fits on a line on one line, so that a diff shows one seed and not a screen of braces."""
    flat = json.dumps(value, allow_nan=False, ensure_ascii=False)
    if len(flat) + depth <= width or not isinstance(value, (dict, list)) or not value:
        return flat
    inner = " " * (depth + 1)
    if isinstance(value, dict):
        rows = [f"{json.dumps(key, ensure_ascii=False)}: {folded(item, depth + 1)}" for key, item in value.items()]
        opening, closing = "{", "}"
    else:
        rows = [folded(item, depth + 1) for item in value]
        opening, closing = "[", "]"
    return f"{opening}\n" + ",\n".join(f"{inner}{row}" for row in rows) + f"\n{' ' * depth}{closing}"


def _broken(baseline: Baseline) -> str:
    """What does not match, as a clause; empty where everything does."""
    if not baseline.acceptances:
        return "it holds no acceptance"
    before = ""
    for number, acceptance in enumerate(baseline.acceptances, start=1):
        if acceptance.previous != before:
            return f"acceptance {number} does not follow the one before it"
        if acceptance.hash != _hash(acceptance):
            return f"acceptance {number} ({acceptance.accepted_at}) does not match its hash"
        before = acceptance.hash
    if baseline.last.content != _content(baseline):
        return "its cells or the rules of its gate do not match the hash of the last acceptance"
    return ""


def _impossible(baseline: Baseline) -> str:
    """A figure that no run can have left, as a clause; empty where there is none."""
    score = baseline.score
    for cell in baseline.cells:
        if cell.images < 0:
            return f"{cell.cell_id[:60]} has {cell.images} test examples"
        if not cell.seeds:
            return f"{cell.cell_id[:60]} has no seed"
        for seed in cell.seeds:
            if not score.floor <= seed.score <= score.ceiling:
                return f"{cell.cell_id[:60]}, seed {seed.seed}: {score.heading[:60]} of {seed.score:g}"
            if any(problem := impossible_time(time) for time in (seed.epoch_time_s, seed.train_time_s)):
                return f"{cell.cell_id[:60]}, seed {seed.seed}: {problem}"
    for acceptance in baseline.acceptances:
        for cell_id, past in acceptance.cells.items():
            if past.n < 1 or (past.std or 0.0) < 0:
                return f"{cell_id[:60]} was accepted with {past.n} seeds and a deviation of {past.std}"
    return ""


def _content(baseline: Baseline) -> str:
    value = _json(baseline)
    del value["acceptances"]
    return digest(value)


def _json(baseline: Baseline) -> dict[str, Any]:
    """A baseline as JSON values, in the form of its version: the hashes of old files hold for their old form."""
    value: dict[str, Any] = _BASELINE.dump_python(baseline, mode="json")
    # what later versions brought is written where it says something
    if not value["gate"]["require_time"]:
        del value["gate"]["require_time"]
    for cell in value["cells"]:
        if not cell["machine"]:
            del cell["machine"]
    if baseline.schema_version <= NO_DIGESTS:
        for cell in value["cells"]:
            for seed in cell["seeds"]:
                del seed["predictions_digest"]
    if baseline.schema_version <= ACCURACY_ONLY:
        del value["score"]
        for cell in value["cells"]:
            del cell["task"], cell["errors"]
            cell["seeds"] = [{_OLD_NAMES.get(key, key): item for key, item in seed.items()} for seed in cell["seeds"]]
    return value


_OLD_NAMES = {"score": "accuracy"}


def _hash(acceptance: Acceptance) -> str:
    value = TypeAdapter(Acceptance).dump_python(acceptance, mode="json", exclude={"hash"})
    return digest(value)


def digest(value: object) -> str:
    """SHA-256 (hex) of JSON values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, allow_nan=False).encode()).hexdigest()
