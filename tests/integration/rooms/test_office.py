"""The operator's office: alarms, organizations, returns, publishers, and people."""

import json
import zipfile
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import text

from models.db.crypto import WrappedKey
from models.domain.consent import Channel
from models.domain.delivery import DeliveryStatus
from models.domain.ids import Prefix, show
from models.domain.lead import DispositionStatus as D
from models.proof.pack import verify_pack
from models.proof.signing import Signer, is_signed
from tests.support.browser import PlainBrowser
from tests.support.leads import NOW, STUDENT
from tests.support.sponsored import deliver_all, hold_place, say
from tests.support.staff import Person, Rooms, press
from workers.maintenance.sealing import seal

OFFICE = "/staff/operator"
EMAIL = STUDENT["email"]
SIGNER = Signer("c1", b"c" * 32)


@pytest.fixture
def office(rooms: Rooms, operator: Person) -> PlainBrowser:
    return rooms.log_in(operator)


def actions(rooms: Rooms) -> list[str]:
    return [row.action for row in rooms.rows("audit")]


def test_nothing_is_quiet_and_what_is_wrong_leads_to_where_it_is_mended(
    rooms: Rooms, office: PlainBrowser
) -> None:
    office.open(f"{OFFICE}/alarms")
    assert "rows have waited a minute for their place in the chain" in office.text
    with rooms.leads.engine.begin() as connection:  # as the sealer numbers them
        connection.execute(
            text(
                "UPDATE audit SET sequence = n.n FROM "
                "(SELECT id, row_number() OVER () AS n FROM audit) n WHERE n.id = audit.id"
            )
        )
    office.open(f"{OFFICE}/alarms")
    assert "All is quiet." in office.text
    school = rooms.schools["A"]
    delivery = rooms.leads.deliver(school, rooms.leads.lead(school))
    rooms.leads.set(delivery, status=DeliveryStatus.FAILED.value, settled_at=NOW)
    office.open(f"{OFFICE}/alarms")
    assert "1 delivery was lost within a day" in office.text
    assert "All is quiet." not in office.text
    office.follow("Look 1 delivery")
    assert office.heading == "Deliveries in trouble"
    rooms.pass_time(days=2)


def test_organizations_stand_with_how_they_do_and_one_is_added_with_its_admin(
    rooms: Rooms, office: PlainBrowser
) -> None:
    school = rooms.schools["A"]
    rooms.leads.set(
        rooms.leads.deliver(school, rooms.leads.lead(school)),
        status=DeliveryStatus.DELIVERED.value,
        settled_at=NOW,
    )
    office.open(f"{OFFICE}/organizations")
    rows = [[cell.text for cell in row.all("td")] for row in office.page.one("tbody").all("tr")]
    assert sorted(row[4:6] for row in rows) == [["0", "0"], ["1", "1"]]
    office.press("Add it")
    assert "Fill this in" in office.text
    office.fill("Name", "Example Colleges")
    office.fill("Email address of its first admin", "nobody")
    office.press("Add it")
    assert "correct format" in office.text
    assert len(rooms.rows("organization")) == 2, "a refused form leaves nothing"
    office.fill("Email address of its first admin", "admin@colleges.example")
    office.press("Add it")
    [link] = [one.text for one in office.page.all("code")]
    assert "organization.add" in actions(rooms)
    invited = rooms.browser()
    invited.open(urlsplit(link).path)
    assert invited.reply.status == 200
    office.open(f"{OFFICE}/organizations")
    assert link not in office.reply.body, "it is shown once"
    for name, field in (("Other Colleges", "email"), ("Example Colleges", "name")):
        office.fill("Name", name)
        office.fill("Email address of its first admin", "admin@colleges.example")
        office.press("Add it")
        assert office.page.one("span", id=f"{field}-error").text.endswith("Use another one")
    assert len(rooms.rows("organization")) == 3
    assert link.partition("/staff/")[0] == rooms.app.extensions["schoolmatch"].public_url


def test_returns_stand_by_campaign_and_month_with_what_came_too_late(
    rooms: Rooms, office: PlainBrowser
) -> None:
    office.open(f"{OFFICE}/returns")
    assert "Nothing was given back." in office.text
    leads, school = rooms.leads, rooms.schools["A"]
    terms: dict[str, Any] = {"month": "2026-11", "return_window_days": 14}
    campaign, given = None, []
    for _ in range(2):
        lead = leads.lead(school)
        campaign = hold_place(leads, school, lead, 4_550, campaign_id=campaign, **terms)
        leads.deliver(school, lead)
        given.append(lead)
    deliver_all(leads, school)
    for status in (D.ACCEPTED, D.RETURNED):
        say(leads, school, given[0], status)
    office.open(f"{OFFICE}/returns")
    [row] = [[cell.text for cell in row.all("td")] for row in office.page.one("tbody").all("tr")]
    assert row[2:4] == ["2", "1"]


def test_publishers_are_added_paused_and_resumed(rooms: Rooms, office: PlainBrowser) -> None:
    office.open(f"{OFFICE}/publishers")
    office.fill("Name", "Guide")
    office.fill("Site", "https://guide.example/page")
    office.press("Add it")
    assert "Write the site as an origin" in office.text
    office.fill("Site", "https://guide.example")
    office.press("Add it")
    assert "Shows our questions" in office.text
    press(office, "Pause")
    assert "Paused. Its pages show nothing of ours." in office.text
    press(office, "Resume")
    assert {"publisher.add", "publisher.pause", "publisher.resume"} <= set(actions(rooms))
    office.fill("Name", "Again")
    office.fill("Site", "https://guide.example")
    office.press("Add it")
    assert "has this site already" in office.text


