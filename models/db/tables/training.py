"""Training runs, what is watched of the champion, and traffic by day."""

from sqlalchemy import Boolean, Column, Date, Float, Index, Integer, Table, Text
from sqlalchemy import text as sql

from models.db.tables.base import METADATA, at, document, id_column, one_of, text

# wishes: what was set; took: [[step, seconds]] of what is done. attempts fences who writes.
training_run = Table(
    "training_run",
    METADATA,
    id_column(),
    at("asked_at"),
    text("asked_by"),
    text("reason"),
    document("wishes"),
    text("state"),
    Column("attempts", Integer, nullable=False),
    text("step", nullable=True),
    at("step_at", nullable=True),
    document("took"),
    at("seen_at", nullable=True),
    at("finished_at", nullable=True),
    text("version", nullable=True),
    text("failure", nullable=True),
    Column("cancel_asked", Boolean, nullable=False),
    one_of("state", "waiting", "running", "done", "failed", "cancelled"),
    # One run is open at a time.
    Index(
        "ix_training_run_open",
        sql("(true)"),
        unique=True,
        postgresql_where=sql("state IN ('waiting', 'running')"),
    ),
)

# What was found at the last look at each ranker that served; figures: [{name, figure, …}].
ranker_watch = Table(
    "ranker_watch",
    METADATA,
    Column("version", Text, primary_key=True),
    at("at"),
    at("since"),
    Column("searches", Integer, nullable=False),
    document("figures"),
)

# counts: {organic|sponsored: {seen, clicks, requests}}. A day is UTC's.
traffic_day = Table(
    "traffic_day",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("simulated", Boolean, primary_key=True),
    at("counted_at"),
    Column("searches", Integer, nullable=False),
    Column("steering_mean", Float, nullable=False),
    Column("steering_most", Float, nullable=False),
    document("counts"),
)
