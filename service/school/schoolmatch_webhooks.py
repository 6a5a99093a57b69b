"""Check the signatures of our webhooks, and sign your own answers (Standard Webhooks, v1).

Needs Python 3.9 or later and nothing else. KEY_FILE holds your signing key, ``whsec_`` and all.

    python3 schoolmatch_webhooks.py check KEY_FILE ID TIMESTAMP SIGNATURES < body
    python3 schoolmatch_webhooks.py sign KEY_FILE ID TIMESTAMP < body

ID, TIMESTAMP and SIGNATURES are the headers webhook-id, webhook-timestamp, webhook-signature. The
body must be the bytes as they came. Refuse what is older than five minutes: it may be a copy.
"""

import base64
import hashlib
import hmac
import sys
from pathlib import Path


def sign(key: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Write a signature over ``id.timestamp.body``."""
    secret = base64.b64decode(key.strip().removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def check(key: str, message_id: str, timestamp: str, body: bytes, signatures: str) -> bool:
    """Tell whether one of the signatures, separated by spaces, is right; in constant time."""
    right = sign(key, message_id, timestamp, body)
    return any(one.isascii() and hmac.compare_digest(one, right) for one in signatures.split(" "))


def main(does: str, key_file: str, message_id: str, timestamp: str, *signatures: str) -> int:
    """Do what the command line says."""
    key, body = Path(key_file).read_text("utf-8"), sys.stdin.buffer.read()
    if does == "sign":
        sys.stdout.write(sign(key, message_id, timestamp, body) + "\n")
        return 0
    is_right = check(key, message_id, timestamp, body, " ".join(signatures))
    sys.stdout.write("signed with this key\n" if is_right else "NOT signed with this key\n")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
