"""Turns rows of the catalog into what cards show: programs, schools, warnings; ``figures``: facts.

All rows of a page at once: a column is read in one call, which costs as much for twenty rows as
for one.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import (
    CONTROLS,
    CREDENTIALS,
    FORMATS,
    HORIZONS,
    LEVELS,
    OWN_SCHOOLS,
    VERDICTS,
    Catalog,
    pack_key,
)
from matcher.figures import fact_kinds, facts_of, read_figures
from matcher.regions import REGIONS
from models.domain.levels import CredentialLevel, Format
from models.domain.matching import Facts, Note, Program, School, make_each

Rows = Sequence[int] | NDArray[np.int32]

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
# By the catalog's code.
_SHOWN_FORMATS = (None, Format.CAMPUS, Format.ONLINE, Format.EITHER)
_GRADUATE = frozenset(
    {
        CredentialLevel.POST_BACCALAUREATE_CERTIFICATE,
        CredentialLevel.GRADUATE_CERTIFICATE,
        CredentialLevel.MASTER,
        CredentialLevel.DOCTORAL,
        CredentialLevel.FIRST_PROFESSIONAL,
    }
)
_FOR_CANADA = (Note("figures_not_for_canada"),)
_UNLISTED = (Note("school_not_in_official_list"),)
_NO_COMPLETERS = (Note("no_completers_reported"),)
_CANADIAN = frozenset(code for code, region in REGIONS.items() if region.country == "CA")


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
    """Describe one program."""
    return programs(catalog, [row])[0]


def school(catalog: Catalog, school_row: int) -> School:
    """Describe one school."""
    return schools(catalog, [school_row])[0]


def facts(catalog: Catalog, row: int) -> Facts:
    """Give one program's figures."""
    rows = np.array([row])
    return facts_of(catalog, fact_kinds(catalog), rows, read_figures(catalog, rows))[0]


def warnings(catalog: Catalog, row: int) -> tuple[Note, ...]:
    """Give what a student must be told beside one program."""
    its_school = school(catalog, int(catalog.school[row]))
    return warnings_of(
        catalog, [row], [its_school], [int(catalog.verdict[row])], [float(catalog.completers[row])]
    )[0]


def programs(catalog: Catalog, rows: Rows) -> list[Program]:
    """Describe programs; a title is the school's own, else the official name of its field."""
    cips, names = catalog.cips, catalog.field_names
    columns = zip(
        catalog.unitid.take(catalog.school.take(rows)).tolist(),
        catalog.field.take(rows).tolist(),
        catalog.credential.take(rows).tolist(),
        catalog.format.take(rows).tolist(),
        catalog.campus.take(rows).tolist(),
        catalog.title.texts(rows),
        strict=True,
    )
    # In the order of a program's fields.
    described = [
        (
            f"prog_{unitid}{_kind_of_id(cips[field], credential)}{_end_of_id(format_code, campus)}",
            unitid,
            cips[field],
            title or names[field],
            CREDENTIALS[credential],
            _SHOWN_FORMATS[format_code],
        )
        for unitid, field, credential, format_code, campus, title in columns
    ]
    return make_each(Program, described)


# A program's id, stable over versions, such as ``prog_194240.5107.2.-.-``, in two parts that
# thousands of programs share.
@lru_cache(4096)
def _kind_of_id(cip: str, credential: int) -> str:
    return f".{cip.replace('.', '')}.{LEVELS[credential]}"


@lru_cache(1024)
def _end_of_id(format_code: int, campus: int) -> str:
    format_name = FORMATS[format_code] if format_code else _UNKNOWN
    return f".{format_name}.{campus or _UNKNOWN}"


def schools(catalog: Catalog, rows: Rows) -> list[School]:
    """Describe schools by their rows; what is not known is None."""
    columns = zip(
        catalog.unitid.take(rows).tolist(),
        catalog.school_name.texts(rows),
        _regions(catalog, rows),
        catalog.control.take(rows).tolist(),
        catalog.school_city.texts(rows),
        catalog.school_url.texts(rows),
        strict=True,
    )
    return [
        School(unitid, name, region, CONTROLS[control], city or None, url or None)
        for unitid, name, region, control, city, url in columns
    ]


def warnings_of(
    catalog: Catalog,
    rows: Sequence[int],
    schools: Sequence[School],
    verdict: Sequence[int],
    completers: Sequence[float],
) -> list[tuple[Note, ...]]:
    """Give what a student must be told beside each of n programs; nothing removes these.

    Args:
        catalog: the catalog.
        rows: of the programs.
        schools: theirs.
        verdict: the catalog's codes.
        completers: how many; NaN where nothing is published.
    """
    columns = zip(rows, schools, verdict, completers, strict=True)
    return [
        (*_below(catalog, row, school, code), *_none_completed(count), *_of_school(school))
        if code == _BELOW or not count
        else _of_school(school)
        for row, school, code, count in columns
    ]


def _of_school(school: School) -> tuple[Note, ...]:
    if school.state in _CANADIAN:
        return _FOR_CANADA
    # Schools without a state are those the official list of open US schools lacks.
    return _UNLISTED if school.state is None or school.unitid in OWN_SCHOOLS else ()


def _none_completed(completers: float) -> tuple[Note, ...]:
    return () if completers else _NO_COMPLETERS


def _below(catalog: Catalog, row: int, school: School, verdict: int) -> tuple[Note, ...]:
    """The earnings warning with its figures, where the verdict asks for it.

    The data judges every level, graduate ones too, against high-school graduates; ``graduate``
    lets the words say that it did.
    """
    if verdict != _BELOW:
        return ()
    values: Mapping[str, str | float] = {
        "earnings": float(catalog.earnings[row]),
        "threshold": float(catalog.threshold[row]),
        "region": school.state or "",
        "years": int(HORIZONS[catalog.horizon[row]].removesuffix("yr")),
        "judged_against": "high_school_graduates",
        "graduate": int(CREDENTIALS[catalog.credential[row]] in _GRADUATE),
    }
    return (Note("below_high_school_earnings", values),)


def _regions(catalog: Catalog, schools: Rows) -> list[str | None]:
    rows = catalog.region.take(schools).tolist()
    return [catalog.regions[row] if row >= 0 else None for row in rows]
