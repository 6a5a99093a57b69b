"""The fields that all schemas are made of: bounded text, choices, numbers, lists.

One set of rules for JSON and for forms: text is NFKC, trimmed, bounded, without characters that
cannot be seen. Forms and queries send everything as text and what was left blank as an empty one;
JSON says numbers as numbers and what is not there as null.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load
from typing_extensions import override

from service.api.v1.plain import EDGES, UNSEEN, blank, has_letters, plain_text
from service.said import Said, say

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
_Messages = dict[str, str | list[Any] | dict[Any, Any]]


class Rules(Schema):
    """A schema that refuses unknown names, each with a message.

    ``strict``: what is read came as JSON, where a number is not written as text.
    """

    def __init__(self, *, strict: bool = False, **options: Any) -> None:
        self.strict = False
        super().__init__(**options)
        self.error_messages["unknown"] = say("unknown_name")
        self.error_messages["type"] = say("not_object")
        if strict:
            self.be_strict()

    class Meta:
        """Unknown names are an error: a misspelt one must not be dropped in silence."""

        unknown = RAISE

    @pre_load
    def leave_out_blanks(self, data: Any, **_: Any) -> Any:
        """Treat null, and an empty text where text is typed, as not given."""
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if not self._left_out(name, value)}

    def _left_out(self, name: str, value: Any) -> bool:
        if self.strict and name not in self.fields:
            return False  # a misspelt name is one, whatever it holds
        typed = not self.strict or isinstance(self.fields.get(name), Text)
        return value is None or (typed and blank(value))

    def be_strict(self) -> None:
        """Read JSON, here and in what is nested here; null counts as not given."""
        self.strict = True
        for field in self.fields.values():
            field.allow_none = not field.required
            inner = field.inner if isinstance(field, fields.List) else field
            if isinstance(inner, fields.Nested) and isinstance(inner.schema, Rules):
                inner.schema.be_strict()


class Saying(fields.Field[T]):
    """A field whose messages stay as they were said.

    marshmallow would format a message into a plain text, and a page could not say it in another
    language.
    """

    @override
    def make_error(self, key: str, **_: Any) -> ValidationError:
        """Return the error of that kind."""
        return ValidationError(self.error_messages[key])


class Checked(Saying[T]):
    """A field that reads one value."""

    # As JSON Schema, for the OpenAPI document.
    taken: Mapping[str, Any] = {"type": "string"}

    def __init__(self, missing: Said | None = None, **options: Any) -> None:
        messages: _Messages = dict.fromkeys(("required", "null"), missing or say("empty"))
        super().__init__(error_messages=messages, **options)

    @property
    def strict(self) -> bool:
        """Whether what is read came as JSON."""
        return isinstance(self.root, Rules) and self.root.strict

    def read(self, value: Any) -> T:
        """Read the value.

        Raises:
            ValidationError: saying what to do when it cannot be read.
        """
        raise NotImplementedError

    @override
    def _deserialize(self, value: Any, *_: Any, **__: Any) -> T:
        return self.read(value)


class Text(Checked[str]):
    """A text of at most ``most`` characters, in one line unless it may have ``lines``."""

    def __init__(
        self, most: int, missing: str = "empty", *, lines: bool = False, **options: Any
    ) -> None:
        super().__init__(say(missing), **options)
        self.most, self.lines = most, lines
        unseen, edge = UNSEEN[lines], f"[{EDGES}]*"
        some = rf"[^{unseen}\s]" if self.required else ""
        seen = f"[^{unseen}]*"
        self.taken = {
            "type": "string",
            "maxLength": most,
            "pattern": f"^{edge}{seen}{some}{seen if some else ''}{edge}$",
        }

    @override
    def read(self, value: Any) -> str:
        """Tidy the text; what the OpenAPI document calls too long is, whatever is trimmed off."""
        if self.strict and isinstance(value, str) and len(value) > self.most:
            raise ValidationError(say("too_long", most=self.most))
        return plain_text(value, self.most, lines=self.lines)


class Name(Text):
    """A name of a person: in one line, with at least one letter."""

    @override
    def read(self, value: Any) -> str:
        """Tidy the name."""
        name = super().read(value)
        if not has_letters(name):
            raise ValidationError(say("name_letters"))
        return name


class Choice(Checked[E], Generic[E]):
    """One of an enum's values."""

    def __init__(self, kind: type[E], missing: str | None = None, **options: Any) -> None:
        self.kind = kind
        self.wrong = say(missing) if missing else say("unknown_choice", choices=", ".join(kind))
        super().__init__(self.wrong, **options)
        self.taken = {"type": "string", "enum": [member.value for member in kind]}

    @override
    def read(self, value: Any) -> E:
        """Find the enum's member."""
        try:
            return self.kind(plain_text(value, 64))
        except (ValueError, ValidationError) as error:
            raise ValidationError(self.wrong) from error


