"""A school's system that reads a feed: keeps its cursor and what it read."""

from collections.abc import Callable, Mapping
from typing import Any

# Fetches the page after a cursor (None: from the beginning), as the API shows it.
Fetch = Callable[[str | None], Mapping[str, Any]]


class MockReader:
    """Reads a feed to its end, again and again, from where it stood."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self.cursor: str | None = None
        self.items: list[Mapping[str, Any]] = []

    def read(self) -> int:
        """Read what is new; return how many items that were."""
        before = len(self.items)
        more = True
        while more:
            page = self._fetch(self.cursor)
            self.items += page["items"]
            self.cursor = page["next_cursor"]
            more = page["more"]
        return len(self.items) - before
