"""What schools themselves say of their programs: badges and statements."""

import json
from typing import Any

from matcher.catalog import BADGES, Catalog
from models.domain.matching import Note


def badges(catalog: Catalog, row: int) -> tuple[Note, ...]:
    """Give what a school says of the program: badges, then statements, each with who and when."""
    said = _said(catalog, row)
    if said is None:
        return ()
    by = {"source": said["source"], "as_of": said["as_of"]}
    return (
        *(Note(BADGES[code], by) for code in said["badges"]),
        *(Note("school_says", {"text": text, **by}) for text in said["highlights"]),
    )


def _said(catalog: Catalog, row: int) -> dict[str, Any] | None:
    place = catalog.said_place.get(row)
    if place is None:
        return None
    said: dict[str, Any] = json.loads(catalog.said[place])
    return said
