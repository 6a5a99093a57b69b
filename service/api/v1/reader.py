"""Searches of forms, read by their schema's own fields without the walk around them.

marshmallow visits every field there is, sent or not, with hooks before and after: five times what
reading the values costs. Here each value that was sent is read by its field, the schema's own check
of the whole follows, and at the first thing that is wrong the schema itself says what.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from marshmallow import ValidationError

from service.api.v1.plain import blank
from service.api.v1.schemas import SearchSchema
from service.steps.inputs import SearchInput

# Values of which there are few, as they were read; what people type is read each time.
MOST_VALUES = 1024
_TYPED = frozenset({"query", "postal_code", "slate_id"})
_Filters = tuple[tuple[str, tuple[str, ...]], ...]


class Reader:
    """Loads what a form or an address sent, as ``SearchSchema.load`` does."""

    def __init__(self, schema: SearchSchema) -> None:
        self._schema = schema
        self._kept = lru_cache(MOST_VALUES)(self._read)
        self._kept_filters = lru_cache(MOST_VALUES)(self._read_filters)

    def load(self, sent: Mapping[str, Any]) -> SearchInput:
        """Load a search.

        Args:
            sent: texts by the schema's names; ``filters`` holds lists of texts.

        Raises:
            ValidationError: as the schema raises it.
        """
        try:
            read = {n: self._value(n, value) for n, value in sent.items() if not blank(value)}
            self._schema.check_what_is_missing(read, sent)
        except (ValidationError, KeyError):  # which of all are wrong, or unknown, the schema says
            loaded: SearchInput = self._schema.load(sent)
            return loaded
        made: SearchInput = self._schema.make(read)
        return made

    def _value(self, name: str, value: Any) -> Any:
        if name == "filters":
            return self._kept_filters(tuple([(n, tuple(some)) for n, some in value.items()]))
        return self._read(name, value) if name in _TYPED else self._kept(name, value)

    def _read(self, name: str, value: Any) -> Any:
        return self._schema.fields[name].deserialize(value)

    def _read_filters(self, filters: _Filters) -> Any:
        return self._read("filters", {name: list(some) for name, some in filters})
