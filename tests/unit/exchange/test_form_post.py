"""The kind ``form_post``: its settings as a person fills them in, and what it writes."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from models.domain.afterwards import CHANGES
from models.domain.delivery import Purpose
from models.domain.errors import InvalidInputError
from models.domain.sending import DestinationTest
from models.exchange.kinds import KINDS
from models.exchange.payload import UnrenderableError
from models.exchange.presets import PRESETS
from models.exchange.sample import SAMPLE_AT, sample_lead

KIND = KINDS["form_post"]
SETTINGS: dict[str, Any] = {
    "url": "https://crm.example.edu/leads",
    "format": "form",
    "fields": [{"to": "last", "from": "student.last_name", "required": True}],
    "outcomes": [{"name": "yes", "is": "delivered"}],
    "auth": "none",
    "contact": "admissions@school.example",
}


def problems(settings: dict[str, Any], secrets: dict[str, Any] | None = None) -> dict[str, Any]:
    with pytest.raises(InvalidInputError) as error:
        KIND.check({**SETTINGS, **settings}, secrets or {})
    return dict(error.value.messages)


@pytest.mark.parametrize(
    ("settings", "secrets"),
    [
        ({}, {}),
        ({"auth": "basic", "user_name": "u"}, {"password": "p"}),
        ({"auth": "bearer"}, {"token": "t"}),
        (
            {"auth": "oauth2", "token_url": "https://a.example/t", "client_id": "c"},
            {"client_secret": "s"},
        ),
        ({"pace": "50/300", "at_once": "2", "root": "Lead", "format": "xml"}, {}),
    ],
)
def test_settings_that_can_work_are_taken(
    settings: dict[str, Any], secrets: dict[str, Any]
) -> None:
    KIND.check({**SETTINGS, **settings}, secrets)


@pytest.mark.parametrize(
    ("settings", "secrets", "named"),
    [
        ({"url": "crm.example.edu"}, {}, {"url"}),
        ({"format": "yaml"}, {}, {"format"}),
        ({"fields": "all"}, {}, {"fields"}),
        ({"auth": "magic"}, {}, {"auth"}),
        ({"pace": "fast"}, {}, {"pace"}),
        ({"pace": "0/5"}, {}, {"pace"}),
        ({"at_once": "0"}, {}, {"at_once"}),
        ({"at_once": "9" * 5000}, {}, {"at_once"}),
        ({"root": "a b"}, {}, {"root"}),
        ({"password": "p"}, {}, {"password"}),
        ({}, {"url": "https://a.example/"}, {"url"}),
        ({"auth": "bearer"}, {"token": "t\nx: y"}, {"token"}),
        ({"auth": "basic"}, {}, {"user_name", "password"}),
        ({"auth": "bearer"}, {}, {"token"}),
        ({"auth": "oauth2"}, {}, {"token_url", "client_id", "client_secret"}),
        ({"fields": [{"to": "x", "from": "student.shoe_size"}]}, {}, {"fields.x"}),
        ({"outcomes": [{"name": "no", "is": "rejected"}]}, {}, {"outcomes"}),
        ({"fields": [{"to": "k", "secret": "api_key"}]}, {}, {"fields.k"}),
    ],
)
def test_each_setting_to_mend_is_named(
    settings: dict[str, Any], secrets: dict[str, Any], named: set[str]
) -> None:
    assert problems(settings, secrets).keys() == named


@pytest.mark.parametrize("kind", ["form_post", "ping_post", "sftp_csv"])
def test_what_cannot_be_told_of_a_withdrawal_needs_an_address_of_people(kind: str) -> None:
    [preset, *_] = [each for each in PRESETS.values() if each.kind == kind]
    settings, secrets = preset.expand(preset.examples)
    assert all(KINDS[kind].mails(settings, purpose) for purpose in CHANGES)
    assert not KINDS[kind].mails(settings, Purpose.LEAD)
    del settings["contact"]
    assert not any(KINDS[kind].mails(settings, purpose) for purpose in CHANGES)
    with pytest.raises(InvalidInputError) as error:
        KINDS[kind].check(settings, secrets)
    assert error.value.messages.keys() == {"contact"}


def _saying(values: dict[str, str]) -> dict[str, Any]:
    """Settings without an address, and with a field that says what a lead is for."""
    fields = [*SETTINGS["fields"], {"to": "why", "from": "purpose", "values": values}]
    without = {name: each for name, each in SETTINGS.items() if name != "contact"}
    return {**without, "fields": fields}


@pytest.mark.parametrize("words", [{}, dict.fromkeys(("lead", *CHANGES), "x")])
def test_a_system_that_is_told_of_each_change_needs_no_address(words: dict[str, str]) -> None:
    settings = _saying(words)
    KIND.check(settings, {})
    reached = {**settings, "contact": "a@school.example"}
    assert not any(KIND.mails(reached, purpose) for purpose in CHANGES)
    # Nothing goes to what is switched off, so its people are told if there are any.
    assert all(KIND.mails(reached, purpose, active=False) for purpose in CHANGES)
    assert not any(KIND.mails(settings, purpose, active=False) for purpose in CHANGES)


def test_a_system_that_is_told_of_some_changes_needs_an_address_for_the_others() -> None:
    some = _saying({"lead": "l", "withdrawal": "w", "correction": "c"})
    with pytest.raises(InvalidInputError) as error:
        KIND.check(some, {})
    assert error.value.messages.keys() == {"contact"}
    reached = {**some, "contact": "a@school.example"}
    assert {each for each in CHANGES if KIND.mails(reached, each)} == {Purpose.DELETION}


def test_every_setting_has_a_label_a_help_and_a_line_to_tell() -> None:
    for setting in KIND.settings:
        assert setting.label
        assert setting.help.endswith(".")
        typed = {"fields": '[{"to": "a"}]', "outcomes": '[{"name": "a"}]'}.get(setting.name, "a")
        assert setting.tell(setting.read(typed)) == "a"


def test_a_test_is_a_lead_that_nobody_sent() -> None:
    body = KIND.write(DestinationTest(UUID(int=1), SAMPLE_AT), UUID(int=7), SETTINGS)
    assert body == b"last=Schoolmatch"


@pytest.mark.parametrize("purpose", [Purpose.WITHDRAWAL, Purpose.DELETION, Purpose.CORRECTION])
def test_a_form_is_not_filled_in_again_to_take_a_lead_back(purpose: Purpose) -> None:
    with pytest.raises(UnrenderableError, match="no field says that it is a"):
        KIND.write(replace(sample_lead(()), purpose=purpose), UUID(int=7), SETTINGS)


@pytest.mark.parametrize("purpose", [Purpose.WITHDRAWAL, Purpose.DELETION])
def test_a_form_with_a_field_for_it_says_that_a_lead_is_taken_back_and_nothing_of_who_asked(
    purpose: Purpose,
) -> None:
    words = {"lead": "new", purpose.value: "stop"}
    fields = [
        {"to": "action", "from": "purpose", "values": words, "required": True},
        {"to": "ref", "from": "lead_id", "required": True},
        {"to": "last", "from": "student.last_name", "required": True},
    ]
    settings = {**SETTINGS, "fields": fields}
    lead = sample_lead(())
    assert b"action=new" in KIND.write(lead, UUID(int=7), settings)
    told = KIND.write(replace(lead, purpose=purpose), UUID(int=7), settings)
    assert told.startswith(b"action=stop&ref=lead_")
    assert b"last" not in told
    # Where their words have none for it, it would be one more lead.
    with pytest.raises(UnrenderableError):
        KIND.write(replace(lead, purpose=Purpose.CORRECTION), UUID(int=7), settings)
