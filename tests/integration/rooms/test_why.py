"""Why a school got a lead, or would get none: drawn again, and nothing of anybody else's told."""

import json
from dataclasses import replace
from uuid import UUID

import pytest

from matcher import match
from matcher.match import Engine
from models.domain.campaign import CampaignSettings, CampaignStatus, Terms
from models.domain.ids import Prefix, new_id, show
from models.domain.levels import EducationLevel
from models.domain.matching import Answers, CampaignOffer, Listing, Slate
from models.domain.slates import slate_document
from service.api.v1.schemas import SearchSchema
from service.steps.read_answers import read_answers
from tests.support.browser import PlainBrowser
from tests.support.leads import NOW, TestSchool
from tests.support.staff import Person, Rooms, room

ANSWERS = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940", fields=("51.07",))
SEARCH = "why?education_level=high_school&postal_code=10940&query=medical+coding"


def campaign(rooms: Rooms, school: TestSchool, name: str, price: int, **settings: object) -> UUID:
    terms = Terms(price, "USD", replace(CampaignSettings((school.unitid,)), **settings))  # type: ignore[arg-type]
    with rooms.unit_of_work() as work:
        made = work.campaigns.create(school.organization_id, name, terms, by="test", now=NOW)
        work.campaigns.set_status(work.campaigns.get(made), CampaignStatus.ACTIVE)
    return made


def offers(rooms: Rooms) -> tuple[CampaignOffer, ...]:
    with rooms.unit_of_work() as work:
        return work.campaigns.offers(NOW)


@pytest.fixture
def sold(rooms: Rooms, small: Engine) -> tuple[TestSchool, Slate, Listing]:
    """A slate of ANSWERS on which a campaign of ours stands, beside one of somebody else."""
    plain = make_slate(small, ())
    page = match.page(small, match.draw(small, plain), 1)
    unitids = list(dict.fromkeys(one.school.unitid for one in page.listings[5:]))
    ours = rooms.leads.school("https://ours.example/hook", unitid=unitids[0])
    theirs = rooms.leads.school("https://theirs.example/hook", unitid=unitids[1])
    campaign(rooms, ours, "Ours", 4_550)
    campaign(rooms, theirs, "Secret rivals", 9_876)
    slate = make_slate(small, offers(rooms))
    shown = match.page(small, match.draw(small, slate), 1).listings
    listing = next(one for one in shown if one.sponsored and one.school.unitid == ours.unitid)
    assert any(one.sponsored and one.school.unitid == theirs.unitid for one in shown)
    return ours, slate, listing


def make_slate(engine: Engine, stood: tuple[CampaignOffer, ...]) -> Slate:
    return Slate(
        id=new_id(NOW),
        search_id=new_id(NOW),
        created_at=NOW,
        answers=ANSWERS,
        locale="en",
        jurisdiction="US-NY",
        catalog_version="catalog-1",
        ranker_version="ranker-1",
        seed=1,
        offers=match.relevant_offers(engine, ANSWERS, stood),
    )


def enter(rooms: Rooms, school: TestSchool) -> PlainBrowser:
    return rooms.log_in(rooms.person("why@ours.example", school.organization_id))


def keep(rooms: Rooms, slate: Slate, lead: UUID, listing: Listing) -> None:
    document = json.dumps({"slate": slate_document(slate), "listings": []})
    rooms.leads.run(
        "UPDATE request SET slate = CAST(:slate AS jsonb) WHERE id = "
        "(SELECT request_id FROM lead WHERE id = :lead)",
        slate=document,
        lead=lead,
    )
    rooms.leads.run(
        "UPDATE lead_listing SET position = :at, organic_position = :was WHERE lead_id = :lead",
        at=listing.position,
        was=listing.organic_position,
        lead=lead,
    )


def test_a_lead_says_why_it_came_and_nothing_of_anybody_else(
    rooms: Rooms, sold: tuple[TestSchool, Slate, Listing], member_b: Person
) -> None:
    school, slate, listing = sold
    lead = rooms.leads.lead(school)
    keep(rooms, slate, lead, listing)
    unseen = campaign(rooms, school, "Far away", 5_000, states=("CA",))
    asleep = campaign(rooms, school, "Asleep", 5_000)
    assert unseen != asleep
    here = enter(rooms, school)
    here.open(room(school, f"leads/{show(Prefix.LEAD, lead)}"))
    here.follow("Why did we get this lead?")
    assert (
        f"{listing.position} as shown, {listing.organic_position} without any campaign" in here.text
    )
    assert "45.50 USD" in here.text
    assert "Ours : It put a listing there." in here.text
    assert "Far away : It does not want students of this state" in here.text
    assert "Asleep : It did not compete" in here.text
    assert "2 listings of the first page are sponsored" in here.text
    rows = [row.text for row in here.page.all("tr")]
    assert any(f" {listing.position} {listing.organic_position} Sponsored" in row for row in rows)
    for hidden in ("Secret", "9,876", "98.76", "9876", "zoe@"):
        assert hidden not in here.reply.body
    for other in slate.offers:
        if other.organization_id != school.organization_id:
            assert other.version_id.hex not in here.reply.body.replace("-", "")
    rooms.leads.run("UPDATE request SET slate = slate #- '{slate,catalog_version}'")
    here.reload()
    assert "cannot be drawn again" in here.text
    stranger = rooms.log_in(member_b)
    stranger.open(room(rooms.schools["B"], f"leads/{show(Prefix.LEAD, lead)}/why"))
    assert stranger.reply.status == 404


def test_a_sample_search_says_where_each_program_would_stand_and_what_keeps_others_out(
    rooms: Rooms, sold: tuple[TestSchool, Slate, Listing], small: Engine
) -> None:
    school, _, _ = sold
    draft = campaign(rooms, school, "Idle", 5_000)
    with rooms.unit_of_work() as work:
        work.campaigns.set_status(work.campaigns.get(draft), CampaignStatus.PAUSED)
    here = enter(rooms, school)
    before = len(rooms.rows("search")), len(rooms.rows("slate"))
    here.open(room(school, SEARCH))
    assert here.reply.status == 200
    assert "Idle : It is paused." in here.text
    assert "Ours : It did not compete" in here.text  # the tests' server serves no campaign
    asked = {"education_level": "high_school", "postal_code": "10940", "query": "medical coding"}
    services = rooms.app.extensions["schoolmatch"]
    answers, _ = read_answers(SearchSchema().load(asked), services.fields, small.places)
    slate = replace(make_slate(small, ()), answers=answers)
    page = match.page(small, match.draw(small, slate), 1)
    mine = [one for one in page.listings if one.school.unitid == school.unitid]
    places = [row.all("td")[0].text for row in here.page.one("tbody").all("tr")]
    assert [str(one.position) for one in mine] == places[: len(mine)]
    whole = sum(small.catalog.unitid[small.catalog.school] == school.unitid)
    kept_out = here.text.partition("Your programs that are not shown")[2]
    said = [
        int(word)
        for word, after in zip(kept_out.split(), kept_out.split()[1:], strict=False)
        if after.startswith("program") and word.isdigit()
    ]
    assert sum(said) + len(here.page.one("tbody").all("tr")) == whole
    assert "Another field of study." in here.text
    assert (len(rooms.rows("search")), len(rooms.rows("slate"))) == before
    here.open(room(school, "why?education_level=high_school&query=zzqqxx&region=NY"))
    assert here.reply.status == 422
    assert "We did not find" in here.text
    here.open(room(school, "why"))
    assert "Where your programs stand" not in here.text
