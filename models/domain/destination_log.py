"""What was sent to a destination, as its own staff see it: nothing of a student is shown."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from models.domain.delivery import Attempt, DeliveryStatus, DeliverySummary

# Letters and digits of what a receiver said may be its student's.
_SAID = re.compile(r"[^\W_]+")
_TAG = re.compile(r"<[^<>]*>")
_HIDDEN = "•••"
_MOST_SHOWN = 4000


@dataclass(frozen=True, slots=True)
class DeliveryTimeline:
    """A delivery, and every try at it, in order.

    ``answers`` are the beginnings of what came back, masked, by the number of the try; there is
    none where nothing is kept.
    """

    summary: DeliverySummary
    tries: Sequence[Attempt]
    answers: Mapping[int, str]


class DestinationLogStore(Protocol):
    """Reads what was sent to an organization's destinations."""

    def page(
        self,
        which: tuple[UUID, UUID],
        statuses: Collection[DeliveryStatus],
        before: UUID | None,
        most: int,
    ) -> tuple[DeliverySummary, ...]:
        """List deliveries to a destination, the newest first, from the one after ``before``.

        ``which`` is the organization and its destination; no statuses means all of them.
        """
        ...

    def one(
        self, organization_id: UUID, delivery_id: UUID, known: Collection[str]
    ) -> DeliveryTimeline | None:
        """Read a delivery; None when there is none or it is another organization's.

        ``known`` are values that may be shown as they came: a school's own words for its answers.
        """
        ...

    def waiting(self, destination_id: UUID) -> int:
        """Count what is still to be sent there."""
        ...


def mask(answer: bytes, known: Collection[str]) -> str:
    """Hide what an answer says and leave its form: keys, tags, and values that rules name.

    Args:
        answer: the beginning of a body, perhaps cut off.
        known: values that may be shown.
    """
    text = answer.decode("utf-8", "replace")[:_MOST_SHOWN]
    try:
        document = json.loads(text)
    except ValueError:
        return _masked_text(text, known)
    return json.dumps(_masked(document, known), ensure_ascii=False, indent=1)


def known_values(rules: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The values that rules compare answers with: they are set up, so they are nobody's."""
    found: set[str] = set()
    for rule in rules:
        equals = rule.get("equals", ())
        found |= {equals} if isinstance(equals, str) else set(equals)
        found |= set(rule.get("reasons", {}))
    return frozenset(found)


def _masked(value: Any, known: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {str(key): _masked(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [_masked(each, known) for each in value]
    if value is None or isinstance(value, bool) or str(value) in known:
        return value
    return _HIDDEN


def _masked_text(text: str, known: Collection[str]) -> str:
    if text in known:
        return text
    parts, at = [], 0
    for tag in _TAG.finditer(text):
        # A tag's name is its form; its attributes may say anything.
        name = re.match(r"</?[\w!?:-]*", tag[0])
        parts += [_SAID.sub(_HIDDEN, text[at : tag.start()]), f"{name[0] if name else '<'}>"]
        at = tag.end()
    return "".join([*parts, _SAID.sub(_HIDDEN, text[at:])])
