"""A campaign that is full, over or out of its hours: what is told first, and what is taken."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from models.db.crypto import WrappedKey
from models.domain.campaign import CampaignStatus, Terms
from models.domain.caps import Caps
from models.domain.ids import Prefix, read
from tests.support.sponsors import prices, sponsor, unitid_of
from tests.support.world import World


@pytest.fixture
def found(world: World) -> Any:
    """A slate on which one school stands sponsored and takes no organic requests."""
    return sponsor(world, Caps(day=1), organic=False)


def paid(found: Any) -> Any:
    [one] = [each for each in found["results"] if each["sponsored"]]
    return one


def shut(found: Any, reason: str) -> list[dict[str, str]]:
    return [{"school_id": paid(found)["school"]["id"], "reason": reason}]


def change(world: World, caps: Caps | None = None, **schedule: Any) -> None:
    """Give the one campaign a new version, with other caps or another schedule."""
    now = world.clock.now()
    with world.work() as work:
        [campaign] = work.campaigns.all()
        old = campaign.current.settings
        settings = dataclasses.replace(
            old, caps=caps or old.caps, schedule=dataclasses.replace(old.schedule, **schedule)
        )
        work.campaigns.change(campaign, Terms(4000, "USD", settings), by="test", now=now)


def not_in_its_hours(world: World) -> Mapping[str, Any]:
    """Days of the week that leave out yesterday, today and tomorrow, wherever it is now."""
    today = world.clock.now().weekday()
    return {"weekdays": tuple(day for day in range(7) if (day - today) % 7 in {3, 4})}


def told(world: World, found: Any) -> Any:
    """The form of the sponsored listing, by what serves now."""
    world.serving.poll()
    return told_of(world, found, paid(found)["listing_id"])


def told_of(world: World, found: Any, listing_id: str) -> Any:
    form = world.client.get(
        "/api/v1/request-form",
        query_string={"slate_id": found["slate_id"], "listing_ids": listing_id},
    )
    assert form.status_code == 200, form.text
    return form.json


@pytest.mark.parametrize("hours", [{"ends_at": -1}, {"starts_at": 1}])
def test_a_campaign_outside_its_dates_takes_and_charges_nothing(
    world: World, found: Any, hours: Mapping[str, int]
) -> None:
    """Invariant 6: a place is taken only while the campaign runs, whatever was shown before."""
    body = world.body(found, paid(found))
    schedule: dict[str, Any] = {
        name: world.clock.now() + timedelta(hours=n) for name, n in hours.items()
    }
    change(world, **schedule)
    sent = world.send(body)
    assert sent.status_code == 202
    assert sent.json["leads"] == []
    assert sent.json["not_taken"] == shut(found, "closed")
    assert [world.count(table) for table in ("lead", "cap_ledger", "delivery")] == [0, 0, 0]
    form = told(world, found)
    assert form["consents"] == []
    assert form["not_taken"] == sent.json["not_taken"]


def test_what_was_shown_in_a_campaigns_hours_is_taken_after_them(world: World, found: Any) -> None:
    change(world, **not_in_its_hours(world))
    form = told(world, found)
    assert form["not_taken"] == []
    assert form["consents"], "it has room: saying it were full would not be true"
    assert world.send(world.body(found, paid(found))).json["leads"]
    assert prices(world) == [5000], "by the version it was shown under"


def test_a_campaign_that_was_edited_still_says_that_it_is_full(world: World, found: Any) -> None:
    """Invariant 6: a school that is full is told before consent, whatever version was shown."""
    assert world.send(world.body(found, paid(found))).json["leads"]
    change(world)
    form = told(world, found)
    assert form["consents"] == []
    assert form["not_taken"] == shut(found, "full")
    change(world, Caps(day=2))
    assert told(world, found)["not_taken"] == []


def test_a_paused_campaign_is_closed_and_not_full(world: World, found: Any) -> None:
    with world.work() as work:
        [campaign] = work.campaigns.all()
        work.campaigns.set_status(campaign, CampaignStatus.PAUSED)
    form = told(world, found)
    assert form["consents"] == []
    assert form["not_taken"] == shut(found, "closed")
    body = {
        "slate_id": found["slate_id"],
        "listing_ids": [paid(found)["listing_id"]],
        "student": {
            "first_name": "Zoë",
            "last_name": "Example",
            "email": "zoe@example.com",
            "age_18_or_over": True,
        },
        "consents": [],
    }
    sent = world.send(body)
    assert sent.json["not_taken"] == form["not_taken"]
    assert world.count("lead") == 0


def test_a_number_for_a_school_that_turns_out_full_is_not_kept(world: World) -> None:
    """Invariant 11: only what somebody was allowed to use stays, decided when places are taken."""
    results = world.search()["results"]
    world.takes_requests(unitid_of(results[0]))
    found = sponsor(world, Caps(day=1), organic=False)
    by_mail = next(one for one in found["results"] if unitid_of(one) == unitid_of(results[0]))
    body = world.body(found, by_mail, paid(found))
    form = told_of(world, found, paid(found)["listing_id"])
    [call] = [each for each in form["consents"] if each["channel"] == "call"]
    body["consents"] = [
        each for each in body["consents"] if each["school_id"] == by_mail["school"]["id"]
    ] + [{name: call[name] for name in ("school_id", "channel", "text_id")}]
    body["student"]["phone"] = "404 555 0123"
    first = world.send(body).json
    second = world.send(body).json
    assert [len(sent["leads"]) for sent in (first, second)] == [2, 1]
    phones = {sent["request_id"]: kept_phone(world, sent["request_id"]) for sent in (first, second)}
    assert phones == {
        first["request_id"]: ("+14045550123", True),
        second["request_id"]: (None, False),
    }


def kept_phone(world: World, request_id: str) -> tuple[str | None, bool]:
    """The number as sealed, and whether it can be searched for."""
    identifier = read(Prefix.REQUEST, request_id)
    rows = world.rows(
        "SELECT r.id, r.student, r.phone_index, p.person_id, p.master_key_id, p.wrapped "
        "FROM request r JOIN person_key p USING (person_id)"
    )
    [row] = [each for each in rows if each.id == identifier]
    key = world.keyring.unwrap(WrappedKey(row.master_key_id, bytes(row.wrapped)), row.person_id)
    student = json.loads(key.open(bytes(row.student), "request", "student", row.id))
    return student["phone"], row.phone_index is not None
