"""What a school's staff do in their rooms: leads, destinations, keys, listings."""

from datetime import timedelta
from uuid import UUID

import pytest

from models.domain.delivery import Purpose
from models.domain.ids import Prefix, show
from models.domain.office import AddressKind
from models.domain.organization import Scope
from models.exchange.presets import PRESETS
from tests.support.browser import PlainBrowser
from tests.support.leads import NOW, STUDENT
from tests.support.staff import Person, Rooms, press, room

OPEN = "Show the student\u2019s details"
ERASED = "Erased at the student\u2019s request"
PERSONAL = (STUDENT["first_name"], STUDENT["last_name"], STUDENT["email"], STUDENT["phone"])


@pytest.fixture
def lead(rooms: Rooms) -> UUID:
    return rooms.leads.lead(rooms.schools["A"])


@pytest.fixture
def here(rooms: Rooms, admin_a: Person) -> PlainBrowser:
    return rooms.log_in(admin_a)


def actions(rooms: Rooms) -> list[str]:
    return [row.action for row in sorted(rooms.rows("audit"), key=lambda row: row.at)]


def test_invariant_11_a_list_names_nobody_and_a_lead_only_after_a_look_that_is_written_down(
    rooms: Rooms, here: PlainBrowser, lead: UUID
) -> None:
    here.open(room(rooms.schools["A"], "leads"))
    assert [word for word in PERSONAL if word in here.reply.body] == []
    here.follow("Z… E…")
    assert [word for word in PERSONAL if word in here.reply.body] == []
    assert "work" not in here.page.with_text("dl", "why").text
    assert "lead.open" not in actions(rooms)
    here.press(OPEN)
    assert [word for word in PERSONAL if word not in here.reply.body] == []
    assert "work" in here.page.with_text("dl", "why").text
    assert actions(rooms)[-1] == "lead.open"
    [row] = [row for row in rooms.rows("audit") if row.action == "lead.open"]
    assert row.subject == show(Prefix.LEAD, lead)
    assert [word for word in PERSONAL if word in repr(row)] == []


def test_who_wants_to_be_contacted_no_more_is_hidden_from_who_looked_before(
    rooms: Rooms, here: PlainBrowser, lead: UUID
) -> None:
    address = room(rooms.schools["A"], f"leads/{show(Prefix.LEAD, lead)}")
    here.open(address)
    here.press(OPEN)
    assert STUDENT["phone"] in here.reply.body
    with rooms.unit_of_work() as work:
        work.office.stop(AddressKind.EMAIL, STUDENT["email"], rooms.clock.now())
    here.open(address)
    assert [word for word in PERSONAL if word in here.reply.body] == []
    assert "Do not contact them" in here.text
    assert here.page.all("form", action=f"{address}/open") == []


def test_a_look_holds_for_one_session(
    rooms: Rooms, here: PlainBrowser, lead: UUID, admin_a: Person
) -> None:
    address = room(rooms.schools["A"], f"leads/{show(Prefix.LEAD, lead)}")
    here.open(address)
    here.press(OPEN)
    other = rooms.log_in(admin_a)
    other.open(address)
    assert [word for word in PERSONAL if word in other.reply.body] == []


def test_a_lead_tells_what_was_agreed_to_and_what_happened(
    rooms: Rooms, here: PlainBrowser, lead: UUID
) -> None:
    here.open(room(rooms.schools["A"], f"leads/{show(Prefix.LEAD, lead)}"))
    for words in ("may contact me by email", "may contact me by text", "High school diploma"):
        assert words in here.text
    assert "10940" in here.text


