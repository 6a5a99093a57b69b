"""Ids of listings: a place on one slate, with a check so that no other slate accepts it.

``lst_<position>_<check>``: the check is 40 bits of a hash of the slate's id and the program's, in
Crockford base 32. It is not a secret; it turns mix-ups into clear messages.
"""

import hashlib
import re
from uuid import UUID

from models.domain.errors import InvalidInputError
from models.domain.ids import PAIRS

_PATTERN = re.compile(r"lst_([1-9][0-9]{0,5})_[0-9a-z]{8}")


def listing_id(slate_id: UUID, position: int, program_id: str) -> str:
    """Name the listing at a position of a slate."""
    digest = hashlib.blake2s(slate_id.bytes + program_id.encode(), digest_size=5).digest()
    check = int.from_bytes(digest, "big")
    # Eight letters, two at a time: twenty listings of a page are named at once.
    letters = f"{PAIRS[check >> 30]}{PAIRS[check >> 20 & 1023]}{PAIRS[check >> 10 & 1023]}"
    return f"lst_{position}_{letters}{PAIRS[check & 1023]}"


def read_position(shown: str) -> int:
    """Read the position out of a listing's id.

    Raises:
        InvalidInputError: when the text is not a listing's id.
    """
    found = _PATTERN.fullmatch(shown)
    if found is None:
        raise InvalidInputError({"listing_id": [f"“{shown[:40]}” is not a listing's id"]})
    return int(found[1])
