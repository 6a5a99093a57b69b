"""Mails to staff about their account: the same values always give the same bytes.

Who they are from is put in as they leave. They cannot be stopped by a press, as those to students
can: who takes an account over would stop them first.
"""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID

from models.domain.ids import Prefix, show
from models.domain.message import StaffTemplate

_WORDS: Mapping[str, Mapping[str, str]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text("utf-8")
)


def compose_staff_letter(
    message_id: UUID,
    template: StaffTemplate,
    recipient: str,
    at: datetime,
    places: Mapping[str, str],
) -> bytes:
    """Write a mail, all but its From line.

    Args:
        message_id: names the mail, at every try.
        template: what it is for.
        recipient: an address, checked.
        at: when it was written.
        places: what the text's ``{names}`` stand for.
    """
    words = _WORDS[template.value]
    message = EmailMessage(SMTP)
    message["To"] = recipient
    message["Subject"] = words["subject"]
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{show(Prefix.MESSAGE, message_id)}@schoolmatch.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    text = words["text"].lstrip("\n").format_map(places)
    message.set_content(text, cte="quoted-printable")
    return message.as_bytes()
