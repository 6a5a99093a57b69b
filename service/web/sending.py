"""Checking and sending: what goes to whom, one unticked box for each school and channel."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Response, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Redirect

from models.domain.consent import BY_PHONE, ConsentText
from models.domain.errors import InvalidInputError, RateLimitError
from models.domain.ids import Prefix, show
from models.domain.matching import NotTakenReason
from models.domain.request import Evidence, Student
from models.domain.school_id import show_school
from models.proof.chain import canonical_json
from service.api.v1.schemas_request import RequestSchema
from service.messages import LOCALES
from service.messages.names import region_name
from service.steps.inputs import Submission
from service.steps.outputs import ChosenSchool, RequestForm
from service.steps.send_request import send_request
from service.web import draft as drafts
from service.web.asked import show_postal_code
from service.web.asking import read_student, start_in_words
from service.web.assets import asset_url
from service.web.failures import expired, sent_before, slate_gone
from service.web.guarding import must_confirm, page_mark
from service.web.outcome import address_of, form_of, is_key, kept_under, outcome_of
from service.web.pages import locale, page, private, services, t, visitor
from service.web.problems import Problems, messages_of, problems_of
from service.web.questions import given_answers, next_unanswered

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Box:
    """One consent, as shown: never ticked for the student."""

    id: str
    value: str
    channel: str
    text: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class ShownProgram:
    """A program that the student asks about."""

    credential: str
    title: str
    sponsored: bool


@dataclass(frozen=True, slots=True)
class ShownSchool:
    """A school with its boxes."""

    name: str
    fictional: bool
    shut: NotTakenReason | None
    programs: list[ShownProgram]
    boxes: list[Box]
    answers: list[tuple[str, str]]
    answers_url: str


def check() -> Response | Redirect:
    """Draw what would be sent, and the boxes."""
    going_on = drafts.draft()
    if going_on is None:
        sent = drafts.last_sent()
        return _already(sent) if sent else expired()
    if sent := outcome_of(going_on):
        return _already(sent)
    try:
        unanswered = next_unanswered(form_of(going_on))
    except InvalidInputError:
        return slate_gone()
    return unanswered or _draw(going_on, Problems(), ())


def send() -> Response | Redirect:
    """Send what was ticked, once."""
    going_on, ticked = drafts.draft(), _ticked()
    if going_on is None or going_on.key != _key():
        return _of_another_draft(going_on)
    try:
        services().slates.admit(visitor().address)
        sent = _send(going_on, ticked)
    except RateLimitError as error:
        return _wait(going_on, ticked, error.retry_after)
    except (ValidationError, InvalidInputError) as error:
        if earlier := outcome_of(going_on):
            return _already(earlier)
        return _draw(going_on, _at_boxes(error), ticked)
    except Exception as error:
        # It may have been kept before this went wrong: what is kept under the key tells.
        found = outcome_of(going_on)
        if found is None:
            raise
        _log.warning("failed_after_acceptance", error=type(error).__name__)
        sent = found
    drafts.note_sent(going_on.key, sent)
    return redirect(url_for("web.confirmation", request_id=sent.request_id), 303)


def check_again() -> Response | Redirect:
    """Draw the page again whose token does not fit the session: nothing of it was sent just now."""
    going_on = drafts.draft()
    if going_on is None or going_on.key != _key():
        return _of_another_draft(going_on)
    if sent := outcome_of(going_on):
        return _already(sent)
    return _draw(going_on, Problems(main=t("error.stale")), _ticked())


def _wait(going_on: drafts.Draft, ticked: Sequence[str], seconds: int) -> Response:
    """Draw the page for later: the draft is kept, and the ticks stand here."""
    shown = _draw(going_on, Problems(main=t("error.limited")), ticked, status=429)
    shown.headers["Retry-After"] = str(seconds)
    return shown


def _key() -> str:
    return request.form.get("key", "")


def _ticked() -> tuple[str, ...]:
    return tuple(request.form.getlist("consent"))


def _of_another_draft(going_on: drafts.Draft | None) -> Response | Redirect:
    """Answer a page that is not of the draft at hand: one sent before, one changed, one expired."""
    key = _key()
    if sent := drafts.sent_by(key):
        return _already(sent)
    if reference := kept_under(key):
        return sent_before(reference)
    if going_on is None:
        return expired(unsent=is_key(key))
    # Another tab changed the draft: what stands on this page is not what would be sent.
    return _draw(going_on, Problems(), (), status=409)


def _already(sent: drafts.SentRequest) -> Redirect:
    return redirect(url_for("web.confirmation", request_id=sent.request_id, again="1"), 303)


def _send(going_on: drafts.Draft, ticked: Sequence[str]) -> drafts.SentRequest:
    form = form_of(going_on)
    consents = [_consent(value) for value in ticked]
    schools = {consent["school_id"] for consent in consents}
    body: dict[str, Any] = {
        "slate_id": going_on.slate_id,
        "listing_ids": [
            shown.id
            for school in form.schools
            if show_school(school.unitid) in schools
            for shown in school.listings
        ],
        "student": drafts.student(),
        "consents": consents,
        "answers": {
            school: given for school, given in given_answers(form).items() if school in schools
        },
        "locale": locale(),
    }
    asked = RequestSchema().load(body)
    who = visitor()
    chosen = {one.unitid for one in form.schools if show_school(one.unitid) in schools}
    submission = Submission(
        idempotency_key=going_on.key,
        body_hash=hashlib.sha256(canonical_json(body)).digest(),
        evidence=Evidence(who.address, who.user_agent, request.base_url),
        privacy_control=who.privacy_control,
        confirm=must_confirm(going_on.key, chosen),
    )
    results = address_of(form.slate, going_on)
    accepted = send_request(services(), asked, submission)
    return drafts.SentRequest(show(Prefix.REQUEST, accepted.request_id), results)


def _consent(value: str) -> dict[str, str]:
    """Read a box's value: school, channel and the text that stood beside it."""
    school, _, rest = value.partition(":")
    channel, _, text_id = rest.partition(":")
    return {"school_id": school, "channel": channel, "text_id": text_id}


