"""docs/destinations.md says what there is: its examples work, and nothing is left out."""

import json
import re
from pathlib import Path

from models.exchange.formats import FORMATS
from models.exchange.kinds import KINDS
from models.exchange.mapping_check import check_mapping
from models.exchange.outcome_rules import check_rules
from models.exchange.presets import PRESETS
from models.exchange.writing import BodyFormat

TEXT = (Path(__file__).parents[3] / "docs/destinations.md").read_text()


def test_its_examples_are_taken() -> None:
    fields, rules = map(json.loads, re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL))
    assert check_mapping(fields, BodyFormat.FORM, ["api_key"]) == {}
    assert check_rules(rules) == {}


def test_every_preset_stands_there_with_everything_that_it_asks() -> None:
    for preset in PRESETS.values():
        [row] = [line for line in TEXT.splitlines() if line.startswith(f"| `{preset.name}` |")]
        assert [asked.name for asked in preset.ask if f"`{asked.name}`" not in row] == []


def test_every_format_and_every_way_to_prove_who_we_are_stand_there() -> None:
    named = set(re.findall(r"`([a-z_0-9]+)[`:]", TEXT))
    assert set(FORMATS) - named == set()
    [proof] = [each for each in KINDS["form_post"].settings if each.name == "auth"]
    ways = [way for way in ("none", "basic", "bearer", "oauth2") if proof.check(way) is None]
    assert set(ways) - named == set()
