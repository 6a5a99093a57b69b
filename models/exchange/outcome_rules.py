"""What a school's answer means: a few rules for each destination, read from the first to the last.

A rule looks at the status code and, where it says so, at a value in the body: at a path into JSON
or XML, or by a pattern (RE2: linear time, whatever the answer). The first rule that applies says
what the answer means. What none knows is judged by its code alone; a 2xx that none knows is
``in_doubt``: perhaps it arrived, so it is not sent again, and somebody is woken.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import re2

from models.domain.delivery import DeliveryStatus, Outcome
from models.exchange.answer_documents import read_document
from models.exchange.answers import outcome_of
from models.exchange.paths import parse_path, read_path

UNKNOWN = "unknown_answer"

_MEANINGS: Mapping[str, DeliveryStatus] = {
    "delivered": DeliveryStatus.DELIVERED,
    "unconfirmed": DeliveryStatus.UNCONFIRMED,
    "duplicate": DeliveryStatus.DUPLICATE,
    "rejected": DeliveryStatus.REJECTED,
    "failed": DeliveryStatus.FAILED,
    "retry": DeliveryStatus.PENDING,
    # The credentials are no longer taken: new ones are fetched before the next try.
    "refresh": DeliveryStatus.PENDING,
}
_KEYS = frozenset(
    {
        *("name", "codes", "path", "pattern", "equals", "is", "slow", "after"),
        *("reason", "reason_path", "reasons", "reference_path", "price_path"),
    }
)
_CODES = re.compile(r"[1-5][0-9]{2}(?:-[1-5][0-9]{2})?|[2-5]xx")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
# A buyer's own id of a lead, and nothing that could be a name or an address.
_REFERENCE = re.compile(r"[A-Za-z0-9_:{}-]{1,64}")
_PRICE = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,4})?")
_MOST_RULES, _LONGEST, _MOST_SAID = 50, 300, 300
_MOST_AFTER = 86_400


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; see the module. ``codes`` are ranges, both ends taken."""

    name: str
    meaning: str
    codes: tuple[tuple[int, int], ...] = ((200, 299),)
    path: str | None = None
    pattern: str | None = None
    equals: tuple[str, ...] = ()
    slow: bool = False
    after: float | None = None
    reason: str | None = None
    reason_path: str | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)
    reference_path: str | None = None
    price_path: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: its status, ``Retry-After`` where there was one, and what was read of it."""

    code: int
    body: bytes = b""
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What an answer means, and which rule said so (None: its code alone, or nothing knew it).

    ``said`` are the school's own words for its reason: perhaps about the student, so they are for
    whoever tries the rules, and never for a log. ``refresh``: fetch new credentials first.
    """

    outcome: Outcome
    rule: str | None = None
    said: str | None = None
    price: str | None = None
    refresh: bool = False


def judge(answer: Answer, rules: Sequence[Rule], now: datetime) -> Judged:
    """Say what an answer means; a pure function, so that rules can be tried on any answer."""
    document = read_document(answer.body)
    text = answer.body.decode("utf-8", "replace")
    by_code = outcome_of(answer.code, answer.retry_after, answer.body, now)
    for rule in rules:
        if _applies(rule, answer.code, document, text):
            return _judged(rule, by_code, document)
    if by_code.status is DeliveryStatus.DELIVERED:
        return Judged(replace(by_code, status=DeliveryStatus.IN_DOUBT, reason=UNKNOWN))
    return Judged(by_code)


