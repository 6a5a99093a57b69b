"""Puts the sources together into one snapshot."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CREDENTIALS, LEVELS, PRECISIONS, VERDICTS, pack_key
from matcher.ingest.cities import Gazetteer
from matcher.ingest.institutions import (
    ImportRefusedError,
    Institution,
    InstitutionFile,
    read_institutions,
)
from matcher.ingest.places import SchoolPlaces, place_schools
from matcher.ingest.postal import (
    postal_arrays,
    postal_origins,
    read_postal_rows,
    us_zip_codes,
)
from matcher.ingest.snapshot import text_column, write_snapshot
from matcher.ingest.sources import sources
from matcher.ingest.truewise import PACKAGE, SourcePrograms, SourceSchool, read_programs
from matcher.regions import REGION_CODES

FORMAT = 1
FOLDER = "catalog"
Arrays = dict[str, NDArray[Any]]


def build_catalog(
    store: Path,
    *,
    institutions: Path | None,
    progress: Callable[[str], None],
    institutions_release: str | None = None,
    accept_good_rows: bool = False,
) -> str:
    """Build a snapshot and return its version; the same inputs always give the same one.

    Args:
        store: folder of catalog and ranker files; the snapshot goes to ``store/catalog``.
        institutions: the official institution file, or None to do without.
        progress: is told each step.
        institutions_release: which release the file is, as cards shall say it.
        accept_good_rows: go on without the file's wrong rows.

    Raises:
        ImportRefusedError: when the file has errors; nothing is written then.
    """
    official = _read_official(institutions, progress, accept_good_rows=accept_good_rows)
    progress("Reading programs")
    source = read_programs()
    progress(f"Read {len(source.unitid):,} programs of {len(source.schools):,} schools")
    us_codes = us_zip_codes()
    postal = read_postal_rows(us_codes)
    progress(f"Read {len(postal):,} postal codes; placing schools")
    rows = official.rows if official else {}
    places = place_schools(source.schools, rows, Gazetteer(us_codes))
    texts = _texts(source, places, rows)
    columns = {**_programs(source, places), **_schools(source.schools, places, rows)}
    origins = {PACKAGE: source.origin, **postal_origins(postal)}
    if official:
        origins["institutions"] = {"name": official.name, "sha256": official.sha256}
    manifest = {
        "format": FORMAT,
        "columns": sorted(columns),
        "text_columns": sorted(texts),
        "regions": list(REGION_CODES),
        "cips": _cips(source),
        "field_names": [source.titles[cip] for cip in sorted(source.titles)],
        "counts": _counts(columns),
        "sources": sources(source.release, official, institutions_release),
        "inputs": origins,
    }
    progress("Writing the snapshot")
    arrays = {**columns, **postal_arrays(postal)}
    for name, values in texts.items():
        arrays[f"{name}.blob"], arrays[f"{name}.offsets"] = text_column(values)
    version = write_snapshot(store / FOLDER, arrays, manifest)
    progress(f"Catalog {version} is ready")
    return version


def _read_official(
    path: Path | None, progress: Callable[[str], None], *, accept_good_rows: bool
) -> InstitutionFile | None:
    if path is None:
        return None
    progress(f"Reading {path.name}")
    found = read_institutions(path)
    for note in found.notes:
        progress(f"Note: {note.line}")
    if found.errors and not (accept_good_rows and found.rows):
        raise ImportRefusedError(*found.errors)
    for error in found.errors:
        progress(f"Left out: {error.line}")
    return found


def _programs(source: SourcePrograms, places: SchoolPlaces) -> Arrays:
    """Lay programs out sorted by (cip, credential, state, school)."""
    unitids = np.array([school.unitid for school in source.schools], np.int32)
    school = np.searchsorted(unitids, source.unitid).astype(np.int32)
    cips = np.array(sorted(source.titles), np.int32)
    field = np.searchsorted(cips, source.cip).astype(np.int16)
    credential = _credential_codes(source.level)
    order = np.lexsort((school, places.region[school], credential, field))
    key = pack_key(
        source.unitid.astype(np.int64),
        source.cip.astype(np.int64),
        source.level.astype(np.int64),
        np.zeros(len(school), np.int64),
        np.zeros(len(school), np.int64),
    )[order]
    if len(np.unique(key)) != len(key):
        raise ValueError(f"{PACKAGE} lists one program twice")
    by_key = np.argsort(key, kind="stable")
    return {
        "school": school[order],
        "field": field[order],
        "credential": credential[order],
        "format": np.zeros(len(school), np.uint8),
        "campus": np.zeros(len(school), np.int16),
        "verdict": source.verdict[order],
        "horizon": source.horizon[order],
        "completers": source.completers[order],
        "earnings": source.earnings[order],
        "threshold": source.threshold[order],
        "debt": source.debt[order],
        "key": key[by_key],
        "key_row": by_key.astype(np.int32),
        "slices": _slices(field[order], credential[order], len(cips)),
    }


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


def _texts(
    source: SourcePrograms, places: SchoolPlaces, rows: Mapping[int, Institution]
) -> dict[str, list[str]]:
    official = [rows.get(school.unitid) for school in source.schools]
    return {
        # No school has given us titles of its own yet: cards show the field's name.
        "title": [""] * len(source.unitid),
        "school_name": [school.name for school in source.schools],
        "school_city": places.city,
        "school_url": [(row.url if row else None) or "" for row in official],
    }


def _cips(source: SourcePrograms) -> list[str]:
    return [f"{cip // 100:02d}.{cip % 100:02d}" for cip in sorted(source.titles)]


def _counts(columns: Arrays) -> dict[str, Any]:
    precision = columns["place_precision"]
    by_program = precision[columns["school"]]
    return {
        "programs": len(columns["school"]),
        "schools": len(columns["unitid"]),
        "programs_with_earnings": int(np.isfinite(columns["earnings"]).sum()),
        "programs_with_completers": int(np.isfinite(columns["completers"]).sum()),
        "verdicts": {
            name: int((columns["verdict"] == code).sum()) for code, name in enumerate(VERDICTS)
        },
        "schools_by_precision": {
            name: int((precision == code).sum()) for code, name in enumerate(PRECISIONS)
        },
        "programs_by_precision": {
            name: int((by_program == code).sum()) for code, name in enumerate(PRECISIONS)
        },
    }
