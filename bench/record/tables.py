"""The tables of the store. What is asked for often is a column; the whole record stands beside it as JSON."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
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
)

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
    Column("record", JSON, nullable=False),
)

trials = Table(
    "trials",
    metadata,
    Column("trial_id", String(80), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("run_id", ForeignKey("runs.run_id"), nullable=False, index=True),
    Column("cell_id", Text, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("accuracy", Float),
    Column("train_time_s", Float),
    Column("total_time_s", Float),
    Column("epochs", Integer, nullable=False),  # as declared
    Column("started_at", String(40), nullable=False),
    Column("record", JSON, nullable=False),
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
    Column("classes", LargeBinary, nullable=False),  # as `Target.pack` makes them
)

labels = Table(
    "labels",
    metadata,
    Column("data_sha256", String(64), primary_key=True),
    Column("classes", LargeBinary, nullable=False),  # as `Target.pack` makes them
)

run_trials = Table(
    "run_trials",
    metadata,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("position", Integer, primary_key=True),  # in the plan
    Column("trial_id", ForeignKey("trials.trial_id"), nullable=False),
    Column("reused", Boolean, nullable=False),
    Column("cell", JSON, nullable=False),  # as this run names it; a reused trial may have had another name
)

surveys = Table(
    "surveys",
    metadata,
    Column("shape", String(64), primary_key=True),
    Column("exact", Boolean, primary_key=True),  # whether engines with other weights than fit's were left out
    Column("record", JSON, nullable=False),
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
)
