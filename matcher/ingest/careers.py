"""Reads the occupations file: which occupations each field leads to, their pay and outlook.

Parquet with two columns: ``cip_code`` (``5107``) and ``demand_json``, an object of ``growth_pct``,
``annual_openings``, ``summary`` (which names the years of the outlook) and ``occupations``, each
with ``soc``, ``title``, ``wage``, ``growth`` and ``openings``. See docs/catalog.md.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from matcher.ingest.tables import Findings, ImportRefusedError, Problem
from models.domain.errors import printable

COLUMNS = ("cip_code", "demand_json")
# How every Parquet file begins.
PARQUET = b"PAR1"
_CIP = re.compile(r"[0-9]{4}")
_SOC = re.compile(r"[0-9]{2}-[0-9]{4}")
_OUTLOOK = re.compile(r"\b(20[0-9]{2})[-\u2013](20[0-9]{2}) outlook")
_ADVICE = {
    "file": "is no Parquet file with the columns cip_code and demand_json; get it again",
    "cip": "is no 4-digit CIP family, such as 5107",
    "twice": "stands twice; leave one row of each family",
    "json": "is no JSON object as docs/catalog.md describes it",
    "occupation": "has an occupation without a code such as 29-2072, or without a title that can "
    "be shown",
    "figure": "is no figure: a number, or null where nothing is published",
    "differs": "has other figures here than in a row before; an occupation has one of each",
    "unknown": "is a family without programs here; it is left out",
}
# More than any pay or number of people; infinity and what is no number are not below it either.
_MOST = 1e12
_FIGURES = ("wage", "growth", "openings")


@dataclass(slots=True)
class CareersFound:
    """What the file holds.

    ``outlook`` is the span of years of the projections, as pages say it, or "" where the
    file does not say. ``careers`` by family (``5107``): growth, openings and codes in the file's
    order. ``occupations`` by code.
    """

    outlook: str = ""
    careers: dict[str, dict[str, Any]] = field(default_factory=dict)
    occupations: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)


class _BadRowError(Exception):
    """A row that cannot be used: the column, the value, and which advice."""


def is_careers_file(path: Path) -> bool:
    """Tell whether a file is Parquet, which no other file of a catalog is."""
    with path.open("rb") as file:
        return file.read(len(PARQUET)) == PARQUET


def read_careers(path: Path, known: Iterable[int]) -> CareersFound:
    """Read the occupations file.

    Args:
        path: the file.
        known: the families that the catalog has programs in, as numbers; others are left out.

    Raises:
        ImportRefusedError: when it is no such file at all.
    """
    found, families = CareersFound(), {f"{cip:04d}" for cip in known}
    for line, (cip, text) in enumerate(_rows(path), start=1):
        try:
            _add(found, str(cip or "").strip(), str(text or ""))
        except _BadRowError as error:
            column, value, advice = error.args
            said = printable(value)  # JSON can hold what no terminal can
            found.findings.errors.append(Problem(line, column, said, _ADVICE[advice]))
            continue
        if cip not in families:
            del found.careers[cip]
            found.findings.notes.append(Problem(line, "cip_code", cip, _ADVICE["unknown"]))
    return found


def career_texts(found: CareersFound, families: Sequence[int]) -> dict[str, list[str]]:
    """Lay careers out as the catalog's columns (see ``matcher.careers``).

    Args:
        found: what was read.
        families: the catalog's families as numbers, in the order of its fields.
    """
    used = sorted({soc for career in found.careers.values() for soc in career["occupations"]})
    rows = {soc: row for row, soc in enumerate(used)}
    leading: dict[str, list[str]] = {soc: [] for soc in used}
    careers = []
    for family in families:
        career = found.careers.get(f"{family:04d}")
        careers.append("" if career is None else _text(_by_row(career, rows)))
        for soc in career["occupations"] if career else ():
            leading[soc].append(f"{family // 100:02d}.{family % 100:02d}")
    occupations = [_text({**found.occupations[soc], "cips": leading[soc]}) for soc in used]
    return {"career": careers, "occupation": occupations}


def _by_row(career: Mapping[str, Any], rows: Mapping[str, int]) -> dict[str, Any]:
    return {**career, "occupations": [rows[soc] for soc in career["occupations"]]}


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _rows(path: Path) -> list[tuple[Any, Any]]:
    query = "SELECT cip_code, demand_json FROM read_parquet(?) ORDER BY cip_code"
    try:
        with duckdb.connect() as connection:
            return connection.execute(query, [str(path)]).fetchall()
    except duckdb.Error as error:
        raise ImportRefusedError(Problem(1, "-", "", _ADVICE["file"])) from error


def _add(found: CareersFound, cip: str, text: str) -> None:
    if not _CIP.fullmatch(cip):
        raise _BadRowError("cip_code", cip, "cip")
    if cip in found.careers:
        raise _BadRowError("cip_code", cip, "twice")
    said = _object(text)
    occupations = [_occupation(one) for one in said.get("occupations") or ()]
    for one in occupations:
        if found.occupations.get(one["soc"], one) != one:
            raise _BadRowError("demand_json", one["title"], "differs")
    found.occupations |= {one["soc"]: one for one in occupations}
    found.careers[cip] = {
        "growth": _figure(said.get("growth_pct")),
        "openings": _figure(said.get("annual_openings")),
        "occupations": list(dict.fromkeys(one["soc"] for one in occupations)),
    }
    if years := _OUTLOOK.search(str(said.get("summary", ""))):
        found.outlook = f"{years[1]}\u2013{years[2]}"


def _object(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("occupations", []), list):
        raise _BadRowError("demand_json", text, "json")
    return said


def _occupation(said: Any) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise _BadRowError("demand_json", str(said), "occupation")
    soc, title = str(said.get("soc") or ""), str(said.get("title") or "").strip()
    if not _SOC.fullmatch(soc) or not title or not title.isprintable():
        raise _BadRowError("demand_json", soc, "occupation")
    return {"soc": soc, "title": title, **{name: _figure(said.get(name)) for name in _FIGURES}}


def _figure(value: Any) -> float | None:
    if value is None:
        return None
    # Compared so, a whole number of any length is no error of Python's.
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not -_MOST <= value <= _MOST
    ):
        raise _BadRowError("demand_json", str(value), "figure")
    return value
