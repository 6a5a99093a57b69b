"""Tokens that open a request: an HMAC of its id, so that a replay returns it and none is kept."""

import base64
import hashlib
import hmac
from uuid import UUID


class TokenSigner:
    """Makes and checks tokens with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, request_id: UUID) -> str:
        """Return the token of a request."""
        digest = hmac.digest(self._key, b"request\0" + request_id.bytes, hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def opens(self, request_id: UUID, token: str) -> bool:
        """Tell, in constant time, whether a token is that request's."""
        return hmac.compare_digest(self.token(request_id).encode(), token.encode())
