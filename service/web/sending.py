"""Checking and sending: what goes to whom, one unticked box for each school and channel."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Redirect

from models.domain.consent import BY_PHONE, ConsentText, canonical_json
from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, read, show
from models.domain.matching import NotTakenReason
from models.domain.request import Evidence, Student
from models.domain.school_id import show_school
from service.api.v1.schemas_request import RequestSchema
from service.steps.inputs import Submission
from service.steps.outputs import Accepted, ChosenSchool, RequestForm
from service.steps.request_form import request_form as prepare
from service.steps.send_request import send_request
from service.web import draft as drafts
from service.web.asking import read_student, start_in_words
from service.web.failures import expired, slate_gone
from service.web.pages import locale, page, private, services, t, visitor
from service.web.problems import Problems, messages_of, problems_of
from service.web.query import Query
from service.web.results_view import show_postal_code


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

    words: str
    sponsored: bool


@dataclass(frozen=True, slots=True)
class ShownSchool:
    """A school with its boxes."""

    name: str
    fictional: bool
    shut: NotTakenReason | None
    programs: list[ShownProgram]
    boxes: list[Box]


def check() -> Response | Redirect:
    """Draw what would be sent, and the boxes."""
    going_on = drafts.draft()
    if going_on is None:
        sent = drafts.last_sent()
        return _already(sent) if sent else expired()
    return _draw(going_on, Problems(), ())


def send() -> Response | Redirect:
    """Send what was ticked, once."""
    key, ticked = request.form.get("key", ""), tuple(request.form.getlist("consent"))
    if sent := drafts.sent_by(key):
        return _already(sent)
    going_on = drafts.draft()
    if going_on is None:
        return expired()
    if key != going_on.key:
        # Another tab changed the draft: what stands on this page is not what would be sent.
        return _draw(going_on, Problems(), (), changed=True)
    services().slates.admit(visitor().address)
    try:
        accepted = _send(going_on, ticked)
    except (ValidationError, InvalidInputError) as error:
        return _draw(going_on, _at_boxes(error), ticked)
    shown = show(Prefix.REQUEST, accepted.request_id)
    drafts.note_sent(key, drafts.SentRequest(shown, _results_url(going_on)))
    return redirect(url_for("web.confirmation", request_id=shown), 303)


def _already(sent: drafts.SentRequest) -> Redirect:
    return redirect(url_for("web.confirmation", request_id=sent.request_id, again="1"), 303)


def _send(going_on: drafts.Draft, ticked: Sequence[str]) -> Accepted:
    form = _prepare(going_on)
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
        "locale": locale(),
    }
    asked = RequestSchema().load(body)
    who = visitor()
    submission = Submission(
        idempotency_key=going_on.key,
        body_hash=hashlib.sha256(canonical_json(body)).digest(),
        evidence=Evidence(who.address, who.user_agent, request.base_url),
        privacy_control=who.privacy_control,
    )
    return send_request(services(), asked, submission)


def _consent(value: str) -> dict[str, str]:
    """Read a box's value: school, channel and the text that stood beside it."""
    school, _, rest = value.partition(":")
    channel, _, text_id = rest.partition(":")
    return {"school_id": school, "channel": channel, "text_id": text_id}


def _at_boxes(error: ValidationError | InvalidInputError) -> Problems:
    """Put what the schema and the step say where the page can show it: at the boxes."""
    problems = problems_of(messages_of(error), within="student.")
    at_boxes = {"listing_ids", "consents", "Idempotency-Key"}
    return Problems(
        {("consent" if name in at_boxes else name): text for name, text in problems.items()}
    )


def _prepare(going_on: drafts.Draft) -> RequestForm:
    slate_id = read(Prefix.SLATE, going_on.slate_id)
    return prepare(services(), slate_id, tuple(going_on.listing_ids), locale())


def _results_url(going_on: drafts.Draft) -> str:
    slate = _prepare(going_on).slate
    return Query.of_slate(slate).setting(page=going_on.page).url()


def _draw(
    going_on: drafts.Draft, problems: Problems, ticked: Sequence[str], *, changed: bool = False
) -> Response:
    try:
        form, student = _prepare(going_on), read_student(drafts.student())
    except (ValidationError, InvalidInputError):
        return slate_gone()
    channels_by_phone = student.phone is not None
    schools = [_school(school, form, ticked, by_phone=channels_by_phone) for school in form.schools]
    shown = page(
        "check.html",
        422 if problems else 409 if changed else 200,
        problems=problems,
        schools=schools,
        open_schools=sum(school.shut is None for school in schools),
        details=_details(student, form),
        change_url=url_for("web.request_form", slate_id=going_on.slate_id, page=going_on.page),
        slate_id=going_on.slate_id,
        key=going_on.key,
        changed=changed,
    )
    return private(shown)


def _school(
    school: ChosenSchool, form: RequestForm, ticked: Sequence[str], *, by_phone: bool
) -> ShownSchool:
    texts = [text for text in form.consents if text.unitid == school.unitid]
    offered = [text for text in texts if by_phone or text.channel not in BY_PHONE]
    programs = [
        ShownProgram(
            t(
                "request.about",
                credential=t(f"credential_level.{shown.listing.program.credential_level}"),
                program=shown.listing.program.title,
            ),
            shown.listing.sponsored,
        )
        for shown in school.listings
    ]
    boxes = [_box(text, ticked) for text in offered]
    return ShownSchool(school.name, school.fictional, school.shut, programs, boxes)


def _box(text: ConsentText, ticked: Sequence[str]) -> Box:
    value = f"{show_school(text.unitid)}:{text.channel}:{text.text_id}"
    name = f"consent-{text.unitid}-{text.channel}"
    return Box(name, value, t(f"channel.{text.channel}"), text.text, value in ticked)


def _details(student: Student, form: RequestForm) -> list[tuple[str, str]]:
    answers = form.slate.answers
    place = show_postal_code(answers.postal_code) if answers.postal_code else answers.region
    return [
        (t("check.name"), f"{student.first_name} {student.last_name}"),
        (t("check.email"), student.email),
        (t("check.phone"), show_phone(student.phone)),
        (t("check.desired_start"), start_in_words(student.desired_start)),
        (t("check.education"), t(f"education_level.{answers.education_level}.label")),
        (t("check.place"), place or t("check.not_given")),
    ]


def show_phone(number: str | None) -> str:
    """Write ``+14045550123`` as people here do."""
    if not number:
        return t("check.not_given")
    return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