def test_a_lead_tells_what_was_sent_where_and_what_it_came_to(
    rooms: Rooms, here: PlainBrowser, lead: UUID
) -> None:
    school = rooms.schools["A"]
    made = rooms.leads.deliver(school, lead)
    rooms.leads.set(made, status="failed", attempts=2, settled_at=NOW)
    for n, outcome, reason, code in ((1, "pending", "http_503", 503), (2, "failed", "gone", 400)):
        rooms.leads.run(
            "INSERT INTO attempt (delivery_id, n, step, lease_token, started_at, finished_at, "
            "outcome, reason, code, latency_ms, answer_head) VALUES "
            "(:id, :n, 'send', 1, now(), now(), :outcome, :reason, :code, :n * 40, 'said of Zoë')",
            id=made,
            n=n,
            outcome=outcome,
            reason=reason,
            code=code,
        )
    told = rooms.leads.deliver(school, lead, Purpose.WITHDRAWAL)
    rooms.leads.set(told, by_mail=True, created_at=NOW + timedelta(hours=1))
    here.open(room(school, f"leads/{show(Prefix.LEAD, lead)}"))
    sent = [each.text for each in here.page.one("ol", id="sent").all("li")]
    assert "Lead, CRM: Failed (gone, 400)" in sent[0]
    assert "2 tries" in sent[0]
    assert "Did not succeed (http_503, 503), after 40 ms" in sent[1]
    assert "Failed (gone, 400), after 80 ms" in sent[2]
    assert "Withdrawal, CRM (by email to its contact): Waits to be sent" in sent[3]
    assert "said of" not in here.reply.body, "what a receiver said may be of the student"
    assert [word for word in PERSONAL if word in here.reply.body] == []


def test_a_disposition_counts_and_what_cannot_follow_is_not_offered(
    rooms: Rooms, here: PlainBrowser, lead: UUID
) -> None:
    here.open(room(rooms.schools["A"], f"leads/{show(Prefix.LEAD, lead)}"))
    here.choose("Contacted")
    here.fill("Reason", "by phone")
    here.press("Save")
    assert "What you said is kept" in here.text
    offered = {one["value"] for one in here.page.all("input", name="status")}
    assert offered == {"applied", "enrolled"}  # returned is asked for apart, with a reason
    with rooms.unit_of_work() as work:
        assert work.dispositions.last_applied(lead) == "contacted"
    [kept] = rooms.rows("disposition")
    assert (kept.verdict, kept.reason) == ("applied", "by phone")
    assert b"by phone" not in bytes(kept.raw)
    assert actions(rooms)[-1] == "lead.disposition"


def test_who_says_what_cannot_follow_any_more_reads_why(
    rooms: Rooms, here: PlainBrowser, admin_a: Person, lead: UUID
) -> None:
    address = room(rooms.schools["A"], f"leads/{show(Prefix.LEAD, lead)}")
    other = rooms.log_in(admin_a)
    for browser in (here, other):
        browser.open(address)
    here.choose("Contacted")
    here.press("Save")
    other.choose("Rejected")
    other.press("Save")
    assert "reported contacted, so rejected cannot follow. What may follow: applied" in other.text


def test_saying_nothing_is_shown_at_its_field(rooms: Rooms, here: PlainBrowser, lead: UUID) -> None:
    here.open(room(rooms.schools["A"], f"leads/{show(Prefix.LEAD, lead)}"))
    here.fill("Reason", "by phone")
    here.press("Save")
    assert here.reply.status == 422
    assert here.page.one("input", id="reason")["value"] == "by phone"
    assert here.page.one("span", id="status-error").text.endswith("Choose what happened")
    here.fill("Why do you return it?", "x" * 501)
    here.press("Return this lead")
    assert here.reply.status == 422
    assert rooms.rows("disposition") == [], "a refused form leaves nothing"


def test_an_erased_student_is_gone_from_the_rooms_too(
    rooms: Rooms, here: PlainBrowser, lead: UUID
) -> None:
    rooms.leads.run("UPDATE person_key SET wrapped = NULL, shredded_at = now()")
    here.open(room(rooms.schools["A"], "leads"))
    assert ERASED in here.text
    here.open(room(rooms.schools["A"], f"leads/{show(Prefix.LEAD, lead)}"))
    assert here.reply.status == 200
    assert ERASED in here.text


def test_many_leads_come_page_by_page_each_once(rooms: Rooms, here: PlainBrowser) -> None:
    made = {show(Prefix.LEAD, rooms.leads.lead(rooms.schools["A"])) for _ in range(27)}
    here.open(room(rooms.schools["A"], "leads"))
    seen = [link["href"].rpartition("/")[2] for link in here.page.one("main").all("a")]
    here.follow("Older ones")
    seen += [link["href"].rpartition("/")[2] for link in here.page.one("main").all("a")]
    shown = [one for one in seen if one.startswith("lead_")]
    assert sorted(shown) == sorted(made)
    assert "Older ones" not in here.text


