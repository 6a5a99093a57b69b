"""The school's mailbox: messages that came instead of webhooks, and the page that shows them."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a person reads it."""

    id: str
    date: str
    recipient: str
    subject: str
    text: str
    attachments: tuple[tuple[str, str], ...]


def read_mailbox(folder: Path) -> list[Message]:
    """Read every message of a folder, newest first; one that is being written is not seen."""
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return [_read(path.read_bytes()) for path in files]


def _read(raw: bytes) -> Message:
    message = message_from_bytes(raw, policy=default)
    if not isinstance(message, EmailMessage):
        raise TypeError("this policy reads messages of another kind")
    text = message.get_body(("plain",))
    return Message(
        str(message["Message-ID"]),
        str(message["Date"]),
        str(message["To"]),
        str(message["Subject"]),
        text.get_content() if text else "",
        tuple(
            (each.get_filename() or "", str(each.get_content()))
            for each in message.iter_attachments()
        ),
    )


def articles(messages: Sequence[Message]) -> str:
    """Write messages as parts of a page."""
    return "".join(map(_article, messages)) or "<p>No mail has come yet.</p>"


def _article(message: Message) -> str:
    tables = "".join(
        f"<h3>{html.escape(name)}</h3>\n<pre>{html.escape(text)}</pre>\n"
        for name, text in message.attachments
    )
    about = f"To {message.recipient}, {message.date}, {message.id}"
    return (
        f"<article>\n<h2>{html.escape(message.subject)}</h2>\n<p>{html.escape(about)}</p>\n"
        f"<pre>{html.escape(message.text)}</pre>\n{tables}</article>\n"
    )
