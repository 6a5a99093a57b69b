from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.delivery import DeliveryStatus as S
from models.exchange.answer_documents import read_document
from models.exchange.outcome_rules import (
    UNKNOWN,
    Answer,
    Judged,
    check_rules,
    judge,
    read_rules,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES: list[dict[str, Any]] = [
    {"name": "seen", "path": "r.status", "equals": "dup", "is": "duplicate"},
    {
        "name": "no",
        "path": "r.status",
        "equals": ["no", "never"],
        "is": "rejected",
        "reason_path": "r.why",
        "reasons": {"PHONE": "bad_phone"},
        "reason": "unsaid",
    },
    {"name": "busy", "pattern": "(?i)try (again )?later", "is": "retry", "slow": True, "after": 9},
    {"name": "stale", "codes": ["403"], "path": "code", "equals": "602", "is": "refresh"},
    {
        "name": "yes",
        "path": "r.status",
        "equals": "yes",
        "is": "delivered",
        "reference_path": "r.id",
        "price_path": "r.price",
    },
]


def ask(body: str | bytes, code: int = 200, retry_after: str | None = None) -> Judged:
    answer = Answer(code, body.encode() if isinstance(body, str) else body, retry_after)
    assert check_rules(RULES) == {}
    return judge(answer, read_rules(RULES), NOW)


@pytest.mark.parametrize(
    ("body", "code", "status", "reason", "rule"),
    [
        ('{"r":{"status":"yes"}}', 200, S.DELIVERED, "yes", "yes"),
        ('{"r":{"status":"yes"}}', 201, S.DELIVERED, "yes", "yes"),
        ("<r><status>yes</status></r>", 200, S.DELIVERED, "yes", "yes"),
        ('<x:r xmlns:x="u"><x:status>yes</x:status></x:r>', 200, S.DELIVERED, "yes", "yes"),
        ('{"r":{"status":"dup"}}', 200, S.DUPLICATE, "seen", "seen"),
        ('{"r":{"status":"never"}}', 200, S.REJECTED, "unsaid", "no"),
        ('{"r":{"status":"no","why":"PHONE"}}', 200, S.REJECTED, "bad_phone", "no"),
        ('{"r":{"status":"no","why":"Zoe\'s phone"}}', 200, S.REJECTED, "unsaid", "no"),
        ("Please TRY LATER", 200, S.PENDING, "busy", "busy"),
        ('{"code":602}', 403, S.PENDING, "stale", "stale"),
        # What no rule knows: a 2xx is in doubt, the rest is judged by its code.
        ("", 200, S.IN_DOUBT, UNKNOWN, None),
        ('{"r":{"status":"YES"}}', 200, S.IN_DOUBT, UNKNOWN, None),
        ('{"r":[]}', 204, S.IN_DOUBT, UNKNOWN, None),
        ("<html><p>Log in</p></html>", 200, S.IN_DOUBT, UNKNOWN, None),
        ('{"r":{"status":"yes"}}', 500, S.PENDING, "http_500", None),
        ('{"r":{"status":"yes"}}', 302, S.FAILED, "redirect_not_followed", None),
        ("", 400, S.FAILED, "http_400", None),
        ("", 410, S.FAILED, "http_410", None),
        ("", 429, S.PENDING, "http_429", None),
    ],
)
def test_the_first_rule_that_applies_judges(
    body: str, code: int, status: S, reason: str, rule: str | None
) -> None:
    judged = ask(body, code)
    assert (judged.outcome.status, judged.outcome.reason, judged.rule) == (status, reason, rule)
    assert judged.outcome.code == code
    assert judged.refresh is (rule == "stale")


def test_reference_and_price_are_read_and_the_schools_words_kept_apart() -> None:
    judged = ask('{"r":{"status":"yes","id":318592,"price":22.50}}')
    assert (judged.outcome.reference, judged.price) == ("318592", "22.50")
    judged = ask('{"r":{"status":"no","why":"zoe@example.com is known"}}')
    assert judged.said == "zoe@example.com is known"
    assert judged.outcome.reason == "unsaid"


@pytest.mark.parametrize("reference", ["zoe@example.com", "Zoë", "a b", "x" * 65, ""])
def test_a_reference_that_could_be_a_person_is_not_kept(reference: str) -> None:
    assert ask(f'{{"r":{{"status":"yes","id":"{reference}"}}}}').outcome.reference is None


def test_how_long_to_wait_comes_from_the_rule_before_the_header() -> None:
    judged = ask("try again later", retry_after="120")
    assert (judged.outcome.retry_after, judged.outcome.slow_destination) == (9, True)
    assert ask("", 503, "120").outcome.retry_after == 120


@given(st.binary(), st.integers(100, 599))
def test_any_answer_is_judged_and_unknown_is_never_delivered(body: bytes, code: int) -> None:
    judged = ask(body, code)
    if judged.rule is None:
        assert judged.outcome.status is not S.DELIVERED
        assert (judged.outcome.status is S.IN_DOUBT) is (200 <= code < 300)
    assert judged == ask(body, code)


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY b "yes">]><r><status>&b;</status></r>',
        b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><r><status>yes</status></r>',
        b"<r><status>yes</status>",
        b"<r>" * 65 + b"</r>" * 65,
        b"[" * 100_000,
        b'{"r":{"status":"yes"}',
        b"\xff\xfe{}",
    ],
)
def test_documents_that_are_unsafe_or_broken_say_nothing(body: bytes) -> None:
    assert read_document(body) is None
    assert ask(body).outcome.status is S.IN_DOUBT


