"""Highlights from the school's room to the cards, and everything an operator approves."""

from pathlib import Path

import pytest

from config.settings import Settings
from matcher.match import Engine, draw, page
from models.domain.approval import all_texts, unapproved
from models.domain.consent_texts import texts_mark
from models.domain.highlight import HighlightStatus
from models.domain.levels import EducationLevel
from models.domain.matching import Answers
from service.app import Parts, create_app
from service.serving import Serving
from tests.support.browser import PlainBrowser, into_app
from tests.support.catalogs import a_slate
from tests.support.staff import Person, Rooms, press, room

SEARCH = "/results?education_level=high_school&region=NY"
WORDS = "Evening classes for people who work"


@pytest.fixture
def unitid(rooms: Rooms, small: Engine) -> int:
    """The school that stands first on the page searched for; A owns it."""
    slate = a_slate(small, Answers(EducationLevel.HIGH_SCHOOL, region="NY"))
    found = page(small, draw(small, slate), 1).listings[0].program.unitid
    with rooms.unit_of_work() as work:
        work.organizations.claim_school(
            rooms.schools["A"].organization_id, found, takes_organic=True, now=rooms.clock.now()
        )
    return found


@pytest.fixture
def here(rooms: Rooms, admin_a: Person) -> PlainBrowser:
    return rooms.log_in(admin_a)


@pytest.fixture
def office(rooms: Rooms, operator: Person) -> PlainBrowser:
    return rooms.log_in(operator)


def write(here: PlainBrowser, rooms: Rooms, unitid: int, words: str) -> None:
    here.open(room(rooms.schools["A"], "highlights"))
    here.fill("Listing", str(unitid))
    here.fill("Statement", words)
    here.press("Send to an operator")


def statuses(rooms: Rooms) -> dict[str, str]:
    return {row.words: row.status for row in rooms.rows("highlight")}


def test_a_highlight_stands_on_cards_once_approved_and_goes_at_once(  # noqa: PLR0917 - all who take part
    rooms: Rooms,
    small: Engine,
    settings: Settings,
    here: PlainBrowser,
    office: PlainBrowser,
    unitid: int,
) -> None:
    with rooms.unit_of_work() as work:
        now = rooms.clock.now()
        work.publications.add_ranker("ranker-1", "prior", {}, now)
        work.publications.add_catalog("catalog-1", {}, now)
        work.publications.publish("catalog", "catalog-1", "test", "test", now)
        work.publications.publish("ranker", "ranker-1", "test", "test", now)
    serving = Serving(Path("/nowhere"), rooms.unit_of_work, rooms.clock, lambda *_: small)
    parts = Parts(rooms.clock, rooms.unit_of_work, serving, nudge=lambda: None)
    student = PlainBrowser(into_app(create_app(settings, parts).test_client(use_cookies=False)))

    def cards() -> tuple[str, list[str]]:
        serving.poll()
        student.open(SEARCH)
        assert student.reply.status == 200
        return student.text, [each["id"] for each in student.page.all("article")]

    def places(ids: list[str]) -> list[str]:
        return [each.partition(".")[2] for each in ids]

    before = places(cards()[1])
    write(here, rooms, unitid, WORDS)
    assert "It waits for an operator" in here.text
    assert WORDS not in cards()[0]
    office.open("/staff/operator/approvals")
    press(office, "Approve")
    said, ids = cards()
    assert f"The school says: “{WORDS}”" in said
    assert places(ids) == before
    state = small.schools[small.index.school_row[unitid]].state or ""
    student.open(f"/schools/{state.lower()}/{unitid}-x")
    assert WORDS in student.text
    # Other words wait, the present ones stand until they are approved.
    here.reload()
    here.follow(f"Write it anew “{WORDS}”")
    here.fill("Statement", "Classes in the evening, too")
    here.press("Send to an operator")
    assert WORDS in cards()[0]
    office.reload()
    press(office, "Approve")
    said = cards()[0]
    assert WORDS not in said
    assert "Classes in the evening, too" in said
    assert statuses(rooms)[WORDS] == HighlightStatus.REPLACED
    here.reload()
    here.press("Take down “Classes in the evening, too”")
    assert "The school says" not in cards()[0]
    kept = [(row.kind, row.verdict) for row in rooms.rows("decision")]
    assert kept == [("highlight", "approved")] * 2