def test_a_destination_shows_settings_and_no_secret(rooms: Rooms, here: PlainBrowser) -> None:
    here.open(room(rooms.schools["A"], "destinations"))
    here.follow("CRM")
    assert "https://A.example/hook" in here.text
    assert "whsec_" not in here.reply.body


def test_a_destination_is_told_as_its_kind_declares_it(rooms: Rooms, here: PlainBrowser) -> None:
    school, preset = rooms.schools["A"], PRESETS["marketo_forms"]
    settings, secrets = preset.expand(preset.examples)
    rooms.leads.run("UPDATE destination SET kind = 'form_post'")
    with rooms.unit_of_work() as work:
        work.destinations.change(school.destination_id, settings, secrets, by="t", now=NOW)
    here.open(room(school, "destinations"))
    here.follow("CRM")
    summary = here.page.with_text("dl", "Client id").text
    assert "Form post" in here.text
    assert "formId, programId, input[0].leadFormFields.firstName" in summary
    assert "token_expired, too_many" in summary
    assert "made-up-secret" not in here.reply.body


def test_a_paused_destination_takes_nothing_until_it_is_resumed(
    rooms: Rooms, here: PlainBrowser
) -> None:
    school = rooms.schools["A"]

    def taking() -> bool:
        with rooms.unit_of_work() as work:
            return school.unitid in work.destinations.taking_requests()

    here.open(room(school, "destinations"))
    here.follow("CRM")
    here.press("Pause")
    assert not taking()
    here.press("Take requests again")
    assert taking()
    assert actions(rooms)[-2:] == ["destination.pause", "destination.resume"]


def test_an_untested_destination_cannot_be_resumed(rooms: Rooms, here: PlainBrowser) -> None:
    here.open(room(rooms.schools["A"], "destinations"))
    here.follow("CRM")
    here.press("Pause")
    rooms.leads.run("UPDATE destination SET tested_at = NULL")
    here.press("Take requests again")
    assert "No test has reached this destination" in here.text
    assert actions(rooms)[-1] == "destination.pause"


def test_a_system_that_cannot_be_told_goes_live_only_with_an_address_of_people(
    rooms: Rooms, here: PlainBrowser
) -> None:
    school, preset = rooms.schools["A"], PRESETS["salesforce_web_to_lead"]
    settings, secrets = preset.expand(preset.examples)
    contact = settings.pop("contact")
    rooms.leads.run("UPDATE destination SET kind = 'form_post'")
    with rooms.unit_of_work() as work:
        work.destinations.change(school.destination_id, settings, secrets, by="t", now=NOW)
    here.open(room(school, "destinations"))
    here.follow("CRM")
    here.press("Send a test")
    assert "Enter an address such as admissions@example.edu" in here.text
    here.press("Pause")
    here.press("Take requests again")
    assert "Enter an address such as admissions@example.edu" in here.text
    assert rooms.rows("delivery") == []
    with rooms.unit_of_work() as work:
        settings["contact"] = contact
        work.destinations.change(school.destination_id, settings, secrets, by="t", now=NOW)
    here.press("Send a test")
    assert len(rooms.rows("delivery")) == 1
    assert contact in here.text


def test_a_test_is_queued_for_the_workers(rooms: Rooms, here: PlainBrowser) -> None:
    here.open(room(rooms.schools["A"], "destinations"))
    here.follow("CRM")
    here.press("Send a test")
    [queued] = rooms.rows("delivery")
    assert (queued.purpose, queued.status) == (Purpose.TEST, "pending")
    assert queued.destination_id == rooms.schools["A"].destination_id
    assert "Test, Waits to be sent" in here.text