def test_xml_keeps_attributes_text_and_repeated_elements() -> None:
    found = read_document(b'<r a="1"> t <b>x</b><b c="2">y</b></r>')
    assert found == {"r": {"@a": "1", "b": ["x", {"@c": "2", "#text": "y"}], "#text": "t"}}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (7, "Name the rule"),
        ({"name": "Bad name", "is": "delivered"}, "Name the rule"),
        ({"name": "a", "is": "maybe"}, "is = one of"),
        ({"name": "a", "is": "rejected", "colour": 1}, "Remove colour"),
        ({"name": "a", "is": "rejected", "codes": []}, "codes as a list"),
        ({"name": "a", "is": "rejected", "codes": ["600"]}, "codes as a list"),
        ({"name": "a", "is": "rejected", "codes": ["499-400"]}, "codes as a list"),
        ({"name": "a", "is": "rejected", "equals": "x"}, "at which path"),
        ({"name": "a", "is": "rejected", "path": "a", "equals": [1]}, "equals as"),
        ({"name": "a", "is": "rejected", "path": "a..b"}, "no path"),
        ({"name": "a", "is": "rejected", "pattern": "("}, "RE2"),
        ({"name": "a", "is": "rejected", "pattern": r"(a)\1"}, "RE2"),
        ({"name": "a", "is": "rejected", "pattern": "a", "path": "b"}, "not both"),
        ({"name": "a", "is": "retry", "after": -1}, "seconds"),
        ({"name": "a", "is": "rejected", "reason": "Bad Phone"}, "reasons as words"),
        ({"name": "a", "is": "rejected", "reasons": {"x": "Y z"}}, "reasons as words"),
        ({"name": "a", "is": "delivered", "codes": ["2xx", "500"]}, "200 to 299"),
    ],
)
def test_a_rule_that_cannot_work_is_said_with_what_to_do(rule: Any, words: str) -> None:
    [texts] = check_rules([rule, RULES[-1]]).values()
    assert words in texts[0]


@pytest.mark.parametrize("written", [None, "rules", [], [RULES[0]]])
def test_rules_without_a_yes_are_refused(written: object) -> None:
    assert check_rules(written).keys() == {"outcomes"}
