"""Setting a destination up on the screen: choose, fill in, look at it, try it, take it away."""

from typing import Any

import pytest

from models.domain.destination import Destination, DestinationStatus
from models.exchange.kinds import KINDS
from models.exchange.presets import PRESETS
from tests.support.browser import PlainBrowser
from tests.support.staff import Person, Rooms, room

SECRET = "a-password-nobody-has"


@pytest.fixture
def here(rooms: Rooms, admin_a: Person) -> PlainBrowser:
    browser = rooms.log_in(admin_a)
    browser.open(room(rooms.schools["A"], "destinations"))
    return browser


def newest(rooms: Rooms) -> tuple[Destination, Any]:
    with rooms.unit_of_work() as work:
        found = work.destinations.of(rooms.schools["A"].organization_id)[-1]
        return found, work.destinations.for_delivery(found.id).secrets


def begin(here: PlainBrowser, label: str, typed: dict[str, str]) -> None:
    here.follow("Set a destination up")
    here.follow(label)
    for name, value in typed.items():
        here.fill(name, value)
    here.press("Make the draft")


def test_the_form_of_each_preset_and_kind_is_drawn_from_its_declaration(
    here: PlainBrowser,
) -> None:
    base = here.address
    for name in sorted({*PRESETS, *KINDS}):
        here.open(f"{base}/new?made_from={name}")
        check_form(here, name)


def check_form(here: PlainBrowser, name: str) -> None:
    preset, kind = PRESETS.get(name), KINDS.get(name)
    plain = [one for one in kind.settings if one.typed in ("line", "block")] if kind else []
    asked = preset.ask if preset else plain
    drawn = {each["id"] for each in here.page.all("input") if each.get("id")}
    drawn |= {each["id"] for tag in ("select", "textarea") for each in here.page.all(tag)}
    assert {each.name for each in asked} <= drawn
    for each in asked:
        assert each.help.split(".")[0] in here.text
        if each.secret and each.name != "private_key":
            assert here.page.one("input", id=each.name)["type"] == "password"


def test_errors_stand_at_their_fields_typed_values_stay_and_secrets_are_not_echoed(
    rooms: Rooms, here: PlainBrowser
) -> None:
    before = len(rooms.rows("destination"))
    begin(here, "Technolutions Slate, by post", {"Host": "apply.example.edu", "Password": SECRET})
    assert here.reply.status == 422
    assert here.page.one("span", id="format_guid-error").text.startswith("Error")
    assert here.page.one("input", id="host")["value"] == "apply.example.edu"
    assert SECRET not in here.reply.body
    assert len(rooms.rows("destination")) == before


def test_a_preset_becomes_a_draft_whose_secret_is_kept_and_never_shown(
    rooms: Rooms, here: PlainBrowser
) -> None:
    preset = PRESETS["slate_post"]
    typed = {each.label[:1].upper() + each.label[1:]: each.example for each in preset.ask}
    begin(here, preset.label, {**typed, "Password": SECRET})
    found, secrets = newest(rooms)
    assert (found.status, found.settings["preset"]) == (DestinationStatus.DRAFT, "slate_post")
    assert secrets == {"password": SECRET}
    here.follow("Settings")
    assert "Set on 2026-11-22" in here.text
    assert SECRET not in here.reply.body
    here.fill("Address", "https://other.example.edu/import")
    here.press("Save")
    found, secrets = newest(rooms)
    assert found.settings["url"] == "https://other.example.edu/import"
    assert secrets == {"password": SECRET}
    assert SECRET not in here.reply.body


def test_a_mapping_is_previewed_by_what_sends_and_its_errors_stand_at_their_rows(
    rooms: Rooms, here: PlainBrowser
) -> None:
    preset = PRESETS["slate_post"]
    typed = {each.label[:1].upper() + each.label[1:]: each.example for each in preset.ask}
    begin(here, preset.label, {**typed, "Password": SECRET})
    here.follow("Fields: what goes where")
    here.press("Save")
    assert newest(rooms)[0].version == 1, "nothing was changed"
    here.follow("Fields: what goes where")
    shown = here.text
    assert "POST https://apply.example.edu/manage/service/import?cmd=load" in shown
    assert "authorization: Basic ••••••" in shown
    assert '"Test","Schoolmatch"' in shown
    assert "“Your field” like Lead ID, “From the lead”, “Value” lead_id. In Slate, map" in shown
    assert SECRET not in here.reply.body
    place = here.page.one("input", value="First")["id"].split(".")[1]
    here.page.one("input", id=f"fields.{place}.value")
    fill(here, f"fields.{place}.value", "student.surname")
    here.press("Preview")
    assert (
        "There is no student.surname in a lead"
        in here.page.one("span", id=f"fields.{place}.to-error").text
    )
    assert here.page.one("input", id=f"fields.{place}.value")["value"] == "student.surname"
    assert newest(rooms)[0].version == 1
    here.press("Save")
    assert here.reply.status == 422
    fill(here, f"fields.{place}.value", "student.last_name")
    here.press("Save")
    found, _ = newest(rooms)
    [row] = [each for each in found.settings["fields"] if each["to"] == "First"]
    assert row["from"] == "student.last_name"
    assert [r for r in found.settings["fields"] if r["to"] != "First"] == [
        r for r in preset.settings["fields"] if r["to"] != "First"
    ]


