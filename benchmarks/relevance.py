"""Whether results come in an order that a school counsellor would sign.

``tests/data/relevance_searches.toml`` holds searches and rules on their first results, written
from what is true of schools and students; its head says what rules mean and how blind they are.
``rules_held`` is the share of rules that hold of our order without any campaign,
``must_not_in_top5`` how many listings stand among the first five against a ``must_not``. Each
``over_`` is what ``rules_held`` has over the same candidates in another order: by name, by
distance, by graduates.
"""

import json
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.match import a_slate
from matcher import describe, match
from matcher.catalog import CONTROLS, CREDENTIALS
from matcher.fields import FieldIndex
from matcher.geography import distance_miles
from matcher.ingest import build_catalog
from matcher.learn.prior import fit_prior
from matcher.match import Draw, Engine, open_engine
from models.domain.matching import Answers, Sort
from service.api.v1.schemas import SearchSchema
from service.steps.read_answers import read_answers

SEARCHES = Path(__file__).parents[1] / "tests" / "data" / "relevance_searches.toml"
DEPTH = 20
FIRST = 5

Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stands:
    """A listing as rules look at it."""

    state: str | None
    credential: str
    control: str
    cip: str
    school: str
    miles: float | None
    warnings: frozenset[str]


_LIKE: Mapping[str, Callable[[Stands, Any], bool]] = {
    "states": lambda one, wanted: one.state in wanted,
    "credentials": lambda one, wanted: one.credential in wanted,
    "controls": lambda one, wanted: one.control in wanted,
    "cips": lambda one, wanted: one.cip in wanted,
    "schools": lambda one, wanted: one.school.startswith(tuple(wanted)),
    "miles": lambda one, wanted: one.miles is not None and one.miles <= wanted,
    "warnings": lambda one, wanted: bool(one.warnings & set(wanted)),
}
_NOT_LIKENESS = frozenset({"kind", "why", "top", "this", "that"})


