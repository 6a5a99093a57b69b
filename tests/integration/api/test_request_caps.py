"""Requests to schools that pay: caps are exact, and one lead is charged once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from models.domain.caps import Caps
from tests.support.sponsors import prices, sponsor, unitid_of
from tests.support.world import World


@pytest.mark.parametrize(
    ("caps", "window"),
    [(Caps(day=5), ("day", 5, 5)), (Caps(day_budget=29_999), ("day_budget", 25_000, 29_999))],
)
def test_sixteen_writers_against_a_cap_of_five_take_exactly_five(
    world: World, caps: Caps, window: tuple[str, int, int]
) -> None:
    """Invariant 6: never more than the cap; whoever is not taken is told, and nothing is kept."""
    sponsored = sponsor(world, caps, organic=False)
    [one] = [each for each in sponsored["results"] if each["sponsored"]]
    body = world.body(sponsored, one)
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: world.send(body), range(16)))
    assert {answer.status_code for answer in answers} == {202}
    taken = [answer for answer in answers if answer.json["leads"]]
    full = [answer for answer in answers if answer.json["not_taken"]]
    assert (len(taken), len(full)) == (5, 11)
    assert full[0].json["not_taken"] == [{"school_id": one["school"]["id"], "reason": "full"}]
    assert [tuple(row) for row in world.rows("SELECT period, used, lim FROM cap_window")] == [
        window
    ]
    assert world.count("cap_ledger") == 5
    assert world.count("delivery") == 5
    assert {row.price_minor for row in world.rows("SELECT price_minor FROM lead")} == {5000}
    # Of the eleven nothing personal stays: no key, no hash of an address.
    kept = world.rows(
        "SELECT count(*) FILTER (WHERE p.wrapped IS NULL AND r.email_index = '') AS empty "
        "FROM request r JOIN person_key p USING (person_id)"
    )
    assert kept[0].empty == 11
    world.serving.poll()
    form = world.client.get(
        "/api/v1/request-form",
        query_string={
            "slate_id": sponsored["slate_id"],
            "listing_ids": one["listing_id"],
        },
    )
    assert form.json["not_taken"] == [{"school_id": one["school"]["id"], "reason": "full"}]
    assert form.json["consents"] == [], "told before any consent"


def test_two_campaigns_locked_in_one_order_never_wait_for_each_other(world: World) -> None:
    """Invariant 6, with requests that name the same two campaigns in both orders."""
    results = world.search()["results"]
    unitids = list(dict.fromkeys(unitid_of(one) for one in results[8:]))[:2]
    for unitid in unitids:
        organization = world.takes_requests(unitid, organic=False)
        world.sponsors(organization, unitid, Caps(hour=7, day=7, month=7), results[0]["program"])
    found = world.search()
    ticked = [one for one in found["results"] if one["sponsored"]]
    assert len(ticked) == 2
    bodies = [world.body(found, *ticked), world.body(found, *reversed(ticked))]
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda n: world.send(bodies[n % 2]), range(16)))
    assert {answer.status_code for answer in answers} == {202}
    used = {row.used for row in world.rows("SELECT used FROM cap_window")}
    assert used == {7}
    assert world.count("lead") == 14


def test_a_school_ticked_twice_is_one_lead_charged_once(world: World) -> None:
    found = sponsor(world, Caps(day=1), organic=True, listings=2, filters={"states": ["RI"]})
    [paid] = [one for one in found["results"] if one["sponsored"]]
    [organic] = [
        one
        for one in found["results"]
        if one["school"]["id"] == paid["school"]["id"] and not one["sponsored"]
    ][:1]
    both = world.send(world.body(found, paid, organic))
    assert len(both.json["leads"]) == 1
    assert world.count("lead_listing") == 2
    assert prices(world) == [5000]
    # The campaign is full now; what the school takes free it still takes, and is not charged.
    assert prices(world, world.send(world.body(found, organic))) == [5000, None]
    assert prices(world, world.send(world.body(found, paid, organic))) == [5000, None, None]
    full = world.send(world.body(found, paid))
    assert full.json["leads"] == []
    assert full.json["not_taken"][0]["reason"] == "full"
    assert world.count("cap_ledger") == 1
