"""Whether results come in an order that a school counsellor would sign.

``tests/data/relevance`` holds searches and rules on their first results, written from what is true
of schools and students; ``_counsellor`` reads them. ``rules_held`` is the share of rules that hold
of our order, ``must_not_in_top5`` how many listings stand among the first five against a
``must_not``. Each ``over_`` is what ``rules_held`` has over the same candidates in another order:
by name, by distance, by graduates. Half of the searches (``held_out``) were never looked at while
the order was tuned.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from benchmarks._counsellor import Search, Stands, count_against, holds, read_searches
from benchmarks._load import a_slate
from matcher import describe, match
from matcher.catalog import CONTROLS, CREDENTIALS, FORMATS, Catalog
from matcher.fields import FieldIndex
from matcher.geography import distance_miles
from matcher.ingest import build_catalog
from matcher.learn.artefact import RankerStore
from matcher.learn.prior import fit_prior
from matcher.match import Draw, Engine, make_engine, open_engine
from matcher.signature import public_key
from models.domain.matching import Answers, CampaignOffer, Sort
from service.api.v1.schemas import SearchSchema
from service.steps.read_answers import read_answers

DEPTH = 20
PAID_CENTS = 20_000
# Signs a ranker that nobody else will read.
SEED = bytes(32)
HALVES = ("all", "tuned", "held_out")

Order = Callable[[Engine, Draw], list[Stands]]


def main() -> None:
    """Build a store, measure our order and the others, and print both."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        catalog = store / "catalog" / build_catalog(store, progress=_silent)
        ranker = store / "ranker" / fit_prior(RankerStore(store, SEED), catalog, _silent)
        result = measure(open_engine(catalog, ranker, public_key(SEED)), read_searches(), say=print)
    print("RESULT", json.dumps(result))


def measure(
    engine: Engine, searches: Sequence[Search], say: Callable[[str], None]
) -> dict[str, float | int]:
    """Try every rule on every order, say which of the tuned half ours breaks, and sum up."""
    fields = FieldIndex.load()
    held: Counter[tuple[str, str]] = Counter()
    tried: Counter[str] = Counter()
    against: Counter[tuple[str, str]] = Counter()
    for at, search in _with_engines(engine, searches):
        drawn = draw(at, read(at, fields, search), search)
        orders = {name: order(at, drawn) for name, order in ORDERS.items()}
        for half in ("all", "held_out" if search.held_out else "tuned"):
            for rule in search.rules:
                tried[half] += 1
                for name, listings in orders.items():
                    held[half, name] += holds(rule, listings)
                    against[half, name] += count_against(rule, listings)
        if not search.held_out:
            broken = (rule for rule in search.rules if not holds(rule, orders["ours"]))
            for rule in broken:
                say(f"broken: {search.theme}: {search.said}: {rule['why']}")
    for half in HALVES:
        shares = (f"{name} {held[half, name] / tried[half]:.1%}" for name in ORDERS)
        fives = (f"{name} {against[half, name]}" for name in ORDERS)
        say(f"{half}: {'  '.join(shares)} of {tried[half]} rules; against: {'  '.join(fives)}")
    share = {name: held["all", name] / tried["all"] for name in ORDERS}
    return {
        "rules_held": round(share["ours"], 4),
        "must_not_in_top5": against["all", "ours"],
        **{f"over_{name}": round(share["ours"] - share[name], 4) for name in OTHERS},
        "must_not_nearest": against["all", "nearest"],
        "rules_held_tuned": round(held["tuned", "ours"] / tried["tuned"], 4),
        "rules_held_out": round(held["held_out", "ours"] / tried["held_out"], 4),
        "searches": len(searches),
        "rules": tried["all"],
    }


def read(engine: Engine, fields: FieldIndex, search: Search) -> Answers:
    """Read a search as the service reads it."""
    answers, _ = read_answers(SearchSchema().load(search.asked), fields, engine.places)
    return answers


def draw(engine: Engine, answers: Answers, search: Search) -> Draw:
    """Draw a slate, with the campaigns of those that pay."""
    offers = match.relevant_offers(engine, answers, tuple(_offers(engine, search.paid)))
    return match.draw(engine, a_slate(0, answers, offers))


