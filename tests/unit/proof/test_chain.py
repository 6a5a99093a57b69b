"""Chains: what is found of any change, offline, by both ways of checking signatures."""

import json
import random
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain.chain import Chain
from models.proof.chain import canonical_json
from models.proof.ed25519 import is_signature
from models.proof.export import verify_export, verify_rows
from models.proof.signing import Signer, is_signed
from tests.support.chains import NEWER, SIGNER, Made, made

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abcdefghijklmnopqrstuvwxyz_", max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=40)
@given(_VALUES)
def test_canonical_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


def test_a_whole_export_holds_by_each_of_its_keys() -> None:
    whole = made().export(NEWER)
    for key in (SIGNER.public, NEWER.public):
        report = verify_export(whole, key, is_signed)
        assert report.problems == []
        assert (report.sealed, report.unsealed, report.heads) == (9, 1, 5)
        assert report.keys == [SIGNER.public.hex(), NEWER.public.hex()]
    slow = verify_export(whole, NEWER.public, is_signature)
    assert slow.problems == []


def test_an_end_that_says_the_same_in_other_bytes_is_refused() -> None:
    whole = made().export(NEWER)
    *rows, end = whole.splitlines(keepends=True)
    signature = json.loads(end)["signature"].encode()
    others = (end.replace(signature, signature.upper()), end.replace(b":", b": ", 1))
    for other in others:
        assert not verify_export(b"".join([*rows, other]), NEWER.public, is_signed).holds


def test_another_key_is_refused() -> None:
    report = verify_export(made().export(NEWER), Signer("x", b"x" * 32).public, is_signed)
    assert report.problems == ["the key given signs nothing of this chain"]


@pytest.mark.parametrize("chain", Chain)
def test_two_hundred_changes_of_one_byte_are_found(chain: Chain) -> None:
    whole = made(chain).export(NEWER)
    assert _unnoticed(whole, 200) == []


@pytest.mark.slow
@pytest.mark.parametrize("chain", Chain)
def test_ten_thousand_changes_of_one_byte_are_found(chain: Chain) -> None:
    whole = made(chain).export(NEWER)
    assert _unnoticed(whole, 10_000) == []


def _unnoticed(whole: bytes, times: int) -> list[tuple[int, int]]:
    assert verify_export(whole, NEWER.public, is_signed).holds
    chance, unnoticed = random.Random(8), []  # noqa: S311 - a test's
    for _ in range(times):
        at, by = chance.randrange(len(whole)), chance.randrange(1, 256)
        changed = whole[:at] + bytes([whole[at] ^ by]) + whole[at + 1 :]
        if verify_export(changed, NEWER.public, is_signed).holds:
            unnoticed.append((at, by))
    return unnoticed


def test_rows_changed_missing_added_moved_or_cut_off_are_found_without_the_end_too() -> None:
    """Whoever has the database, and not the key, writes ends and links anew in vain."""
    lines = made(batches=(3, 4)).lines
    assert _problems(lines) == []
    forged = json.loads(json.dumps(lines))
    forged[2]["row"]["commitment"] = "f" * 64
    assert "row 3 was changed" in _problems(forged)[0]
    assert "row 3 is missing" in _problems(lines[:2] + lines[3:])[0]
    assert any("row 4" in each for each in _problems([*lines[:3], lines[2], *lines[3:]]))
    assert _problems([*lines[:2], lines[3], lines[2], *lines[4:]]) != []
    assert "row 6 is the last, and not signed" in _problems(lines[:6])[0]
    renumbered = Made()
    renumbered.key(Signer("c1", b"x" * 32))
    renumbered.rows(3, signer=Signer("c1", b"x" * 32))
    assert "the key given" in _problems(renumbered.lines)[0]


def _problems(lines: list[dict[str, Any]]) -> list[str]:
    return verify_rows("consent", lines, SIGNER.public, is_signed).problems


def test_a_key_without_the_word_of_the_one_before_needs_trust_of_its_own() -> None:
    chain = Made()
    chain.key(SIGNER)
    chain.rows(1)
    chain.key(NEWER)
    chain.rows(1, signer=NEWER)
    assert "has not the word" in _problems(chain.lines)[0]
    assert verify_rows("consent", chain.lines, NEWER.public, is_signed).holds


def test_a_file_of_nothing_but_brackets_is_said_to_be_none() -> None:
    report = verify_export(b"[" * 200_000 + b"\n", SIGNER.public, is_signed)
    assert "line 1 is not as it was written" in report.problems


def test_both_ways_of_checking_signatures_agree() -> None:
    message, signature = b"message", SIGNER.sign(b"message")
    assert is_signature(SIGNER.public, message, signature)
    assert is_signed(SIGNER.public, message, signature)
    chance = random.Random(3)  # noqa: S311 - a test's
    for _ in range(20):
        at, by = chance.randrange(64), chance.randrange(1, 256)
        changed = signature[:at] + bytes([signature[at] ^ by]) + signature[at + 1 :]
        assert not is_signature(SIGNER.public, message, changed)
        assert not is_signed(SIGNER.public, message, changed)
    assert not is_signature(NEWER.public, message, signature)
    assert not is_signature(SIGNER.public, b"other", signature)
    assert not is_signature(SIGNER.public, message, signature[:63])
    # S + L is the same number to whoever does not look: RFC 8032 refuses it.
    more = int.from_bytes(signature[32:], "little") + 2**252 + 0x14DEF9DEA2F79CD65812631A5CF5D3ED
    assert not is_signature(SIGNER.public, message, signature[:32] + more.to_bytes(32, "little"))
