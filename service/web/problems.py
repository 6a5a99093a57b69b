"""What cannot be used of a form: messages at the fields, in the visitor's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marshmallow import ValidationError

from models.domain.errors import InvalidInputError
from service.api.v1.rules import flatten
from service.said import Said
from service.web.pages import t


@dataclass(frozen=True, slots=True)
class Problem:
    """One message and the field it links to."""

    anchor: str
    message: str


class Problems(dict[str, str]):
    """The first message of each field, by the field's name on the page."""

    @property
    def listed(self) -> list[Problem]:
        """The messages in order, for the summary."""
        return [Problem(anchor, message) for anchor, message in self.items()]

    def in_order(self, names: Sequence[str]) -> "Problems":
        """The same, in the order of the fields on the page; others come last."""
        places = {name: place for place, name in enumerate(names)}
        ordered = sorted(self.items(), key=lambda item: places.get(item[0], len(places)))
        return Problems(ordered)


def messages_of(error: ValidationError | InvalidInputError) -> Mapping[str, Sequence[str]]:
    """The messages of a schema or a step, by path."""
    if isinstance(error, ValidationError):
        return flatten(error.messages)
    return error.messages


def speak(message: str) -> str:
    """Say a message in the visitor's language, where it remembers its key."""
    if isinstance(message, Said):
        return t(f"error.{message.key}", **message.values)
    return message


def problems_of(found: Mapping[str, Sequence[str]], *, within: str = "") -> Problems:
    """Put messages at fields: ``student.email`` is ``email`` on the page.

    Args:
        found: messages by path.
        within: a prefix to take off, such as ``student.``.
    """
    problems = Problems()
    for path, texts in found.items():
        name = path.removeprefix(within).partition(".")[0]
        problems.setdefault(name, speak(texts[0]))
    return problems
