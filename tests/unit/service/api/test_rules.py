"""What schemas take of what was typed, and that every refusal says what to do."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from marshmallow import ValidationError, fields

from service.api.v1.dispositions import DispositionSchema
from service.api.v1.events import EventsSchema
from service.api.v1.feed import FeedQuery
from service.api.v1.rules import Many, Rules, flatten
from service.api.v1.schemas import FieldQuerySchema, SearchSchema
from service.api.v1.schemas_request import RequestFormSchema, RequestSchema, StudentSchema
from service.said import Said

STUDENT = {
    "first_name": "Zoë",
    "last_name": "Example",
    "email": "zoe@example.com",
    "age_18_or_over": True,
}
SCHEMAS = (
    SearchSchema,
    FieldQuerySchema,
    RequestFormSchema,
    RequestSchema,
    EventsSchema,
    DispositionSchema,
    FeedQuery,
)
UNSEEN = [
    *("\0", "\t", "\n", "\r", "\x1b", "\x7f", "\x85"),
    *("\u2028", "\u2029"),
    *("\u061c", "\u200e", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"),
    *("\ufeff", "\ufff9", "\U000e0001", "\U000e0041", "\ud800"),
]


def refused(schema: Rules, sent: Any) -> dict[str, list[str]]:
    try:
        schema.load(sent)
    except ValidationError as error:
        return flatten(error.messages)
    return {}


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
@pytest.mark.parametrize("name", ["first_name", "last_name"])
def test_a_name_has_no_character_that_cannot_be_seen(name: str, unseen: str) -> None:
    student = STUDENT | {name: f"Zo{unseen}ë"}
    [message] = refused(StudentSchema(strict=True), student)[name]
    assert isinstance(message, Said)
    assert message.key == "control_characters"


@pytest.mark.parametrize(
    "typed", ["\u200b", "\u200d\u200c", "\u3164", "\u115f\u1160", "\uffa0", "\u2800", "\u034f", "1"]
)
def test_a_name_has_a_letter_that_can_be_seen(typed: str) -> None:
    [message] = refused(StudentSchema(strict=True), STUDENT | {"first_name": typed})["first_name"]
    assert isinstance(message, Said)
    assert message.key == "name_letters"


@pytest.mark.parametrize(
    "name",
    ["Zoë", "Nguyễn", "O'Brien-Smith Jr.", "李", "दे\u200dव", "X Æ A-12", " Al\n"],
)
def test_names_of_people_are_taken(name: str) -> None:
    loaded = StudentSchema(strict=True).load(STUDENT | {"first_name": name})
    assert loaded.first_name == name.strip()


def test_what_a_school_writes_may_have_lines() -> None:
    said: Any = DispositionSchema(strict=True).load({"status": "rejected", "reason": "a\n\tb"})
    assert said.reason == "a\n\tb"
    assert refused(DispositionSchema(strict=True), {"status": "rejected", "reason": "a\u202eb"})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("404 555 0123", "+14045550123"),
        ("+1 604 234 5678", "+16042345678"),
        ("787 234 5678", "+17872345678"),  # Puerto Rico
        ("671 234 5678", "+16712345678"),  # Guam
        ("876 234 5678", None),  # Jamaica
        ("+1 658 234 5678", None),
        ("+1 242 322 1234", None),  # Bahamas
        ("+44 20 7946 0958", None),
    ],
)
def test_phone_numbers_are_of_the_us_or_canada(typed: str, kept: str | None) -> None:
    wrong = refused(StudentSchema(strict=True), STUDENT | {"phone": typed})
    assert wrong.keys() == (set() if kept else {"phone"})
    if kept:
        assert StudentSchema(strict=True).load(STUDENT | {"phone": typed}).phone == kept


@pytest.mark.parametrize("typed", ["2027-13", "2027-00", "2027-01-99", "2027-02-30", "1999-01", 7])
def test_a_start_is_a_month_that_there_is(typed: Any) -> None:
    [message] = refused(StudentSchema(strict=True), STUDENT | {"desired_start": typed})[
        "desired_start"
    ]
    assert isinstance(message, Said)
    assert message.key == "start_format"


def paths(schema: Rules) -> Iterator[tuple[str, ...]]:
    """Every place of a schema where a value can stand; ``0`` is a list's first."""
    for name, field in schema.fields.items():
        yield from ((name, *rest) for rest in below(field))


def below(field: fields.Field[Any]) -> Iterator[tuple[str, ...]]:
    yield ()
    if isinstance(field, Many):
        yield from (("0", *rest) for rest in below(field.inner))
    elif isinstance(field, fields.Dict) and field.value_field is not None:
        yield from (("sch_1", *rest) for rest in below(field.value_field))
    elif isinstance(field, fields.Nested):
        yield from paths(field.schema)  # type: ignore[arg-type]


def at(path: tuple[str, ...], value: Any) -> Any:
    if not path:
        return value
    inner = at(path[1:], value)
    return [inner] if path[0] == "0" else {path[0]: inner}


@pytest.mark.parametrize("value", [None, True, 7, 1.5, float("inf"), "zzz", "", [], [None], {}])
@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_refusal_is_one_of_our_messages(kind: type[Rules], value: Any) -> None:
    """Whatever stands where, nothing is answered in the words of a library."""
    schema = kind(strict=True)
    for path in paths(schema):
        for where, messages in refused(schema, at(path, value)).items():
            for message in messages:
                assert isinstance(message, Said), f"{where}: {message}"


@pytest.mark.parametrize(
    ("kind", "sent", "path", "key"),
    [
        (SearchSchema, {"education_level": True}, "education_level", "education_empty"),
        (SearchSchema, {"sort": 7}, "sort", "unknown_choice"),
        (SearchSchema, {"locale": 7}, "locale", "unknown_choice"),
        (SearchSchema, {"region": 7}, "region", "region_unknown"),
        (SearchSchema, {"filters": {"states": [None]}}, "filters.states.0", "empty"),
        (RequestFormSchema, {"listing_ids": [None]}, "listing_ids.0", "empty"),
        (RequestSchema, {"answers": {"sch_1": "v"}}, "answers.sch_1", "not_object"),
        (RequestSchema, {"answers": 7}, "answers", "not_object"),
        (RequestSchema, {"consents": [None]}, "consents.0", "not_object"),
    ],
)
def test_a_value_of_another_type_is_told_what_to_send(
    kind: type[Rules], sent: Mapping[str, Any], path: str, key: str
) -> None:
    [message] = refused(kind(strict=True), sent)[path]
    assert isinstance(message, Said)
    assert message.key == key


def test_a_program_may_send_what_the_document_says_and_a_form_a_space_more() -> None:
    text = {"text": " " + "x" * 20_000}
    [message] = refused(FieldQuerySchema(strict=True), text)["text"]
    assert isinstance(message, Said)
    assert message.key == "too_long"
    assert refused(FieldQuerySchema(), text) == {}
