"""Sends a parcel as a signed webhook."""

from models.domain.clock import Clock
from models.domain.delivery import Outcome
from models.domain.errors import DeliveryError
from models.domain.sending import Parcel
from models.exchange.answers import outcome_of, unanswered
from models.exchange.requests import Prepared, webhook_request
from workers.outbound.outside import Outside
from workers.outbound.ports import Http


def make(outside: Outside) -> "WebhookClient":
    """Make the client of one sender thread."""
    return WebhookClient(outside.http, outside.clock)


class WebhookClient:
    """Signs with every live key at the moment of sending; the id and the bytes never change."""

    def __init__(self, http: Http, clock: Clock) -> None:
        self._http = http
        self._clock = clock

    def send(self, parcel: Parcel) -> Outcome:
        """Send once and judge the answer."""
        now = self._clock.now()
        try:
            made = _signed(parcel, int(now.timestamp()))
            answer = self._http.post(made.url, made.headers, made.body)
        except DeliveryError as error:
            return unanswered(error)
        return outcome_of(answer.code, answer.headers.get("retry-after"), answer.body, now)


def _signed(parcel: Parcel, timestamp: int) -> Prepared:
    try:
        return webhook_request(parcel, timestamp)
    except (KeyError, ValueError) as error:
        raise DeliveryError("signing_keys_unusable", retryable=True) from error