def test_a_person_is_found_copied_stopped_and_erased_and_their_address_is_kept_nowhere(
    rooms: Rooms, office: PlainBrowser
) -> None:
    school = rooms.schools["A"]
    rooms.leads.deliver(school, rooms.leads.lead(school))
    office.open(f"{OFFICE}/privacy")
    office.fill("Email address or phone number", "no address")
    office.press("Look")
    assert office.reply.status == 422
    office.fill("Email address or phone number", EMAIL)
    office.press("Look")
    assert "1 school" in office.text
    assert EMAIL not in office.address
    office.press("Let nobody use it")
    assert "Nobody uses this address any more." in office.text
    assert "Email addresses stopped (by an operator)" in office.text
    office.fill("Email address or phone number", EMAIL)
    office.press("Look")
    office.press("Let it be used again")
    office.fill("Email address or phone number", EMAIL)
    office.press("Look")
    office.press("Download a copy for them")
    document = json.loads(office.reply.body)
    assert document["requests"][0]["about_you"]["email"] == EMAIL
    office.open(f"{OFFICE}/privacy")
    office.fill("Email address or phone number", EMAIL)
    office.press("Look")
    office.press("Erase, and tell every school")
    assert "Each school is told" in office.text
    [key] = rooms.rows("person_key")
    assert key.wrapped is None
    assert sorted(row.purpose for row in rooms.rows("delivery")) == ["deletion", "lead"]
    done = {"person.search", "address.stop", "address.allow", "person.copy", "person.erase"}
    assert done <= set(actions(rooms))
    assert EMAIL not in repr(rooms.rows("audit"))
    office.fill("Email address or phone number", EMAIL)
    office.press("Look")
    assert "Erased" in office.text
    assert "Erase, and tell every school" not in office.text


def commit(rooms: Rooms) -> None:
    """Let each consent's commitment be what it holds, and seal them."""
    keyring, [person] = rooms.leads.keyring, rooms.rows("person_key")
    key = keyring.unwrap(WrappedKey(person.master_key_id, person.wrapped), person.person_id)
    for row in rooms.rows("consent"):
        opened = key.open(row.canonical, "consent", "canonical", row.id)
        rooms.leads.run(
            "UPDATE consent SET commitment = :hash WHERE id = :id",
            id=row.id,
            hash=sha256(opened).digest(),
        )
    seal(rooms.unit_of_work, [SIGNER], rooms.clock)


def test_a_dispute_pack_is_downloaded_with_a_reason_and_proves_itself(
    rooms: Rooms, office: PlainBrowser
) -> None:
    lead, public = show(Prefix.LEAD, rooms.leads.lead(rooms.schools["A"])), SIGNER.public
    commit(rooms)
    office.open(f"{OFFICE}/disputes?lead={lead}")
    office.press("Download the pack")
    assert (office.reply.status, "Say why" in office.text) == (422, True)
    office.fill("Why it is needed", "nobody agreed, they say")
    for unknown in ("lead_1", show(Prefix.LEAD, uuid4())):
        office.fill("Lead", unknown)
        office.press("Download the pack")
        assert (office.reply.status, "There is no such lead" in office.text) == (422, True)
    assert "dispute.pack" not in actions(rooms)

    # What it answers is no text, which a plain browser would make of it.
    form = {"lead": lead, "reason": "nobody agreed, they say"}
    form["csrf_token"] = str(office.page.all("input", name="csrf_token")[0]["value"])
    cookies = "; ".join(f"{name}={value}" for name, value in office.cookies.items())
    given = rooms.client.post(f"{OFFICE}/disputes", data=form, headers={"Cookie": cookies})
    assert (given.mimetype, given.headers["Cache-Control"]) == ("application/zip", "no-store")
    assert given.headers["Content-Disposition"] == f'attachment; filename="{lead}.zip"'
    report = verify_pack(given.data, public, is_signed)
    assert (report.holds, report.sealed, report.unsealed) == (True, len(Channel), 0)
    with zipfile.ZipFile(BytesIO(given.data)) as pack:
        assert json.loads(pack.read("lead.json"))["student"]["email"] == EMAIL
    for at in range(0, len(given.data), len(given.data) // 20):
        changed = given.data[:at] + bytes([given.data[at] ^ 1]) + given.data[at + 1 :]
        assert not verify_pack(changed, public, is_signed).holds, at
    [row] = [one for one in rooms.rows("audit") if one.action == "dispute.pack"]
    assert (row.subject, row.detail) == (lead, {"reason": form["reason"]})


def test_a_phone_number_is_stopped_however_it_is_typed(rooms: Rooms, office: PlainBrowser) -> None:
    office.open(f"{OFFICE}/privacy")
    for typed in ("404 555 0123", "+1 (404) 555-0123"):
        office.fill("Email address or phone number", typed)
        office.press("Look")
        if "Let nobody use it" in office.text:
            office.press("Let nobody use it")
    assert "Nobody may use this address." in office.text
    assert rooms.rows("suppression")[0].kind == "phone"
