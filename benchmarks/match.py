"""What a search costs: a whole page, a JSON answer, and the matcher alone.

``page_over_empty`` is the rate of results pages never seen before (slate stored, rate limit, log
line and headers on) over that of a Flask app with one route and no hooks, in Granian with the same
options, asked in turns A-B-A on one connection each: 1 would be as fast. Both hold the asker's own
time.
"""

import json
import statistics
from datetime import UTC, datetime

import numpy as np

from benchmarks import _load as load
from benchmarks._constraint import constraint_cost
from benchmarks._installation import Installation, installation, server
from benchmarks._matcher import measure
from matcher.match import open_engine
from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.matching import CampaignOffer

ROUNDS, TIMES = 7, 60
RATE, LASTING = 20.0, 20.0


def main() -> None:
    """Measure everything and print it."""
    with installation() as running:
        result = over_the_web(running) | in_process(running)
    for name, value in result.items():
        print(f"{name:28} {value}")
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


def in_process(running: Installation) -> dict[str, float | int]:
    """Measure the matcher alone, and what the tree constraint costs."""
    engine = open_engine(running.only("catalog"), running.only("ranker"))
    return measure(engine, current_offers(running)) | constraint_cost(engine)


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
