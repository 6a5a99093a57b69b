"""Turns rows of the catalog into what cards show: programs, schools, facts, warnings.

All rows of a page at once: a column is read in one call, which costs as much for twenty rows as
for one. A figure that is not published is None, never 0, and every fact names its source and year.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
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
from models.domain.matching import Fact, Note, Program, School

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


def facts(catalog: Catalog, row: int) -> tuple[Fact, ...]:
    """Give one program's figures."""
    return facts_of(catalog, [row])[0]


def warnings(catalog: Catalog, row: int) -> tuple[Note, ...]:
    """Give what a student must be told beside one program."""
    return warnings_of(catalog, [row])[0]


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


def facts_of(catalog: Catalog, rows: Rows) -> list[tuple[Fact, ...]]:
    """Give programs' figures in the order of a card.

    Earnings say in their name how long after completion they were measured.
    """
    at = catalog.school.take(rows)
    earnings = [_EARNINGS[code] for code in catalog.horizon.take(rows).tolist()]
    sources = _Sources(catalog, rows)
    of_schools = repeat(sources.named("institutions"))
    columns = (
        (earnings, catalog.earnings.take(rows), "usd_per_year", sources.of("earnings")),
        (repeat("debt"), catalog.debt.take(rows), "usd", sources.of("debt")),
        (repeat("net_price"), catalog.net_price.take(at), "usd_per_year", of_schools),
        (repeat("completion"), catalog.completion.take(at), "share", of_schools),
        (
            repeat("completers"),
            catalog.completers.take(rows),
            "graduates",
            sources.of("completers"),
        ),
    )
    return list(zip(*(_facts(*column) for column in columns), strict=True))


def _facts(
    names: Iterable[str],
    values: NDArray[np.float32],
    unit: str,
    sources: Iterable[tuple[str, str]],
) -> list[Fact]:
    """Make one figure of each card; all that lack it share one fact."""
    missing: dict[tuple[str, tuple[str, str]], Fact] = {}
    found = []
    for value, name, source in zip(values.tolist(), names, sources, strict=False):
        if value == value:  # noqa: PLR0124 - NaN, where nothing is published, is not itself
            known = value if value.is_integer() else round(value, 6)
            found.append(Fact(name, known, unit, *source))
            continue
        fact = missing.get((name, source))
        if fact is None:
            fact = missing[name, source] = Fact(name, None, unit, *source)
        found.append(fact)
    return found


def warnings_of(catalog: Catalog, rows: Rows) -> list[tuple[Note, ...]]:
    """Give what a student must be told beside each program; nothing removes these."""
    notes: list[tuple[Note, ...]] = [()] * len(rows)
    at = catalog.school.take(rows)
    regions = _regions(catalog, at)
    # In the order of a card, the last one made first.
    for place, (region, unitid) in enumerate(
        zip(regions, catalog.unitid.take(at).tolist(), strict=True)
    ):
        if region in _CANADIAN:
            notes[place] = (Note("figures_not_for_canada"),)
        elif region is None or unitid in OWN_SCHOOLS:
            # Schools without a state are those the official list of open US schools lacks.
            notes[place] = (Note("school_not_in_official_list"),)
    for place in np.flatnonzero(catalog.completers.take(rows) == 0).tolist():
        notes[place] = (Note("no_completers_reported"), *notes[place])
    for place in np.flatnonzero(catalog.verdict.take(rows) == _BELOW).tolist():
        notes[place] = (_below(catalog, rows[place], regions[place]), *notes[place])
    return notes


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


def _regions(catalog: Catalog, schools: Rows) -> list[str | None]:
    rows = catalog.region.take(schools).tolist()
    return [catalog.regions[row] if row >= 0 else None for row in rows]


class _Sources:
    """Says where the figures of some programs come from, or who would have to publish them."""

    def __init__(self, catalog: Catalog, rows: Rows) -> None:
        self._rows_by_key = {source["key"]: source for source in catalog.manifest["sources"]}
        self._codes = catalog.figures_from.take(rows).tolist()
        self._known = set(self._codes)

    def named(self, key: str) -> tuple[str, str]:
        """Name and year of a source."""
        source = self._rows_by_key.get(key, _NOT_IMPORTED)
        return source["name"], source["year"]

    def of(self, figure: str) -> Iterable[tuple[str, str]]:
        """Name and year of the source of each program's figure."""
        usual = {code: self._usual(code, figure) for code in self._known}
        if len(usual) == 1:
            return repeat(*usual.values())
        return [usual[code] for code in self._codes]

    def _usual(self, code: int, figure: str) -> tuple[str, str]:
        key = FIGURE_SOURCES[code]
        if key == "own":
            # A school's own file holds no figures: whoever publishes them lacks these.
            key = "field_of_study" if "field_of_study" in self._rows_by_key else "programs"
        published = self._rows_by_key.get(key, _NOT_IMPORTED).get("figures", (figure,))
        return self.named(key if figure in published else "programs")
