"""The address of a results page: the answers as plain parameters, nothing personal."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

from models.domain.ids import Prefix, show
from models.domain.levels import Format
from models.domain.matching import Filters, Slate, Sort
from service.web.languages import address

ANSWERS = ("education_level", "postal_code", "region", "query")
CHOICES = ("field", "format", "max_distance_miles", "sort", "hide_sponsored")
# A filter's parameter in the address, and its name in the schema.
FILTERS: Mapping[str, str] = {
    "credential_level": "credential_levels",
    "state": "states",
    "control": "controls",
    "cip": "fields",
}
PLACE_ON_SLATE = ("slate_id", "page")
# Whose page the student came from.
CAME_FROM = ("publisher_id", "landing_page", "creative")
_CIP = re.compile(r"[0-9]{2}\.[0-9]{2}")
_NAMES = (*ANSWERS, *CHOICES, *FILTERS, *PLACE_ON_SLATE, *CAME_FROM)


class Query:
    """The parameters we know, each with its values; never changed, only copied."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, tuple[str, ...]] = {}
        for name, value in pairs:
            if name in _NAMES and value.strip():
                values = self._values.get(name, ())
                if value not in values:
                    self._values[name] = (*values, value)

    @classmethod
    def _of(cls, values: dict[str, tuple[str, ...]]) -> "Query":
        made = cls(())
        made._values.update(values)
        return made

    @classmethod
    def of_slate(cls, slate: Slate) -> "Query":
        """The address of a slate that was drawn."""
        return cls(_pairs(slate))

    def get(self, name: str, default: str = "") -> str:
        """The first value of a parameter."""
        return self._values.get(name, (default,))[0]

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter."""
        return self._values.get(name, ())

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __bool__(self) -> bool:
        return bool(self._values)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for name, values in self._values.items():
            for value in values:
                yield name, value

    def without(self, *names: str) -> "Query":
        """Leave parameters out."""
        kept = {name: values for name, values in self._values.items() if name not in names}
        return Query._of(kept)

    def without_value(self, name: str, value: str) -> "Query":
        """Leave one value of a parameter out."""
        return Query(pair for pair in self if pair != (name, value))

    def setting(self, **values: str | int) -> "Query":
        """Put values in place of those parameters' own."""
        put = {name: (str(value),) for name, value in values.items()}
        # One that is there already goes to the end.
        kept = {name: held for name, held in self._values.items() if name not in put}
        return Query._of(kept | put)

    @property
    def anew(self) -> "Query":
        """The same answers for a new slate."""
        return self.without(*PLACE_ON_SLATE)

    def url(self, endpoint: str = "web.results", spoken: str | None = None) -> str:
        """Write the address; ``spoken``: the visitor's language, where it was found out already."""
        written = "&".join([f"{name}={_quoted(value)}" for name, value in self])
        return address(endpoint, written, spoken)

    def payload(self) -> dict[str, Any]:
        """Write the parameters as the search schema takes them."""
        single = (*ANSWERS, *CHOICES, *PLACE_ON_SLATE, *CAME_FROM)
        payload: dict[str, Any] = {name: self.get(name) for name in single if name in self}
        filters = {FILTERS[name]: list(self.all(name)) for name in FILTERS if name in self}
        return {**payload, "filters": filters} if filters else payload


@lru_cache(1024)
def _quoted(value: str) -> str:
    return quote_plus(value)


def _pairs(slate: Slate) -> Iterator[tuple[str, str]]:
    answers = slate.answers
    study = "field" if is_field(answers.query) else "query"
    # Query leaves out what is empty; what is usual need not stand in the address.
    yield "education_level", answers.education_level
    yield "postal_code", answers.postal_code or ""
    yield "region", answers.region or ""
    yield study, answers.query or ""
    yield "format", "" if answers.format is Format.EITHER else answers.format
    yield "max_distance_miles", str(answers.max_distance_miles or "")
    yield "sort", "" if answers.sort is Sort.RELEVANCE else answers.sort
    yield "hide_sponsored", "true" if answers.hide_sponsored else ""
    yield from filter_pairs(answers.filters)
    if slate.publisher_id:
        yield "publisher_id", show(Prefix.PUBLISHER, slate.publisher_id)
        yield "landing_page", slate.landing_page or ""
        yield "creative", slate.creative or ""
    yield "slate_id", show(Prefix.SLATE, slate.id)


def filter_pairs(filters: Filters) -> Iterator[tuple[str, str]]:
    """A slate's filters as parameters."""
    for name, attribute in FILTERS.items():
        for value in getattr(filters, attribute):
            yield name, str(value)


def is_field(query: str | None) -> bool:
    """Whether a slate's query is a field that was chosen, not words that were typed."""
    return bool(query and _CIP.fullmatch(query))