def ours(engine: Engine, drawn: Draw) -> list[Stands]:
    """Our page, in which no school fills it and sponsored listings stand where they may."""
    listings = match.page(engine, drawn, 1).listings
    rows = drawn.ranked.found.rows
    return [
        stands(engine, drawn, int(rows[placed.candidate]), sponsored=one.sponsored)
        for one, placed in zip(listings, drawn.allocation.shown, strict=False)
    ]


def by_name(engine: Engine, drawn: Draw) -> list[Stands]:
    """By the names of schools, as an alphabetical list has them."""
    catalog, found = engine.catalog, drawn.ranked.found
    names = [catalog.school_name[school] for school in found.school.tolist()]
    return _first(engine, drawn, np.argsort(np.array(names), kind="stable"))


def nearest(engine: Engine, drawn: Draw) -> list[Stands]:
    """By distance, unknown places last."""
    nearby = replace(drawn.slate.answers, sort=Sort.DISTANCE)
    return ours(engine, match.draw(engine, a_slate(0, nearby, ())))


def most_completers(engine: Engine, drawn: Draw) -> list[Stands]:
    """By how many graduated."""
    graduates = np.nan_to_num(engine.catalog.completers[drawn.ranked.found.rows], nan=-1.0)
    return _first(engine, drawn, np.argsort(-graduates, kind="stable"))


OTHERS: Mapping[str, Order] = {
    "name_sort": by_name,
    "nearest": nearest,
    "most_completers": most_completers,
}
ORDERS: Mapping[str, Order] = {"ours": ours, **OTHERS}


def stands(engine: Engine, drawn: Draw, row: int, *, sponsored: bool = False) -> Stands:
    """Look at a program as rules do."""
    catalog, origin = engine.catalog, drawn.ranked.found.student.xyz
    school = int(catalog.school[row])
    region = int(catalog.region[school])
    return Stands(
        state=catalog.regions[region] if region >= 0 else None,
        credential=CREDENTIALS[catalog.credential[row]].value,
        control=CONTROLS[catalog.control[school]],
        cip=catalog.cips[catalog.field[row]],
        school=catalog.school_name[school],
        format=FORMATS[catalog.format[row]],
        sponsored=sponsored,
        graduates=_known(catalog.completers[row]),
        earnings=_known(catalog.earnings[row]),
        miles=None if origin is None else _known(distance_miles(catalog.xyz[school], origin)),
        warnings=frozenset(note.code for note in describe.warnings(catalog, row)),
    )


def _with_engines(engine: Engine, searches: Iterable[Search]) -> Iterable[tuple[Engine, Search]]:
    """Give each search an engine on a catalog that says what its theme publishes."""
    made: dict[tuple[Any, ...], Engine] = {(): engine}
    for search in searches:
        key = tuple((tuple(each["schools"]), each["format"]) for each in search.published)
        if key not in made:
            made[key] = _publishing(engine, search.published)
        yield made[key], search


def _publishing(engine: Engine, published: Sequence[Mapping[str, Any]]) -> Engine:
    catalog, formats = engine.catalog, engine.catalog.format.copy()
    for each in published:
        schools = _schools(catalog, tuple(each["schools"]))
        formats[np.isin(catalog.school, schools)] = FORMATS.index(each["format"])
    said = replace(catalog, format=formats)
    return make_engine(said, engine.places, engine.ranker, engine.scores)


def _offers(engine: Engine, paid: tuple[str, ...]) -> Iterable[CampaignOffer]:
    if paid:
        schools = _schools(engine.catalog, paid)
        yield CampaignOffer(
            campaign_id=UUID(int=1),
            version_id=UUID(int=2),
            organization_id=UUID(int=3),
            price_minor=PAID_CENTS,
            currency="USD",
            unitids=tuple(engine.catalog.unitid[schools].tolist()),
        )


def _schools(catalog: Catalog, names: tuple[str, ...]) -> list[int]:
    count = len(catalog.unitid)
    return [row for row in range(count) if catalog.school_name[row].startswith(names)]


def _known(figure: Any) -> float | None:
    return None if np.isnan(figure) else float(figure)


def _first(engine: Engine, drawn: Draw, order: Any) -> list[Stands]:
    rows = drawn.ranked.found.rows[order[:DEPTH]].tolist()
    return [stands(engine, drawn, row) for row in rows]


def _silent(_: str) -> None:
    return None


if __name__ == "__main__":
    main()
