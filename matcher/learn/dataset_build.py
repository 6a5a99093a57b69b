"""Makes a data set of logs in files: parts one by one, or many at once on Dask, then the whole.

Two rounds. The first finds the slates, and so the line between the searches that teach and those
that judge; the second finds each part's examples. What the parts found is put together here,
without most of the older listings that led nowhere. Nothing depends on how many parts there are,
on the order of rows, or on who read them.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import UUID

from matcher.features.declared import declarations_hash
from matcher.learn import dataset_sql as sql
from matcher.learn.dataset import Dataset, UnusableLogError
from matcher.learn.dataset_parts import (
    MICROSECOND,
    Desk,
    Part,
    duckdb_at,
    find_examples,
    find_slates,
    microseconds_of,
    view_files,
)
from matcher.learn.dataset_whole import added, put_together
from models.domain.log_form import FORM, FORM_VERSION, TABLES

T = TypeVar("T")

# More than this share set aside, and the log is not what we think it is.
MOST_SET_ASIDE = 0.2
# The newest of the searches judge.
JUDGING_SHARE = 0.2
# An event this long before its page was served is one of clocks that differ.
SKEW = timedelta(minutes=1)
WINDOW = timedelta(days=30)
# Of older listings that led nowhere about this many are kept, each standing for others like it:
# the noise that the others would take away is small beside that of the clicks.
MOST_LED_NOWHERE = 1_000_000

_CHANCES = 1 << 32


@dataclass(frozen=True, slots=True)
class Rules:
    """What of a log counts.

    ``now``: what is later is from the future and set aside. ``until``: what was served or happened
    after it is left for another day, and ``None`` is ``now``. ``window``: how long after its page
    was served anything is put down to it. ``most_led_nowhere``: see ``MOST_LED_NOWHERE``.
    """

    now: datetime
    until: datetime | None = None
    window: timedelta = WINDOW
    most_led_nowhere: int = MOST_LED_NOWHERE


class Crew(Protocol):
    """Whoever reads parts: this process, or the workers of Dask."""

    def run(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make calls, in any order; return their results in the order of the calls."""
        ...


class Alone:
    """This process, one part after the other; DuckDB uses the threads."""

    def run(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make calls."""
        return [call() for call in calls]


def parts_of(folder: Path) -> list[Part]:
    """Find the parts of a log in a folder.

    Raises:
        UnusableLogError: when it is no whole log of a form that we know.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
    except FileNotFoundError:
        raise UnusableLogError(f"{folder.name} has no manifest.json: it is not whole.") from None
    if (manifest.get("form"), manifest.get("version")) != (FORM, FORM_VERSION):
        raise UnusableLogError(
            f"{folder.name} is not a log of form {FORM}, version {FORM_VERSION}."
        )
    listings, events = (sorted((folder / table).glob("*.parquet")) for table in TABLES)
    if [path.name for path in listings] != [path.name for path in events]:
        raise UnusableLogError(f"{folder.name} has parts of which one of the two files is missing.")
    return [Part(*pair) for pair in zip(listings, events, strict=True)]


def build_dataset(
    logs: Iterable[Path], rules: Rules, desk: Desk, crew: Crew | None = None
) -> Dataset:
    """Build a data set.

    Args:
        logs: folders with logs (docs/events.md); no slate may be in two of them.
        rules: what of them counts.
        desk: where to work; the folder is the caller's to remove.
        crew: who reads the parts; this process when none is given.

    Raises:
        UnusableLogError: when nothing, or too little of it, can be used.
    """
    parts = [part for folder in logs for part in parts_of(folder)]
    if not parts:
        raise UnusableLogError("The log holds nothing to learn from. Nobody has searched yet.")
    crew = crew or Alone()
    slates = crew.run([partial(find_slates, n, part, desk) for n, part in enumerate(parts)])
    values = _values(rules, slates, desk)
    found = crew.run(
        [
            partial(find_examples, n, part, path, desk, values)
            for n, (part, path) in enumerate(zip(parts, slates, strict=True))
        ]
    )
    counts, aside = added(each.counts for each in found), added(each.aside for each in found)
    _check(counts, aside)
    return put_together(slates, found, desk, {**values, **_thinning(rules, counts)})


def _values(rules: Rules, slates: Sequence[Path], desk: Desk) -> dict[str, object]:
    """What the queries ask for, with the line between the searches that teach and that judge."""
    now = microseconds_of(rules.now)
    until = min(now, microseconds_of(rules.until or rules.now))
    values: dict[str, object] = {
        "now": now,
        "until": until,
        "attribution": rules.window // MICROSECOND,
        "skew": SKEW // MICROSECOND,
        "features": declarations_hash(),
        "judging_from": until + 1,
        "judging_id": str(UUID(int=0)),
    }
    with duckdb_at(desk, values) as connection:
        view_files(connection, "slate", slates)
        if connection.execute(sql.SPLIT_SLATES).fetchone():
            raise UnusableLogError("A slate is in two parts of the log, or in two logs.")
        [(count,)] = connection.execute(sql.COUNT_SLATES).fetchall()
        if judging := round(JUDGING_SHARE * count):
            line = connection.execute(sql.LINE, [judging - 1]).fetchall()
            [(values["judging_from"], values["judging_id"])] = line
    return values


def _thinning(rules: Rules, counts: Counter[str]) -> dict[str, object]:
    """Which of the chances that listings carry are kept, and how many listings each stands for."""
    share = rules.most_led_nowhere / max(counts["led_nowhere"], 1)
    kept = min(round(share * _CHANCES), _CHANCES)
    return {"kept": kept, "weight": _CHANCES / max(kept, 1)}


def _check(counts: Counter[str], aside: Counter[str]) -> None:
    told = ", ".join(f"{n:,} {reason}" for reason, n in sorted(aside.items()) if n)
    rows, wrong = counts["rows"], aside.total()
    if not rows:
        why = f"Set aside: {told}." if told else "Nobody has searched yet."
        raise UnusableLogError(f"The log holds nothing to learn from. {why}")
    if wrong > MOST_SET_ASIDE * (rows + wrong):
        raise UnusableLogError(
            f"The log is spoiled: {wrong:,} of {rows + wrong:,} rows do not fit "
            f"together ({told}). Find out why before training on the rest."
        )
