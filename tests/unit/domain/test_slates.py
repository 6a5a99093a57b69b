"""Slates as documents: what is read back is what was written."""

import json
from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID, uuid4

import orjson

from models.domain.levels import CredentialLevel, EducationLevel, Format
from models.domain.matching import Answers, CampaignOffer, Filters, NotTakenReason, Slate, Sort
from models.domain.slates import (
    PageRecord,
    log_entry,
    read_log_entry,
    read_slate,
    slate_document,
)

OFFER = CampaignOffer(
    campaign_id=uuid4(),
    version_id=uuid4(),
    organization_id=uuid4(),
    price_minor=5000,
    currency="USD",
    unitids=(194240, 1),
    cips=("51.07",),
    credential_levels=(CredentialLevel.ASSOCIATE,),
    education_levels=(EducationLevel.HIGH_SCHOOL,),
    states=("NY",),
    pacing=0.25,
    open=False,
    fictional=True,
    shut=NotTakenReason.FULL,
)
ANSWERS = Answers(
    education_level=EducationLevel.HIGH_SCHOOL,
    postal_code="10940",
    region="NY",
    fields=("51.07",),
    specialty="Medical coder",
    specialty_credential=CredentialLevel.UNDERGRADUATE_CERTIFICATE,
    query="coder",
    format=Format.ONLINE,
    max_distance_miles=50,
    filters=Filters((CredentialLevel.ASSOCIATE,), ("NY",), ("public",), ("51.07",)),
    sort=Sort.DISTANCE,
    hide_sponsored=True,
)
SLATE = Slate(
    id=uuid4(),
    search_id=uuid4(),
    created_at=datetime(2026, 11, 22, 12, 0, 0, 123000, tzinfo=UTC),
    answers=ANSWERS,
    locale="es",
    jurisdiction="US-NY",
    catalog_version="c",
    ranker_version="r",
    seed=2**62 + 1,
    offers=(OFFER,),
    publisher_id=UUID(int=7),
    landing_page="/article",
    creative="blue",
    simulated=True,
    explore_share=0.05,
    explore_seed=2**62 + 3,
)


def test_a_slate_reads_back_equal_whatever_it_holds() -> None:
    """Invariant 8: a draw from the copy is the same draw."""
    for value in (SLATE, OFFER, ANSWERS):
        # A field left at its default would hide one that is not written.
        for each in fields(value):
            assert getattr(value, each.name) != each.default, f"give {each.name} another value"
    assert read_slate(json.loads(json.dumps(slate_document(SLATE)))) == SLATE
    # As the service writes it to Valkey; ids stand there with hyphens.
    assert read_slate(json.loads(orjson.dumps(SLATE))) == SLATE


def test_a_log_entry_reads_back_equal() -> None:
    page = PageRecord(2, ({"position": 21, "codes": [1, 2]},), 0.01, True, True, 0.125)
    written = (json.dumps(each).encode() for each in (slate_document(SLATE), page.document()))
    entry = json.loads(log_entry(*written))
    assert read_log_entry(entry) == (SLATE, page)
    assert json.loads(orjson.dumps(page)) == page.document()


def test_what_was_written_before_slates_were_explored_still_reads() -> None:
    page = PageRecord(1, (), 0.0, demonstration=False)
    old_page, old_slate = page.document(), slate_document(SLATE)
    for name in ("explored", "draw_propensity"):
        del old_page[name]
    for name in ("explore_share", "explore_seed"):
        del old_slate[name]
    slate, read = read_log_entry({"slate": old_slate, "page": old_page})
    assert read == page
    assert (slate.explore_share, slate.explore_seed) == (0.0, 0)