def read_rules(written: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Make rules of what settings hold, after ``check_rules`` found nothing wrong in them."""
    return tuple(map(_read, written))


def check_rules(written: Any) -> dict[str, list[str]]:
    """Find what is wrong with rules; returns what to do, by rule; empty when nothing is."""
    if not isinstance(written, Sequence) or isinstance(written, str):
        return {"outcomes": ["Give a list of rules, each with name and is."]}
    if not 1 <= len(written) <= _MOST_RULES:
        return {"outcomes": [f"Give 1 to {_MOST_RULES} rules."]}
    problems: dict[str, list[str]] = {}
    for place, each in enumerate(written):
        if said := _problem(each):
            name = each.get("name") if isinstance(each, Mapping) else None
            problems[f"outcomes.{name if isinstance(name, str) else place}"] = [said]
    if not problems and not any(
        _MEANINGS[each["is"]] in (DeliveryStatus.DELIVERED, DeliveryStatus.UNCONFIRMED)
        for each in written
    ):
        problems["outcomes"] = ["Say how the school's system says yes: is = delivered."]
    return problems


def _applies(rule: Rule, code: int, document: Any, text: str) -> bool:
    if not any(first <= code <= last for first, last in rule.codes):
        return False
    if rule.pattern is not None:
        return re2.search(rule.pattern, text) is not None
    if rule.path is None:
        return True
    found = _text(read_path(document, parse_path(rule.path)))
    return found is not None and (not rule.equals or found in rule.equals)


def _judged(rule: Rule, by_code: Outcome, document: Any) -> Judged:
    said = _at(document, rule.reason_path)
    reason = rule.reasons.get(said or "", rule.reason or rule.name)
    reference = _at(document, rule.reference_path)
    price = _at(document, rule.price_path)
    outcome = replace(
        by_code,
        status=_MEANINGS[rule.meaning],
        reason=reason,
        retry_after=by_code.retry_after if rule.after is None else rule.after,
        slow_destination=rule.slow,
        disable=False,
        reference=reference if reference and _REFERENCE.fullmatch(reference) else None,
    )
    return Judged(
        outcome,
        rule.name,
        said[:_MOST_SAID] if said else None,
        price if price and _PRICE.fullmatch(price) else None,
        refresh=rule.meaning == "refresh",
    )


def _at(document: Any, path: str | None) -> str | None:
    return None if path is None else _text(read_path(document, parse_path(path)))


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, dict | list):
        return None
    return str(value)


def _read(written: Mapping[str, Any]) -> Rule:
    equals = written.get("equals", ())
    codes = tuple(_range(each) for each in written.get("codes", ("2xx",)))
    return Rule(
        name=written["name"],
        meaning=written["is"],
        codes=codes,
        path=written.get("path"),
        pattern=written.get("pattern"),
        equals=(equals,) if isinstance(equals, str) else tuple(equals),
        slow=written.get("slow", False),
        after=written.get("after"),
        reason=written.get("reason"),
        reason_path=written.get("reason_path"),
        reasons=written.get("reasons", {}),
        reference_path=written.get("reference_path"),
        price_path=written.get("price_path"),
    )


def _range(codes: str) -> tuple[int, int]:
    if codes.endswith("xx"):
        return int(codes[0]) * 100, int(codes[0]) * 100 + 99
    first, _, last = codes.partition("-")
    return int(first), int(last or first)


def _problem(each: Any) -> str | None:
    if not isinstance(each, Mapping) or not _word(each.get("name")):
        return "Name the rule: a word of small letters, such as created."
    unknown = sorted(str(key) for key in each if key not in _KEYS)
    if unknown:
        return f"Remove {', '.join(unknown)[:80]}; a rule has {', '.join(sorted(_KEYS))}."
    if each.get("is") not in _MEANINGS:
        return f"Say what it means: is = one of {', '.join(_MEANINGS)}."
    return _shape(each) or _looks(each) or _yes(each)


def _shape(each: Mapping[str, Any]) -> str | None:
    codes, equals, after = each.get("codes", ["2xx"]), each.get("equals", []), each.get("after", 0)
    if not isinstance(codes, list | tuple) or not codes or not all(map(_is_codes, codes)):
        return 'Give codes as a list, such as ["200", "2xx", "400-404"].'
    if not isinstance(equals, str) and not (
        isinstance(equals, list | tuple) and all(isinstance(value, str) for value in equals)
    ):
        return "Give equals as a text or a list of texts."
    if (
        isinstance(after, bool)
        or not isinstance(after, int | float)
        or not 0 <= after <= _MOST_AFTER
    ):
        return "Give after in seconds, at most a day."
    reasons = each.get("reasons", {})
    words = [*(reasons.values() if isinstance(reasons, Mapping) else [None])]
    if not all(map(_word, words)) or not _word(each.get("reason", "none")):
        return "Give reasons as words of small letters, such as bad_phone."
    return None if isinstance(each.get("slow", False), bool) else "Write slow = true, or nothing."


def _looks(each: Mapping[str, Any]) -> str | None:
    for key in ("path", "reason_path", "reference_path", "price_path"):
        if key in each:
            try:
                parse_path(str(each[key]))
            except ValueError as error:
                return str(error)
    if "pattern" in each:
        if "path" in each or "equals" in each:
            return "Use a pattern, or a path with equals, not both."
        return _pattern(each["pattern"])
    return "Say at which path the value of equals stands." if _alone(each) else None


def _alone(each: Mapping[str, Any]) -> bool:
    return bool(each.get("equals")) and "path" not in each


def _pattern(pattern: Any) -> str | None:
    options = re2.Options()
    options.log_errors = False
    try:
        if not isinstance(pattern, str) or not 0 < len(pattern) <= _LONGEST:
            raise ValueError
        re2.compile(pattern, options)
    except (ValueError, re2.error):
        return "Use a pattern that RE2 takes, of at most 300 letters."
    return None


def _yes(each: Mapping[str, Any]) -> str | None:
    """A yes outside of 2xx would hide that the school's system failed."""
    means_yes = each["is"] in ("delivered", "unconfirmed")
    ranges = [_range(codes) for codes in each.get("codes", ("2xx",))]
    if means_yes and not all(first >= 200 and last <= 299 for first, last in ranges):
        return "Only an answer with a code of 200 to 299 can mean that a lead arrived."
    return None


def _is_codes(codes: Any) -> bool:
    if not isinstance(codes, str) or not _CODES.fullmatch(codes):
        return False
    first, last = _range(codes)
    return first <= last


def _word(value: Any) -> bool:
    return isinstance(value, str) and _WORD.fullmatch(value) is not None
