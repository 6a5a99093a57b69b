"""Turns a row of the catalog into what a card shows: program, school, facts, warnings.

A figure that is not published is None, never 0, and every fact names its source and year.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from matcher.catalog import (
    CONTROLS,
    CREDENTIALS,
    FORMATS,
    HORIZONS,
    LEVELS,
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
    """Find a program's row, or None when the text is no id or this version has no such program."""
    found = _ID.fullmatch(program_id)
    if found is None:
        return None
    unitid, cip, level, format_name, campus = found.groups()
    key = pack_key(
        int(unitid),
        int(cip),
        int(level),
        0 if format_name == _UNKNOWN else FORMATS.index(format_name),
        0 if campus == _UNKNOWN else int(campus),
    )
    place = int(np.searchsorted(catalog.key, key))
    if place == len(catalog.key) or int(catalog.key[place]) != key:
        return None
    return int(catalog.key_row[place])


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
    of_programs = _source(catalog, "programs")
    of_schools = _source(catalog, "institutions")
    at = int(catalog.school[row])
    horizon = HORIZONS[catalog.horizon[row]]
    earnings = f"earnings_{'4yr' if horizon == 'none' else horizon}"
    return (
        _fact(earnings, catalog.earnings[row], "usd_per_year", of_programs),
        _fact("debt", catalog.debt[row], "usd", of_programs),
        _fact("net_price", catalog.net_price[at], "usd_per_year", of_schools),
        _fact("completion", catalog.completion[at], "share", of_schools),
        _fact("completers", catalog.completers[row], "graduates", of_programs),
    )


def warnings(catalog: Catalog, row: int) -> tuple[Note, ...]:
    """Give what a student must be told beside the program; nothing removes these."""
    at = int(catalog.school[row])
    region = _region(catalog, at)
    notes = []
    if catalog.verdict[row] == _BELOW:
        notes.append(_below(catalog, row, region))
    if catalog.completers[row] == 0:
        notes.append(Note("no_completers_reported"))
    if region is None:
        # Schools without a state are those the official list of open US schools lacks.
        notes.append(Note("school_not_in_official_list"))
    elif REGIONS[region].country == "CA":
        notes.append(Note("figures_not_for_canada"))
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


def _fact(name: str, value: np.float32, unit: str, source: Mapping[str, Any]) -> Fact:
    number = float(value)
    known = None if math.isnan(number) else round(number, 6)
    return Fact(name, known, unit, source["name"], source["year"])
