"""Puts the sources together into one snapshot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CREDENTIALS, FORMATS, LEVELS, PRECISIONS, VERDICTS, pack_key
from matcher.ingest.careers import career_texts
from matcher.ingest.cities import Gazetteer
from matcher.ingest.imports import ImportedFile, Kind, show_imports
from matcher.ingest.inputs import Expected, Inputs, read_inputs
from matcher.ingest.institutions import Institution
from matcher.ingest.places import SchoolPlaces, place_schools
from matcher.ingest.postal import (
    postal_arrays,
    postal_origins,
    read_postal_rows,
    us_zip_codes,
)
from matcher.ingest.programs import Programs, said_arrays
from matcher.ingest.snapshot import text_column, write_snapshot
from matcher.ingest.sources import sources
from matcher.ingest.truewise import PACKAGE, SourceSchool
from matcher.ingest.whereabouts import CodeMap
from matcher.regions import REGION_CODES

FORMAT = 1
FOLDER = "catalog"
Arrays = dict[str, NDArray[Any]]


def build_catalog(
    store: Path,
    *,
    imports: Sequence[ImportedFile] = (),
    progress: Callable[[str], None],
    today: date = date.max,
    rows_before: Mapping[Kind, int] = MappingProxyType({}),
) -> str:
    """Build a snapshot and return its version; the same inputs always give the same one.

    Args:
        store: folder of catalog and ranker files; the snapshot goes to ``store/catalog``.
        imports: the files beside the packages' data, kept in the store.
        progress: is told each step.
        today: no row may have been said later.
        rows_before: how many rows the official file that is replaced had, by kind; far fewer are
            refused.

    Raises:
        ImportRefusedError: when a file has errors; nothing is written then.
    """
    us_codes = us_zip_codes()
    postal = read_postal_rows(us_codes)
    expected = Expected(CodeMap(postal), today, rows_before)
    inputs = read_inputs(store, imports, expected, progress)
    progress(f"Read {len(postal):,} postal codes; placing schools")
    places = place_schools(inputs.schools, inputs.institutions, Gazetteer(us_codes, postal))
    order = _order(inputs, places)
    said_row, said = said_arrays(inputs.programs, order)
    columns = {
        **_programs(inputs, order),
        **_schools(inputs.schools, places, inputs.institutions),
        "said_row": said_row,
    }
    texts = {**_texts(inputs, places, order), "said": said}
    if inputs.careers is not None:
        texts |= career_texts(inputs.careers, sorted(inputs.package.titles))
    manifest = {
        "format": FORMAT,
        "columns": sorted(columns),
        "text_columns": sorted(texts),
        "regions": list(REGION_CODES),
        "cips": _cips(inputs.package.titles),
        "field_names": [inputs.package.titles[cip] for cip in sorted(inputs.package.titles)],
        "counts": _counts(columns),
        "sources": sources(inputs, imports),
        "inputs": {PACKAGE: inputs.package.origin, **postal_origins(postal)},
        "imports": show_imports(replace(one, rows=inputs.rows[one.sha256]) for one in imports),
    }
    progress("Writing the snapshot")
    arrays = {**columns, **postal_arrays(postal)}
    for name, values in texts.items():
        arrays[f"{name}.blob"], arrays[f"{name}.offsets"] = text_column(values)
    version = write_snapshot(store / FOLDER, arrays, manifest)
    progress(f"Catalog {version} is ready")
    return version


def _order(inputs: Inputs, places: SchoolPlaces) -> NDArray[np.int64]:
    """Where programs go: sorted by (cip, credential, state, school, format)."""
    programs = inputs.programs
    school = _school_rows(inputs)
    credential = _credential_codes(programs.level)
    by = (programs.format, school, places.region[school], credential, programs.cip)
    order: NDArray[np.int64] = np.lexsort(by)
    return order


def _school_rows(inputs: Inputs) -> NDArray[np.int32]:
    unitids = np.array([school.unitid for school in inputs.schools], np.int32)
    return np.searchsorted(unitids, inputs.programs.unitid).astype(np.int32)


def _programs(inputs: Inputs, order: NDArray[np.int64]) -> Arrays:
    programs = inputs.programs
    cips = np.array(sorted(inputs.package.titles), np.int32)
    field = np.searchsorted(cips, programs.cip[order]).astype(np.int16)
    credential = _credential_codes(programs.level)[order]
    key = _keys(programs)[order]
    if len(np.unique(key)) != len(key):
        raise ValueError(f"{PACKAGE} lists one program twice")
    by_key = np.argsort(key, kind="stable")
    taken = ("format", "verdict", "horizon", "completers", "earnings", "threshold", "debt")
    return {
        "school": _school_rows(inputs)[order],
        "field": field,
        "credential": credential,
        "campus": np.zeros(len(order), np.int16),
        "figures_from": programs.figures_from[order],
        **{name: getattr(programs, name)[order] for name in taken},
        "key": key[by_key],
        "key_row": by_key.astype(np.int32),
        "slices": _slices(field, credential, len(cips)),
    }


def _keys(programs: Programs) -> NDArray[np.int64]:
    parts = (programs.unitid, programs.cip, programs.level, programs.format)
    unitid, cip, level, format_code = (part.astype(np.int64) for part in parts)
    return pack_key(unitid, cip, level, format_code, np.zeros(len(unitid), np.int64))


def _credential_codes(levels: NDArray[np.int32]) -> NDArray[np.uint8]:
    codes = np.full(max(LEVELS) + 1, len(CREDENTIALS), np.uint8)
    codes[list(LEVELS)] = np.arange(len(LEVELS))
    found: NDArray[np.uint8] = codes[levels]
    if found.max() >= len(CREDENTIALS):
        raise ValueError(f"{PACKAGE} has a credential level that this version does not know")
    return found


def _slices(
    field: NDArray[np.int16], credential: NDArray[np.uint8], fields: int
) -> NDArray[np.int64]:
    """Where each field's credentials begin, and the last one's end: shape (F, C + 1)."""
    flat = field.astype(np.int64) * len(CREDENTIALS) + credential
    starts = np.searchsorted(flat, np.arange(fields * len(CREDENTIALS) + 1))
    rows = np.arange(fields)[:, None] * len(CREDENTIALS) + np.arange(len(CREDENTIALS) + 1)
    found: NDArray[np.int64] = starts[rows].astype(np.int64)
    return found


def _schools(
    schools: Sequence[SourceSchool], places: SchoolPlaces, rows: Mapping[int, Institution]
) -> Arrays:
    official = [rows.get(school.unitid, Institution(school.unitid)) for school in schools]

    def figures(name: str) -> NDArray[np.float32]:
        values = [getattr(row, name) for row in official]
        return np.array([np.nan if value is None else value for value in values], np.float32)

    return {
        "unitid": np.array([school.unitid for school in schools], np.int32),
        "region": places.region,
        "control": np.array([school.control for school in schools], np.uint8),
        "place_precision": places.precision,
        "xyz": places.xyz,
        "net_price": figures("net_price"),
        "completion": figures("completion"),
        "enrolment": figures("enrolment"),
    }


def _texts(inputs: Inputs, places: SchoolPlaces, order: NDArray[np.int64]) -> dict[str, list[str]]:
    official = [inputs.institutions.get(school.unitid) for school in inputs.schools]
    titles = {row: one.title for row, one in inputs.programs.said.items()}
    return {
        # Empty where the school gave none: cards show the field's name.
        "title": [titles.get(row, "") for row in order.tolist()],
        "school_name": [school.name for school in inputs.schools],
        "school_city": places.city,
        "school_url": [(row.url if row else None) or "" for row in official],
    }


def _cips(titles: Mapping[int, str]) -> list[str]:
    return [f"{cip // 100:02d}.{cip % 100:02d}" for cip in sorted(titles)]


def _counts(columns: Arrays) -> dict[str, Any]:
    precision = columns["place_precision"]
    by_program = precision[columns["school"]]

    def tally(names: Sequence[str], codes: NDArray[Any]) -> dict[str, int]:
        return {name: int((codes == code).sum()) for code, name in enumerate(names)}

    return {
        "programs": len(columns["school"]),
        "schools": len(columns["unitid"]),
        "programs_with_earnings": int(np.isfinite(columns["earnings"]).sum()),
        "programs_with_completers": int(np.isfinite(columns["completers"]).sum()),
        "programs_with_own_words": len(columns["said_row"]),
        "verdicts": tally(VERDICTS, columns["verdict"]),
        "formats": tally(FORMATS, columns["format"]),
        "schools_by_precision": tally(PRECISIONS, precision),
        "programs_by_precision": tally(PRECISIONS, by_program),
    }
