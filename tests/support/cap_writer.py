"""A process that asks one school again and again, for the test of a cap under fire.

python -m tests.support.cap_writer DATABASE_URL VERSION_ID ORGANIZATION_ID UNITID FIRST LAST

Each number of FIRST … LAST is one request under its own Idempotency-Key, accepted as
``service.steps.send_request`` does: in one transaction, with its delivery. Who is killed and starts
again goes on where it was.
"""

import sys
from uuid import UUID

from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.clock import SystemClock
from models.domain.consent import Channel, ConsentText
from models.domain.errors import ConflictError
from models.domain.ids import new_id
from models.domain.intake import Route, Way
from models.domain.request import Evidence, LeadListing, NewConsent, NewLead, NewRequest, Student

_SLATE = {"slate": {"answers": {"education_level": "high_school", "postal_code": "10940"}}}


def main(url: str, *words: str) -> None:
    version, organization = UUID(words[0]), UUID(words[1])
    unitid, first, last = map(int, words[2:])
    engine, keyring = make_engine(url, pool_size=1), Keyring({"test": b"m" * 32}, b"i" * 32)
    for number in range(first, last + 1):
        key = f"fire-{number}"
        with PostgresUnitOfWork(engine, keyring) as work:
            if work.requests.find_accepted("site", key) is not None:
                continue
        try:
            _ask(PostgresUnitOfWork(engine, keyring), key, version, organization, unitid)
        except ConflictError:
            continue  # the one who was killed had committed it


def _ask(
    unit_of_work: PostgresUnitOfWork, key: str, version: UUID, organization: UUID, unitid: int
) -> None:
    now = SystemClock().now()
    listing = LeadListing(f"lst_2_{key}", f"prog_{unitid}", version, 2, 3)
    agreed = ConsentText(unitid, Channel.EMAIL, "en", "US-NY", "1", "I agree.")
    consent = NewConsent(new_id(now), unitid, Channel.EMAIL, agreed, b"{}", b"c" * 32)
    new = NewRequest(
        id=new_id(now),
        person_id=new_id(now),
        created_at=now,
        source="site",
        idempotency_key=key,
        body_hash=b"h" * 32,
        slate_id=new_id(now),
        slate={**_SLATE, "listings": [_shown(listing, unitid)]},
        locale="en",
        jurisdiction="US-NY",
        student=Student("Zoë", "Example", f"{key}@example.com", None, None, age_18_or_over=True),
        evidence=Evidence("192.0.2.1", "test", "/"),
        privacy_control=False,
        leads=(NewLead(new_id(now), unitid, organization, (listing,), (consent,)),),
    )
    with unit_of_work as work:
        open_to = work.destinations.open_schools([unitid])[unitid].open_to
        work.requests.accept(new, {unitid: Way(route=Route(open_to))})


def _shown(listing: LeadListing, unitid: int) -> dict[str, object]:
    return {
        "listing_id": listing.listing_id,
        "position": 2,
        "organic_position": 3,
        "campaign_version_id": str(listing.campaign_version_id),
        "program": {
            "id": listing.program_id,
            "cip": "51.07",
            "title": "Health Administrative Services",
            "credential_level": "associate",
            "format": None,
        },
        "school": {"unitid": unitid, "name": "Test College", "state": "NY"},
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
