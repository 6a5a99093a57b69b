"""Turns rows of the catalog into what cards show: programs, schools, facts, warnings.

All rows of a page at once: a column is read in one call, which costs as much for twenty rows as
for one. A figure that is not published is None, never 0, and every fact names its source and year.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import (
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
from models.domain.matching import FactKind, Facts, Note, Program, School

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
_EARNINGS = tuple(f"earnings_{'4yr' if name == 'none' else name}" for name in HORIZONS)
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
_NOT_IMPORTED: Mapping[str, Any] = {
    "name": "U.S. Department of Education, College Scorecard, institution file",
    "year": "not imported",
}


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
    return facts_of(catalog, fact_kinds(catalog), np.array([row]))[0]


def warnings(catalog: Catalog, row: int) -> tuple[Note, ...]:
    """Give what a student must be told beside one program."""
    its_school = school(catalog, int(catalog.school[row]))
    return warnings_of(
        catalog, [row], [its_school], [int(catalog.verdict[row])], [float(catalog.completers[row])]
    )[0]


def programs(catalog: Catalog, rows: Rows) -> list[Program]:
    """Describe programs; a title is the school's own, else the official name of its field."""
    columns = zip(
        catalog.unitid.take(catalog.school.take(rows)).tolist(),
        catalog.field.take(rows).tolist(),
        catalog.credential.take(rows).tolist(),
        catalog.format.take(rows).tolist(),
        catalog.campus.take(rows).tolist(),
        catalog.title.texts(rows),
        strict=True,
    )
    return [
        Program(
            _id(unitid, catalog.cips[field], credential, format_code, campus),
            unitid,
            catalog.cips[field],
            title or catalog.field_names[field],
            CREDENTIALS[credential],
            _SHOWN_FORMATS[format_code],
        )
        for unitid, field, credential, format_code, campus, title in columns
    ]


def _id(unitid: int, cip: str, credential: int, format_code: int, campus: int) -> str:
    """Write a program's id, stable over versions, such as ``prog_194240.5107.2.-.-``."""
    format_name = FORMATS[format_code] if format_code else _UNKNOWN
    family = cip.replace(".", "")
    return f"prog_{unitid}.{family}.{LEVELS[credential]}.{format_name}.{campus or _UNKNOWN}"


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


def fact_kinds(catalog: Catalog) -> tuple[tuple[FactKind, ...], ...]:
    """Say what the figures of a card are, in its order: by horizon of earnings and their source.

    Earnings say in their name how long after completion they were measured. The kinds of horizon h
    and source f are at ``h * len(FIGURE_SOURCES) + f``.
    """
    by_key = {source["key"]: source for source in catalog.manifest["sources"]}
    return tuple(
        tuple(_kinds(by_key, earnings, figures_from))
        for earnings in _EARNINGS
        for figures_from in FIGURE_SOURCES
    )


def _kinds(
    by_key: Mapping[str, Mapping[str, Any]], earnings: str, figures_from: str
) -> Iterator[FactKind]:
    key = figures_from
    if key == "own":
        # A school's own file holds no figures: whoever publishes them lacks these.
        key = "field_of_study" if "field_of_study" in by_key else "programs"
    published = by_key.get(key, _NOT_IMPORTED).get("figures")

    def kind(name: str, unit: str, key: str) -> FactKind:
        source = by_key.get(key, _NOT_IMPORTED)
        return FactKind(name, unit, source["name"], source["year"])

    def of_program(figure: str) -> str:
        return key if published is None or figure in published else "programs"

    yield kind(earnings, "usd_per_year", of_program("earnings"))
    yield kind("debt", "usd", of_program("debt"))
    yield kind("net_price", "usd_per_year", "institutions")
    yield kind("completion", "share", "institutions")
    yield kind("completers", "graduates", of_program("completers"))


def facts_of(
    catalog: Catalog, kinds: Sequence[tuple[FactKind, ...]], rows: NDArray[np.integer[Any]]
) -> list[Facts]:
    """Give programs' figures in the order of a card.

    Args:
        catalog: the catalog.
        kinds: its ``fact_kinds``.
        rows: of the programs, shape (n,).
    """
    at = catalog.school.take(rows)
    kind = catalog.horizon.take(rows) * len(FIGURE_SOURCES) + catalog.figures_from.take(rows)
    values = zip(
        _known(catalog.earnings.take(rows)),
        _known(catalog.debt.take(rows)),
        _known(catalog.net_price.take(at)),
        _known(catalog.completion.take(at)),
        _known(catalog.completers.take(rows)),
        strict=True,
    )
    return [Facts(kinds[code], value) for code, value in zip(kind.tolist(), values, strict=True)]


def _known(values: NDArray[np.float32]) -> list[float | None]:
    """Turn a column into figures; None where nothing is published."""
    return [
        # NaN, where nothing is published, is not itself.
        (value if value.is_integer() else _rounded(value)) if value == value else None  # noqa: PLR0124
        for value in values.tolist()
    ]


@lru_cache(8192)
def _rounded(value: float) -> float:
    """A share as published: there are as many as schools, and rounding is five times a look-up."""
    return round(value, 6)


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
