"""Turns a row of the catalog into what a card shows: program, school, facts, warnings.

A figure that is not published is None, never 0, and every fact names its source and year.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from matcher.catalog import (
    BADGES,
    CONTROLS,
    CREDENTIALS,
    FIGURE_SOURCES,
    FORMATS,
    HORIZONS,
    LEVELS,
    OWN_SCHOOLS,
    VERDICTS,
    Catalog,
    pack_key,
)
from matcher.regions import REGIONS
from models.domain.levels import CredentialLevel, Format
from models.domain.matching import Fact, Note, Program, School

# One program, one spelling: no zeros in front.
_ID = re.compile(
    r"prog_([1-9][0-9]{0,7})\.([0-9]{4})\.([1-9][0-9]?)\.(-|campus|online|both)\.(-|[1-9][0-9]{0,3})"
)
_UNKNOWN = "-"
# What else a program of a format may be called in another version, the likeliest first. One known
# to be online is never one known to be on campus.
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "unknown": ("both", "campus", "online"),
    "campus": ("both", "unknown"),
    "online": ("both", "unknown"),
    "both": ("campus", "online", "unknown"),
}
_BELOW = VERDICTS.index("below")
_SHOWN_FORMATS = {"unknown": None, "campus": Format.CAMPUS, "online": Format.ONLINE}
_GRADUATE = frozenset(
    {
        CredentialLevel.POST_BACCALAUREATE_CERTIFICATE,
        CredentialLevel.GRADUATE_CERTIFICATE,
        CredentialLevel.MASTER,
        CredentialLevel.DOCTORAL,
        CredentialLevel.FIRST_PROFESSIONAL,
    }
)
_FIGURES = ("earnings", "debt", "completers")
_NOT_IMPORTED = {
    "name": "U.S. Department of Education, College Scorecard, institution file",
    "year": "not imported",
}


def program_id(catalog: Catalog, row: int) -> str:
    """Write a program's id, stable over versions, such as ``prog_194240.5107.2.-.-``."""
    school, field = int(catalog.school[row]), int(catalog.field[row])
    format_name = FORMATS[catalog.format[row]]
    parts = (
        str(int(catalog.unitid[school])),
        catalog.cips[field].replace(".", ""),
        str(LEVELS[catalog.credential[row]]),
        _UNKNOWN if format_name == "unknown" else format_name,
        str(int(catalog.campus[row])) if catalog.campus[row] else _UNKNOWN,
    )
    return f"prog_{'.'.join(parts)}"


def row_of(catalog: Catalog, program_id: str) -> int | None:
    """Find a program's row, or None when the text is no id or this version has no such program.

    An id holds the format, so it changes when a format becomes known, or is published otherwise.
    The old id still finds the program: ``_ALIASES`` says as what.
    """
    found = _ID.fullmatch(program_id)
    if found is None:
        return None
    unitid, cip, level, format_name, campus = found.groups()
    asked = "unknown" if format_name == _UNKNOWN else format_name
    for name in (asked, *_ALIASES[asked]):
        key = pack_key(
            int(unitid),
            int(cip),
            int(level),
            FORMATS.index(name),
            0 if campus == _UNKNOWN else int(campus),
        )
        place = int(np.searchsorted(catalog.key, key))
        if place < len(catalog.key) and int(catalog.key[place]) == key:
            return int(catalog.key_row[place])
    return None


def program(catalog: Catalog, row: int) -> Program:
    """Describe a program; its title is the school's own, else the official name of its field."""
    field = int(catalog.field[row])
    return Program(
        id=program_id(catalog, row),
        unitid=int(catalog.unitid[catalog.school[row]]),
        cip=catalog.cips[field],
        title=catalog.title[row] or catalog.field_names[field],
        credential_level=CREDENTIALS[catalog.credential[row]],
        format=_SHOWN_FORMATS.get(FORMATS[catalog.format[row]], Format.EITHER),
    )


def school(catalog: Catalog, school_row: int) -> School:
    """Describe a school; what is not known is None."""
    return School(
        unitid=int(catalog.unitid[school_row]),
        name=catalog.school_name[school_row],
        state=_region(catalog, school_row),
        control=CONTROLS[catalog.control[school_row]],
        city=catalog.school_city[school_row] or None,
        url=catalog.school_url[school_row] or None,
    )