def main() -> None:
    """Build a store, measure our order and the others, and print both."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        catalog = store / "catalog" / build_catalog(store, institutions=None, progress=_silent)
        ranker = store / "ranker" / fit_prior(store, catalog, _silent)
        print("RESULT", json.dumps(measure(open_engine(catalog, ranker), read_searches())))


def read_searches(path: Path = SEARCHES) -> list[dict[str, Any]]:
    """Read the searches with their rules."""
    searches: list[dict[str, Any]] = tomllib.loads(path.read_text())["searches"]
    return searches


def measure(engine: Engine, searches: Sequence[Mapping[str, Any]]) -> dict[str, float | int]:
    """Try every rule on every order, print those that ours breaks, and sum up."""
    fields = FieldIndex.load()
    held: Counter[str] = Counter()
    tried = against = 0
    for search in searches:
        drawn = draw(engine, read(engine, fields, search))
        orders = {name: order(engine, drawn) for name, order in ORDERS.items()}
        for rule in search["rules"]:
            tried += 1
            for name, listings in orders.items():
                held[name] += holds(rule, listings)
            against += count_against(rule, orders["ours"])
            if not holds(rule, orders["ours"]):
                print(f"broken: {said(search)}: {rule['why']}")
    share = {name: held[name] / tried for name in ORDERS}
    print("  ".join(f"{name} {value:.1%}" for name, value in share.items()), f"of {tried} rules")
    over = {f"over_{name}": round(share["ours"] - share[name], 4) for name in share}
    over.pop("over_ours")
    return {
        "rules_held": round(share["ours"], 4),
        "must_not_in_top5": against,
        **over,
        "searches": len(searches),
        "rules": tried,
    }


def read(engine: Engine, fields: FieldIndex, search: Mapping[str, Any]) -> Answers:
    """Read a search as the service reads it."""
    asked = {name: value for name, value in search.items() if name != "rules"}
    answers, _ = read_answers(SearchSchema().load(asked), fields, engine.places)
    return answers


def draw(engine: Engine, answers: Answers) -> Draw:
    """Draw a slate without campaigns."""
    return match.draw(engine, a_slate(0, answers, ()))


def holds(rule: Rule, listings: Sequence[Stands]) -> bool:
    """Tell whether a rule holds of an order."""
    kind = rule["kind"]
    if kind == "before":
        this, that = (first_like(rule[name], listings) for name in ("this", "that"))
        return this <= that
    alike = [is_like(rule, one) for one in listings[: rule["top"]]]
    return {"must": any(alike), "must_not": not any(alike), "all": bool(alike) and all(alike)}[kind]


def count_against(rule: Rule, listings: Sequence[Stands]) -> int:
    """Count listings among the first five that must not stand there."""
    if rule["kind"] != "must_not":
        return 0
    return sum(is_like(rule, one) for one in listings[: min(FIRST, rule["top"])])


def is_like(rule: Rule, one: Stands) -> bool:
    """Tell whether a listing is like a rule says."""
    return all(
        _LIKE[name.removeprefix("not_")](one, wanted) is not name.startswith("not_")
        for name, wanted in rule.items()
        if name not in _NOT_LIKENESS
    )


def first_like(rule: Rule, listings: Sequence[Stands]) -> int:
    """The place of the first listing like this; after the last when there is none."""
    return next((n for n, one in enumerate(listings) if is_like(rule, one)), len(listings))


def said(search: Mapping[str, Any]) -> str:
    """Name a search."""
    return " · ".join(str(value) for name, value in search.items() if name != "rules")


def ours(engine: Engine, drawn: Draw) -> list[Stands]:
    """Our order, in which no school fills the page."""
    listings = match.page(engine, drawn, 1).listings
    found = drawn.ranked.found
    rows = [int(found.rows[placed.candidate]) for placed in drawn.allocation.shown[: len(listings)]]
    return [stands(engine, drawn, row) for row in rows]


def by_name(engine: Engine, drawn: Draw) -> list[Stands]:
    """By the names of schools, as an alphabetical list has them."""
    catalog, found = engine.catalog, drawn.ranked.found
    names = [catalog.school_name[school] for school in found.school.tolist()]
    return _first(engine, drawn, np.argsort(np.array(names), kind="stable"))


def nearest(engine: Engine, drawn: Draw) -> list[Stands]:
    """By distance, unknown places last."""
    nearby = replace(drawn.slate.answers, sort=Sort.DISTANCE)
    return ours(engine, draw(engine, nearby))


def most_completers(engine: Engine, drawn: Draw) -> list[Stands]:
    """By how many graduated."""
    graduates = np.nan_to_num(engine.catalog.completers[drawn.ranked.found.rows], nan=-1.0)
    return _first(engine, drawn, np.argsort(-graduates, kind="stable"))


ORDERS: Mapping[str, Callable[[Engine, Draw], list[Stands]]] = {
    "ours": ours,
    "name_sort": by_name,
    "nearest": nearest,
    "most_completers": most_completers,
}


def stands(engine: Engine, drawn: Draw, row: int) -> Stands:
    """Look at a program as rules do."""
    catalog, origin = engine.catalog, drawn.ranked.found.student.xyz
    school = int(catalog.school[row])
    region = int(catalog.region[school])
    miles = None if origin is None else float(distance_miles(catalog.xyz[school], origin))
    return Stands(
        state=catalog.regions[region] if region >= 0 else None,
        credential=CREDENTIALS[catalog.credential[row]].value,
        control=CONTROLS[catalog.control[school]],
        cip=catalog.cips[catalog.field[row]],
        school=catalog.school_name[school],
        miles=None if miles is None or np.isnan(miles) else miles,
        warnings=frozenset(note.code for note in describe.warnings(catalog, row)),
    )


def _first(engine: Engine, drawn: Draw, order: Any) -> list[Stands]:
    rows = drawn.ranked.found.rows[order[:DEPTH]].tolist()
    return [stands(engine, drawn, row) for row in rows]


def _silent(_: str) -> None:
    return None


if __name__ == "__main__":
    main()
