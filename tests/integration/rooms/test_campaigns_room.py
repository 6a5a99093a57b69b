"""A school's campaigns in its room: made, previewed, changed, begun, paused and ended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from matcher.match import Engine
from models.domain.campaign import CampaignSettings, CampaignStatus, Terms
from models.domain.campaign_changes import apply_changes
from models.domain.campaign_form import OWN_FIELDS, as_typed, with_offsets
from models.domain.caps import Caps
from models.domain.ids import Prefix, show
from models.domain.levels import EducationLevel
from models.domain.matching import Answers
from models.domain.schedule import Schedule
from models.domain.slates import PageRecord
from tests.support.browser import PlainBrowser
from tests.support.catalogs import a_slate
from tests.support.staff import Person, Rooms, room


@pytest.fixture
def own(rooms: Rooms, small: Engine) -> tuple[int, int]:
    """Two schools of the catalog that A owns."""
    unitids = sorted(small.catalog.unitid.tolist())[:2]
    with rooms.unit_of_work() as work:
        for unitid in unitids:
            work.organizations.claim_school(
                rooms.schools["A"].organization_id,
                unitid,
                takes_organic=True,
                now=rooms.clock.now(),
            )
    return (unitids[0], unitids[1])


@pytest.fixture
def here(rooms: Rooms, admin_a: Person) -> PlainBrowser:
    return rooms.log_in(admin_a)


def first(rooms: Rooms) -> tuple[UUID, Terms, CampaignStatus]:
    with rooms.unit_of_work() as work:
        [(found, _)] = work.campaigns.uses(rooms.clock.now(), rooms.schools["A"].organization_id)
    return found.id, found.current.terms, found.status


def test_an_admin_makes_begins_changes_pauses_and_ends_a_campaign(
    rooms: Rooms, here: PlainBrowser, own: tuple[int, int]
) -> None:
    here.open(room(rooms.schools["A"], "campaigns"))
    assert "You cannot buy a rank" in here.text
    here.follow("New campaign")
    here.fill("Price of a lead", "free")
    here.press("Save")
    assert here.reply.status == 422
    assert "“free” is not a price" in here.page.one("span", id="price-error").text
    assert "Fill this in" in here.page.one("span", id="name-error").text
    assert rooms.rows("campaign") == []
    here.fill("Name", "Spring")
    here.fill("Price of a lead", "42.50")
    here.fill("A day", "20")
    here.fill("Starts", "2026-12-01 09:00")
    here.press("Save")
    assert "The campaign is kept as a draft" in here.text
    made, terms, status = first(rooms)
    assert status is CampaignStatus.DRAFT
    assert (terms.price_minor, terms.settings.caps) == (4250, Caps(day=20))
    assert set(own) < set(terms.settings.unitids)  # and the school that it has anyway
    # Nine o'clock in New York.
    assert terms.settings.schedule.starts_at == datetime(2026, 12, 1, 14, tzinfo=UTC)
    here.press("Begin")
    assert "Waits for its start" in here.text
    assert "Leads today: 0 of 20" in here.text
    here.fill("Starts", "")
    here.fill("Price of a lead", "45")
    here.press("Save")
    assert "Version 2" in here.text
    assert first(rooms)[1].price_minor == 4500
    assert first(rooms)[1].settings.schedule.starts_at is None
    here.press("Save")
    assert "Nothing was different" in here.text
    assert len(rooms.rows("campaign_version")) == 2
    for button, expected in (
        ("Pause", CampaignStatus.PAUSED),
        ("Resume", CampaignStatus.ACTIVE),
        ("End it for good", CampaignStatus.ENDED),
    ):
        here.press(button)
        assert first(rooms)[2] is expected
    assert "Save" not in [button.text for button in here.page.all("button")]
    done = [row.action for row in rooms.rows("audit") if row.subject == show(Prefix.CAMPAIGN, made)]
    assert sorted(done) == ["campaign.create", "campaign.set", *["campaign.status"] * 4]
    changes = [row for row in rooms.rows("configuration_change") if row.kind == "campaign"]
    assert len(changes) == len(done)


def test_what_changed_meanwhile_and_what_is_anothers_is_refused(
    rooms: Rooms, here: PlainBrowser, own: tuple[int, int]
) -> None:
    school = rooms.schools["A"]
    terms = Terms(1000, "USD", CampaignSettings((own[0],), return_window_days=7))
    with rooms.unit_of_work() as work:
        made = work.campaigns.create(
            school.organization_id, "C", terms, by="t", now=rooms.clock.now()
        )
    here.open(room(school, f"campaigns/{show(Prefix.CAMPAIGN, made)}"))
    assert "within 7 days" in here.text
    with rooms.unit_of_work() as work:
        dearer = replace(terms, price_minor=2000)
        work.campaigns.change(work.campaigns.get(made), dearer, by="t", now=rooms.clock.now())
    here.fill("Price of a lead", "5")
    here.press("Preview: whom it would have met")
    here.press("Save")
    assert here.reply.status == 409
    assert "Somebody else changed this meanwhile" in here.text
    assert first(rooms)[1].price_minor == 2000
    assert here.page.one("input", id="price")["value"] == "5", "what was typed stays"
    # A form that was tampered with: a school of B, terms that are not a school's to set.
    token = here.page.all("input", name="csrf_token")[0]["value"]
    answer = rooms.client.post(
        room(school, f"campaigns/{show(Prefix.CAMPAIGN, made)}"),
        data={
            **as_typed(dearer),
            "csrf_token": token,
            "version": "2",
            "action": "save",
            "unitids": str(rooms.schools["B"].unitid),
            "return_window_days": "90",
            "reserve": "1",
        },
        headers={"Cookie": "; ".join(f"{k}={v}" for k, v in here.cookies.items())},
    )
    assert answer.status_code == 422
    assert "Choose among your own listings" in answer.text
    assert first(rooms)[1].settings == terms.settings


def test_a_member_reads_and_does_not_change(
    rooms: Rooms, member_a: Person, own: tuple[int, int]
) -> None:
    school = rooms.schools["A"]
    settings = CampaignSettings((own[0],), states=("NY",), caps=Caps(day=2, day_budget=2000))
    with rooms.unit_of_work() as work:
        made = work.campaigns.create(
            school.organization_id, "C", Terms(1000, "USD", settings), by="t", now=rooms.clock.now()
        )
        work.campaigns.set_status(work.campaigns.get(made), CampaignStatus.ACTIVE)
    rooms.leads.run("INSERT INTO cap_window VALUES (:c, 'day', '2026-11-22', 2, 2)", c=made)
    reader = rooms.log_in(member_a)
    reader.open(room(school, "campaigns"))
    assert "Full: a cap or budget is used up" in reader.text
    assert "Leads today: 2 of 2 Nearly full" in reader.text
    assert "Money today: 0.00 USD of 20.00 USD" in reader.text
    assert reader.page.one("progress", id=f"use-{show(Prefix.CAMPAIGN, made)}-day")["value"] == "2"
    reader.follow("Look C")
    assert "NY" in reader.page.with_text("dl", "State or province").text
    assert reader.page.one("main").all("form", method="post")[1:] == []  # but to log out


def keep_searches(rooms: Rooms, engine: Engine, state: str, count: int, shown: int) -> None:
    """Keep searches from a state, some of which showed a program of the first school."""
    catalog = engine.catalog
    row = next(r for r in range(len(catalog.school)) if catalog.school[r] == 0)
    from matcher.describe import program

    listing = {"program_id": program(catalog, row).id}
    answers = Answers(EducationLevel.HIGH_SCHOOL, region=state)
    kept = []
    for number in range(count):
        at = rooms.clock.now() - timedelta(days=1, seconds=number)
        slate = replace(
            a_slate(engine, answers),
            id=UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | number),
            search_id=UUID(int=number + 1),
            created_at=at,
        )
        listings = (listing,) if number < shown else ()
        kept.append((slate, PageRecord(1, listings, 0.0, demonstration=False)))
    with rooms.unit_of_work() as work:
        work.slates.add(kept)


def test_a_preview_counts_in_tens_hides_what_is_few_and_keeps_nothing(
    rooms: Rooms, here: PlainBrowser, own: tuple[int, int], small: Engine
) -> None:
    assert own[0] == small.catalog.unitid[0]
    here.open(room(rooms.schools["A"], "campaigns/new"))
    here.press("Preview: whom it would have met")
    assert "too few to tell" in here.text
    keep_searches(rooms, small, "NY", 34, 12)
    here.press("Preview: whom it would have met")
    panel = here.page.with_text("section", "Whom it would have met").text
    assert "Of 30 searches looked at" in panel
    assert "30 could have shown this campaign" in panel
    assert "10 of those showed its programs" in panel
    here.choose("New Jersey")
    here.press("Preview: whom it would have met")
    panel = here.page.with_text("section", "Whom it would have met").text
    assert "fewer than 10 could have shown this campaign" in panel
    assert rooms.rows("campaign") == []


def test_a_form_says_what_holds_and_reading_it_back_changes_nothing() -> None:
    terms = Terms(
        4250,
        "CAD",
        CampaignSettings(
            (100001,),
            cips=("51.07",),
            states=("NY", "ON"),
            caps=Caps(day=3, total_budget=100_000),
            zone="America/Toronto",
            schedule=Schedule(ends_at=datetime(2026, 12, 31, 5, tzinfo=UTC), weekdays=(0, 4)),
        ),
    )
    typed = as_typed(terms)
    assert set(typed) == set(OWN_FIELDS)
    empty = Terms(0, "USD", CampaignSettings(()))
    assert apply_changes(empty, with_offsets(typed), {"NY", "ON"}) == terms
