"""Presets: golden requests byte by byte, made-up answers, and what a school may type."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, show
from models.exchange.kinds import KINDS
from models.exchange.mapping import read_rows
from models.exchange.presets import PRESETS
from models.exchange.sample import sample_lead
from models.exchange.writing import BodyFormat, put_secrets

GOLDEN = Path(__file__).parents[2] / "data/presets"
DELIVERY = UUID(int=7)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_sample_lead_is_written_as_kept_byte_by_byte(name: str) -> None:
    preset = PRESETS[name]
    settings, secrets = preset.expand(preset.examples)
    facts = sample_lead(read_rows(settings["fields"]))
    body = KINDS[preset.kind].write(facts, DELIVERY, settings)
    sent = put_secrets(BodyFormat(settings.get("format", "delimited")), body, secrets)
    assert sent == (GOLDEN / f"{name}.sample").read_bytes()


@pytest.mark.parametrize("name", sorted(set(PRESETS) - {"educationdynamics"}))
def test_our_lead_id_goes_where_the_help_says(name: str) -> None:
    preset = PRESETS[name]
    settings, secrets = preset.expand(preset.examples)
    assert preset.lead_id is not None
    settings["fields"] += [{"to": preset.lead_id.to, "from": "lead_id"}]
    KINDS[preset.kind].check(settings, secrets)
    facts = sample_lead(read_rows(settings["fields"]))
    assert show(Prefix.LEAD, facts.lead_id).encode() in KINDS[preset.kind].write(
        facts, DELIVERY, settings
    )


def test_every_golden_request_belongs_to_a_preset() -> None:
    assert {path.stem for path in GOLDEN.glob("*.sample")} == set(PRESETS)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_settings_can_be_kept_and_hold_no_secret(name: str) -> None:
    preset = PRESETS[name]
    settings, secrets = preset.expand(preset.examples)
    kept = json.dumps(settings)
    assert json.loads(kept) == settings
    assert not any(secret in kept for secret in secrets.values())
    assert settings["preset"] == name
    places = {asked.name for asked in preset.ask}
    assert not [place for place in places if f"{{{place}}}" in kept], "every answer has its place"


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_each_answer_is_needed_and_checked(name: str) -> None:
    preset = PRESETS[name]
    for asked in preset.ask:
        for wrong in ("", "two\nlines"):
            with pytest.raises(InvalidInputError) as error:
                preset.expand({**preset.examples, asked.name: wrong})
            assert error.value.messages.keys() == {asked.name}
            assert asked.example in error.value.messages[asked.name][0]


def test_an_answer_that_nobody_asked_for_is_refused() -> None:
    preset = PRESETS["slate_post"]
    with pytest.raises(InvalidInputError) as error:
        preset.expand({**preset.examples, "colour": "red"})
    assert error.value.messages.keys() == {"colour"}


def test_each_preset_declares_the_limits_of_its_system() -> None:
    def pace(name: str) -> tuple[int, int, int]:
        preset = PRESETS[name]
        found = KINDS[preset.kind].pace(preset.expand(preset.examples)[0])
        assert found is not None
        return found.posts, found.seconds, found.at_once

    assert pace("slate_post") == (50, 300, 8)
    assert pace("hubspot_forms") == (50, 10, 8)
    assert pace("marketo_forms") == (100, 20, 10)
    assert pace("salesforce_web_to_lead") == (500, 86_400, 8)
