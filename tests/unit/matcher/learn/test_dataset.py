"""Examples come from organic places, as they were kept; what does not fit is counted aside."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from matcher.features.declared import FEATURES, declarations_hash
from matcher.learn.dataset import Dataset, UnusableLogError, build_dataset
from models.domain.slates import EventKind
from models.domain.training_log import LoggedEvent, LoggedPage

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CODES = [1] * len(FEATURES)
SEEN, CLICK, REQUEST = EventKind.IMPRESSION, EventKind.CLICK, EventKind.REQUEST


def a_listing(position: int, **changes: Any) -> dict[str, Any]:
    listing = {
        "position": position,
        "organic_position": position,
        "program_id": f"prog_{position}",
        "campaign_version_id": None,
        "score": 10,
        "codes": CODES,
        "propensity": 1.0,
        "request": "here",
    }
    return {**listing, **changes}


def a_page(slate: int, *listings: dict[str, Any], **changes: Any) -> LoggedPage:
    page = LoggedPage(UUID(int=slate), NOW, False, "c", "r", 1, listings)
    return replace(page, **changes)


def events(slate: int, **kinds: Iterable[int]) -> list[LoggedEvent]:
    return [
        LoggedEvent(UUID(int=slate), EventKind(kind), position)
        for kind, positions in kinds.items()
        for position in positions
    ]


def build(pages: Iterable[LoggedPage], happened: Iterable[LoggedEvent] = ()) -> Dataset:
    return build_dataset(pages, happened, {"r": declarations_hash(), "old": "other"})


def test_sponsored_places_teach_nothing() -> None:
    """Invariant 1: the organic ranker learns from organic places only."""
    paid = a_listing(2, campaign_version_id="c1", codes=[2] * len(FEATURES))
    data = build(
        [a_page(1, a_listing(1), paid, a_listing(3))],
        events(1, impression=(1, 2, 3), click=(2,), request=(2,)),
    )
    assert data.examples.codes.tolist() == [CODES, CODES]
    assert not data.examples.clicked.any()
    assert data.counts["sponsored_places_left_out"] == 1
    # What it costs to be asked may learn from it.
    assert (data.requests, data.accepted) == (1, 0)


def test_an_acceptance_is_no_label() -> None:
    """Invariant 1: acceptances train pricing only."""
    page = a_page(1, a_listing(1), a_listing(2))
    without = build([page], events(1, impression=(1, 2), click=(1,), request=(1,)))
    accepted = build([page], events(1, impression=(1, 2), click=(1,), request=(1,), accepted=(1,)))
    assert (accepted.accepted, without.accepted) == (1, 0)
    for name in accepted.examples.__slots__:
        ours, theirs = getattr(accepted.examples, name), getattr(without.examples, name)
        assert (ours == theirs).all(), name


def test_codes_are_those_kept_at_serving_time() -> None:
    """Invariant 9: nothing is computed again, no catalog is opened."""
    kept = [feature.size - 1 for feature in FEATURES]
    data = build([a_page(1, a_listing(1, codes=kept))])
    assert data.examples.codes.tolist() == [kept]


def test_what_was_not_on_the_screen_is_no_example() -> None:
    data = build(
        [a_page(1, *map(a_listing, range(1, 6)))], events(1, impression=(1, 2), click=(2,))
    )
    assert data.examples.bucket.tolist() == [0, 1]
    assert data.examples.clicked.tolist() == [False, True]


def test_a_page_that_tells_no_impressions_was_seen_and_has_places_of_its_own() -> None:
    data = build([a_page(1, a_listing(1), a_listing(21))], events(1, click=(21,)))
    assert data.examples.bucket.tolist() == [20, 20]
    assert data.examples.clicked.tolist() == [False, True]


def test_a_request_counts_as_a_click_and_says_that_it_could_be_made() -> None:
    data = build(
        [a_page(1, a_listing(1, request="school_site"), a_listing(2, request="none"))],
        events(1, request=(1,)),
    )
    assert data.examples.clicked.tolist() == data.examples.could_ask.tolist() == [True, False]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"codes": CODES[:-1]}, "codes_missing"),
        ({"codes": None}, "codes_missing"),
        ({"codes": [*CODES[:-1], 99]}, "codes_out_of_range"),
        ({"codes": [*CODES[:-1], -1]}, "codes_out_of_range"),
        ({"propensity": 0.0}, "propensity_out_of_range"),
        ({"propensity": 1.5}, "propensity_out_of_range"),
        ({"propensity": None}, "propensity_out_of_range"),
    ],
)
def test_what_does_not_fit_is_set_aside_with_its_reason(
    changes: dict[str, Any], reason: str
) -> None:
    good = [a_listing(position) for position in range(2, 12)]
    data = build([a_page(1, a_listing(1, **changes), *good)])
    assert data.set_aside == {reason: 1}
    assert len(data.examples) == 10


def test_events_that_belong_to_nothing_are_set_aside() -> None:
    pages = [a_page(1, *map(a_listing, range(1, 21)))]
    happened = [*events(1, impression=range(1, 11), click=(15,)), *events(2, click=(1,))]
    assert build(pages, happened).set_aside == {
        "click_or_request_without_impression": 1,
        "event_of_a_listing_not_served": 1,
    }


def test_a_spoiled_log_is_refused_and_says_what_is_wrong() -> None:
    stale = a_page(2, *map(a_listing, range(1, 21)), ranker_version="old")
    with pytest.raises(UnusableLogError, match=r"20 of 40 rows.*20 other_features"):
        build([a_page(1, *map(a_listing, range(1, 21))), stale])


def test_an_empty_log_is_refused() -> None:
    with pytest.raises(UnusableLogError, match="Nobody has searched yet"):
        build([])


def test_one_simulated_search_is_counted() -> None:
    later = NOW + timedelta(days=1)
    data = build(
        [a_page(1, a_listing(1)), a_page(2, a_listing(1), simulated=True, created_at=later)]
    )
    assert (data.simulated, len(data.slates)) == (1, 2)
    assert (data.first, data.last) == (NOW, later)


def test_the_fingerprint_follows_the_log() -> None:
    page = a_page(1, a_listing(1), a_listing(2))
    assert build([page]).fingerprint == build([page]).fingerprint
    assert build([page]).fingerprint != build([page], events(1, click=(1,))).fingerprint
