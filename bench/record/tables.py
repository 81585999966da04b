"""The tables of the store. What is asked for often is a column; the whole record is a column of JSON.

A column that came after version 0.1.0 may be NULL. Every change of a table here needs a file in
`bench/record/store/migrations/versions`, by which older stores get it. Columns of the
types `Document` and `Packed` read a damaged value as `Unreadable` instead of raising.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

from bench.core.documents import check_value, json_value
from bench.core.text import storable
from bench.record.integrity import CHECKS, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Dialect
    from sqlalchemy.types import TypeEngine


class Document(TypeDecorator[Any]):
    """JSON values, without text that a database cannot hold; kept as text by SQLite, as JSON by others."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text for SQLite, whose own reader of JSON raises on damaged text."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else JSON())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401  JSON values
        """JSON text for SQLite."""
        return json.dumps(storable(value)) if dialect.name == "sqlite" else storable(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401  JSON values
        """The values; `Unreadable` for what is no JSON object or list, or not within the bounds of `core.documents`."""
        try:
            if dialect.name == "sqlite":
                value = json_value(value, figures=False)  # earlier versions kept metrics that are NaN
            else:
                check_value(value, figures=False)
        except (TypeError, ValueError):
            return Unreadable(value)
        return value if isinstance(value, (dict, list)) else Unreadable(value)


class Packed(LargeBinary):
    """Bytes; `Unreadable` for anything else that damage has put there."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002
        """Take what the driver gives as it is."""

        def process(value: Any) -> Any:  # noqa: ANN401  whatever stands there
            if value is None or isinstance(value, bytes):
                return value
            return bytes(value) if isinstance(value, (bytearray, memoryview)) else Unreadable(value)

        return process


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(64), primary_key=True),
    Column("suite_name", String(80), nullable=False, index=True),
    Column("started_at", String(40), nullable=False, index=True),
    Column("status", String(16), nullable=False),
    Column("record", Document, nullable=False),
    Column(CHECKS, Text),  # see `bench.record.integrity`
)

trials = Table(
    "trials",
    metadata,
    Column("trial_id", String(80), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("run_id", ForeignKey("runs.run_id"), nullable=False, index=True),
    Column("cell_id", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),  # up to 2^32 - 1
    Column("status", String(16), nullable=False),
    Column("accuracy", Float),
    Column("train_time_s", Float),
    Column("total_time_s", Float),
    Column("epochs", Integer, nullable=False),  # as declared
    Column("started_at", String(40), nullable=False),
    Column("record", Document, nullable=False),
    Column(CHECKS, Text),  # see `bench.record.integrity`
    Index("trials_by_key", "key", "status"),
)

epochs = Table(
    "epochs",
    metadata,
    Column("trial_id", ForeignKey("trials.trial_id"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("train_time_s", Float, nullable=False),
    Column("loss", Float),
    Column("accuracy", Float),
    Column("validation_loss", Float),
    Column("validation_accuracy", Float),
    Column("learning_rate", Float),
)

predictions = Table(
    "predictions",
    metadata,
    Column("trial_id", ForeignKey("trials.trial_id"), primary_key=True),
    Column("classes", Packed, nullable=False),  # as `Target.pack` makes them
)

labels = Table(
    "labels",
    metadata,
    Column("data_sha256", String(64), primary_key=True),
    Column("classes", Packed, nullable=False),  # as `Target.pack` makes them
    Column(CHECKS, Text),  # see `bench.record.integrity`
)

structures = Table(
    "structures",
    metadata,
    Column("sha256", String(64), primary_key=True),  # of the layers, `Outcome.structure` of the trials
    Column("layers", Document, nullable=False),  # see `bench.record.layers`
)

run_trials = Table(
    "run_trials",
    metadata,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("position", Integer, primary_key=True),  # in the plan
    Column("trial_id", ForeignKey("trials.trial_id"), nullable=False),
    Column("reused", Boolean, nullable=False),
    Column("cell", Document, nullable=False),  # as this run names it; a reused trial may have had another name
    Column(CHECKS, Text),  # see `bench.record.integrity`
)

surveys = Table(
    "surveys",
    metadata,
    Column("shape", String(64), primary_key=True),
    Column("exact", Boolean, primary_key=True),  # whether engines with other weights than fit's were left out
    Column("record", Document, nullable=False),
    Column(CHECKS, Text),  # see `bench.record.integrity`
)

claims = Table(
    "claims",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("run_id", String(64), nullable=False, index=True),
    Column("hostname", String(255), nullable=False),
    Column("process_id", Integer, nullable=False),
    Column("process_started", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("owner", String(32)),  # a random number of the process and its store; NULL in older versions
    Column("place", String(120)),  # where a process number names the same process; NULL in older versions
    Column("claimed_at", Float),  # seconds since 1970 by the database's clock, as `expires_at`
)
