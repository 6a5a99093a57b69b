"""Makes a data set of logs in files: parts one by one, or many at once on Dask, then the whole.

Two rounds. The first finds the slates, and so the line between the searches that teach and those
that judge; the second finds each part's examples. What the parts found is put together here,
without most of the older searches that led nowhere. Nothing depends on how many parts there are,
on the order of rows, or on who read them.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID

from matcher.features.declared import declarations_hash
from matcher.learn import dataset_sql as sql
from matcher.learn.dataset import Dataset, UnusableLogError
from matcher.learn.dataset_parts import (
    EPOCH,
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
from models.domain.log_form import FORM, FORM_VERSION, MANIFEST, TABLES

T = TypeVar("T")

# More than this share set aside, and the log is not what we think it is.
MOST_SET_ASIDE = 0.2
# The newest of the searches judge.
JUDGING_SHARE = 0.2
# An event this long before its page was served is one of clocks that differ.
SKEW = timedelta(minutes=1)
WINDOW = timedelta(days=30)
# Of older searches that led nowhere as many are kept as have about so many listings, each standing
# for others like it: the noise that the others would take away is small beside that of clicks.
MOST_LED_NOWHERE = 1_000_000
# Of the searches that judge about so many are kept: intervals are narrow with these already.
MOST_JUDGING = 50_000

_CHANCES = 1 << 32
_NEVER = (1 << 62) - 1


@dataclass(frozen=True, slots=True)
class Rules:
    """What of a log counts.

    ``now``: what is later is from the future and set aside. ``until``: what was served or happened
    after it is left for another day, and ``None`` is ``now``. ``window``: how long after its page
    was served anything is put down to it. ``since``: slates before it are left out, and with
    ``real_only`` simulated ones. ``most_led_nowhere`` and ``most_judging``: see
    ``MOST_LED_NOWHERE`` and ``MOST_JUDGING``.
    """

    now: datetime
    until: datetime | None = None
    window: timedelta = WINDOW
    since: datetime | None = None
    real_only: bool = False
    most_led_nowhere: int = MOST_LED_NOWHERE
    most_judging: int = MOST_JUDGING


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
        manifest = json.loads((folder / MANIFEST).read_text())
    except FileNotFoundError:
        raise UnusableLogError(f"{folder.name} has no {MANIFEST}: it is not whole.") from None
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
    asked = _asked(rules)
    slates = crew.run([partial(find_slates, n, part, desk, asked) for n, part in enumerate(parts)])
    values = {**asked, **_line(slates, desk, asked)}
    found = crew.run(
        [
            partial(find_examples, n, part, path, desk, values)
            for n, (part, path) in enumerate(zip(parts, slates, strict=True))
        ]
    )
    counts, aside = added(each.counts for each in found), added(each.aside for each in found)
    _check(counts, aside)
    thinned = _thinning(rules, counts["led_nowhere"], values["judging"])
    return put_together(slates, found, desk, {**values, **thinned})


def _asked(rules: Rules) -> dict[str, object]:
    """What the queries ask for of a part."""
    now = microseconds_of(rules.now)
    return {
        "now": now + SKEW // MICROSECOND,
        "until": min(now, microseconds_of(rules.until or rules.now)),
        "since": microseconds_of(rules.since or EPOCH),
        "real_only": rules.real_only,
        "attribution": rules.window // MICROSECOND,
        "skew": SKEW // MICROSECOND,
        "features": declarations_hash(),
    }


def _line(slates: Sequence[Path], desk: Desk, asked: Mapping[str, object]) -> dict[str, Any]:
    """Where the searches that judge begin, a moment and the first one's id, and how many do."""
    with duckdb_at(desk, asked) as connection:
        view_files(connection, "slate", slates)
        if connection.execute(sql.SPLIT_SLATES).fetchone():
            raise UnusableLogError("A slate is in two parts of the log, or in two logs.")
        [(count,)] = connection.execute(sql.COUNT_SLATES).fetchall()
        judging = round(JUDGING_SHARE * count)
        if not judging:
            return {"judging_from": _NEVER, "judging_id": str(UUID(int=0)), "judging": 0}
        [(moment, slate_id)] = connection.execute(sql.LINE, [judging - 1]).fetchall()
    return {"judging_from": moment, "judging_id": slate_id, "judging": judging}


def _thinning(rules: Rules, led_nowhere: int, judging: int) -> dict[str, object]:
    """Which of the chances that searches carry are kept, and how many others each stands for."""
    kept = _kept(rules.most_led_nowhere, led_nowhere)
    return {
        "kept": kept,
        "weight": _CHANCES / max(kept, 1),
        "kept_judging": _kept(rules.most_judging, judging),
    }


def _kept(most: int, count: int) -> int:
    return min(round(most / max(count, 1) * _CHANCES), _CHANCES)


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
