"""Consent texts: what they must say, and what their ids are bound to."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from models.domain.consent import (
    Channel,
    Seller,
    acceptable_texts,
    consent_text,
    holding,
)
from models.domain.consent_texts import LOCALES, VERSIONS, Version, since

SELLER = Seller(194240, "Orange College")
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("channel", "locale", "jurisdiction"), list(product(Channel, LOCALES, ("US-NY", "CA-ON")))
)
def test_every_text_names_its_seller_and_is_no_condition(
    channel: Channel, locale: str, jurisdiction: str
) -> None:
    text = consent_text(SELLER, channel, locale, jurisdiction).text
    assert SELLER.name in text
    assert "{" not in text
    no_condition = ("not a condition", "no es una condición", "n'est pas une condition")
    assert any(words in text.lower() for words in no_condition)


def test_a_texts_id_is_bound_to_all_that_was_agreed_to() -> None:
    base = consent_text(SELLER, Channel.CALL, "en", "US-NY")
    others = [
        consent_text(Seller(1, SELLER.name), Channel.CALL, "en", "US-NY"),
        consent_text(Seller(SELLER.unitid, "Other"), Channel.CALL, "en", "US-NY"),
        consent_text(SELLER, Channel.TEXT, "en", "US-NY"),
        consent_text(SELLER, Channel.CALL, "es", "US-NY"),
        consent_text(SELLER, Channel.CALL, "en", "US-NJ"),
        consent_text(SELLER, Channel.CALL, "en", "CA-ON"),
        consent_text(SELLER, Channel.CALL, "en", "US-NY", Version("2", AT, VERSIONS[-1].texts)),
    ]
    assert len({base.text_id, *(other.text_id for other in others)}) == 8
    assert base.text_id == consent_text(SELLER, Channel.CALL, "en", "US-NY").text_id


def test_canada_has_texts_of_its_own() -> None:
    for channel, locale in product(Channel, LOCALES):
        us = consent_text(SELLER, channel, locale, "US-NY").text
        assert us != consent_text(SELLER, channel, locale, "CA-ON").text


def test_a_text_offered_with_a_slate_holds_for_a_day_and_then_only_the_newest() -> None:
    old, newer = Version("old", AT - timedelta(days=9), {}), Version("new", AT, {})
    offered = AT - timedelta(minutes=1)
    assert holding((old, newer), offered, offered + timedelta(hours=24)) == (old, newer)
    assert holding((old, newer), offered, offered + timedelta(hours=24, seconds=1)) == (newer,)
    texts = acceptable_texts(SELLER, Channel.EMAIL, "US-NY", AT, AT)
    assert {text.locale for text in texts.values()} == set(LOCALES)


def test_versions_in_force_since_a_moment() -> None:
    old, mid, new = (Version(str(n), AT + timedelta(days=n), {}) for n in range(3))
    every = (old, mid, new)
    assert since(AT + timedelta(days=1), every) == (mid, new)
    assert since(AT + timedelta(days=9), every) == (new,)
    assert since(AT - timedelta(days=9), every) == every
