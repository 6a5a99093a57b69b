"""A school's own questions: one step for the command line and the school's room."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from models.domain.errors import ConflictError, InvalidInputError, NotFoundError
from models.domain.intake import Intake
from models.domain.organization import Actor
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.question import (
    TAKEN_NAMES,
    Option,
    OwnQuestion,
    QuestionKind,
    check_question,
    read_number,
)
from models.domain.school_id import show_school
from models.domain.staff import Staff
from service.said import say
from service.services import Services
from service.steps.claim_listing import SchoolFound, schools_named
from service.steps.staff_doors import staff_actor

_LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class Asks:
    """A school and what it asks."""

    school: SchoolFound
    questions: tuple[OwnQuestion, ...]

    @property
    def version(self) -> str:
        """Names what it asks now: a form says by it what it was drawn from."""
        return _version(self.questions)


def put_question(
    work: UnitOfWork, who: Actor, unitid: int, made: OwnQuestion, now: datetime
) -> None:
    """Ask a question; one with the same id makes way for it, in its place.

    Raises:
        InvalidInputError: when it cannot, or must not, be asked.
    """
    intake = work.destinations.intake(unitid)
    check_question(made, intake.questions)
    ids = [each.question_id for each in intake.questions]
    if made.question_id in ids:
        asked = [
            made if each.question_id == made.question_id else each for each in intake.questions
        ]
    else:
        asked = [*intake.questions, made]
    work.destinations.set_intake(unitid, replace(intake, questions=tuple(asked)))
    _note(work, who, "school.question.add", (unitid, {"question": made.document()}), now)


def remove_question(
    work: UnitOfWork, who: Actor, unitid: int, question_id: str, now: datetime
) -> None:
    """Ask a question no more.

    Raises:
        NotFoundError: when the school does not ask it.
    """
    intake = work.destinations.intake(unitid)
    left = tuple(each for each in intake.questions if each.question_id != question_id)
    if len(left) == len(intake.questions):
        raise NotFoundError(f"{show_school(unitid)} asks no question {question_id}")
    work.destinations.set_intake(unitid, replace(intake, questions=left))
    _note(work, who, "school.question.remove", (unitid, {"question": question_id}), now)


def asked_by(services: Services, organization_id: UUID) -> tuple[Asks, ...]:
    """List an organization's schools with what each asks."""
    with services.unit_of_work() as work:
        owned = work.organizations.schools(organization_id)
        asked = {unitid: work.destinations.intake(unitid).questions for unitid in owned}
    named = schools_named(services, set(owned))
    unnamed = (SchoolFound(unitid, show_school(unitid), "") for unitid in owned)
    return tuple(Asks(named.get(one.unitid, one), asked[one.unitid]) for one in unnamed)


def asks_of(services: Services, organization_id: UUID, unitid: int) -> Asks:
    """Read what one school asks.

    Raises:
        NotFoundError: when it is not this organization's.
    """
    for each in asked_by(services, organization_id):
        if each.school.unitid == unitid:
            return each
    raise NotFoundError("there is no such school")


def put(services: Services, staff: Staff, asks: Asks, typed: Mapping[str, str]) -> None:
    """Keep a question as typed in the room.

    ``version`` among it is that of what the form was drawn from.

    Raises:
        InvalidInputError: naming each field to mend.
        ConflictError: when somebody else changed what is asked meanwhile.
    """
    with services.unit_of_work() as work:
        held = _seen(work, asks.school.unitid, typed.get("version", "")).questions
        made = read_question(typed, held)
        put_question(work, staff_actor(staff), asks.school.unitid, made, services.clock.now())


def remove(services: Services, staff: Staff, asks: Asks, which: tuple[str, str]) -> None:
    """Take a question away.

    Args:
        services: the outside.
        staff: who does it.
        asks: the school.
        which: the question's id, and the version of what the page showed.

    Raises:
        NotFoundError: when the school does not ask it.
        ConflictError: when somebody else changed what is asked meanwhile.
    """
    question_id, version = which
    with services.unit_of_work() as work:
        _seen(work, asks.school.unitid, version)
        who, now = staff_actor(staff), services.clock.now()
        remove_question(work, who, asks.school.unitid, question_id, now)


