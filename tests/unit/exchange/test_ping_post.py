"""The kind ``ping_post``: what a ping may say, and settings that cannot work."""

import copy
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import pytest

from models.domain.errors import InvalidInputError
from models.exchange import pinging
from models.exchange.kinds import KINDS
from models.exchange.mapping import read_rows
from models.exchange.presets import PRESETS
from models.exchange.sample import sample_lead

PRESET = PRESETS["generic_ping_post"]
SETTINGS, SECRETS = PRESET.expand(PRESET.examples)


def parts(settings: dict[str, Any]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    facts = sample_lead(read_rows(settings["fields"]))
    both = pinging.split(KINDS["ping_post"].write(facts, UUID(int=7), settings))
    ping, post = (parse_qs(part.decode()) for part in both)
    return ping, post


def test_a_ping_carries_no_personal_data_invariant_3() -> None:
    """Every value of the post that is the student's own is looked for in the ping."""
    facts = sample_lead(read_rows(SETTINGS["fields"]))
    ping, _ = pinging.split(KINDS["ping_post"].write(facts, UUID(int=7), SETTINGS))
    said = ping.decode()
    own = [*facts.student.values(), facts.search["postal_code"], str(UUID(int=7))]
    own.remove(facts.student["desired_start"])
    for value in (*own, "consent", "lead_", "dlv_", "req_"):
        assert str(value) not in said
    assert parse_qs(said)["Zip3"] == ["109"]


@pytest.mark.parametrize(
    "source",
    [
        *("student.first_name", "student.last_name", "student.email", "student.phone"),
        *("student.postal_code", "student.locale", "lead_id", "request_id", "delivery_id"),
        *("asked_at", "answers.gpa", "consents[0].text", "source.landing_page"),
        "consents[channel=email].text",
    ],
)
def test_a_field_that_tells_who_asks_cannot_stand_in_a_ping_invariant_3(source: str) -> None:
    settings = copy.deepcopy(SETTINGS)
    settings["ping_fields"].append({"to": "Extra", "from": source})
    with pytest.raises(InvalidInputError) as error:
        KINDS["ping_post"].check(settings, SECRETS)
    assert error.value.messages.keys() == {"ping_fields.Extra"}


def test_a_postal_code_goes_into_a_ping_by_its_first_three_only() -> None:
    settings = copy.deepcopy(SETTINGS)
    settings["ping_fields"].append(
        {"to": "Extra", "from": "student.postal_code", "format": ["zip5", "zip3"]}
    )
    KINDS["ping_post"].check(settings, SECRETS)
    assert parts(settings)[0]["Extra"] == ["109"]


def _without(key: str, name: str) -> Any:
    def spoil(settings: dict[str, Any]) -> None:
        settings[key] = [each for each in settings[key] if each.get("to") != name]

    return spoil


def _no_reference(settings: dict[str, Any]) -> None:
    del settings["ping_outcomes"][0]["reference_path"]


def _no_yes(settings: dict[str, Any]) -> None:
    settings["ping_outcomes"][0]["is"] = "unconfirmed"


@pytest.mark.parametrize(
    ("spoil", "where", "words"),
    [
        (_without("fields", "leadAuctionId"), "fields", "ping_reference"),
        (_no_reference, "ping_outcomes", "reference_path"),
        (_no_yes, "ping_outcomes", "is = delivered"),
        (lambda s: s.update(lowest_price="ten"), "lowest_price", "15 or 12.50"),
        (lambda s: s.update(repeat="maybe"), "repeat", "safe, unsafe"),
        (lambda s: s.update(format="delimited"), "format", "form, json, xml"),
        (lambda s: s.update(ping_outcomes=[]), "ping_outcomes", "Give 1 to"),
        (lambda s: s["ping_fields"].append({"to": "X"}), "ping_fields.X", "Say where"),
    ],
)
def test_settings_that_cannot_work_say_what_to_do(spoil: Any, where: str, words: str) -> None:
    settings = copy.deepcopy(SETTINGS)
    spoil(settings)
    with pytest.raises(InvalidInputError) as error:
        KINDS["ping_post"].check(settings, SECRETS)
    assert error.value.messages.keys() == {where}
    assert words in error.value.messages[where][0]


@pytest.mark.parametrize(("ping", "post"), [(b"", b""), (b"a\nb", b"c\nd"), (b"{}", b"")])
def test_both_bodies_come_apart_as_they_were(ping: bytes, post: bytes) -> None:
    assert pinging.split(pinging.join(ping, post)) == (ping, post)
