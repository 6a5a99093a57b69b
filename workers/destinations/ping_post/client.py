"""Asks a buyer for a price without saying who asks; posts the lead to the one that says yes."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from models.domain.clock import Clock
from models.domain.delivery import DeliveryStatus, Outcome, Step
from models.domain.errors import DeliveryError
from models.domain.sending import Parcel
from models.exchange import pinging
from models.exchange.answers import unanswered
from models.exchange.outcome_rules import Answer, Judged, judge, read_rules
from models.exchange.requests import Prepared, ping_request, sale_request
from workers.outbound.outside import Outside
from workers.outbound.ports import Http

# What went wrong before a byte of the post can have been read.
_NEVER_THERE = frozenset(
    {"connection_refused", "name_not_resolved", "tls_not_verified", "tls_failed"}
)


def make(outside: Outside) -> "PingPostClient":
    """Make the client of one sender thread."""
    return PingPostClient(outside.http, outside.clock)


class PingPostClient:
    """Pings and, on a yes, posts at once: what the buyer said holds for a moment only.

    Nothing of a student leaves with a ping, so one that fails may be tried again. A post that
    nobody answered may have arrived, and a buyer pays for each: unless its settings say that the
    buyer knows a lead again, it stays in doubt. Both share the time of one attempt.
    """

    def __init__(
        self, http: Http, clock: Clock, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = http
        self._clock = clock
        self._monotonic = monotonic

    def send(self, parcel: Parcel) -> Outcome:
        """Ask, and send on a yes; judge the last answer."""
        return self.try_out(parcel).outcome

    def try_out(self, parcel: Parcel) -> Judged:
        """Ask, and send on a yes; tell also which rule judged the last answer."""
        until = self._monotonic() + self._http.total_seconds
        ping, post = pinging.split(parcel.body)
        yes = self._ping(parcel, ping, until)
        if yes.outcome.status is not DeliveryStatus.DELIVERED:
            return yes
        if until <= self._monotonic():
            return Judged(Outcome(DeliveryStatus.PENDING, "timeout", step=Step.PING))
        marks = {pinging.REFERENCE: yes.outcome.reference or "", pinging.PRICE: yes.price or ""}
        judged = self._post(parcel, sale_request(parcel, post, marks), until)
        return replace(judged, price=judged.price or yes.price)

    def _ping(self, parcel: Parcel, ping: bytes, until: float) -> Judged:
        rules = parcel.settings["ping_outcomes"]
        try:
            judged = self._ask(ping_request(parcel, ping), rules, until)
        except DeliveryError as error:
            judged = Judged(unanswered(error))
        outcome = replace(judged.outcome, step=Step.PING)
        if outcome.status in (DeliveryStatus.IN_DOUBT, DeliveryStatus.UNCONFIRMED):
            # Nothing was sold by it, and nobody knows what it says: for people to look at.
            outcome = replace(outcome, status=DeliveryStatus.FAILED)
        elif outcome.status is DeliveryStatus.DELIVERED:
            outcome = _priced(outcome, judged.price, parcel.settings)
        return replace(judged, outcome=outcome)

    def _post(self, parcel: Parcel, made: Prepared, until: float) -> Judged:
        try:
            judged = self._ask(made, parcel.settings["outcomes"], until)
            perhaps = judged.rule is None and (judged.outcome.code or 0) >= 500
        except DeliveryError as error:
            judged = Judged(unanswered(error))
            perhaps = error.retryable and error.reason not in _NEVER_THERE
        outcome = replace(judged.outcome, step=Step.POST)
        if perhaps and parcel.settings.get("repeat") != "safe":
            outcome = replace(outcome, status=DeliveryStatus.IN_DOUBT)
        return replace(judged, outcome=outcome)

    def _ask(self, made: Prepared, rules: Sequence[Mapping[str, Any]], until: float) -> Judged:
        left = until - self._monotonic()
        answer = self._http.post(made.url, made.headers, made.body, left)
        read = Answer(answer.code, answer.body, answer.headers.get("retry-after"))
        return judge(read, read_rules(rules), self._clock.now())


def _priced(outcome: Outcome, price: str | None, settings: Mapping[str, Any]) -> Outcome:
    """Take a yes at a price that is too low, or without the buyer's id, for a no."""
    if outcome.reference is None:
        return replace(outcome, status=DeliveryStatus.FAILED, reason="ping_without_id")
    lowest = settings.get("lowest_price")
    if lowest is not None and (price is None or Decimal(price) < Decimal(lowest)):
        return replace(outcome, status=DeliveryStatus.REJECTED, reason="price_too_low")
    return outcome