def _at_boxes(error: ValidationError | InvalidInputError) -> Problems:
    """Put what the schema and the step say where the page has a place for it: at the boxes."""
    problems = problems_of(messages_of(error), within="student.")
    at_boxes = {"listing_ids", "consents", "Idempotency-Key"}
    return Problems(
        {("consent" if name in at_boxes else "main"): text for name, text in problems.items()}
    )


def _draw(
    going_on: drafts.Draft, problems: Problems, ticked: Sequence[str], *, status: int = 200
) -> Response:
    try:
        form, student = form_of(going_on), read_student(drafts.student())
    except (ValidationError, InvalidInputError):
        return slate_gone()
    channels_by_phone = student.phone is not None
    schools = [_school(school, form, ticked, by_phone=channels_by_phone) for school in form.schools]
    takers = [school for school in schools if school.shut is None]
    shown = page(
        "check.html",
        422 if problems and status == 200 else status,
        problems=problems,
        schools=schools,
        open_schools=len(takers),
        # Where a message about the boxes leads.
        first_box=next((box for school in takers for box in school.boxes), None),
        details=_details(student, form),
        change_url=url_for("web.request_form", slate_id=going_on.slate_id, page=going_on.page),
        slate_id=going_on.slate_id,
        key=going_on.key,
        mark=page_mark(going_on.key),
        proof_bits=services().guard.proof_bits,
        proof_url=asset_url("proof"),
        changed=status == 409,
    )
    return private(shown)


def _school(
    school: ChosenSchool, form: RequestForm, ticked: Sequence[str], *, by_phone: bool
) -> ShownSchool:
    texts = [text for text in form.consents if text.unitid == school.unitid]
    offered = [text for text in texts if by_phone or text.channel not in BY_PHONE]
    programs = [
        ShownProgram(
            t(f"credential_level.{shown.listing.program.credential_level}"),
            shown.listing.program.title,
            shown.listing.sponsored,
        )
        for shown in school.listings
    ]
    boxes = [_box(text, ticked) for text in offered]
    given = given_answers(form).get(show_school(school.unitid), {})
    answers = [
        (question.label, question.said(given[question.question_id]))
        for question in school.questions
        if given.get(question.question_id)
    ]
    slate_id, shown_id = show(Prefix.SLATE, form.slate.id), show_school(school.unitid)
    url = url_for("web.questions_form", school_id=shown_id, slate_id=slate_id)
    return ShownSchool(school.name, school.fictional, school.shut, programs, boxes, answers, url)


def _box(text: ConsentText, ticked: Sequence[str]) -> Box:
    value = f"{show_school(text.unitid)}:{text.channel}:{text.text_id}"
    name = f"consent-{text.unitid}-{text.channel}"
    return Box(name, value, t(f"channel.{text.channel}"), text.text, value in ticked)


def _details(student: Student, form: RequestForm) -> list[tuple[str, str]]:
    answers = form.slate.answers
    place = (
        show_postal_code(answers.postal_code)
        if answers.postal_code
        else region_name(locale(), answers.region or "")
    )
    return [
        (t("check.name"), f"{student.first_name} {student.last_name}"),
        (t("check.email"), student.email),
        (t("check.phone"), show_phone(student.phone)),
        (t("check.desired_start"), start_in_words(student.desired_start)),
        (t("check.education"), t(f"education_level.{answers.education_level}.label")),
        (t("check.place"), place or t("check.not_given")),
        (t("site.language"), LOCALES[locale()]),
        *([(t("check.came_from"), form.slate.landing_page)] if form.slate.landing_page else []),
    ]


def show_phone(number: str | None) -> str:
    """Write ``+14045550123`` as people here do."""
    if not number:
        return t("check.not_given")
    return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
