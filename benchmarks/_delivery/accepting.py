"""What accepting a request costs over a bare commit on the same disk."""

import os
import statistics
import time
from collections.abc import Callable
from uuid import uuid4

from benchmarks._delivery.installation import Installation
from models.db.at_once import PostgresAtOnce
from models.domain.consent import Channel, ConsentText
from models.domain.ids import new_id
from models.domain.intake import Route, Way
from models.domain.request import (
    Evidence,
    LeadListing,
    NewConsent,
    NewLead,
    NewRequest,
    Student,
)
from tests.support.leads import NOW, TestSchool

_BYTES = 1024


def accept_over_commit(at: Installation, *, unitid: int, rounds: int) -> dict[str, list[float]]:
    """Compare how many a second: acceptances, over bare commits of one row right around them.

    Returns:
        The ratios of each round: of a lead that nobody pays for, which is accepted at once, and of
        one like it that is accepted as all are for which something must be weighed.
    """
    school = at.destination("/fast", unitid)
    at.release(school.destination_id)
    at.one("CREATE TABLE bare (id uuid PRIMARY KEY, content bytea NOT NULL)")

    requests: list[NewRequest] = []
    accept_at_once = PostgresAtOnce(at.engine, at.leads.keyring)

    def commit() -> None:
        at.one("INSERT INTO bare VALUES (:id, :content)", id=uuid4(), content=os.urandom(_BYTES))

    def at_once() -> None:
        if accept_at_once(requests.pop()) is None:
            raise AssertionError("it was not accepted at once")

    def weighed() -> None:
        new = requests.pop()
        with at.leads.unit_of_work() as work:
            schools = work.destinations.open_schools([school.unitid])
            ways = {each: Way(route=Route(found.open_to)) for each, found in schools.items()}
            work.requests.accept(new, ways)

    ratios: dict[str, list[float]] = {"at_once": [], "weighed": []}
    for _ in range(rounds + 1):
        for name, accept in (("at_once", at_once), ("weighed", weighed)):
            # What a page or a call would bring is made before the clock starts.
            requests += [_request(school) for _ in range(20)]
            before, accepted, after = _median(commit), _median(accept), _median(commit)
            bare = statistics.mean((before, after))
            ratios[name].append(bare / accepted)
            print(f"    bare {bare * 1000:.2f} ms, accepted {accepted * 1000:.2f} ms, {name}")
    at.pause(school.destination_id)
    made = at.one(
        "SELECT count(*) FROM delivery WHERE destination_id = :id", id=school.destination_id
    )
    if made != 2 * (rounds + 1) * 20:
        raise AssertionError(f"{made} deliveries were made")
    # The first round is for the database to have seen both.
    return {name: found[1:] for name, found in ratios.items()}


def _median(act: Callable[[], None]) -> float:
    times = []
    for _ in range(20):
        started = time.perf_counter()
        act()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def _request(school: TestSchool) -> NewRequest:
    request_id, lead_id = new_id(NOW), new_id(NOW)
    program = f"prog_{school.unitid}.5107.2.-.-"
    listing = LeadListing("lst_1_abcdefgh", program, None, 1, 1)
    consents = tuple(
        NewConsent(
            new_id(NOW),
            school.unitid,
            channel,
            ConsentText(school.unitid, channel, "en", "US-NY", "1", f"You may {channel} me. " * 12),
            os.urandom(900),
            os.urandom(32),
        )
        for channel in Channel
    )
    for each in consents:
        _ = each.text.text_id  # hashed before: the sealed consent names it
    lead = NewLead(
        lead_id,
        school.unitid,
        school.organization_id,
        (listing,),
        consents,
        takes_organic=True,
    )
    kept = {
        "listing_id": listing.listing_id,
        "program": {"id": program, "title": "Health and Medical Administrative Services"},
        "school": {"unitid": school.unitid, "name": "Test College", "state": "NY"},
    }
    return NewRequest(
        id=request_id,
        person_id=new_id(NOW),
        created_at=NOW,
        source="site",
        idempotency_key=str(request_id),
        body_hash=os.urandom(32),
        slate_id=new_id(NOW),
        slate={"slate": {"answers": {"postal_code": "10940"}}, "listings": [kept] * 20},
        locale="en",
        jurisdiction="US-NY",
        student=Student(
            "Zoë", "Example", "zoe@example.com", "+14045550123", None, age_18_or_over=True
        ),
        evidence=Evidence("203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64)", "/request"),
        privacy_control=False,
        leads=(lead,),
    )
