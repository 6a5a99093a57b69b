"""Lays the programs of all sources together: the package, the official file, schools' own words.

The official file replaces the package's figures, figure by figure of which it has a column: what it
suppresses stays missing. A school's own word gives format, title, statements and badges; it never
gives figures.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import FIGURE_SOURCES, FORMATS, VERDICTS, pack_key
from matcher.ingest.fieldofstudy import FieldOfStudyFile
from matcher.ingest.own import OwnProgram
from matcher.ingest.truewise import SourcePrograms

_UNKNOWN = FORMATS.index("unknown")
_NOT_JUDGED, _ABOVE, _BELOW = (VERDICTS.index(name) for name in ("not_judged", "above", "below"))
_COLUMNS = (
    "unitid",
    "cip",
    "level",
    "format",
    "completers",
    "earnings",
    "horizon",
    "threshold",
    "verdict",
    "debt",
    "figures_from",
)


@dataclass(frozen=True, slots=True)
class Programs:
    """Columns of equal length, codes as in ``matcher.catalog``; ``said`` by row, where any is."""

    unitid: NDArray[np.int32]
    cip: NDArray[np.int32]
    level: NDArray[np.int32]
    format: NDArray[np.uint8]
    completers: NDArray[np.float32]
    earnings: NDArray[np.float32]
    horizon: NDArray[np.uint8]
    threshold: NDArray[np.float32]
    verdict: NDArray[np.uint8]
    debt: NDArray[np.float32]
    figures_from: NDArray[np.uint8]
    said: Mapping[int, OwnProgram] = field(default_factory=dict)


def of_package(source: SourcePrograms) -> Programs:
    """Take the package's programs."""
    count = len(source.unitid)
    return Programs(
        unitid=source.unitid,
        cip=source.cip,
        level=source.level,
        format=np.full(count, _UNKNOWN, np.uint8),
        completers=source.completers,
        earnings=source.earnings,
        horizon=source.horizon,
        threshold=source.threshold,
        verdict=source.verdict,
        debt=source.debt,
        figures_from=np.full(count, FIGURE_SOURCES.index("programs"), np.uint8),
    )


def with_official(
    programs: Programs, official: FieldOfStudyFile, thresholds: Mapping[int, float]
) -> Programs:
    """Put the official file over the programs, and add those that they lack.

    Args:
        programs: what there is.
        official: the file.
        thresholds: by unitid, what typical high-school graduates earn in the school's state.
    """
    there, here = _keys(programs), _keys(official)
    order = np.argsort(there)
    place = np.searchsorted(there, here, sorter=order)
    found = order[np.minimum(place, len(there) - 1)]
    known = there[found] == here
    added = np.flatnonzero(~known)
    grown = _grow(programs, official, added, thresholds)
    rows = np.where(known, found, 0)
    rows[added] = len(programs.unitid) + np.arange(len(added))
    columns: dict[str, Any] = {"figures_from": np.array(grown.figures_from)}
    columns["figures_from"][rows] = FIGURE_SOURCES.index("field_of_study")
    names = list(official.figures) + (["format"] if official.formats else [])
    if "earnings" in names:
        names.append("horizon")
    for name in names:
        columns[name] = np.array(getattr(grown, name))
        columns[name][rows] = getattr(official, name)
    merged = replace(grown, **columns)
    return replace(merged, verdict=_judge(merged)) if "earnings" in names else merged


def with_own(programs: Programs, own: Iterable[OwnProgram]) -> Programs:
    """Put what schools say over the programs: a second format of a program becomes a second row."""
    places = _places(programs, rows := list(own))
    taken, said = set[int](), dict[int, OwnProgram]()
    copies: list[int] = []
    formats: list[tuple[int, int]] = []
    count = len(programs.unitid)
    new: list[OwnProgram] = []
    for one in rows:
        row = places.get((one.unitid, one.cip, one.level))
        if row is None:
            new.append(one)
        elif row in taken:
            said[count + len(copies)] = one
            formats.append((count + len(copies), one.format))
            copies.append(row)
        else:
            taken.add(row)
            said[row] = one
            if one.format != _UNKNOWN:
                formats.append((row, one.format))
    grown = _join(programs, _take(programs, np.array(copies, np.int64)), _without_figures(new))
    said |= {count + len(copies) + place: one for place, one in enumerate(new)}
    known = np.array(grown.format)
    for row, code in formats:
        known[row] = code
    return replace(grown, format=known, said=said)


