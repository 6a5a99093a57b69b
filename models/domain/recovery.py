"""Recovery codes: ten to print, each of which opens an account once in place of a code of the app.

A code has 120 random bits, so a plain hash of it is enough to keep (NIST SP 800-63B-4, 3.1.2.2,
asks for a password hash below 112).
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable

HOW_MANY = 10
# 32 of them, five bits each, without those that look alike.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_CODE = re.compile(rf"[{_LETTERS}]{{24}}")


def make_recovery_codes(
    randomness: Callable[[int], bytes] = secrets.token_bytes,
) -> tuple[str, ...]:
    """Make a new set, as it is shown: six groups of four letters."""
    return tuple(_one(randomness(24)) for _ in range(HOW_MANY))


def hash_recovery_code(typed: str) -> bytes | None:
    """Hash a code as it is kept, however it was typed; None when it cannot be one."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).lower()
    if _CODE.fullmatch(plain) is None:
        return None
    return hashlib.sha256(b"recovery\0" + plain.encode()).digest()


def _one(random: bytes) -> str:
    letters = "".join(_LETTERS[byte & 31] for byte in random)
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))
