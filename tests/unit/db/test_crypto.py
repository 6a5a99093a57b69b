from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.db.crypto import Keyring, WrappedKey
from models.domain.errors import TamperedError

RING = Keyring({"new": b"n" * 32, "old": b"o" * 32}, b"i" * 32)
OWNER = uuid4()
KEY, WRAPPED = RING.new_key(OWNER)
SEALED = KEY.seal(b"ada@example.com", "request", "student", OWNER)


def test_what_is_sealed_opens_only_in_its_own_place() -> None:
    assert KEY.open(SEALED, "request", "student", OWNER) == b"ada@example.com"
    for place in (
        ("lead", "student", OWNER),
        ("request", "evidence", OWNER),
        ("request", "student", uuid4()),
    ):
        with pytest.raises(TamperedError):
            KEY.open(SEALED, *place)


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_any_changed_byte_is_noticed(place: int, change: int) -> None:
    spoiled = bytearray(SEALED)
    spoiled[place] ^= change
    with pytest.raises(TamperedError):
        KEY.open(bytes(spoiled), "request", "student", OWNER)


def test_nothing_readable_is_left_and_equal_texts_differ() -> None:
    assert b"ada" not in SEALED
    assert KEY.seal(b"ada@example.com", "request", "student", OWNER) != SEALED
    with pytest.raises(TamperedError):
        KEY.open(b"", "request", "student", OWNER)


def test_new_keys_are_wrapped_by_the_first_master_and_old_ones_still_open() -> None:
    assert WRAPPED.master_key_id == "new"
    retired = Keyring({"old": b"o" * 32}, b"i" * 32)
    _, wrapped = retired.new_key(OWNER)
    RING.unwrap(wrapped, OWNER)
    with pytest.raises(TamperedError, match="new is not in MASTER_KEYS"):
        retired.unwrap(WRAPPED, OWNER)
    with pytest.raises(TamperedError):
        RING.unwrap(WrappedKey("old", WRAPPED.wrapped), OWNER)
    with pytest.raises(TamperedError):
        RING.unwrap(WRAPPED, uuid4())


def test_an_address_has_one_blind_index_however_it_is_typed() -> None:
    index = RING.blind_index("email", "Ada@Example.com ")
    assert index == RING.blind_index("email", "ada@example.com")
    assert index != RING.blind_index("phone", "ada@example.com")
    assert index != Keyring({"a": b"a" * 32}, b"j" * 32).blind_index("email", "ada@example.com")
