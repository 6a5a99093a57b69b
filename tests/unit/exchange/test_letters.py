"""Mails to students: what each language writes otherwise."""

from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import SMTP
from uuid import UUID

import pytest

from models.domain.message import Template
from models.exchange.letters import compose_letter

MAIL = UUID("01900000-0000-7000-8000-000000000042")
# Still March where somebody wrote it down, the first of April in UTC.
MOMENT = datetime(2027, 3, 31, 20, 5, tzinfo=timezone(timedelta(hours=-4)))


@pytest.mark.parametrize(
    ("locale", "confirm", "receipt"),
    [
        ("en", "until April 1, 2027, 00:05 UTC.", "On April 1, 2027, 00:05 UTC you asked"),
        ("es", "hasta el 1 de abril de 2027, 00:05 UTC.", "El 1 de abril de 2027, 00:05 UTC usted"),
        ("fr", "au 1er avril 2027, 00:05 UTC.", "Le 1er avril 2027, 00:05 UTC, vous"),
    ],
)
def test_a_mail_writes_its_moments_as_its_language_does(
    locale: str, confirm: str, receipt: str
) -> None:
    assert confirm in written(Template.CONFIRM_EMAIL, locale, until=MOMENT)
    assert receipt in written(Template.RECEIPT, locale, at=MOMENT)


def written(template: Template, locale: str, **moments: datetime) -> str:
    words = dict.fromkeys(("site", "link", "schools", "agreed", "reference"), "-")
    stop = "https://match.example.org/stop"
    mail = compose_letter(
        MAIL, template, locale, "zoe@example.com", MOMENT, {**words, **moments}, stop
    )
    return str(message_from_bytes(mail, policy=SMTP).get_content())