def fill(here: PlainBrowser, identifier: str, value: str) -> None:
    """Type into one of many inputs of the same name."""
    here.page.one("input", id=identifier).attributes["value"] = value


def test_an_answer_is_judged_by_the_rules_on_the_page_and_samples_are_a_click_away(
    here: PlainBrowser,
) -> None:
    preset = PRESETS["marketo_forms"]
    begin(here, preset.label, {e.label[:1].upper() + e.label[1:]: e.example for e in preset.ask})
    here.follow("Answers: what they mean")
    here.press("Skipped outcomes")
    assert "Rejected" in here.page.one("div", class_="notice").text
    assert "several_leads_match" in here.page.one("div", class_="notice").text
    here.fill("Status code", "503")
    here.fill("Body", "")
    here.press("Say what it means")
    assert "None: its code decides" in here.page.one("div", class_="notice").text
    here.fill("Status code", "9")
    here.press("Say what it means")
    assert "Enter a status code" in here.page.one("span", id="code-error").text


def test_a_webhook_gets_a_key_shown_once_and_changes_keys_without_a_stop(
    rooms: Rooms, here: PlainBrowser
) -> None:
    begin(here, "Webhook", {"Address": "https://crm.example.edu/hook"})
    key = here.page.one("code", id="new-key").text
    found, secrets = newest(rooms)
    assert secrets == {"signing_keys": [key]}
    with rooms.unit_of_work() as work:
        work.destinations.mark_tested(found.id, rooms.clock.now())
    here.open(here.address)
    assert key not in here.reply.body
    here.press("Make a new key")
    found, secrets = newest(rooms)
    new = here.page.one("code", id="new-key").text
    assert secrets == {"signing_keys": [new, key]}
    assert found.tested_at is not None
    here.press("End the old key")
    found, secrets = newest(rooms)
    assert (secrets, found.tested_at) == ({"signing_keys": [new]}, None)
    here.press("Remove this destination")
    assert "The destination is removed." in here.text
    assert "https://crm.example.edu/hook" not in here.reply.body
    with rooms.unit_of_work() as work:
        assert work.destinations.get(found.id).status is DestinationStatus.REMOVED


def test_nobody_overwrites_what_they_have_not_seen(rooms: Rooms, here: PlainBrowser) -> None:
    preset = PRESETS["slate_post"]
    typed = {each.label[:1].upper() + each.label[1:]: each.example for each in preset.ask}
    begin(here, preset.label, {**typed, "Password": SECRET})
    home = here.address
    for page in ("settings", "fields", "answers"):
        here.open(f"{home}/{page}")
        if page == "fields":
            here.press("Preview")
        found, secrets = newest(rooms)
        other = {**found.settings, "url": f"https://{page}.example.edu/import"}
        with rooms.unit_of_work() as work:
            work.destinations.change(found.id, other, secrets, by="t", now=rooms.clock.now())
        if page == "answers":
            here.typed[id(here.page.one("input", id="outcomes.0.name"))] = "mine"
        here.press("Save")
        assert "Somebody else changed this meanwhile" in here.text, page
        assert (here.reply.status, newest(rooms)[0].settings) == (409, other), page
    assert here.page.one("input", id="outcomes.0.name")["value"] == "mine", "what is typed stays"
    here.press("Save")
    assert newest(rooms)[0].settings["outcomes"][0]["name"] == "mine"
    here.open(f"{home}/answers")
    here.fill("Status code", "9" * 5000)
    here.press("Say what it means")
    assert "Enter a status code" in here.page.one("span", id="code-error").text
