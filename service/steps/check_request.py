"""Everything that can be wrong with a submission, said field by field, before anything is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from models.domain.consent import BY_PHONE, Channel, ConsentText, Seller, acceptable_texts
from models.domain.errors import InvalidInputError
from models.domain.matching import Slate
from models.domain.question import MOST_ANSWER
from models.domain.school_id import show_school
from service.said import Said, say
from service.steps.inputs import ConsentGiven, RequestInput
from service.steps.outputs import ChosenSchool

# How far ahead a start can be planned.
MOST_YEARS = 10

Agreed = Mapping[int, Mapping[Channel, ConsentText]]


@dataclass(slots=True)
class _Findings:
    """Collects every message, so that one answer names them all."""

    messages: dict[str, list[Said]]

    def add(self, path: str, message: Said) -> None:
        self.messages.setdefault(path, []).append(message)


def check_request(
    asked: RequestInput, slate: Slate, schools: Sequence[ChosenSchool], now: datetime
) -> Agreed:
    """Check age, consents and answers against the chosen schools.

    Returns:
        The text agreed to, by school and channel.

    Raises:
        InvalidInputError: with a message for each field's path.
    """
    found = _Findings({})
    if not asked.student.age_18_or_over:
        found.add("student.age_18_or_over", say("under_18"))
    _check_start(asked.student.desired_start, now, found)
    agreed: dict[int, dict[Channel, ConsentText]] = {school.unitid: {} for school in schools}
    sellers = {school.unitid: Seller(school.unitid, school.name) for school in schools}
    for place, given in enumerate(asked.consents):
        _read_consent(given, f"consents.{place}", sellers, agreed, slate, now, found)
    _check_each_school(schools, agreed, found)
    by_phone = any(given.channel in BY_PHONE for given in asked.consents)
    if by_phone and asked.student.phone is None:
        found.add("student.phone", say("phone_missing"))
    _check_answers(asked.answers, schools, agreed, found)
    if found.messages:
        raise InvalidInputError(found.messages)
    return agreed


def _check_answers(
    answers: Mapping[int, Mapping[str, str]],
    schools: Sequence[ChosenSchool],
    agreed: Agreed,
    found: _Findings,
) -> None:
    """Check what the schools that get the request ask themselves."""
    asked = {school.unitid: school for school in schools if agreed[school.unitid]}
    for school in asked.values():
        given = answers.get(school.unitid, {})
        for path, message in wrong_answers(school, given).items():
            found.add(f"answers.{show_school(school.unitid)}.{path}", message)
    for unitid, given in answers.items():
        known = {each.question_id for each in asked[unitid].questions} if unitid in asked else set()
        for question in given.keys() - known:
            found.add(f"answers.{show_school(unitid)}.{question}", say("question_unknown"))


def wrong_answers(school: ChosenSchool, given: Mapping[str, str]) -> Mapping[str, Said]:
    """Say what is wrong with the answers to a school's own questions, by question."""
    problems: dict[str, Said] = {}
    for question in school.questions:
        wrong = question.wrong(given.get(question.question_id, ""))
        if wrong is not None:
            least, most = (_bound(each) for each in (question.least, question.most))
            problems[question.question_id] = say(
                wrong.value, school=school.name, least=least, most=most or MOST_ANSWER
            )
    return problems


def _bound(number: float | None) -> Decimal | str:
    return "" if number is None else Decimal(f"{number:g}")


def _check_start(month: str | None, now: datetime, found: _Findings) -> None:
    # In the west the month of UTC begins when theirs has hours to go.
    first = f"{now - timedelta(days=1):%Y-%m}"
    last = f"{now.year + MOST_YEARS}-{now:%m}"
    if month is not None and not first <= month <= last:
        found.add("student.desired_start", say("start_range", first=first, last=last))


def _read_consent(  # noqa: PLR0913, PLR0917 - one consent against everything it must agree with
    given: ConsentGiven,
    path: str,
    sellers: Mapping[int, Seller],
    agreed: dict[int, dict[Channel, ConsentText]],
    slate: Slate,
    now: datetime,
    found: _Findings,
) -> None:
    seller = sellers.get(given.unitid)
    if seller is None:
        found.add(f"{path}.school_id", say("consent_not_chosen"))
        return
    texts = acceptable_texts(seller, given.channel, slate.jurisdiction, slate.created_at, now)
    text = texts.get(given.text_id)
    if text is None:
        found.add(f"{path}.text_id", say("consent_stale"))
    elif given.channel in agreed[given.unitid]:
        found.add(path, say("consent_twice"))
    else:
        agreed[given.unitid][given.channel] = text


def _check_each_school(schools: Sequence[ChosenSchool], agreed: Agreed, found: _Findings) -> None:
    stale = any(path.endswith("text_id") for path in found.messages)
    for school in schools:
        if not agreed[school.unitid] and school.shut is None and not stale:
            found.add("consents", say("consent_missing", school=school.name))
