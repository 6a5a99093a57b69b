"""Mails to students, in their language: the same values always give the same bytes.

Who it is from is put in as it leaves. What students typed stands nowhere in them.
"""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID

from models.domain.ids import Prefix, show
from models.domain.message import Template

_WORDS: Mapping[str, Mapping[str, Mapping[str, str]]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text("utf-8")
)
LOCALES = tuple(_WORDS)


def unsubscribe_path(message_id: UUID, token: str, locale: str) -> str:
    """Write the path of the page that stops mail to who a message is for."""
    return f"/unsubscribe/{show(Prefix.MESSAGE, message_id)}/{token}?lang={locale}"


def compose_letter(  # noqa: PLR0913, PLR0917 - what a mail is made of
    message_id: UUID,
    template: Template,
    locale: str,
    recipient: str,
    at: datetime,
    places: Mapping[str, str | datetime],
    unsubscribe: str,
) -> bytes:
    """Write a mail, all but its From line.

    Its reader can stop all mail with one press in a mail program (RFC 8058), or by the link below.

    Args:
        message_id: names the mail, at every try.
        template: what it is for.
        locale: such as ``es``; English where we do not write that language.
        recipient: the student's address, checked.
        at: when it was written.
        places: what the text's ``{names}`` stand for; moments are written as the language does.
        unsubscribe: the address that stops all mail (``unsubscribe_path``).
    """
    spoken = _WORDS[locale if locale in _WORDS else "en"]
    words = spoken[template.value]
    message = EmailMessage(SMTP)
    message["To"] = recipient
    message["Subject"] = words["subject"]
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{show(Prefix.MESSAGE, message_id)}@schoolmatch.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    text = words["text"].lstrip("\n") + spoken["every"]["unsubscribe"]
    said = {
        name: _moment(spoken["every"], place) if isinstance(place, datetime) else place
        for name, place in places.items()
    }
    content = text.format_map({**said, "unsubscribe": unsubscribe})
    message.set_content(content, cte="quoted-printable")
    return _one_click(unsubscribe) + message.as_bytes()


def _moment(words: Mapping[str, str], moment: datetime) -> str:
    """Write a moment; in UTC, because nobody told us where the reader's clock stands."""
    at = moment.astimezone(UTC)
    return words["moment"].format(
        month=words["months"].split()[at.month - 1],
        day=words["first_day"] if at.day == 1 else at.day,
        year=at.year,
        time=f"{at:%H:%M}",
    )


def _one_click(unsubscribe: str) -> bytes:
    """Write what mail programs read (RFC 8058): in one line, as no address is folded."""
    return (
        b"List-Unsubscribe: <%s>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        % unsubscribe.encode()
    )
