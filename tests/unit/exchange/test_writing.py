import csv
import io
import json
import re
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.exchange.formats import clean
from models.exchange.mapping import Number, Secret, Value
from models.exchange.writing import BodyFormat, put_secrets, write

_NAMES = st.text("abcdefgh", min_size=1, max_size=5)
_TEXTS = st.text().map(clean)
_FIELDS = st.lists(st.tuples(_NAMES, _TEXTS), unique_by=lambda field: field[0], max_size=6)


@given(_FIELDS)
def test_a_form_reads_back_as_it_was_filled(fields: list[tuple[str, str]]) -> None:
    body = write(BodyFormat.FORM, fields)
    assert parse_qsl(body.decode("ascii"), keep_blank_values=True) == fields


@given(_FIELDS)
def test_json_reads_back_as_it_was_filled(fields: list[tuple[str, str]]) -> None:
    assert json.loads(write(BodyFormat.JSON, fields)) == dict(fields)


@given(_FIELDS)
def test_xml_reads_back_as_it_was_filled(fields: list[tuple[str, str]]) -> None:
    written = write(BodyFormat.XML, fields, root="lead")
    root = ElementTree.fromstring(written)  # noqa: S314 - what we wrote ourselves
    assert [(each.tag, each.text or "") for each in root] == fields
    assert not any(list(each) or each.attrib for each in root)


@given(_FIELDS)
def test_a_table_has_two_lines_and_no_formula(fields: list[tuple[str, str]]) -> None:
    body = write(BodyFormat.DELIMITED, fields).decode()
    assert body.count("\n") == 2
    header, cells = list(csv.reader(io.StringIO(body, newline=""))) if fields else ([], [])
    assert header == [name for name, _ in fields]
    for cell, (_, text) in zip(cells, fields, strict=True):
        assert cell.removeprefix("'") == text.replace("\n", " ").removeprefix("'")
        assert cell.lstrip()[:1] not in "=+-@|%" or not cell.strip() or _is_number(cell)


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]+)?", cell) is not None


@pytest.mark.parametrize(
    ("typed", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("  =1", "'  =1"),
        ("+14045550123", "+14045550123"),
        ("-1.5", "-1.5"),
        ('say "hi"', 'say "hi"'),
        ("O'Neil", "O'Neil"),
    ],
)
def test_formulas_are_neutralised_and_telephones_are_not_harmed(typed: str, cell: str) -> None:
    [_, cells] = csv.reader(io.StringIO(write(BodyFormat.DELIMITED, [("a", typed)]).decode()))
    assert cells == [cell]


def test_what_is_missing_leaves_no_trace_but_an_empty_cell() -> None:
    fields: list[tuple[str, Value]] = [("a", None), ("b", "1"), ("c", None)]
    assert write(BodyFormat.FORM, fields) == b"b=1"
    assert write(BodyFormat.JSON, fields) == b'{"b":"1"}'
    assert write(BodyFormat.XML, fields).endswith(b"<lead><b>1</b></lead>")
    assert write(BodyFormat.DELIMITED, fields) == b'"a","b","c"\r\n"","1",""\r\n'


def test_json_and_xml_nest_and_numbers_keep_their_digits() -> None:
    fields: list[tuple[str, Value]] = [
        ("formId", Number("1029")),
        ("gpa", Number("3.50")),
        ("input[0].fields.ok", True),
        ("input[1].fields.ok", False),
    ]
    assert write(BodyFormat.JSON, fields) == (
        b'{"formId":1029,"gpa":3.50,"input":[{"fields":{"ok":true}},{"fields":{"ok":false}}]}'
    )
    assert write(BodyFormat.XML, [("a.@id", '<"&'), ("a.b", "<&>")], root="r") == (
        b'<?xml version="1.0" encoding="UTF-8"?>'
        b'<r><a id="&lt;&quot;&amp;"><b>&lt;&amp;&gt;</b></a></r>'
    )


_SECRET = "k&\"<>' +é"


@pytest.mark.parametrize(
    ("body_format", "sent"),
    [
        (BodyFormat.FORM, b"key=k%26%22%3C%3E%27+%2B%C3%A9&a=x"),
        (BodyFormat.JSON, '{"key":"k&\\"<>\' +é","a":"x"}'.encode()),
        (
            BodyFormat.XML,
            '<?xml version="1.0" encoding="UTF-8"?>'
            "<lead><key>k&amp;&quot;&lt;&gt;' +é</key><a>x</a></lead>".encode(),
        ),
        (BodyFormat.DELIMITED, '"key","a"\r\n"k&""<>\' +é","x"\r\n'.encode()),
    ],
)
def test_a_credential_is_put_in_as_the_bytes_leave(body_format: BodyFormat, sent: bytes) -> None:
    kept = write(body_format, [("key", Secret("api_key")), ("a", "x")])
    assert "é" not in kept.decode()
    assert put_secrets(body_format, kept, {"api_key": _SECRET, "token": "t"}) == sent


@given(st.text())
def test_no_student_can_type_the_mark_of_a_credential(typed: str) -> None:
    text = clean("\ue000api_key\ue001" + typed)
    for body_format in BodyFormat:
        body = write(body_format, [("a", text)])
        assert put_secrets(body_format, body, {"api_key": "SECRET-KEY"}) == body