def test_a_key_is_shown_once_opens_its_own_and_can_be_revoked(
    rooms: Rooms, here: PlainBrowser
) -> None:
    here.open(room(rooms.schools["A"], "keys"))
    here.fill("Name", "CRM")
    here.choose("Read leads")
    here.press("Make the key")
    presented = here.page.one("code", id="new-key").text
    with rooms.unit_of_work() as work:
        holder = work.organizations.api_key(presented, rooms.clock.now())
    assert holder is not None
    assert holder.organization_id == rooms.schools["A"].organization_id
    assert holder.scopes == {Scope.READ_LEADS}
    here.reload()
    assert presented not in here.reply.body
    here.press("Revoke CRM")
    with rooms.unit_of_work() as work:
        assert work.organizations.api_key(presented, rooms.clock.now()) is None
    assert actions(rooms)[-2:] == ["api_key.create", "api_key.revoke"]


def test_a_key_ends_on_its_day(rooms: Rooms, here: PlainBrowser) -> None:
    here.open(room(rooms.schools["A"], "keys"))
    here.fill("Name", "CRM")
    here.choose("Say what became of leads")
    here.press("Make the key")
    presented = here.page.one("code", id="new-key").text
    rooms.pass_time(days=30)
    with rooms.unit_of_work() as work:
        assert work.organizations.api_key(presented, rooms.clock.now()) is None


def test_a_key_that_may_do_nothing_is_not_made(rooms: Rooms, here: PlainBrowser) -> None:
    here.open(room(rooms.schools["A"], "keys"))
    here.fill("Name", "CRM")
    here.press("Make the key")
    assert here.reply.status == 422
    assert "Choose what the key may do" in here.text
    assert here.page.one("input", id="name")["value"] == "CRM"
    assert rooms.rows("api_key") == []


def claim_one(rooms: Rooms, browser: PlainBrowser) -> tuple[int, str]:
    """Claim the first school that a search finds; return its unitid and name."""
    browser.open(room(rooms.schools["A"], "listings?q=college"))
    box = browser.page.all("input", name="school")[0]
    name = next(one for one in browser.page.all("label") if one["for"] == box["id"]).text
    browser.choose(name)
    browser.press("Claim this listing")
    return int(box["value"].removeprefix("sch_")), name


def test_a_claim_waits_for_an_operator_then_free_requests_come(
    rooms: Rooms, here: PlainBrowser, operator: Person
) -> None:
    unitid, name = claim_one(rooms, here)
    assert "Waits for an operator" in here.text

    def taking() -> bool:
        with rooms.unit_of_work() as work:
            found = work.destinations.taking_requests().get(unitid)
        return found is not None and found.organic

    assert not taking()
    office = rooms.log_in(operator)
    office.open("/staff/operator/approvals")
    press(office, "Approve")
    assert "Approved." in office.text
    assert taking()
    here.reload()
    assert "Approved" in here.text
    here.press(f"Stop free requests {name}")
    assert not taking()
    assert actions(rooms)[-1] == "listing.organic"
    with rooms.unit_of_work() as work:
        assert work.destinations.open_schools([unitid])[unitid].open_to == (
            rooms.schools["A"].destination_id,
        )


def test_a_school_of_somebody_else_is_not_given_away(
    rooms: Rooms, here: PlainBrowser, operator: Person
) -> None:
    unitid, _ = claim_one(rooms, here)
    with rooms.unit_of_work() as work:
        work.organizations.claim_school(
            rooms.schools["B"].organization_id, unitid, takes_organic=True, now=rooms.clock.now()
        )
    office = rooms.log_in(operator)
    office.open("/staff/operator/approvals")
    press(office, "Approve")
    assert "Another organization has this listing" in office.text
    with rooms.unit_of_work() as work:
        assert unitid in work.organizations.schools(rooms.schools["B"].organization_id)
        assert unitid not in work.organizations.schools(rooms.schools["A"].organization_id)
    press(office, "Decline")
    assert "Declined." in office.text


def test_claiming_twice_is_refused_and_nothing_chosen_is_said(
    rooms: Rooms, here: PlainBrowser
) -> None:
    for expected in ("The claim waits", "You claimed this listing already"):
        claim_one(rooms, here)
        assert expected in here.text
    here.open(room(rooms.schools["A"], "listings?q=college"))
    here.press("Claim this listing")
    assert here.reply.status == 422
    assert "Choose a school from the list" in here.text
