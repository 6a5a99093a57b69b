"""Tokens of links: an HMAC of what they are for, so that a replay returns one and none is kept."""

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
        return self._made_for(b"request\0", request_id)

    def confirmation(self, request_id: UUID, address: bytes) -> str:
        """Return the token of the link that confirms a request's e-mail address.

        Args:
            request_id: of the request.
            address: the blind index of the address that the link is mailed to; it opens nothing
                once the request has another.
        """
        return self._made_for(b"confirm\0", request_id, address)

    def confirms(self, request_id: UUID, address: bytes, token: str) -> bool:
        """Tell, in constant time, whether a token is that of the link mailed to an address."""
        made = self.confirmation(request_id, address)
        return hmac.compare_digest(made.encode(), token.encode())

    def unsubscription(self, message_id: UUID) -> str:
        """Return the token of the link that stops mail to who a message is for."""
        return self._made_for(b"unsubscribe\0", message_id)

    def unsubscribes(self, message_id: UUID, token: str) -> bool:
        """Tell, in constant time, whether a token is that of a message's link."""
        return hmac.compare_digest(self.unsubscription(message_id).encode(), token.encode())

    def opens(self, request_id: UUID, token: str) -> bool:
        """Tell, in constant time, whether a token is that request's."""
        return hmac.compare_digest(self.token(request_id).encode(), token.encode())

    def _made_for(self, use: bytes, identifier: UUID, more: bytes = b"") -> str:
        digest = hmac.digest(self._key, use + identifier.bytes + more, hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