def move_up(services: Services, staff: Staff, asks: Asks, which: tuple[str, str]) -> None:
    """Ask a question one place earlier; the first stays first.

    Args:
        services: the outside.
        staff: who does it.
        asks: the school.
        which: the question's id, and the version of what the page showed.

    Raises:
        NotFoundError: when the school does not ask it.
        ConflictError: when somebody else changed what is asked meanwhile.
    """
    unitid = asks.school.unitid
    question_id, version = which
    with services.unit_of_work() as work:
        intake = _seen(work, unitid, version)
        ordered = list(intake.questions)
        places = [at for at, each in enumerate(ordered) if each.question_id == question_id]
        if not places:
            raise NotFoundError("there is no such question")
        at = places[0]
        if at == 0:
            return
        ordered[at - 1], ordered[at] = ordered[at], ordered[at - 1]
        work.destinations.set_intake(unitid, replace(intake, questions=tuple(ordered)))
        order = {"order": [each.question_id for each in ordered]}
        _note(
            work, staff_actor(staff), "school.question.order", (unitid, order), services.clock.now()
        )


def as_typed(question: OwnQuestion) -> dict[str, str]:
    """Write a question as the room's form shows it."""
    return {
        "id": question.question_id,
        "label": question.label,
        "kind": question.kind.value,
        "required": "yes" if question.required else "",
        "taken": "\n".join(one.label for one in question.options if one.accepted),
        "refused": "\n".join(one.label for one in question.options if not one.accepted),
        "least": "" if question.least is None else f"{question.least:g}",
        "most": "" if question.most is None else f"{question.most:g}",
    }


def read_question(typed: Mapping[str, str], held: Sequence[OwnQuestion]) -> OwnQuestion:
    """Read a question as typed; answers keep their names while their words stay.

    Raises:
        InvalidInputError: naming each field to mend.
    """
    problems: dict[str, list[str]] = {}
    kinds = {each.value: each for each in QuestionKind}
    kind = kinds.get(typed.get("kind", ""), QuestionKind.TEXT)
    choices = kind is QuestionKind.CHOICE
    label, question_id = typed.get("label", "").strip(), typed.get("id", "")
    before = next((each for each in held if each.question_id == question_id), None)
    if not question_id:
        question_id = _name(label, {each.question_id for each in held})
    bounds: dict[str, float | None] = {}
    for name in ("least", "most"):
        text = typed.get(name, "").strip() if kind is QuestionKind.NUMBER else ""
        bounds[name] = read_number(text) if text else None
        if text and bounds[name] is None:
            problems[name] = [say("question_number")]
    if not label.isprintable():
        problems["label"] = [say("control_characters")]
    if problems:
        raise InvalidInputError(problems)
    return OwnQuestion(
        question_id,
        label,
        kind,
        required=bool(typed.get("required")),
        options=_options(typed, before) if choices else (),
        least=bounds["least"],
        most=bounds["most"],
    )


def _seen(work: UnitOfWork, unitid: int, version: str) -> Intake:
    """Read a school's intake, locked; let nobody overwrite what they have not seen.

    Raises:
        ConflictError: when it asks something else by now.
    """
    intake = work.destinations.intake(unitid)
    if _version(intake.questions) != version:
        raise ConflictError(say("questions_changed"))
    return intake


def _version(questions: Sequence[OwnQuestion]) -> str:
    written = json.dumps([each.document() for each in questions], sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _options(typed: Mapping[str, str], before: OwnQuestion | None) -> tuple[Option, ...]:
    known = {} if before is None else {one.label: one.value for one in before.options}
    made: list[Option] = []
    for name in ("taken", "refused"):
        for line in typed.get(name, "").splitlines():
            label = line.strip()
            if label and label.isprintable():
                used = {one.value for one in made} | set(known.values())
                value = known.get(label) or _name(label, used)
                made.append(Option(value, label, accepted=name == "taken"))
    return tuple(made)


def _name(label: str, taken: set[str]) -> str:
    """Make a short name of words: what systems that take leads call it."""
    folded = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", folded).strip("_")[: _LONGEST_ID - 4].strip("_")
    plain = words if words[:1].isalpha() else f"q_{words}".strip("_")
    found, number = plain, 2
    while found in taken or found in TAKEN_NAMES:
        found, number = f"{plain}_{number}", number + 1
    return found


def _note(
    work: UnitOfWork,
    who: Actor,
    action: str,
    about: tuple[int, Mapping[str, object]],
    now: datetime,
) -> None:
    unitid, detail = about
    work.organizations.record_audit(who, action, show_school(unitid), detail, now)
