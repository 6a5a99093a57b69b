"""Ids of schools as shown: ``sch_`` and the school's IPEDS unitid, such as ``sch_194240``."""

import re

from models.domain.errors import UnknownIdError

_PATTERN = re.compile(r"sch_([1-9][0-9]{0,8})")


def show_school(unitid: int) -> str:
    """Write a school's id as people and programs see it."""
    return f"sch_{unitid}"


def read_school(shown: str) -> int:
    """Read the unitid out of a shown id.

    Raises:
        UnknownIdError: when the text is not a school's id.
    """
    found = _PATTERN.fullmatch(shown)
    if found is None:
        raise UnknownIdError("sch", shown)
    return int(found[1])
