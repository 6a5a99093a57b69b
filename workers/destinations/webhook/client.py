"""Sends a parcel as a signed webhook."""

from collections.abc import Mapping
from typing import Protocol

from models.domain.clock import Clock
from models.domain.delivery import DeliveryStatus, Outcome
from models.domain.errors import DeliveryError
from models.domain.ids import Prefix, show
from models.domain.sending import Parcel
from models.exchange.answers import outcome_of
from models.exchange.signing import sign
from workers.outbound.outside import Outside


def make(outside: Outside) -> "WebhookClient":
    """Make the client of one sender thread."""
    return WebhookClient(outside.http, outside.clock)


class Answer(Protocol):
    """What this client reads of an answer."""

    @property
    def code(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers, by name in small letters."""
        ...

    @property
    def body(self) -> bytes:
        """What was read of the body."""
        ...


class Http(Protocol):
    """The way out."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """POST bytes and read the answer.

        Raises:
            DeliveryError: when no answer came.
        """
        ...


class WebhookClient:
    """Signs with every live key at the moment of sending; the id and the bytes never change."""

    def __init__(self, http: Http, clock: Clock) -> None:
        self._http = http
        self._clock = clock

    def send(self, parcel: Parcel) -> Outcome:
        """Send once and judge the answer."""
        now = self._clock.now()
        try:
            headers = _headers(parcel, int(now.timestamp()))
            answer = self._http.post(str(parcel.settings["url"]), headers, parcel.body)
        except DeliveryError as error:
            status = DeliveryStatus.PENDING if error.retryable else DeliveryStatus.FAILED
            return Outcome(status, error.reason, retry_after=error.retry_after)
        return outcome_of(answer.code, answer.headers.get("retry-after"), answer.body, now)


def _headers(parcel: Parcel, timestamp: int) -> dict[str, str]:
    message_id = show(Prefix.DELIVERY, parcel.delivery_id)
    try:
        signature = sign(message_id, timestamp, parcel.body, parcel.secrets["signing_keys"])
    except (KeyError, ValueError) as error:
        raise DeliveryError("signing_keys_unusable", retryable=True) from error
    return {
        "content-type": "application/json",
        "user-agent": "schoolmatch/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
