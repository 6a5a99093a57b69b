"""Makes pages of matches by hand, as the steps would answer them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from models.domain.levels import CredentialLevel, EducationLevel
from models.domain.matching import (
    Answers,
    FacetOption,
    Fact,
    FactKind,
    Facts,
    Filters,
    Listing,
    MatchPage,
    Note,
    PlacePrecision,
    Program,
    RequestChannel,
    School,
    Slate,
)
from service.steps.outputs import Matches, ShownField, ShownListing

SLATE_ID = UUID("019aa000-0000-7000-8000-000000000001")
CAMPAIGN_VERSION = UUID("019aa000-0000-7000-8000-0000000000c1")
SCORECARD = "U.S. Department of Education, College Scorecard"
FIELD = "Health and Medical Administrative Services"


def a_listing(position: int = 1, *, sponsored: bool = False, **changes: Any) -> Listing:
    """A listing with everything known; ``changes`` replace its fields."""
    unitid = 194240 + position
    values: dict[str, Any] = {
        "position": position,
        "organic_position": position,
        "program": Program(
            f"prog_{unitid}.5107.2.-.-", unitid, "51.07", FIELD, CredentialLevel.ASSOCIATE, None
        ),
        "school": School(
            unitid, f"Orange College {position}", "NY", "public", "Middletown", "sunyorange.edu"
        ),
        "campaign_version_id": CAMPAIGN_VERSION if sponsored else None,
        "score": 1000,
        "codes": (),
        "propensity": 1.0,
        "distance_miles": 12.4,
        "place_precision": PlacePrecision.EXACT,
        "facts": some_facts(
            Fact("earnings_4yr", 41230.0, "usd_per_year", SCORECARD, "2026"),
            Fact("debt", None, "usd", SCORECARD, "2026"),
        ),
        "warnings": (),
        "badges": (),
        "reasons": (),
    }
    return Listing(**{**values, **changes})


def some_facts(*facts: Fact) -> Facts:
    """Figures as a listing holds them."""
    kinds = (FactKind(one.name, one.unit, one.source, one.year) for one in facts)
    return Facts(tuple(kinds), tuple(one.value for one in facts))


def shown(listing: Listing, request: RequestChannel = RequestChannel.HERE) -> ShownListing:
    """A listing as a page shows it."""
    return ShownListing(f"lst_{listing.position}_0123456z", listing, request, listing.sponsored)


def some_matches(*listings: ShownListing, **changes: Any) -> Matches:
    """A page of matches; ``changes`` replace fields of the page, the answers or the matches."""
    answers = {
        "education_level": EducationLevel.HIGH_SCHOOL,
        "postal_code": "10940",
        "query": "medical records technician",
        "filters": Filters(),
    }
    page: dict[str, Any] = {
        "page": 1,
        "pages": 1,
        "total": len(listings),
        "sponsored_total": sum(one.listing.sponsored for one in listings),
        "format_known": 0,
        "steering_index": 0.004,
        "listings": tuple(one.listing for one in listings),
        "facets": {"controls": (FacetOption("public", 3), FacetOption("private_nonprofit", 1))},
    }
    whole: dict[str, Any] = {
        "fields": (ShownField("51.07", FIELD),),
        "advice": (),
        "notes": (Note("fictional_sponsors"),),
        "on_map": True,
    }
    for part in (whole, page, answers):
        part.update({name: changes.pop(name) for name in list(changes) if name in part})
    answers["fields"] = tuple(field.cip for field in whole["fields"])
    slate = Slate(
        id=SLATE_ID,
        search_id=SLATE_ID,
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
        answers=Answers(**{**answers, **changes}),
        locale="en",
        jurisdiction="US-NY",
        catalog_version="c1",
        ranker_version="r1",
        seed=1,
        offers=(),
    )
    return Matches(slate=slate, page=MatchPage(**page), listings=listings, **whole)
