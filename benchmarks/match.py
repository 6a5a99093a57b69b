"""What a search costs: a whole page, a JSON answer, and the matcher alone.

``page_over_empty`` is the rate of results pages never seen before (slate stored, rate limit, log
line and headers on) over that of a Flask app with one route and no hooks, in Granian with the same
options, asked in turns A-B-A on one connection each: 1 would be as fast. Both hold the asker's own
time.
"""

import json
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

import numpy as np

from benchmarks import _load as load
from benchmarks._constraint import constraint_cost
from benchmarks._installation import ROOT, Installation, installation, server
from benchmarks._matcher import measure
from benchmarks._searches import new_searches
from matcher import match
from matcher.fields import FieldIndex
from matcher.match import Engine, open_engine
from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.matching import CampaignOffer
from service.web.cards import MOST_SCHOOLS
from service.web.query import Query

ROUNDS, TIMES = 30, 60
# A quarter each for pages, answers, the steady rate and the table.
SEARCHES_OF_WEB = 4 * (ROUNDS + 1) * TIMES
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
    engine = open_engine(running.only("catalog"), running.only("ranker"), running.ranker_key)
    asked = load.searches(engine, FieldIndex.load(), SEARCHES_OF_WEB)
    pages, answers, waits, staged = (iter(asked[part::4]) for part in range(4))
    first = "/results?education_level=high_school&postal_code=10940&query=nursing"
    with (
        server("benchmarks._empty:app", running.environment, "/") as empty,
        server("service.wsgi:app", running.environment, first) as web,
    ):
        base = (empty.port, load.get_nothing)
        page, answer = load.page_of(pages), load.json_of(answers)
        for port, ask in (base, (web.port, page), (web.port, answer)):
            load.seconds(port, ask, TIMES)
        of_pages = load.compare(base, (web.port, page), rounds=ROUNDS, times=TIMES)
        of_answers = load.compare(base, (web.port, answer), rounds=ROUNDS, times=TIMES)
        waited = load.at_rate(web.port, load.page_of(waits), per_second=RATE, lasting=LASTING)
        result: dict[str, float | None] = {
            **of_pages.figures("page"),
            **of_answers.figures("json"),
            "page_p50_ms_at_20_rps": round(float(np.percentile(waited, 50)) * 1000, 2),
            "page_p99_ms_at_20_rps": round(float(np.percentile(waited, 99)) * 1000, 2),
            "uss_mib": round(web.uss_mib(), 1),
            "cold_start_s": round(web.started_s, 2),
            "schools_kept_share": round(kept_share(engine), 3),
        }
    show_stages(running, list(staged))
    return result


def kept_share(engine: Engine) -> float:
    """The share of the pages' cards whose schools were among the last that a worker showed."""
    kept: OrderedDict[int, None] = OrderedDict()
    found = shown = 0
    for number, answers in enumerate(new_searches(engine, SEARCHES_OF_WEB)[::4]):
        page = match.page(engine, match.draw(engine, load.a_slate(number, answers, ())), 1)
        for listing in page.listings:
            shown += 1
            found += listing.school.unitid in kept
            kept[listing.school.unitid] = None
            kept.move_to_end(listing.school.unitid)
        while len(kept) > MOST_SCHOOLS:
            kept.popitem(last=False)
    return found / shown


def show_stages(running: Installation, asked: Sequence[Query]) -> None:
    """Print where the microseconds of a page go."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._stages"],
        input="\n".join(urlencode(list(query)) for query in asked),
        env=dict(running.environment),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    table = json.loads(done.stdout)
    for stage, spent in table.items():
        print(f"  {stage:26} {spent:6} µs a page")
    print(f"  {'together, in process':26} {sum(table.values()):6} µs a page")


def in_process(running: Installation) -> dict[str, float | int]:
    """Measure the matcher alone, and what the tree constraint costs."""
    engine = open_engine(running.only("catalog"), running.only("ranker"), running.ranker_key)
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