def facts(catalog: Catalog, row: int) -> tuple[Fact, ...]:
    """Give a program's figures in the order of a card.

    Earnings say in their name how long after completion they were measured.
    """
    of_schools = _source(catalog, "institutions")
    at = int(catalog.school[row])
    horizon = HORIZONS[catalog.horizon[row]]
    earnings = f"earnings_{'4yr' if horizon == 'none' else horizon}"
    sources = {name: _figure_source(catalog, row, name) for name in _FIGURES}
    return (
        _fact(earnings, catalog.earnings[row], "usd_per_year", sources["earnings"]),
        _fact("debt", catalog.debt[row], "usd", sources["debt"]),
        _fact("net_price", catalog.net_price[at], "usd_per_year", of_schools),
        _fact("completion", catalog.completion[at], "share", of_schools),
        _fact("completers", catalog.completers[row], "graduates", sources["completers"]),
    )


def badges(catalog: Catalog, row: int) -> tuple[Note, ...]:
    """Give what a school says of the program: badges, then statements, each with who and when."""
    said = _said(catalog, row)
    if said is None:
        return ()
    by = {"source": said["source"], "as_of": said["as_of"]}
    return (
        *(Note(BADGES[code], by) for code in said["badges"]),
        *(Note("school_says", {"text": text, **by}) for text in said["highlights"]),
    )


def warnings(catalog: Catalog, row: int) -> tuple[Note, ...]:
    """Give what a student must be told beside the program; nothing removes these."""
    at = int(catalog.school[row])
    region = _region(catalog, at)
    canadian = region is not None and REGIONS[region].country == "CA"
    notes = []
    if catalog.verdict[row] == _BELOW:
        notes.append(_below(catalog, row, region))
    if catalog.completers[row] == 0:
        notes.append(Note("no_completers_reported"))
    if canadian:
        notes.append(Note("figures_not_for_canada"))
    elif region is None or int(catalog.unitid[at]) in OWN_SCHOOLS:
        # Schools without a state are those the official list of open US schools lacks.
        notes.append(Note("school_not_in_official_list"))
    return tuple(notes)


def _below(catalog: Catalog, row: int, region: str | None) -> Note:
    """The earnings warning with its figures.

    The data judges every level, graduate ones too, against high-school graduates; ``graduate``
    lets the words say that it did.
    """
    return Note(
        "below_high_school_earnings",
        {
            "earnings": float(catalog.earnings[row]),
            "threshold": float(catalog.threshold[row]),
            "region": region or "",
            "years": int(HORIZONS[catalog.horizon[row]].removesuffix("yr")),
            "judged_against": "high_school_graduates",
            "graduate": int(CREDENTIALS[catalog.credential[row]] in _GRADUATE),
        },
    )


def _region(catalog: Catalog, school_row: int) -> str | None:
    row = int(catalog.region[school_row])
    return catalog.regions[row] if row >= 0 else None


def _source(catalog: Catalog, key: str) -> Mapping[str, Any]:
    rows = catalog.manifest["sources"]
    return next((source for source in rows if source["key"] == key), _NOT_IMPORTED)


def _figure_source(catalog: Catalog, row: int, figure: str) -> Mapping[str, Any]:
    """Say where a program's figure comes from, or who would have to publish it."""
    key = FIGURE_SOURCES[catalog.figures_from[row]]
    if key == "own" and (said := _said(catalog, row)) is not None:
        return {"name": said["source"], "year": said["as_of"]}
    found = _source(catalog, key)
    return found if figure in found.get("figures", (figure,)) else _source(catalog, "programs")


def _said(catalog: Catalog, row: int) -> dict[str, Any] | None:
    place = catalog.said_place.get(row)
    if place is None:
        return None
    said: dict[str, Any] = json.loads(catalog.said[place])
    return said


def _fact(name: str, value: np.float32, unit: str, source: Mapping[str, Any]) -> Fact:
    number = float(value)
    known = None if math.isnan(number) else round(number, 6)
    return Fact(name, known, unit, source["name"], source["year"])
