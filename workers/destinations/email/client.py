"""Mails a parcel to its school; the same Message-ID at every try."""

from models.domain.delivery import DeliveryStatus, Outcome
from models.domain.errors import DeliveryError
from models.domain.ids import Prefix, show
from models.domain.sending import Parcel
from models.exchange.answers import unanswered
from workers.outbound.outside import Outside
from workers.outbound.ports import Mail, MailAnswer

_ACCEPTED, _FOR_GOOD = 300, 500
# "Service not available, closing the channel": whoever says so asks to be left alone for a while.
_NOT_NOW = 421


def make(outside: Outside) -> "EmailClient":
    """Make the client of one sender thread."""
    return EmailClient(outside.mail)


class EmailClient:
    """Hands the frozen message to whoever carries mail here."""

    def __init__(self, mail: Mail | None) -> None:
        self._mail = mail

    def send(self, parcel: Parcel) -> Outcome:
        """Send once and judge the answer."""
        if self._mail is None:
            return Outcome(DeliveryStatus.PENDING, "mail_not_set_up", ours=True)
        key = show(Prefix.DELIVERY, parcel.delivery_id)
        try:
            to = str(parcel.settings["to"])
            answer = self._mail.send(key, to, _addressed(to, parcel.body))
        except DeliveryError as error:
            return unanswered(error)
        return _judge(answer)


def _addressed(to: str, body: bytes) -> bytes:
    """Say whom a message is for: by now, that may be another address than at its first try.

    Bodies that older versions froze say it themselves.
    """
    return body if body.startswith(b"To: ") else b"To: %s\r\n%s" % (to.encode("ascii"), body)


def _judge(answer: MailAnswer) -> Outcome:
    """Judge a mail server's answer.

    One that took the message promised to carry it, not that it arrives: the lead stays "sent, not
    confirmed". What it holds against us is for the operator to mend, and no school's fault.
    """
    code, said = answer.code, answer.said
    if code < _ACCEPTED:
        return Outcome(DeliveryStatus.UNCONFIRMED, "handed_over", code, answer_head=said)
    reason = f"smtp_{code}"
    if answer.about_us:
        return Outcome(DeliveryStatus.PENDING, reason, code, answer_head=said, ours=True)
    if code < _FOR_GOOD:
        slow = code == _NOT_NOW
        return Outcome(
            DeliveryStatus.PENDING, reason, code, slow_destination=slow, answer_head=said
        )
    return Outcome(DeliveryStatus.FAILED, reason, code, answer_head=said)
