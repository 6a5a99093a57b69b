"""What may be asked of requests: the form, the student, the submission."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from marshmallow import ValidationError, post_load
from typing_extensions import override

from models.domain.consent import Channel
from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix
from models.domain.request import Student
from models.domain.school_id import read_school
from service.api.v1.plain import plain_text, word
from service.api.v1.rules import (
    Checked,
    Choice,
    Flag,
    Inside,
    Many,
    Name,
    Named,
    Rules,
    Text,
)
from service.api.v1.schemas import LocaleField, ShownId
from service.said import say
from service.steps.inputs import ConsentGiven, RequestInput

MOST_LISTINGS = 25
MOST_CONSENTS = 30

# [0-9] and not \d: other scripts' digits pass \d and no telephone takes them.
_PHONE = re.compile(r"[0-9+().\-/ xX]{7,40}")
# Of the countries that share +1: the US, its territories, and Canada.
_CALLED = frozenset({"US", "AS", "GU", "MP", "PR", "VI", "CA"})
_START = re.compile(r"(20[0-9]{2}-(?:0[1-9]|1[0-2]))(?:-(?:0[1-9]|[12][0-9]|3[01]))?")


class EmailField(Checked[str]):
    """An email address, checked in form only: nobody is asked whether it exists."""

    taken: Mapping[str, Any] = {"type": "string", "format": "email", "maxLength": 254}

    def __init__(self, **options: Any) -> None:
        super().__init__(say("email_empty"), **options)

    @override
    def read(self, value: Any) -> str:
        """Read it."""
        try:
            typed = plain_text(value, 254)
            return validate_email(typed, check_deliverability=False).normalized
        except (ValidationError, EmailNotValidError) as error:
            raise ValidationError(say("email_format")) from error


class PhoneField(Checked[str]):
    """A US or Canadian phone number, kept in E.164 form."""

    taken: Mapping[str, Any] = {"type": "string", "pattern": f"^{_PHONE.pattern}$"}

    @override
    def read(self, value: Any) -> str:
        """Read it."""
        try:
            typed = plain_text(value, 40)
            number = phonenumbers.parse(typed if _PHONE.fullmatch(typed) else "", "US")
        except (ValidationError, phonenumbers.NumberParseException) as error:
            raise ValidationError(say("phone_format")) from error
        # A number that cannot exist has no region.
        if phonenumbers.region_code_for_number(number) not in _CALLED:
            raise ValidationError(say("phone_format"))
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class StartField(Checked[str]):
    """A month in which the student would start, such as ``2027-01``; a date counts as its month."""

    taken: Mapping[str, Any] = {"type": "string", "pattern": f"^{_START.pattern}$"}

    @override
    def read(self, value: Any) -> str:
        """Read it."""
        typed = word(value, 20)
        found = _START.fullmatch(typed)
        if found is None or not _is_day(typed):
            raise ValidationError(say("start_format"))
        return found[1]


def _is_day(typed: str) -> bool:
    """Tell whether a month has that day, where a day is named."""
    try:
        date.fromisoformat(typed if typed.count("-") > 1 else f"{typed}-01")
    except ValueError:
        return False
    return True


class SchoolField(Checked[int]):
    """A school's shown id, read as its unitid."""

    taken: Mapping[str, Any] = {"type": "string", "pattern": "^sch_[1-9][0-9]{0,8}$"}

    def __init__(self, **options: Any) -> None:
        super().__init__(say("school_id"), **options)

    @override
    def read(self, value: Any) -> int:
        """Read it."""
        try:
            return read_school(plain_text(value, 40))
        except (ValidationError, InvalidInputError) as error:
            raise ValidationError(say("school_id")) from error


class ListingId(Checked[str]):
    """A listing's id as it was shown; whether it is of this slate, the slate tells."""

    taken: Mapping[str, Any] = {
        "type": "string",
        "pattern": "^lst_[1-9][0-9]{0,5}_[0-9a-hjkmnp-tv-z]{8}$",
    }

    @override
    def read(self, value: Any) -> str:
        """Read it."""
        return plain_text(value, 32)


class StudentSchema(Rules):
    """What a student says of themselves."""

    first_name = Name(100, "first_name_empty", required=True)
    last_name = Name(100, "last_name_empty", required=True)
    email = EmailField(required=True)
    phone = PhoneField()
    desired_start = StartField()
    age_18_or_over = Flag("age_missing", required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Student:
        """Make the student."""
        return Student(**{"phone": None, "desired_start": None, **data})


class ConsentSchema(Rules):
    """One box ticked."""

    school_id = SchoolField(required=True, attribute="unitid")
    channel = Choice(Channel, required=True)
    text_id = Text(64, "consent_stale", required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ConsentGiven:
        """Make the consent."""
        return ConsentGiven(**data)


class RequestFormSchema(Rules):
    """Which listings a request form is wanted for."""

    slate_id = ShownId(Prefix.SLATE, "slate_unknown", required=True)
    listing_ids = Many(ListingId(), MOST_LISTINGS, least=1, missing="listings_empty", required=True)
    locale = LocaleField(load_default="en")


class RequestSchema(Rules):
    """A submission."""

    slate_id = ShownId(Prefix.SLATE, "slate_unknown", required=True)
    listing_ids = Many(ListingId(), MOST_LISTINGS, least=1, missing="listings_empty", required=True)
    student = Inside(StudentSchema, missing="student_missing", required=True)
    answers = Named(SchoolField(), Named(Text(64), Text(500)))
    consents = Many(Inside(ConsentSchema), MOST_CONSENTS, required=True)
    locale = LocaleField()

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> RequestInput:
        """Make the step's input."""
        data["listing_ids"] = tuple(dict.fromkeys(data["listing_ids"]))
        data["consents"] = tuple(data["consents"])
        return RequestInput(**data)
