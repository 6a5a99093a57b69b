"""Trying a destination without sending anything: what would be sent, what an answer would mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.domain.errors import InvalidInputError
from models.exchange.kinds import Kind
from models.exchange.mapping import read_rows
from models.exchange.outcome_rules import Answer, Judged, check_rules, judge, read_rules
from models.exchange.payload import UnrenderableError
from models.exchange.requests import Preview
from models.exchange.sample import sample_lead
from models.exchange.sample_answers import SAMPLE_ANSWERS, SampleAnswer
from service.said import say
from service.services import Services
from service.steps.set_up_destination import Opened

_SAMPLE_ID = UUID(int=7)
_CODE = re.compile(r"[0-9]{3}")
_LONGEST, _LEAST_CODE, _MOST_CODE = 100_000, 100, 599


@dataclass(frozen=True, slots=True)
class AnswerTyped:
    """An answer as somebody pasted it: status, header lines, body."""

    code: str
    headers: str
    body: str


def preview(opened: Opened, changes: Mapping[str, Any]) -> tuple[Preview, ...]:
    """Show the requests that a sample lead would make, by the code that sends.

    Args:
        opened: the destination.
        changes: settings in place of those that are kept.

    Raises:
        InvalidInputError: with a message for each value to mend.
    """
    settings = {**opened.destination.settings, **changes}
    kind: Kind = opened.kind
    secrets = dict.fromkeys(opened.secrets, "")
    problems = kind.together(settings, secrets) if settings else {}
    # Whether credentials are complete is for the settings to say, not for a mapping.
    declared = {each.name for each in kind.settings if each.secret}
    problems = {path: said for path, said in problems.items() if path not in declared}
    if problems:
        raise InvalidInputError(problems)
    written = [*settings.get("ping_fields", ()), *settings.get("fields", ())]
    facts = sample_lead(read_rows(written))
    try:
        body = kind.write(facts, _SAMPLE_ID, settings)
    except UnrenderableError as error:
        raise InvalidInputError({"fields": [str(error)]}) from error
    return kind.show(body, _SAMPLE_ID, settings, sorted(opened.secrets))


def judge_answer(services: Services, rules: Any, typed: AnswerTyped) -> Judged:
    """Say what an answer means, by the code that judges real ones.

    Raises:
        InvalidInputError: when a rule or the answer cannot be used.
    """
    if problems := check_rules(rules):
        raise InvalidInputError(problems)
    code = typed.code.strip()
    if not _CODE.fullmatch(code) or not _LEAST_CODE <= int(code) <= _MOST_CODE:
        raise InvalidInputError({"code": [say("answer_code")]})
    body = typed.body.encode()
    if len(body) > _LONGEST:
        raise InvalidInputError({"body": [say("too_long", most=_LONGEST)]})
    answer = Answer(int(code), body, _header(typed.headers, "retry-after"))
    return judge(answer, read_rules(rules), services.clock.now())


def samples_of(opened: Opened, setting: str) -> tuple[SampleAnswer, ...]:
    """List sample answers of a destination's preset, for one of its lists of rules."""
    preset = str(opened.destination.settings.get("preset", ""))
    found = SAMPLE_ANSWERS.get(preset, ())
    return tuple(each for each in found if each.ping == (setting == "ping_outcomes"))


def _header(lines: str, name: str) -> str | None:
    for line in lines.splitlines():
        said, _, value = line.partition(":")
        if said.strip().lower() == name:
            return value.strip()
    return None
