"""What was changed: seen in the rooms, compared, and taken back as a change of its own."""

from dataclasses import replace

import pytest

from models.domain.campaign import CampaignSettings, CampaignStatus, Terms
from models.domain.destination import DestinationStatus
from models.domain.history import Change
from models.domain.ids import Prefix, show
from models.domain.intake import Intake, Routing
from models.domain.organization import Actor, ActorKind
from models.domain.question import OwnQuestion, QuestionKind
from tests.support.browser import PlainBrowser
from tests.support.leads import NOW, SIGNING_KEY
from tests.support.staff import Person, Rooms, room

NEW_KEY = "whsec_AAAQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def here(rooms: Rooms, admin_a: Person) -> PlainBrowser:
    return rooms.log_in(admin_a)


def newest(rooms: Rooms) -> Change:
    with rooms.unit_of_work() as work:
        return work.history.page(rooms.schools["A"].organization_id, most=1)[0]


def open_newest(rooms: Rooms, here: PlainBrowser) -> None:
    found = show(Prefix.CHANGE, newest(rooms).id)
    here.open(room(rooms.schools["A"], f"history/{found}"))


def set_up(rooms: Rooms, url: str, keys: list[str], actor: Actor) -> None:
    with rooms.unit_of_work() as work:
        which = rooms.schools["A"].destination_id
        secrets = {"signing_keys": keys}
        work.destinations.change(which, {"url": url}, secrets, by="test", now=NOW)
        work.organizations.record_audit(actor, "destination.set", "x", {}, NOW)


def test_a_change_of_a_destination_is_compared_and_taken_back_with_its_secrets(
    rooms: Rooms, here: PlainBrowser, admin_a: Person
) -> None:
    staff = Actor(ActorKind.STAFF, show(Prefix.STAFF, admin_a.staff.id))
    set_up(rooms, "https://new.example/hook", [NEW_KEY], staff)
    here.open(room(rooms.schools["A"], "history"))
    assert "2 values changed" in here.text
    open_newest(rooms, here)
    cells = [cell.text for cell in here.page.one("tbody").all("td")]
    assert cells == ["https://A.example/hook", "https://new.example/hook"]
    assert admin_a.email in here.text
    assert "signing keys" in here.text
    assert NEW_KEY not in here.reply.body
    here.press("Take it back")
    assert "It is taken back." in here.text
    assert "Takes an earlier change back" in here.text
    with rooms.unit_of_work() as work:
        config = work.destinations.for_delivery(rooms.schools["A"].destination_id)
        found = work.destinations.get(rooms.schools["A"].destination_id)
    assert (config.settings, config.secrets) == (
        {"url": "https://A.example/hook"},
        {"signing_keys": [SIGNING_KEY]},
    )
    assert (found.version, found.tested_at) == (3, None)
    assert newest(rooms).actor == staff
    [row] = [each for each in rooms.rows("audit") if each.action == "configuration.take_back"]
    assert row.detail["change"].startswith("chg_")


def test_what_cannot_work_any_more_is_not_taken_back(rooms: Rooms, here: PlainBrowser) -> None:
    which = rooms.schools["A"].destination_id
    with rooms.unit_of_work() as work:
        work.destinations.set_status(which, DestinationStatus.PAUSED)
    open_newest(rooms, here)
    set_up(rooms, "https://new.example/hook", [NEW_KEY], Actor(ActorKind.COMMAND, "root"))
    before = len(rooms.rows("configuration_change"))
    here.press("Take it back")
    assert "No test has reached this destination" in here.text
    assert len(rooms.rows("configuration_change")) == before
    assert "An operator, by command" in here.text
    with rooms.unit_of_work() as work:
        assert work.destinations.get(which).status is DestinationStatus.PAUSED


def test_what_was_made_has_nothing_to_go_back_to(rooms: Rooms, here: PlainBrowser) -> None:
    open_newest(rooms, here)
    assert "Was set up" in here.text
    assert here.page.all("form", action=f"{here.address}/back") == []


def test_a_schools_intake_and_a_campaigns_terms_go_back_and_the_rest_stays(
    rooms: Rooms, here: PlainBrowser
) -> None:
    school = rooms.schools["A"]
    terms = Terms(1000, "USD", CampaignSettings((school.unitid,), cips=("51.07",)))
    question = OwnQuestion("gpa", "Your average?", QuestionKind.TEXT)
    with rooms.unit_of_work() as work:
        campaign = work.campaigns.create(school.organization_id, "C", terms, by="t", now=NOW)
        work.destinations.set_intake(school.unitid, Intake(questions=(question,)))
    with rooms.unit_of_work() as work:
        found = work.campaigns.get(campaign)
        work.campaigns.change(found, replace(terms, price_minor=2000), by="t", now=NOW)
    priced = newest(rooms)
    with rooms.unit_of_work() as work:
        found = work.campaigns.get(campaign)
        wider = CampaignSettings((school.unitid,), cips=("51.07", "52.02"))
        work.campaigns.change(found, Terms(2000, "USD", wider), by="t", now=NOW)
        intake = work.destinations.intake(school.unitid)
        work.destinations.set_intake(school.unitid, replace(intake, routing=Routing.FIRST))
    with rooms.unit_of_work() as work:
        work.destinations.set_intake(school.unitid, Intake(routing=Routing.FIRST))
    open_newest(rooms, here)
    here.press("Take it back")
    here.open(room(school, f"history/{show(Prefix.CHANGE, priced.id)}"))
    here.press("Take it back")
    with rooms.unit_of_work() as work:
        assert work.destinations.intake(school.unitid) == Intake(
            Routing.FIRST, questions=(question,)
        )
        now = work.campaigns.get(campaign).current
    assert (now.price_minor, now.settings.cips) == (1000, ("51.07", "52.02"))


