"""What a search costs: a whole page, a JSON answer, and the matcher alone.

``page_over_empty`` is the rate of results pages never seen before (slate stored, rate limit, log
line and headers on) over that of a Flask app with one route and no hooks, in Granian with the same
options, asked in turns A-B-A on one connection each: 1 would be as fast. Both hold the asker's own
time.
"""

import json
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import numpy as np

from benchmarks import _load as load
from benchmarks._installation import Installation, installation, server
from benchmarks._tenfold import multiplied
from matcher import match
from matcher.fields import FieldIndex
from matcher.match import Engine, open_engine
from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.levels import EducationLevel
from models.domain.matching import Answers, CampaignOffer, Slate

ROUNDS, TIMES = 7, 60
RATE, LASTING = 20.0, 20.0
SEARCHES = 400
NO_CONSTRAINT_COST = (
    "constraint_cost_ndcg is null: the ranker is the prior, fitted to published rules; the cost of "
    "the constraint is a difference on held-out clicks, and there is no ranker learned from any."
)


def main() -> None:
    """Measure everything and print it."""
    with installation() as running:
        result = over_the_web(running) | in_process(running)
    result["constraint_cost_ndcg"] = None
    for name, value in result.items():
        print(f"{name:28} {value}")
    print(NO_CONSTRAINT_COST)
    print("RESULT", json.dumps(result))


def over_the_web(running: Installation) -> dict[str, float | None]:
    """Measure pages and answers against the empty app."""
    asked = load.searches()
    first = "/results?education_level=high_school&postal_code=10940&query=nursing"
    page, answer = load.page_of(asked), load.json_of(asked)
    with (
        server("benchmarks._empty:app", running.environment, "/") as empty,
        server("service.wsgi:app", running.environment, first) as web,
    ):
        base = (empty.port, load.get_nothing)
        for port, ask in (base, (web.port, page), (web.port, answer)):
            load.seconds(port, ask, TIMES)
        pages = load.ratio(base, (web.port, page), rounds=ROUNDS, times=TIMES)
        answers = load.ratio(base, (web.port, answer), rounds=ROUNDS, times=TIMES)
        waits = load.at_rate(web.port, page, per_second=RATE, lasting=LASTING)
        empty_ms = load.seconds(*base, TIMES) * 1000
        return {
            "page_over_empty": round(statistics.median(pages), 4),
            "page_over_empty_spread": round(max(pages) - min(pages), 4),
            "json_over_empty": round(statistics.median(answers), 4),
            "json_over_empty_spread": round(max(answers) - min(answers), 4),
            "empty_ms": round(empty_ms, 3),
            "page_p50_ms_at_20_rps": round(float(np.percentile(waits, 50)) * 1000, 2),
            "page_p99_ms_at_20_rps": round(float(np.percentile(waits, 99)) * 1000, 2),
            "uss_mib": round(web.uss_mib(), 1),
            "cold_start_s": round(web.started_s, 2),
        }


def in_process(running: Installation) -> dict[str, float | None]:
    """Measure the matcher alone, on the catalog and on ten times as much."""
    engine = open_engine(running.only("catalog"), running.only("ranker"))
    offers, searches = current_offers(running), mixed_searches(SEARCHES)
    measure(engine, searches[:50], offers)
    times, candidates = measure(engine, searches, offers)
    larger = multiplied(engine, 10)
    measure(larger, searches[:50], offers)
    tenfold, _ = measure(larger, searches, offers)
    return {
        "matcher_p50_ms": round(float(np.percentile(times, 50)) * 1000, 3),
        "matcher_p99_ms": round(float(np.percentile(times, 99)) * 1000, 3),
        "candidates_per_s": round(candidates / sum(times)),
        "tenfold_p50_ratio": round(float(np.percentile(tenfold, 50) / np.percentile(times, 50)), 2),
        "offers": len(offers),
    }


def measure(
    engine: Engine, searches: Sequence[Answers], offers: Sequence[CampaignOffer]
) -> tuple[list[float], int]:
    """Draw the first page of each search; return the seconds of each and all candidates."""
    times, candidates = [], 0
    for number, answers in enumerate(searches):
        engine.recent.clear()
        began = time.perf_counter()
        slate = a_slate(number, answers, match.relevant_offers(engine, answers, offers))
        page = match.page(engine, match.draw(engine, slate), 1)
        times.append(time.perf_counter() - began)
        candidates += page.total
    return times, candidates


def a_slate(number: int, answers: Answers, offers: tuple[CampaignOffer, ...]) -> Slate:
    """Make a slate as the service does."""
    return Slate(
        id=UUID(int=number),
        search_id=UUID(int=number),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        answers=answers,
        locale="en",
        jurisdiction="US",
        catalog_version="",
        ranker_version="",
        seed=number,
        offers=offers,
    )


def mixed_searches(count: int) -> list[Answers]:
    """Read the same searches that the web is asked as the service reads them."""
    index, made = FieldIndex.load(), []
    for asked, _ in zip(load.searches(), range(count), strict=False):
        best = index.find(asked["query"])[0]
        made.append(
            Answers(
                education_level=EducationLevel(asked["education_level"]),
                postal_code=asked["postal_code"],
                fields=(best.cip,),
                specialty=best.specialty,
                specialty_credential=best.credential,
                max_distance_miles=int(asked["max_distance_miles"]),
            )
        )
    # Half as most people search: without a limit, so that everything in the field is a candidate.
    return [
        answers
        if place % 2
        else Answers(answers.education_level, answers.postal_code, fields=answers.fields)
        for place, answers in enumerate(made)
    ]


def current_offers(running: Installation) -> tuple[CampaignOffer, ...]:
    """The demonstration's campaigns, as the web sees them."""
    engine = make_engine(running.environment["DATABASE_URL"], pool_size=1)
    try:
        with PostgresUnitOfWork(engine, Keyring({"none": bytes(32)}, bytes(32))) as work:
            return work.campaigns.offers(datetime.now(UTC))  # noqa: TID251 - benchmarks take now
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
