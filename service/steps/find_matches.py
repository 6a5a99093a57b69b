"""Answers in, ranked programs out: the first step of the journey."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import orjson

from matcher import match
from matcher.match import Engine
from models.domain.errors import InvalidInputError
from models.domain.ids import new_id
from models.domain.matching import Answers, MatchPage, Slate, Sort
from models.domain.publisher import came_from
from models.domain.slates import page_record
from service.figures import LISTINGS, SEARCHES, STEERING
from service.said import say
from service.services import Services, ServingState
from service.steps.channels import demonstration_notes, show_listing
from service.steps.highlighted import with_highlights
from service.steps.inputs import SearchInput, Visitor
from service.steps.outputs import Matches, ShownField
from service.steps.read_answers import field_advice, read_answers
from service.steps.slates import Drawn, draw_again

T = TypeVar("T")

# Finding a series by its labels takes a lock; there are four.
_searches = cache(SEARCHES.labels)
_SPONSORED, _ORGANIC = LISTINGS.labels("sponsored"), LISTINGS.labels("organic")


def find_matches(
    services: Services, asked: SearchInput, visitor: Visitor, show: Callable[[Matches], T]
) -> T:
    """Draw a slate for answers, or show one more page of a slate that was drawn.

    What is shown is stored while ``show`` writes it down, and before it is answered.

    Args:
        services: what the step leans on.
        asked: checked answers.
        visitor: who asks.
        show: writes the matches down for whoever asked.

    Returns:
        What ``show`` returned.

    Raises:
        InvalidInputError: naming what to change.
        RateLimitError: when the visitor's address asks too much.
        UnavailableError: when nothing serves, or nothing can be stored.
    """
    state = services.serving.state()
    if asked.slate_id is None:
        drawn = _draw_new(services, state, asked)
    else:
        drawn = draw_again(services, asked.slate_id)
        _check_same_answers(services, drawn, asked)
    found = _matches(services, state, drawn, asked.page)
    channels = {shown.listing.position: shown.request for shown in found.listings}
    record = page_record(found.page, demonstration=bool(found.notes), channels=channels)
    new = asked.slate_id is None
    with services.slates.keeping(drawn.slate, record, new=new, address=visitor.address):
        shown = show(found)
    _count(found.page, new=new)
    return shown


def look_again(services: Services, slate_id: UUID, number: int) -> Matches:
    """Draw a page of a slate for a form that asks about it: nobody looks at results, none count.

    A number beyond the last page shows the first.

    Raises:
        InvalidInputError: when the slate is not known any more.
        UnavailableError: when nothing serves, or the slate may be in a store that is away.
    """
    state = services.serving.state()
    drawn = draw_again(services, slate_id)
    pages = match.page(drawn.engine, drawn.draw, 1).pages
    return _matches(services, state, drawn, number if number <= pages else 1)


def _matches(services: Services, state: ServingState, drawn: Drawn, number: int) -> Matches:
    page, stands = _page(drawn, number), state.highlights
    listings = [with_highlights(one, stands) for one in page.listings] if stands else page.listings
    return Matches(
        slate=drawn.slate,
        page=page,
        fields=_shown_fields(services, drawn.slate),
        listings=tuple(show_listing(one, drawn.slate, state.taking) for one in listings),
        advice=(*field_advice(drawn.slate.answers), *page.advice),
        notes=demonstration_notes(
            drawn.slate, state.demonstrates, simulated=_simulated(drawn.engine)
        ),
        on_map=drawn.draw.ranked.found.student.xyz is not None,
    )


def seed_of(slate_id: UUID) -> int:
    """Return the seed of a slate's one draw: 63 bits that follow from its id."""
    # Not by way of OpenSSL, which takes longer to look the hash up than to compute it.
    return int.from_bytes(hashlib.blake2b(slate_id.bytes, digest_size=8).digest(), "big") >> 1


def explore_seed_of(answers: Answers, moment: datetime) -> int:
    """Return what decides whether and how a slate is explored, below ``SEEDS``.

    The same answers on the same day (UTC) draw the same order, whoever asks and whoever pays, so
    that nobody's page changes when it is looked at again and anybody can compare two.
    """
    shown = replace(answers, hide_sponsored=False) if answers.hide_sponsored else answers
    asked = orjson.dumps((moment.date(), shown))
    return int.from_bytes(hashlib.blake2b(asked, digest_size=8).digest(), "big") >> 1


def _draw_new(services: Services, state: ServingState, asked: SearchInput) -> Drawn:
    answers, jurisdiction = read_answers(asked, services.fields, state.engine.places)
    moment = _whole_milliseconds(services.clock.now())
    slate_id = new_id(moment, services.randomness)
    seed = seed_of(slate_id)
    engine, ranker_version = state.drawing(seed)
    slate = Slate(
        id=slate_id,
        search_id=new_id(moment, services.randomness),
        created_at=moment,
        answers=answers,
        locale=asked.locale,
        jurisdiction=jurisdiction,
        catalog_version=state.catalog_version,
        ranker_version=ranker_version,
        seed=seed,
        offers=match.relevant_offers(engine, answers, state.offers),
        **_exploration(services, answers, moment),
        **_came_from(state, asked),
    )
    return Drawn(slate, engine, match.draw(engine, slate))


def _exploration(services: Services, answers: Answers, moment: datetime) -> dict[str, Any]:
    """What chance may decide of a new slate: nothing under a sort, which binds everyone."""
    if not services.explore_share or answers.sort is not Sort.RELEVANCE:
        return {}
    return {
        "explore_share": services.explore_share,
        "explore_seed": explore_seed_of(answers, moment),
    }


def _came_from(state: ServingState, asked: SearchInput) -> dict[str, Any]:
    """Whose page a new slate's student came from; nothing where it was our own."""
    if asked.publisher_id is None:
        return {}
    at = came_from(state.publishers, asked.publisher_id, asked.landing_page, asked.creative)
    return asdict(at) if at else {}


def _whole_milliseconds(moment: datetime) -> datetime:
    """Cut a moment to what an id can tell, so that a slate's id finds its rows."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _check_same_answers(services: Services, drawn: Drawn, asked: SearchInput) -> None:
    """Refuse answers that a slate was not drawn for; none at all are fine."""
    if asked.education_level is None:
        return
    answers, _ = read_answers(asked, services.fields, drawn.engine.places)
    if answers != drawn.slate.answers:
        raise InvalidInputError({"slate_id": [say("slate_answers")]})


def _page(drawn: Drawn, number: int) -> MatchPage:
    page = match.page(drawn.engine, drawn.draw, number)
    pages = max(1, page.pages)
    if number > pages:
        raise InvalidInputError({"page": [say("page_unknown", pages=pages)]})
    return page


def _count(page: MatchPage, *, new: bool) -> None:
    _searches("first" if new else "next", "some" if page.total else "none").inc()
    sponsored = sum(listing.sponsored for listing in page.listings)
    _SPONSORED.inc(sponsored)
    _ORGANIC.inc(len(page.listings) - sponsored)
    if new:
        STEERING.observe(page.steering_index)


def _simulated(engine: Engine) -> bool:
    return engine.ranker.provenance == "simulated"


def _shown_fields(services: Services, slate: Slate) -> tuple[ShownField, ...]:
    """Name the fields of a slate; a specialty is inside the first."""
    shown = [ShownField(cip, services.fields.name(cip)) for cip in slate.answers.fields]
    if shown and slate.answers.specialty:
        shown[0] = replace(shown[0], specialty=slate.answers.specialty)
    return tuple(shown)