def said_arrays(
    programs: Programs, order: NDArray[np.int64]
) -> tuple[NDArray[np.int32], list[str]]:
    """Lay out what schools say of single programs: rows of the catalog, rising, and a text each."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    pairs = sorted((int(place[row]), one) for row, one in programs.said.items())
    texts = [
        json.dumps(
            {
                "highlights": one.highlights,
                "badges": one.badges,
                "source": one.source,
                "as_of": one.as_of,
            },
            ensure_ascii=False,
        )
        for _, one in pairs
    ]
    return np.array([row for row, _ in pairs], np.int32), texts


def thresholds_of(source: SourcePrograms, states: Mapping[int, str | None]) -> dict[int, float]:
    """By school, what typical high-school graduates of its state earn: the package's own figure."""
    by_state: dict[str | None, float] = {}
    for unitid, value in zip(source.unitid.tolist(), source.threshold.tolist(), strict=True):
        if value == value:  # noqa: PLR0124 - NaN is not itself
            by_state.setdefault(states.get(unitid), value)
    return {
        unitid: by_state[state] for unitid, state in states.items() if state and state in by_state
    }


def _keys(programs: Programs | FieldOfStudyFile) -> NDArray[np.int64]:
    """What a program is in any format."""
    unitid, cip, level = (
        part.astype(np.int64) for part in (programs.unitid, programs.cip, programs.level)
    )
    nothing = np.zeros(len(unitid), np.int64)
    return pack_key(unitid, cip, level, nothing, nothing)


def _grow(
    programs: Programs,
    official: FieldOfStudyFile,
    added: NDArray[np.int64],
    thresholds: Mapping[int, float],
) -> Programs:
    """Add the rows that only the official file has, without figures yet."""
    unitid = official.unitid[added]
    blank = _blank(unitid, official.cip[added], official.level[added])
    threshold = [thresholds.get(one, np.nan) for one in unitid.tolist()]
    return _join(programs, replace(blank, threshold=np.array(threshold, np.float32)))


def _judge(programs: Programs) -> NDArray[np.uint8]:
    """Compare earnings with the threshold, as the package does (all of its judged rows agree)."""
    with np.errstate(invalid="ignore"):
        below = np.where(programs.earnings < programs.threshold, _BELOW, _ABOVE)
    unknown = np.isnan(programs.earnings) | np.isnan(programs.threshold)
    judged: NDArray[np.uint8] = np.where(unknown, _NOT_JUDGED, below).astype(np.uint8)
    return judged


def _places(programs: Programs, own: Iterable[OwnProgram]) -> dict[tuple[int, int, int], int]:
    """Find the rows of the schools in question by what they teach."""
    schools = np.array(sorted({one.unitid for one in own}), np.int32)
    found: dict[tuple[int, int, int], int] = defaultdict(int)
    for row in np.flatnonzero(np.isin(programs.unitid, schools)).tolist():
        key = (int(programs.unitid[row]), int(programs.cip[row]), int(programs.level[row]))
        found[key] = row
    return dict(found)


def _without_figures(own: Iterable[OwnProgram]) -> Programs:
    rows = list(own)
    unitid, cip, level = (
        np.array([getattr(one, name) for one in rows], np.int32) for name in _COLUMNS[:3]
    )
    blank = _blank(unitid, cip, level)
    return replace(
        blank,
        format=np.array([one.format for one in rows], np.uint8),
        figures_from=np.full(len(rows), FIGURE_SOURCES.index("own"), np.uint8),
    )


def _blank(unitid: NDArray[np.int32], cip: NDArray[np.int32], level: NDArray[np.int32]) -> Programs:
    missing, zero = np.full(len(unitid), np.nan, np.float32), np.zeros(len(unitid), np.uint8)
    return Programs(unitid, cip, level, zero, missing, missing, zero, missing, zero, missing, zero)


def _take(programs: Programs, rows: NDArray[np.int64]) -> Programs:
    taken: dict[str, Any] = {name: getattr(programs, name)[rows] for name in _COLUMNS}
    return Programs(**taken)


def _join(*parts: Programs) -> Programs:
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS
    }
    return Programs(**joined)
