"""Writes small occupations files, as `catalog import` takes them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

SUMMARY = "Invented occupations, with median pay and the 2024-2034 outlook."
MEDICAL_RECORDS = {
    "soc": "29-2072",
    "title": "Medical Records Specialists",
    "wage": 50250.0,
    "growth": 7.1,
    "openings": 14200.0,
}
ASSISTANTS = {
    "soc": "31-9092",
    "title": "Medical Assistants",
    "wage": 44200.0,
    "growth": 12.5,
    "openings": None,
}


def a_career(*occupations: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """What a row says of its family."""
    said: dict[str, Any] = {
        "growth_pct": 9.0,
        "annual_openings": 126500.0,
        "summary": SUMMARY,
        "occupations": [dict(one) for one in occupations],
    }
    return {**said, **changes}


def write_careers(path: Path, rows: Sequence[tuple[str, Any]]) -> Path:
    """Write rows of a family's code and what is said of it; text stays as it is."""
    table = [(cip, said if isinstance(said, str) else json.dumps(said)) for cip, said in rows]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE careers (cip_code VARCHAR, demand_json VARCHAR)")
        connection.executemany("INSERT INTO careers VALUES (?, ?)", table)
        connection.execute(f"COPY careers TO '{path}' (FORMAT parquet)")
    return path
