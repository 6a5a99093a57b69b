import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.exchange.paths import parse_path, put_path, read_path

DOCUMENT = {
    "student": {"email": "a@example.com"},
    "result": [{"id": "7", "status": "created"}],
    "consents": [{"channel": "email", "text": "E"}, {"channel": "call", "text": "C"}],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("student.email", "a@example.com"),
        ("result[0].id", "7"),
        ("consents[channel=call].text", "C"),
        ("consents[channel=call,text=C].channel", "call"),
        ("student[0].email", "a@example.com"),
        ("student.phone", None),
        ("result[1].id", None),
        ("consents[channel=pigeon].text", None),
        ("student.email.more", None),
        ("result.id", None),
    ],
)
def test_a_path_finds_what_stands_there_and_nothing_else(path: str, value: str | None) -> None:
    assert read_path(DOCUMENT, parse_path(path)) == value


@pytest.mark.parametrize("text", ["", ".", "a.", "a..b", "a[", "a[x]", "a[-1]", "a[=b]", "x" * 301])
def test_what_is_no_path_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_path(text)


def test_writing_makes_what_is_missing_on_the_way() -> None:
    document: dict[str, object] = {}
    for path, value in (
        ("input[0].fields.email", "e"),
        ("input[0].fields.zip", "z"),
        ("fields[type=0-1,name=email].value", "e"),
        ("fields[type=0-1,name=zip].value", "z"),
    ):
        put_path(document, parse_path(path), value)
    assert document == {
        "input": [{"fields": {"email": "e", "zip": "z"}}],
        "fields": [
            {"type": "0-1", "name": "email", "value": "e"},
            {"type": "0-1", "name": "zip", "value": "z"},
        ],
    }


@pytest.mark.parametrize(
    ("first", "second"), [("a", "a"), ("a", "a.b"), ("a.b", "a"), ("a[0]", "a.b"), ("a[0]", "a[0]")]
)
def test_a_value_that_stands_in_the_way_is_never_overwritten(first: str, second: str) -> None:
    document: dict[str, object] = {}
    put_path(document, parse_path(first), "1")
    with pytest.raises(ValueError, match="another field"):
        put_path(document, parse_path(second), "2")


_NAMES = st.text("abcXYZ09_-", min_size=1, max_size=6)
_PATHS = st.lists(st.one_of(_NAMES, st.just("[0]")), max_size=4).map(
    lambda steps: "".join(s if s[0] == "[" else f".{s}" for s in steps)
)


@given(_NAMES, _PATHS, st.text())
def test_what_is_written_at_a_path_is_read_there(first: str, rest: str, value: str) -> None:
    path = parse_path(first + rest)
    document: dict[str, object] = {}
    put_path(document, path, value)
    assert read_path(document, path) == value


@given(st.recursive(st.text(), lambda t: st.lists(t) | st.dictionaries(st.text(), t)), _PATHS)
def test_reading_never_raises_whatever_the_document(document: object, rest: str) -> None:
    read_path(document, parse_path("a" + rest))