def test_a_member_reads_and_another_organization_sees_nothing(
    rooms: Rooms, member_a: Person, member_b: Person
) -> None:
    own, other = rooms.log_in(member_a), rooms.log_in(member_b)
    with rooms.unit_of_work() as work:
        work.destinations.set_status(rooms.schools["A"].destination_id, DestinationStatus.PAUSED)
    open_newest(rooms, own)
    assert own.reply.status == 200
    assert "Take it back" not in own.text
    found = show(Prefix.CHANGE, newest(rooms).id)
    shown = show(Prefix.DESTINATION, rooms.schools["A"].destination_id)
    for path, status in ((f"history/{found}", 404), (f"history?before={found}", 200)):
        other.open(room(rooms.schools["B"], path))
        assert other.reply.status == status
        assert shown not in other.reply.body
    other.open(room(rooms.schools["B"], f"history?subject={shown}"))
    assert other.page.all("li", class_="panel") == []


def test_what_is_agreed_with_the_operator_is_not_taken_back_by_a_school(
    rooms: Rooms, here: PlainBrowser
) -> None:
    school = rooms.schools["A"]
    terms = Terms(1000, "USD", CampaignSettings((school.unitid,)))
    with rooms.unit_of_work() as work:
        campaign = work.campaigns.create(school.organization_id, "C", terms, by="t", now=NOW)
    strict = replace(terms.settings, return_quota_percent=10, reserve_minor=500)
    with rooms.unit_of_work() as work:
        found = work.campaigns.get(campaign)
        work.campaigns.change(found, replace(terms, settings=strict), by="t", now=NOW)
    open_newest(rooms, here)
    here.press("Take it back")
    assert "agreed with the operator" in here.text
    with rooms.unit_of_work() as work:
        assert work.campaigns.get(campaign).current.settings == strict


def test_nothing_of_a_campaign_that_has_ended_is_taken_back(
    rooms: Rooms, here: PlainBrowser
) -> None:
    school = rooms.schools["A"]
    terms = Terms(1000, "USD", CampaignSettings((school.unitid,)))
    with rooms.unit_of_work() as work:
        campaign = work.campaigns.create(school.organization_id, "C", terms, by="t", now=NOW)
    with rooms.unit_of_work() as work:
        found = work.campaigns.get(campaign)
        work.campaigns.change(found, replace(terms, price_minor=2000), by="t", now=NOW)
    priced = newest(rooms)
    with rooms.unit_of_work() as work:
        work.campaigns.set_status(work.campaigns.get(campaign), CampaignStatus.ENDED)
    here.open(room(school, f"history/{show(Prefix.CHANGE, priced.id)}"))
    here.press("Take it back")
    assert "This campaign has ended" in here.text
    with rooms.unit_of_work() as work:
        assert work.campaigns.get(campaign).current.price_minor == 2000


def test_what_others_asked_since_is_not_lost_by_taking_an_earlier_change_back(
    rooms: Rooms, here: PlainBrowser
) -> None:
    school = rooms.schools["A"]
    questions = tuple(
        OwnQuestion(name, f"Your {name}?", QuestionKind.TEXT) for name in ("gpa", "start", "city")
    )
    for asked in (questions[:1], questions[1:2], questions[1:]):
        with rooms.unit_of_work() as work:
            work.destinations.set_intake(school.unitid, Intake(questions=asked))
    with rooms.unit_of_work() as work:
        _, second, _ = work.history.page(school.organization_id, most=3)
    here.open(room(school, f"history/{show(Prefix.CHANGE, second.id)}"))
    here.press("Take it back")
    assert "Somebody changed questions again since" in here.text
    with rooms.unit_of_work() as work:
        assert work.destinations.intake(school.unitid).questions == questions[1:]


def test_a_destination_that_was_removed_is_gone_from_every_page_and_does_not_come_back(
    rooms: Rooms, here: PlainBrowser
) -> None:
    school = rooms.schools["A"]
    shown = show(Prefix.DESTINATION, school.destination_id)
    set_up(rooms, "https://new.example/hook", [NEW_KEY], Actor(ActorKind.COMMAND, "root"))
    changed = newest(rooms)
    rooms.leads.run("UPDATE destination_state SET failing_since = now()")
    here.open(room(school, "today"))
    assert "No test" in here.text
    with rooms.unit_of_work() as work:
        work.destinations.set_status(school.destination_id, DestinationStatus.PAUSED)
        work.destinations.set_status(school.destination_id, DestinationStatus.REMOVED)
    here.open(room(school, f"history/{show(Prefix.CHANGE, changed.id)}"))
    here.press("Take it back")
    assert "This destination was removed" in here.text
    with rooms.unit_of_work() as work:
        assert work.destinations.for_delivery(school.destination_id).settings["url"] == (
            "https://new.example/hook"
        )
        [state] = [
            one for one in work.office.organizations(NOW) if one.id == school.organization_id
        ]
    assert state.failing == 0
    for path in ("today", "documentation"):
        here.open(room(school, path))
        assert shown not in here.reply.body
        assert "CRM" not in here.text, path
