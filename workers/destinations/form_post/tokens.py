"""OAuth2 client credentials (RFC 6749, 4.4): tokens are fetched and kept until they run out."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from models.domain.errors import DeliveryError
from models.domain.sending import Parcel
from models.exchange.requests import basic
from workers.outbound.ports import Http

# A token is not used in its last minute: it could run out on the way.
_MARGIN_SECONDS = 60.0
_KEPT_SECONDS, _MOST_SECONDS = 300.0, 86_400.0
_MOST_KEPT, _LONGEST = 1024, 8192


class TokenError(DeliveryError):
    """No token came; ``code`` is the answer's, where there was one.

    Trying again can help: whoever set the destination up can mend it meanwhile.
    """

    def __init__(self, reason: str, code: int | None = None, head: bytes = b"") -> None:
        super().__init__(reason, retryable=True)
        self.code, self.head = code, head


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A token, and whether it had been kept from before."""

    text: str
    kept: bool


class Tokens:
    """Tokens of one process, by where they come from and whose they are; safe between threads.

    Two threads may fetch at the same moment: two tokens harm nobody, and nobody waits for another.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: dict[bytes, tuple[str, float]] = {}

    def take(self, http: Http, parcel: Parcel, seconds: float) -> Token:
        """Return a token that was kept, or fetch one within that many seconds.

        Raises:
            DeliveryError: when none comes.
        """
        key = _key(parcel)
        with self._lock:
            text, until = self._kept.get(key, ("", 0.0))
            if text and self._monotonic() < until:
                return Token(text, kept=True)
        text, lasts = _fetch(http, parcel, seconds)
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = (text, self._monotonic() + lasts)
        return Token(text, kept=False)

    def drop(self, parcel: Parcel, token: Token) -> None:
        """Forget a token that is no longer taken, unless another has replaced it."""
        key = _key(parcel)
        with self._lock:
            if self._kept.get(key, ("", 0.0))[0] == token.text:
                del self._kept[key]


def _key(parcel: Parcel) -> bytes:
    parts = [
        *(str(parcel.settings.get(name)) for name in ("token_url", "client_id", "scope")),
        str(parcel.secrets.get("client_secret")),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).digest()


def _fetch(http: Http, parcel: Parcel, seconds: float) -> tuple[str, float]:
    headers, body = _request(parcel.settings, str(parcel.secrets.get("client_secret", "")))
    answer = http.post(str(parcel.settings["token_url"]), headers, body, seconds)
    if not 200 <= answer.code < 300:
        refused = 400 <= answer.code < 500 and answer.code not in (408, 425, 429)
        reason = "token_refused" if refused else f"token_http_{answer.code}"
        raise TokenError(reason, answer.code, answer.body[:1024])
    try:
        said = json.loads(answer.body)
        text, lasts = said["access_token"], float(said.get("expires_in", _KEPT_SECONDS))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TokenError("token_unreadable", answer.code) from error
    # It becomes a header: nothing but visible letters may.
    if not (isinstance(text, str) and 0 < len(text) <= _LONGEST and text.isascii()):
        raise TokenError("token_unreadable", answer.code)
    if not text.isprintable() or " " in text:
        raise TokenError("token_unreadable", answer.code)
    return text, min(max(lasts - _MARGIN_SECONDS, 0.0), _MOST_SECONDS)


def _request(settings: Mapping[str, Any], secret: str) -> tuple[dict[str, str], bytes]:
    client = str(settings["client_id"])
    fields = {"grant_type": "client_credentials"}
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
        "user-agent": "schoolmatch/1",
    }
    if settings.get("client_auth", "body") == "basic":
        # Encoded as in a form (RFC 6749, 2.3.1), but for the space: servers that read a plus as a
        # plus, such as Authlib's, and servers that read it as a space agree on %20.
        headers["authorization"] = basic(quote(client, safe=""), quote(secret, safe=""))
    else:
        fields |= {"client_id": client, "client_secret": secret}
    if scope := settings.get("scope"):
        fields["scope"] = str(scope)
    return headers, urlencode(fields).encode()
