"""Puts together what the parts of a log hold: arrays, in an order that the log alone decides."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import numpy as np
from numpy.typing import NDArray

from matcher.learn import dataset_sql as sql
from matcher.learn.dataset import Dataset, Examples, Priced
from matcher.learn.dataset_parts import Desk, Found, duckdb_at, moment_of, view_files

Columns = Mapping[str, NDArray[Any]]
_TYPES = {"query": np.int32, "bucket": np.int16, "organic": np.int32, "plain": np.int32}
_TOLD = ("pages", "sponsored_places_left_out", "seen", "after_the_window", "after_the_cut")


def put_together(
    slates: Sequence[Path], found: Sequence[Found], desk: Desk, values: Mapping[str, object]
) -> Dataset:
    """Number the searches, thin what led nowhere, and read the rest.

    Args:
        slates: files of the parts' slates.
        found: what the parts hold, at least one example among them.
        desk: where to work.
        values: what the queries ask for.
    """
    with duckdb_at(desk, values) as connection:
        view_files(connection, "slate", slates)
        view_files(connection, "example", [each.examples for each in found])
        for statement in sql.WHOLE:
            connection.execute(statement)
        searches = connection.execute(sql.SEARCHES).fetchall()
        origins = dict(connection.execute(sql.ORIGINS).fetchall())
        cips = np.array([cip for (cip,) in connection.execute(sql.FIELDS).fetchall()], np.str_)
        columns = _columns(connection, cips)
    priced, examples = _priced(columns), _examples(columns, found)
    counts = added(each.counts for each in found)
    thinned = counts["led_nowhere"] - int((priced.weight > 1).sum()) if values["weight"] != 1 else 0
    catalogs, rankers = zip(*{pair for each in found for pair in each.versions}, strict=True)
    moments = tuple(moment_of(served) for _, served, _, _ in searches)
    ids = tuple(each for each, _, _, _ in searches)
    return Dataset(
        examples=examples,
        priced=priced,
        slates=ids,
        moments=moments,
        judges=np.array([judges for _, _, _, judges in searches], bool),
        simulated=sum(simulated for _, _, simulated, _ in searches),
        origins=origins,
        first=min(moments),
        last=max(moments),
        counts={
            **{name: counts[name] for name in _TOLD},
            "led_nowhere_left_out": thinned,
            "judging_left_out": counts["rows"] - len(priced) - thinned,
            "searches": len(ids),
            "examples": len(examples),
            "clicks": int(examples.clicked.sum()),
            "requests": int(examples.requested.sum()),
        },
        set_aside={
            reason: count
            for reason, count in sorted(added(each.aside for each in found).items())
            if count
        },
        catalogs=tuple(sorted(set(catalogs))),
        rankers=tuple(sorted(set(rankers))),
        fingerprint=_fingerprint(ids, examples, priced),
    )


def added(each: Iterable[Mapping[str, int]]) -> Counter[str]:
    """Add up counts of parts."""
    total = Counter[str]()
    for counts in each:
        total.update(counts)
    return total


def _columns(connection: duckdb.DuckDBPyConnection, cips: NDArray[np.str_]) -> Columns:
    read = connection.execute(sql.KEPT).fetchnumpy()
    codes = np.empty((len(read["query"]), len(sql.CODES)), np.uint8)
    for place, name in enumerate(sql.CODES):
        codes[:, place] = read.pop(name)
    columns = {name: values.astype(_TYPES.get(name, values.dtype)) for name, values in read.items()}
    return {**columns, "codes": codes, "cip": cips[columns.pop("field")]}


def _examples(columns: Columns, found: Sequence[Found]) -> Examples:
    advertisers = sorted(frozenset[int]().union(*(each.advertisers for each in found)))
    whole = {**columns, "advertised": np.isin(columns["unitid"], advertisers)}
    organic = ~columns["sponsored"]
    arrays: Iterable[Any] = (whole[each.name][organic] for each in fields(Examples))
    return Examples(*arrays)


def _priced(columns: Columns) -> Priced:
    arrays: Iterable[Any] = (columns[each.name] for each in fields(Priced))
    return Priced(*arrays)


def _fingerprint(slates: Sequence[UUID], *tables: Examples | Priced) -> str:
    """Name what was learned from, by its bytes."""
    digest = hashlib.sha256(b"".join(slate.bytes for slate in slates))
    for table in tables:
        for each in fields(table):
            digest.update(each.name.encode())
            digest.update(np.ascontiguousarray(getattr(table, each.name)).data)
    return digest.hexdigest()[:16]
