from uuid import UUID

import pytest

from models.domain.delivery import Purpose
from models.domain.sending import Parcel
from workers.destinations.email.client import EmailClient
from workers.outbound.ports import MailAnswer


class Kept:
    """Keeps what is mailed."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def send(self, key: str, recipient: str, message: bytes) -> MailAnswer:
        del key, recipient
        self.messages.append(message)
        return MailAnswer(250, b"250 taken")


@pytest.mark.parametrize("frozen", [b"", b"To: a@school.example\r\n"])
def test_a_message_says_once_whom_it_is_for(frozen: bytes) -> None:
    mail, rest = Kept(), b"Subject: A request\r\n\r\nHello\r\n"
    settings = {"to": "a@school.example"}
    parcel = Parcel(UUID(int=1), Purpose.LEAD, frozen + rest, settings, {})
    EmailClient(mail).send(parcel)
    assert mail.messages == [b"To: a@school.example\r\n" + rest]
