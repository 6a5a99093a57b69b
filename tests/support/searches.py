"""Strategies of searches and campaigns for property tests, on a given engine's values."""

import random
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from matcher.catalog import CONTROLS
from matcher.match import Engine
from models.domain.levels import CredentialLevel, EducationLevel, Format
from models.domain.matching import Answers, CampaignOffer, Filters, Sort
from tests.support.catalogs import CIPS, POSTAL, STATES, an_offer

_PLACES = st.one_of(
    st.sampled_from([(code if code != "K1A" else "K1A0B1", None) for code in POSTAL]),
    st.sampled_from([(None, region) for region in (*STATES, "ON", "TX")]),
)


_Value = TypeVar("_Value")


def _few(values: Sequence[_Value], most: int = 2) -> st.SearchStrategy[tuple[_Value, ...]]:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


@st.composite
def filters(draw: st.DrawFn) -> Filters:
    return Filters(
        credential_levels=draw(_few(list(CredentialLevel))),
        states=draw(_few(STATES)),
        controls=draw(_few(CONTROLS)),
        fields=draw(_few(CIPS)),
    )


@st.composite
def searches(draw: st.DrawFn, *, sort: Sort | None = None, narrowed: bool = True) -> Answers:
    postal_code, region = draw(_PLACES)
    return Answers(
        education_level=draw(st.sampled_from(EducationLevel)),
        postal_code=postal_code,
        region=region,
        fields=draw(_few(CIPS)),
        specialty_credential=draw(st.none() | st.sampled_from(CredentialLevel)),
        format=draw(st.sampled_from(Format)),
        max_distance_miles=draw(st.none() | st.sampled_from((5, 25, 100, 500)))
        if narrowed
        else None,
        filters=draw(filters()) if narrowed else Filters(),
        sort=sort if sort is not None else draw(st.sampled_from(Sort)),
        hide_sponsored=draw(st.booleans()) if narrowed else False,
    )


@st.composite
def campaigns(draw: st.DrawFn, engine: Engine, *, most: int = 8) -> tuple[CampaignOffer, ...]:
    unitids = [int(unitid) for unitid in engine.catalog.unitid]
    offers = []
    for number in range(draw(st.integers(0, most))):
        chosen = draw(st.lists(st.sampled_from(unitids), min_size=1, max_size=12, unique=True))
        offers.append(
            an_offer(
                number,
                chosen,
                price_minor=draw(st.integers(1, 20_000)),
                currency=draw(st.sampled_from(("USD", "CAD", "EUR"))),
                cips=draw(_few(CIPS)),
                credential_levels=draw(_few(list(CredentialLevel))),
                education_levels=draw(_few(list(EducationLevel))),
                states=draw(_few(STATES)),
                pacing=draw(st.sampled_from((0.0, 0.1, 0.5, 1.0))),
                open=draw(st.booleans()),
            )
        )
    return tuple(offers)


@st.composite
def busy_markets(draw: st.DrawFn, engine: Engine) -> tuple[Answers, tuple[CampaignOffer, ...]]:
    """A search with many results and campaigns for nearly every school, at any price."""
    answers = Answers(
        education_level=draw(st.sampled_from((EducationLevel.HIGH_SCHOOL, EducationLevel.MASTER))),
        postal_code=draw(st.sampled_from(("10940", "07003", "90210"))),
        fields=draw(_few(CIPS, most=4)),
        specialty_credential=draw(st.sampled_from((None, CredentialLevel.ASSOCIATE))),
        format=draw(st.sampled_from(Format)),
    )
    # One number draws the campaigns: a thousand draws are more than an example may hold.
    chance = random.Random(draw(st.integers(0, 2**32 - 1)))  # noqa: S311 - tests repeat
    unitids = engine.catalog.unitid.tolist()
    chance.shuffle(unitids)
    offers: list[CampaignOffer] = []
    while unitids:
        count, price = chance.randint(1, 25), chance.randint(50, 20_000)
        offers.append(an_offer(len(offers), unitids[:count], price_minor=price))
        unitids = unitids[count:]
    return answers, tuple(offers)