class Number(Checked[int]):
    """A whole number between two bounds; forms send it as text."""

    def __init__(self, low: int, high: int, **options: Any) -> None:
        self.low, self.high = low, high
        self.wrong = say("not_number", low=low, high=high)
        super().__init__(self.wrong, **options)
        self.taken = {"type": "integer", "minimum": low, "maximum": high}

    @override
    def read(self, value: Any) -> int:
        """Check the number."""
        written = isinstance(value, str) and not self.strict
        if written and re.fullmatch(r"[0-9]{1,9}", value.strip()):
            value = int(value)
        elif isinstance(value, float) and value.is_integer():
            value = int(value)  # JSON has one kind of number
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError(self.wrong)
        if not self.low <= value <= self.high:
            raise ValidationError(self.wrong)
        return value


class Flag(Checked[bool]):
    """True or false; a ticked box of a form counts as true."""

    _WORDS: ClassVar[dict[str, bool]] = {
        **dict.fromkeys(("true", "on", "yes", "1"), True),
        **dict.fromkeys(("false", "off", "no", "0"), False),
    }

    def __init__(self, missing: str = "not_flag", **options: Any) -> None:
        super().__init__(say(missing), **options)
        self.taken = {"type": "boolean"}

    @override
    def read(self, value: Any) -> bool:
        """Read a flag or a form's word for it."""
        if isinstance(value, bool):
            return value
        written = isinstance(value, str) and not self.strict
        if written and value.strip().lower() in self._WORDS:
            return self._WORDS[value.strip().lower()]
        raise ValidationError(say("not_flag"))


class Many(fields.List[Any]):
    """A list of at most ``most`` things, at least ``least``."""

    def __init__(
        self,
        inner: fields.Field[Any],
        most: int,
        *,
        least: int = 0,
        missing: str = "too_few",
        **options: Any,
    ) -> None:
        bounds = {"maxItems": most, "minItems": least}
        super().__init__(inner, metadata=bounds, **options)
        self.most, self.least, self.none = most, least, say(missing)

    @override
    def make_error(self, key: str, **_: Any) -> ValidationError:
        """Return what to do when the list is not there or not one."""
        return ValidationError(say("not_list") if key == "invalid" else self.none)

    @override
    def _deserialize(self, value: Any, *around: Any, **options: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise ValidationError(say("not_list"))
        if len(value) > self.most:
            raise ValidationError(say("too_many", most=self.most))
        if len(value) < self.least:
            raise ValidationError(self.none)
        return super()._deserialize(value, *around, **options) or []


class Inside(Saying[Any], fields.Nested):
    """An object of a schema's own."""

    def __init__(self, schema: type[Rules], *, missing: str = "not_object", **options: Any) -> None:
        messages: _Messages = {
            "required": say(missing),
            **dict.fromkeys(("null", "type"), say("not_object")),
        }
        super().__init__(schema, error_messages=messages, **options)


class Named(Saying[Any], fields.Dict):
    """Values by names that are checked as well."""

    def __init__(self, names: Checked[Any], values: fields.Field[Any], **options: Any) -> None:
        messages: _Messages = dict.fromkeys(("required", "null", "invalid"), say("not_object"))
        super().__init__(names, values, error_messages=messages, **options)


def flatten(messages: Any, path: str = "") -> dict[str, list[str]]:
    """Write marshmallow's nested messages as one list for each field's path."""
    if not isinstance(messages, Mapping):
        texts = messages if isinstance(messages, list) else [messages]
        return {path: [text if isinstance(text, Said) else str(text) for text in texts]}
    found: dict[str, list[str]] = {}
    for name, inner in messages.items():
        # Keys of a dictionary that could not be read, and what is wrong with the whole object.
        below = path if name in {"_schema", "key", "value"} else ".".join([path, str(name)])
        for deeper, texts in flatten(inner, below.strip(".")).items():
            found.setdefault(deeper, []).extend(texts)
    return found
