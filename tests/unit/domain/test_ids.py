from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.errors import UnknownIdError
from models.domain.ids import Prefix, new_id, read, show

AT = datetime(2026, 11, 22, 12, 0, 0, 123_000, tzinfo=UTC)


def test_an_id_is_a_version_7_uuid_that_carries_its_milliseconds() -> None:
    made = new_id(AT)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(AT.timestamp() * 1000)


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id(AT + timedelta(milliseconds=n)) for n in range(50)]
    assert ids == sorted(ids)
    shown = [show(Prefix.LEAD, i) for i in ids]
    assert shown == sorted(shown)


@given(st.uuids())
def test_a_shown_id_reads_back(identifier: UUID) -> None:
    assert read(Prefix.SLATE, show(Prefix.SLATE, identifier)) == identifier


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "slt_",
        "req_" + "0" * 26,
        "slt_" + "0" * 25,
        "slt_" + "u" * 26,
        "slt_" + "z" * 26,
        "slt_" + "0" * 25 + "\0",
        "x" * 100_000,
    ],
)
def test_anything_else_is_refused_with_a_message(shown: str) -> None:
    with pytest.raises(UnknownIdError, match="is not an id that starts with slt_"):
        read(Prefix.SLATE, shown)
