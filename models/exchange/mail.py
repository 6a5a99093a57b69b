"""A lead as a mail to its school: text, HTML and a table, the same facts always the same bytes.

Who it is from and whom it is for is put in as it leaves; everything else is here, the Message-ID
too, so that a mail that comes twice can be known again. What students typed stands in headers
nowhere.
"""

import html
import json
import tomllib
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from models.domain.delivery import Purpose
from models.domain.ids import Prefix, show
from models.domain.sending import DestinationTest, LeadFacts
from models.exchange.formats import clean
from models.exchange.mapping import Row, fill, source_of
from models.exchange.payload import UnrenderableError, render
from models.exchange.sample import sample_lead
from models.exchange.writing import BodyFormat, write

_WORDS: Mapping[str, Mapping[str, str]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text()
)
_WHOLE = frozenset({Purpose.LEAD, Purpose.CORRECTION})
_STUDENT = ("email", "phone", "postal_code", "region", "education_level", "locale")
_WITH_TABLE, _WITHOUT = ("attached", "no_reply"), ("no_reply",)
# A heading, and lines of a label and a value.
_Section = tuple[str, Sequence[tuple[str, str]]]


def compose(facts: LeadFacts | DestinationTest, delivery_id: UUID, rows: Sequence[Row]) -> bytes:
    """Write the mail of a delivery, all but its From and To lines.

    Args:
        facts: a lead, or what a test says of nobody.
        delivery_id: names the message.
        rows: the columns of the attached table.

    Raises:
        UnrenderableError: when the facts cannot be used.
    """
    word = facts.purpose.value if isinstance(facts, LeadFacts) else Purpose.TEST.value
    lead = facts if isinstance(facts, LeadFacts) else sample_lead(rows, facts.at)
    data = json.loads(render(lead))["data"]
    shown = show(Prefix.DELIVERY, delivery_id)
    places = {"school": _line(data["school"]["name"]), "program": _program(data)}
    opening = _WORDS["opening"][word].format_map(places)
    sections = _sections(data, lead, shown)
    whole = lead.purpose in _WHOLE
    closing = [_WORDS["closing"][name] for name in (_WITH_TABLE if whole else _WITHOUT)]

    message = EmailMessage(SMTP)
    message["Subject"] = _WORDS["subject"][word].format_map(places)
    at = lead.requested_at if lead.purpose is Purpose.LEAD else lead.purpose_at
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{shown}@schoolmatch.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(opening, sections, closing), cte="quoted-printable")
    message.add_alternative(
        _html(opening, sections, closing), subtype="html", cte="quoted-printable"
    )
    if whole:
        filled = fill(rows, source_of(lead, delivery_id))
        message.add_attachment(
            write(BodyFormat.DELIMITED, filled),
            maintype="text",
            subtype="csv",
            params={"charset": "utf-8"},
            filename=f"{data['lead_id']}.csv",
        )
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        # In quoted-printable and base64 no line holds "=_": no part can contain a boundary.
        part.set_boundary(f"=_{shown}_{number}")
    try:
        return message.as_bytes()
    except ValueError as error:
        raise UnrenderableError(f"a mail cannot be written: {type(error).__name__}") from None


def _sections(data: Mapping[str, Any], lead: LeadFacts, delivery: str) -> list[_Section]:
    found: list[_Section] = []
    if lead.purpose in _WHOLE:
        found = [
            ("student", _student(data)),
            ("programs", [(_WORDS["label"]["program"], _told(p)) for p in data["programs"]]),
            ("answers", [(_line(key), _line(each)) for key, each in data["answers"].items()]),
            ("consents", [(_channel(each), _agreed(each)) for each in data["consents"]]),
        ]
    reference = {
        "lead_id": data["lead_id"],
        "request_id": data["request_id"],
        "delivery_id": delivery,
        "asked_at": lead.requested_at.isoformat(timespec="seconds"),
    }
    found.append(("reference", _labelled(reference)))
    return [(_WORDS["heading"][name], lines) for name, lines in found if lines]


def _student(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    student = data["student"]
    said = {
        "name": f"{student['first_name']} {student['last_name']}",
        **{name: student.get(name) for name in _STUDENT},
        "desired_start": data["desired_start"],
    }
    if said["education_level"]:
        said["education_level"] = _words(said["education_level"])
    return _labelled(said)


def _labelled(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label values; what a student did not say has no line."""
    return [(_WORDS["label"][name], _line(value)) for name, value in values.items() if value]


def _program(data: Mapping[str, Any]) -> str:
    return _line(data["programs"][0]["title"]) if data.get("programs") else ""


def _told(program: Mapping[str, Any]) -> str:
    parts = [_words(program["credential_level"]), f"CIP {program['cip']}", program["format"]]
    paid = f"{_WORDS['placement']['sponsored']}: " if program.get("sponsored") else ""
    return _line(f"{paid}{program['title']} ({', '.join(part for part in parts if part)})")


def _channel(consent: Mapping[str, Any]) -> str:
    return _line(consent["channel"])


def _agreed(consent: Mapping[str, Any]) -> str:
    return _line(f"“{consent['text']}” ({consent['agreed_at']}, {consent['text_id']})")


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _line(value: Any) -> str:
    """Write a value on one line, without letters that could stand for something else."""
    return " ".join(clean(str(value)).split())


def _text(opening: str, sections: Sequence[_Section], closing: Sequence[str]) -> str:
    blocks = [opening]
    for heading, lines in sections:
        blocks.append("\n".join([heading, *(f"  {label}: {value}" for label, value in lines)]))
    return "\n\n".join([*blocks, *closing]) + "\n"


def _html(opening: str, sections: Sequence[_Section], closing: Sequence[str]) -> str:
    blocks = [f"<p>{html.escape(opening)}</p>"]
    for heading, lines in sections:
        rows = "\n".join(
            f'<tr><th scope="row" align="left">{html.escape(label)}</th>'
            f"<td>{html.escape(value)}</td></tr>"
            for label, value in lines
        )
        blocks.append(f"<h2>{html.escape(heading)}</h2>\n<table>\n{rows}\n</table>")
    blocks += [f"<p>{html.escape(line)}</p>" for line in closing]
    head = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"></head><body>'
    return "\n".join([head, *blocks, "</body></html>"]) + "\n"
