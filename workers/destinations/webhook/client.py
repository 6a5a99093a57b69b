"""Sends a parcel as a signed webhook."""

from models.domain.clock import Clock
from models.domain.delivery import Outcome
from models.domain.errors import DeliveryError
from models.domain.ids import Prefix, show
from models.domain.sending import Parcel
from models.exchange.answers import outcome_of, unanswered
from models.exchange.public_signing import sign_publicly
from models.exchange.signing import sign
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
            headers = _headers(parcel, int(now.timestamp()))
            answer = self._http.post(str(parcel.settings["url"]), headers, parcel.body)
        except DeliveryError as error:
            return unanswered(error)
        return outcome_of(answer.code, answer.headers.get("retry-after"), answer.body, now)


def _headers(parcel: Parcel, timestamp: int) -> dict[str, str]:
    message_id = show(Prefix.DELIVERY, parcel.delivery_id)
    try:
        signature = sign(message_id, timestamp, parcel.body, parcel.secrets["signing_keys"])
        if private := parcel.secrets.get("private_key"):
            signature += f" {sign_publicly(message_id, timestamp, parcel.body, private)}"
    except (KeyError, ValueError) as error:
        raise DeliveryError("signing_keys_unusable", retryable=True) from error
    return {
        "content-type": "application/json",
        "user-agent": "schoolmatch/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
