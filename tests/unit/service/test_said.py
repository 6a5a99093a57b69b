"""Messages remember how to be said again."""

import re

import pytest

from models.domain.clock import SystemClock
from models.domain.ids import new_id
from models.domain.tokens import TokenSigner
from service.said import ENGLISH, say, shorten
from service.slate_cache import LocalCounter


def test_a_message_keeps_its_key_and_values() -> None:
    said = say("schools_many", most=5)
    assert said == "Choose up to 5 schools"
    assert (said.key, said.values) == ("schools_many", {"most": 5})


@pytest.mark.parametrize("key", ENGLISH)
def test_every_message_says_what_to_do_and_nothing_else(key: str) -> None:
    text = ENGLISH[key]
    assert text[0].isupper() or text.startswith(("{", "slate_id"))
    assert not text.endswith(".")
    assert not re.search(r"\b(invalid|error|oops|illegal)\b", text, re.IGNORECASE)


def test_what_was_typed_is_cut_to_what_a_message_can_quote() -> None:
    assert shorten("x" * 100_000, 10) == "x" * 9 + "…"


def test_a_token_opens_its_request_only() -> None:
    one, other = new_id(SystemClock().now()), new_id(SystemClock().now())
    signer = TokenSigner(b"k" * 32)
    token = signer.token(one)
    assert signer.opens(one, token)
    assert not signer.opens(other, token)
    assert not signer.opens(one, token[:-1])
    assert not signer.opens(one, "ü")
    assert not TokenSigner(b"o" * 32).opens(one, token)


def test_counting_here_forgets_when_the_minute_ends() -> None:
    counter = LocalCounter()
    assert [counter.count("rate:1:a") for _ in range(3)] == [1, 2, 3]
    assert counter.count("rate:1:b") == 1
    assert counter.count("rate:2:a") == 1