def test_the_lint_refuses_at_the_field_and_flags_go_to_the_operator(
    rooms: Rooms, here: PlainBrowser, office: PlainBrowser, unitid: int
) -> None:
    write(here, rooms, unitid, "Guaranteed job after graduation")
    assert here.reply.status == 422
    said = here.page.one("span", id="statement-error").text
    assert "It promises a job" in said
    assert "Career advisers" in said
    assert rooms.rows("highlight") == []
    write(here, rooms, unitid, "An adviser for student veterans")
    assert "The operator looks at: Military" in here.text
    office.open("/staff/operator/approvals")
    assert "Military" in office.page.with_text("dl", "Look at").text
    office.fill("Why (the school reads it)", "Say which office")
    press(office, "Decline")
    here.reload()
    assert "The operator says: Say which office" in here.text
    assert "Declined" in here.text
    # The same again may be sent, but once.
    for expected in ("It waits for an operator", "The same stands or waits there already"):
        write(here, rooms, unitid, "An adviser for student veterans")
        assert expected in here.text
    assert here.page.one("input", id="statement")["value"] == "An adviser for student veterans"


def test_no_more_than_three_statements_and_badges_that_are_known(
    rooms: Rooms, here: PlainBrowser, unitid: int
) -> None:
    for words in ("Labs open late", "Small classes", "Two campuses"):
        write(here, rooms, unitid, words)
    write(here, rooms, unitid, "Quiet rooms")
    assert "3 statements stand or wait here" in here.page.one("span", id="statement-error").text
    here.open(room(rooms.schools["A"], "highlights"))
    here.choose("A badge")
    here.press("Send to an operator")
    assert "Choose a badge" in here.page.one("span", id="badge-error").text
    here.fill("Badge", "online_courses")
    here.press("Send to an operator")
    assert len(rooms.rows("highlight")) == 4


def test_texts_are_approved_as_read_by_version_and_language(
    rooms: Rooms, office: PlainBrowser
) -> None:
    def waiting() -> set[str]:
        with rooms.unit_of_work() as work:
            return {each.locale for each in unapproved(work.approvals.texts())}

    assert waiting() == {"en", "es", "fr"}
    newest = next(all_texts())
    office.open("/staff/operator/approvals")
    assert "Agreeing is not a condition" in office.text
    office.press(f"Approve {newest.subject}")
    assert waiting() == {"en", "es", "fr"} - {newest.locale}
    assert f"{newest.subject}" in office.page.one("main").text
    assert "operator@example.com" in office.text
    # The words changed after they were read.
    rooms.leads.run("UPDATE decision SET fingerprint = 'of other words'")
    assert newest.locale in waiting()
    office.reload()
    assert "Other words were approved under this name" in office.text
    office.press(f"Approve {newest.subject}")
    assert "APPROVED_TEXTS" not in office.text
    for locale in waiting():
        office.press(f"Approve {newest.version} {locale}")
    assert f"APPROVED_TEXTS={texts_mark()}" in office.text
    office.press(f"Take the approval back {newest.subject}")
    assert "APPROVED_TEXTS" not in office.text
    assert newest.locale in waiting()
    done = [row.action for row in rooms.rows("audit") if row.action.startswith("texts.")]
    assert sorted(done) == [*["texts.approved"] * 4, "texts.taken_down"]


def test_a_claim_that_was_decided_tells_who_and_when(
    rooms: Rooms, here: PlainBrowser, office: PlainBrowser
) -> None:
    here.open(room(rooms.schools["A"], "listings?q=college"))
    box = here.page.all("input", name="school")[0]
    here.choose(next(x for x in here.page.all("label") if x["for"] == box["id"]).text)
    here.press("Claim this listing")
    office.open("/staff/operator/approvals")
    press(office, "Decline")
    line = office.page.all("ol", class_="plain")[-1].text
    assert "Claim: Declined" in line
    assert "operator@example.com" in line
    assert box["value"] in line
