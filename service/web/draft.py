"""What a student typed so far, in the session: personal data rest nowhere else before sending.

``student`` stays for the session, so that asking a second school asks nothing again; ``draft`` is
what the next request would send; ``sent`` maps idempotency keys to the requests they made, so
that sending twice shows the same confirmation.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

from flask import session

from service.web.session import ServerSession

STUDENT_FIELDS = ("first_name", "last_name", "email", "phone", "desired_start", "age_18_or_over")


@dataclass(frozen=True, slots=True)
class Draft:
    """A request that is being prepared; ``key`` makes sending it twice sending it once."""

    slate_id: str
    page: int
    listing_ids: list[str]
    key: str


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request that was sent from this browser, and how to get back to its results."""

    request_id: str
    results_url: str


def student() -> dict[str, str]:
    """What was typed about the student."""
    typed: dict[str, str] = session.get("student", {})
    return typed


def draft() -> Draft | None:
    """The request being prepared."""
    kept = session.get("draft")
    return Draft(**kept) if kept else None


def keep(new: Draft, typed: Mapping[str, str]) -> None:
    """Keep what was typed for the next page, which must find it: it is kept at once."""
    session["draft"] = asdict(new)
    session["student"] = {name: typed[name] for name in STUDENT_FIELDS if typed.get(name)}
    cast("ServerSession", session).keep_now()


def answers() -> dict[str, dict[str, str]]:
    """Answers to schools' own questions, by the school's shown id and the question's."""
    given: dict[str, dict[str, str]] = session.get("answers", {})
    return given


def keep_answers(school_id: str, given: Mapping[str, str]) -> None:
    """Keep the answers to a school's own questions for the next page; at once, as it needs them."""
    session["answers"] = {**answers(), school_id: dict(given)}
    cast("ServerSession", session).keep_now()


def note_sent(key: str, sent: SentRequest) -> None:
    """Remember what a key made; nothing is left to send."""
    session["sent"] = {**session.get("sent", {}), key: asdict(sent)}
    session.pop("draft", None)


def note_opened(opened: SentRequest) -> None:
    """Remember a request that was opened here by its link."""
    if sent_as(opened.request_id) is None:
        session["sent"] = {**session.get("sent", {}), opened.request_id: asdict(opened)}


def forget_student() -> None:
    """Forget what was typed about the student, and what was about to be sent."""
    session.pop("student", None)
    session.pop("answers", None)
    session.pop("draft", None)


def sent_by(key: str) -> SentRequest | None:
    """The request that a key made, in this session."""
    kept = session.get("sent", {}).get(key)
    return SentRequest(**kept) if kept else None


def sent_as(request_id: str) -> SentRequest | None:
    """A request that was sent from this browser."""
    for kept in session.get("sent", {}).values():
        if kept["request_id"] == request_id:
            return SentRequest(**kept)
    return None


def last_sent() -> SentRequest | None:
    """The newest request of this session."""
    kept = list(session.get("sent", {}).values())
    return SentRequest(**kept[-1]) if kept else None


def ended() -> bool:
    """Whether the visitor had a session that is over."""
    return cast("ServerSession", session).ended
