"""Receipts: what a student sent to whom, what they agreed to, and the link to change their mind.

They are written after acceptance, from what it kept, so that no student waits for it and a worker
that dies writes it the next time. A few at a time: mail is never worth a late lead.
"""

from datetime import datetime, timedelta
from uuid import UUID

from models.domain.clock import Clock
from models.domain.ids import Prefix, new_id, show
from models.domain.message import NewMessage, Receipt, Template
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.tokens import TokenSigner
from models.exchange.letters import compose_letter, unsubscribe_path

_AT_ONCE, _LIFETIME = 20, timedelta(days=3)


class Receipts:
    """Writes the receipts that are missing."""

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, tokens: TokenSigner, address: str, clock: Clock
    ) -> None:
        """Take what a receipt needs.

        Args:
            unit_of_work: the database.
            tokens: signs the link.
            address: where people reach the site, without a slash at its end.
            clock: stamps the mail.
        """
        self._unit_of_work = unit_of_work
        self._tokens, self._address, self._clock = tokens, address, clock

    def write(self) -> int:
        """Write those that are missing, some at a time.

        Returns:
            How many were written.
        """
        with self._unit_of_work() as work:
            missing = work.messages.unreceipted(_AT_ONCE)
            for receipt in missing:
                work.messages.add(self._message(receipt))
        return len(missing)

    def _message(self, receipt: Receipt) -> NewMessage:
        now = self._clock.now()
        message_id = new_id(now)
        places: dict[str, str | datetime] = {
            "site": self._address,
            "link": self._address + self._path(receipt.request_id, receipt.locale),
            "reference": show(Prefix.REQUEST, receipt.request_id),
            "at": receipt.created_at,
            "agreed": "\n\n".join(receipt.agreed),
        }
        token = self._tokens.unsubscription(message_id)
        stop = self._address + unsubscribe_path(message_id, token, receipt.locale)
        content = compose_letter(
            message_id, Template.RECEIPT, receipt.locale, receipt.email, now, places, stop
        )
        return NewMessage(
            message_id,
            receipt.request_id,
            Template.RECEIPT,
            receipt.locale,
            receipt.email,
            content,
            now,
            _LIFETIME,
        )

    def _path(self, request_id: UUID, locale: str) -> str:
        shown, token = show(Prefix.REQUEST, request_id), self._tokens.token(request_id)
        return f"/requests/{shown}/open/{token}?lang={locale}"
