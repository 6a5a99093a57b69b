"""What a student typed so far, in the session: personal data rest nowhere else before sending.

``student`` and ``answers`` stay for the session, so that asking a second school asks nothing again.
``drafts`` holds what would be sent, a draft for each slate with all that its pages show: what is
asked in one tab never changes what another tab is about to send. ``sent`` maps idempotency keys to
the requests they made, so that sending twice shows the same confirmation.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, cast

from flask import request, session

from service.web import saved
from service.web.session import ServerSession

STUDENT_FIELDS = ("first_name", "last_name", "email", "phone", "desired_start", "age_18_or_over")
# Slates whose drafts are kept; more tabs than that nobody fills in at a time.
MOST_DRAFTS = 8


@dataclass(frozen=True, slots=True)
class Draft:
    """A request that is being prepared; ``key`` makes sending it twice sending it once.

    ``student`` is what was typed about the student, ``answers`` what schools asked for, by the
    school's shown id and the question's.
    """

    slate_id: str
    page: int
    listing_ids: list[str]
    key: str
    student: dict[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request that was sent from this browser, and how to get back to its results."""

    request_id: str
    results_url: str
    slate_id: str = ""


def student() -> dict[str, str]:
    """What was typed about the student: for the draft at hand, else for the last one."""
    going_on = draft()
    typed: dict[str, str] = going_on.student if going_on else session.get("student", {})
    return typed


def draft() -> Draft | None:
    """The request being prepared from the slate that the page names; else the newest."""
    kept: dict[str, dict[str, Any]] = session.get("drafts", {})
    slate_id = _slate_id() or next(reversed(kept), "")
    found = kept.get(slate_id)
    return Draft(**found) if found else None


def keep(new: Draft, typed: Mapping[str, str]) -> None:
    """Keep what was typed for the next page, which must find it: it is kept at once."""
    about = {name: typed[name] for name in STUDENT_FIELDS if typed.get(name)}
    _put(replace(new, student=about, answers=answers()))
    session["student"] = about
    cast("ServerSession", session).keep_now()


def answers() -> dict[str, dict[str, str]]:
    """Answers to schools' own questions, by the school's shown id and the question's."""
    going_on = draft()
    given: dict[str, dict[str, str]] = going_on.answers if going_on else session.get("answers", {})
    return given


def keep_answers(school_id: str, given: Mapping[str, str], key: str) -> None:
    """Keep the answers to a school's own questions for the next page; at once, as it needs them.

    Args:
        school_id: which school, as shown.
        given: the answers by question.
        key: a new one for the draft: a page that shows other answers must not send these.
    """
    session["answers"] = {**session.get("answers", {}), school_id: dict(given)}
    going_on = draft()
    if going_on is not None:
        _put(replace(going_on, answers={**going_on.answers, school_id: dict(given)}, key=key))
    cast("ServerSession", session).keep_now()


def note_sent(key: str, sent: SentRequest) -> None:
    """Remember what a key made; nothing of that draft is left to send."""
    kept = dict(session.get("drafts", {}))
    slate_id = next((name for name, one in kept.items() if one["key"] == key), "")
    left = kept.pop(slate_id, None)
    session["sent"] = {**session.get("sent", {}), key: asdict(replace(sent, slate_id=slate_id))}
    session["drafts"] = kept
    if left is not None:
        saved.forget_sent(left)


def take_up(left: Draft, *, whole: bool) -> None:
    """Go on with a request that was saved.

    Args:
        left: the request as it was left.
        whole: whether its student's details were checked; else they are only typed in again.
    """
    session["student"], session["answers"] = left.student, left.answers
    if whole:
        _put(left)
    else:
        kept = session.get("drafts", {})
        session["drafts"] = {name: one for name, one in kept.items() if name != left.slate_id}
    cast("ServerSession", session).keep_now()


def note_opened(opened: SentRequest) -> None:
    """Remember a request that was opened here by its link."""
    if sent_as(opened.request_id) is None:
        session["sent"] = {**session.get("sent", {}), opened.request_id: asdict(opened)}


def forget_student() -> None:
    """Forget what was typed about the student, what was about to be sent and what was saved."""
    saved.forget()
    session.pop("student", None)
    session.pop("answers", None)
    session.pop("drafts", None)


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
    """The newest request of this session, from the slate that the page names if there is one."""
    kept = [SentRequest(**one) for one in session.get("sent", {}).values()]
    here = [one for one in kept if one.slate_id == _slate_id()]
    return next(reversed(here or kept), None)


def ended() -> bool:
    """Whether the visitor had a session that is over."""
    return cast("ServerSession", session).ended


def _slate_id() -> str:
    return request.values.get("slate_id", "")


def _put(new: Draft) -> None:
    """Make a draft the newest; beyond the most that are kept, the oldest go."""
    kept = {name: one for name, one in session.get("drafts", {}).items() if name != new.slate_id}
    kept[new.slate_id] = asdict(new)
    session["drafts"] = dict(list(kept.items())[-MOST_DRAFTS:])
