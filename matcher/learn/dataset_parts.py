"""Reads the parts of a log with DuckDB, out of core: what is found goes to files, not to memory."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from matcher.learn import dataset_sql as sql
from matcher.learn.dataset import UnusableLogError
from models.domain.log_form import TABLES

Counts = Mapping[str, int]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a log: its two files (docs/events.md)."""

    listings: Path
    events: Path


@dataclass(frozen=True, slots=True)
class Desk:
    """Where to work: a folder of this run alone, and what DuckDB may take.

    ``memory`` in DuckDB's words; beyond it, it spills into the folder. On Dask the folder must be
    the same for all workers, and ``memory`` and ``threads`` are of each task.
    """

    folder: Path
    memory: str = "2GiB"
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Found:
    """What a part holds, beside the file of its examples."""

    examples: Path
    counts: Counts
    aside: Counts
    versions: frozenset[tuple[str, str]]
    advertisers: frozenset[int]


def moment_of(microseconds: int) -> datetime:
    """Read a moment of the files' queries."""
    return EPOCH + microseconds * MICROSECOND


def microseconds_of(moment: datetime) -> int:
    """Write a moment as the queries compare it."""
    return (moment - EPOCH) // MICROSECOND


@contextmanager
def duckdb_at(desk: Desk, values: Mapping[str, object]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB within its limits, with values that the queries ask for by name."""
    spill = desk.folder / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    limits: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": desk.memory,
        "threads": desk.threads,
        "temp_directory": str(spill),
        # Rows are ordered where it matters, and only there.
        "preserve_insertion_order": False,
    }
    with duckdb.connect(config=limits) as connection:
        for name, value in values.items():
            connection.execute(f"SET VARIABLE {name} = ?", [value])
        yield connection


def view_files(connection: duckdb.DuckDBPyConnection, name: str, paths: Sequence[Path]) -> None:
    """Open files of all parts under the name that the queries know."""
    connection.read_parquet([str(path) for path in paths]).create_view(name)


def find_slates(number: int, part: Part, desk: Desk, values: Mapping[str, object]) -> Path:
    """Write the slates of a part to a file.

    Args:
        number: the part's.
        part: its files.
        desk: where to work.
        values: what the queries ask for.

    Raises:
        UnusableLogError: when a file lacks a column, or one is of another type.
    """
    with duckdb_at(desk, values) as connection:
        _view(connection, "listing", "listings", part.listings)
        return _write(connection, sql.SLATES, desk.folder / f"slates-{number}.parquet")


def find_examples(
    number: int, part: Part, slates: Path, desk: Desk, values: Mapping[str, object]
) -> Found:
    """Write the examples of a part to a file, those set aside with their reasons among them.

    Args:
        number: the part's.
        part: its files.
        slates: what ``find_slates`` wrote of it.
        desk: where to work.
        values: what the queries ask for.

    Raises:
        UnusableLogError: when a file lacks a column, or one is of another type.
    """
    with duckdb_at(desk, values) as connection:
        _view(connection, "listing", "listings", part.listings)
        _view(connection, "event", "events", part.events)
        view_files(connection, "slate", [slates])
        for statement in sql.PART:
            connection.execute(statement)
        path = desk.folder / f"examples-{number}.parquet"
        return Found(
            examples=_write(connection, "FROM example", path),
            counts=_counted(connection, sql.COUNTS),
            aside=_counted(connection, sql.ASIDE),
            versions=frozenset(connection.execute(sql.VERSIONS).fetchall()),
            advertisers=frozenset(u for (u,) in connection.execute(sql.ADVERTISERS).fetchall()),
        )


def _view(connection: duckdb.DuckDBPyConnection, name: str, table: str, path: Path) -> None:
    """Open a file under the name that the queries know, when it has the form of the log."""
    relation = connection.read_parquet(str(path))
    there = dict(zip(relation.columns, map(str, relation.types), strict=True))
    wrong = [
        f"{column.name} {'is missing' if found is None else f'is {found}, not {column.type}'}"
        for column in TABLES[table]
        if (found := there.get(column.name)) != column.type
    ]
    if wrong:
        raise UnusableLogError(
            f"{path.name} of {table} is not of the form in docs/events.md: {'; '.join(wrong)}."
        )
    relation.create_view(name)


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> Path:
    connection.sql(query).write_parquet(str(path))
    return path


def _counted(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    return {name: int(number or 0) for name, number in connection.execute(query).fetchall()}
