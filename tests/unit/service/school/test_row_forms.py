"""Rows of settings as forms: what is shown and sent back unchanged is the same."""

import pytest

from models.exchange.kinds.declaration import Typed
from models.exchange.presets import PRESETS
from service.school.row_forms import (
    COLUMNS,
    read_rows,
    row_problems,
    shown_rows,
    typed_rows,
    with_new,
)

TYPED = {
    "fields": Typed.MAPPING,
    "ping_fields": Typed.MAPPING,
    "outcomes": Typed.RULES,
    "ping_outcomes": Typed.RULES,
}
LISTS = [
    (preset.name, name) for preset in PRESETS.values() for name in TYPED if name in preset.settings
]


@pytest.mark.parametrize(("preset", "name"), LISTS)
def test_rows_of_every_preset_stay_as_they_are(preset: str, name: str) -> None:
    settings, _ = PRESETS[preset].expand(PRESETS[preset].examples)
    written, typed = settings[name], TYPED[name]
    form = {
        f"{name}.{place}.{column}": value
        for place, row in enumerate(with_new(shown_rows(written, typed), typed))
        for column, value in row.items()
        if value or column in ("to", "name")
    }
    assert read_rows(typed_rows(form, name, typed), typed) == written


def test_problems_stand_at_the_row_that_is_named_or_counted() -> None:
    rows = {"fields": [{"to": "a"}, {"to": ""}]}
    said = {"fields.a": ["Mend it."], "fields.1": ["Name it."], "fields": ["All."]}
    assert row_problems(said, rows, Typed.MAPPING) == {
        "fields.0.to": "a: Mend it.",
        "fields.1.to": "Name it.",
        "fields": "All.",
    }


def test_a_number_without_end_stays_text_for_its_check() -> None:
    row = {"name": "a", "after": "9" * 5000}
    empty = {column.name: "" for column in COLUMNS[Typed.RULES]}
    assert read_rows([{**empty, **row}], Typed.RULES)[0]["after"] == "9" * 5000
