"""Slates as documents: one form for the cache, the log stream, the tables and a request's copy.

Standard library only, so that web and workers read each other's without meeting. Enums are
written by value, ids as hex, times in ISO form; reading back gives an equal slate, so that a draw
from it is the same draw.
"""

import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, cast
from uuid import UUID

from models.domain.levels import CredentialLevel, EducationLevel, Format
from models.domain.matching import (
    Answers,
    CampaignOffer,
    Filters,
    Listing,
    MatchPage,
    NotTakenReason,
    RequestChannel,
    Slate,
    Sort,
)

# Where the service and the writer of the log meet.
SLATE_STREAM = "slates"
SLATE_GROUP = "slate-writers"
SLATE_KEY = "slate:"


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page as served: each listing's place, score, codes, campaign, propensity and channel.

    A listing that chance moved keeps ``plain_position`` too: its organic place without.
    """

    page: int
    listings: tuple[Mapping[str, Any], ...]
    steering_index: float
    demonstration: bool
    explored: bool = False
    draw_propensity: float = 1.0

    def document(self) -> dict[str, Any]:
        """Write as plain JSON values."""
        return {
            "page": self.page,
            "listings": list(self.listings),
            "steering_index": self.steering_index,
            "demonstration": self.demonstration,
            "explored": self.explored,
            "draw_propensity": self.draw_propensity,
        }


def page_record(
    page: MatchPage,
    *,
    demonstration: bool,
    channels: Mapping[int, RequestChannel] | None = None,
) -> PageRecord:
    """Keep of a page what replay and training need.

    Args:
        page: the page as drawn.
        demonstration: whether anything on it is one.
        channels: how each listing's school could be asked, by position, where that is known:
            training must tell a listing nobody asked from one that nobody could ask.
    """
    ways = channels or {}
    return PageRecord(
        page.page,
        tuple(_served(listing, ways.get(listing.position)) for listing in page.listings),
        page.steering_index,
        demonstration,
        page.explored,
        page.draw_propensity,
    )


def read_page_record(document: Mapping[str, Any]) -> PageRecord:
    """Read a page record back."""
    return PageRecord(
        document["page"],
        tuple(document["listings"]),
        document["steering_index"],
        document["demonstration"],
        # Not there in what was written before slates were explored.
        document.get("explored", False),
        document.get("draw_propensity", 1.0),
    )


def _served(listing: Listing, channel: RequestChannel | None) -> dict[str, Any]:
    version = listing.campaign_version_id
    moved = listing.plain_position
    return {
        "position": listing.position,
        "organic_position": listing.organic_position,
        "program_id": listing.program.id,
        "campaign_version_id": None if version is None else version.hex,
        "score": int(listing.score),
        "codes": list(listing.codes),
        "propensity": float(listing.propensity),
        "request": None if channel is None else channel.value,
        **({} if moved is None else {"plain_position": moved}),
    }


def slate_document(slate: Slate) -> dict[str, Any]:
    """Write a slate as plain JSON values."""
    document = _plain(slate)
    document["answers"] = answers_document(slate.answers)
    document["offers"] = [_plain(offer) for offer in slate.offers]
    return document


def answers_document(answers: Answers) -> dict[str, Any]:
    """Write answers as plain JSON values."""
    return {**_plain(answers), "filters": _plain(answers.filters)}


def read_slate(document: Mapping[str, Any]) -> Slate:
    """Read a slate back."""
    values = dict(document)
    values["id"] = UUID(values["id"])
    values["search_id"] = UUID(values["search_id"])
    values["created_at"] = datetime.fromisoformat(values["created_at"])
    values["answers"] = read_answers(values["answers"])
    values["offers"] = tuple(map(read_offer, values["offers"]))
    if values.get("publisher_id"):
        values["publisher_id"] = UUID(values["publisher_id"])
    return Slate(**values)


def read_answers(document: Mapping[str, Any]) -> Answers:
    """Read answers back."""
    values = dict(document)
    values["education_level"] = EducationLevel(values["education_level"])
    values["fields"] = tuple(values["fields"])
    values["format"] = Format(values["format"])
    values["sort"] = Sort(values["sort"])
    filters = {name: tuple(chosen) for name, chosen in values["filters"].items()}
    filters["credential_levels"] = _credentials(filters["credential_levels"])
    values["filters"] = Filters(**filters)
    if values.get("specialty_credential"):
        values["specialty_credential"] = CredentialLevel(values["specialty_credential"])
    return Answers(**values)


def read_offer(document: Mapping[str, Any]) -> CampaignOffer:
    """Read a campaign's offer back."""
    values = dict(document)
    for name in ("campaign_id", "version_id", "organization_id"):
        values[name] = UUID(values[name])
    for name in ("unitids", "cips", "states"):
        values[name] = tuple(values[name])
    values["credential_levels"] = _credentials(values["credential_levels"])
    values["education_levels"] = tuple(map(EducationLevel, values["education_levels"]))
    if values.get("shut"):
        values["shut"] = NotTakenReason(values["shut"])
    return CampaignOffer(**values)


def _credentials(values: Sequence[str]) -> tuple[CredentialLevel, ...]:
    return tuple(map(CredentialLevel, values))


def _plain(value: Any) -> dict[str, Any]:
    """One level of a dataclass, with ids, times, enums and tuples made plain."""
    return {name: _scalar(getattr(value, name)) for name in _names(cast("Hashable", type(value)))}


@cache
def _names(kind: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cast("Any", kind)))


def _scalar(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


class EventKind(StrEnum):
    """What a visitor did with a listing.

    ``REQUEST``, ``ACCEPTED`` and ``REJECTED`` are how simulated and imported visits ended, kept in
    the log only; a real visitor's are a request and a disposition, and make no such event.
    """

    IMPRESSION = "impression"
    CLICK = "click"
    REQUEST_STARTED = "request_started"
    REQUEST = "request"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ServedEvent:
    """One thing a visitor did, at a position of a slate."""

    id: UUID
    kind: EventKind
    listing_id: str
    position: int


def log_entry(slate: bytes, page: bytes) -> bytes:
    """Write one entry of the log stream from the documents of a slate and a page, both as JSON."""
    return b'{"slate":%b,"page":%b}' % (slate, page)


def read_log_entry(entry: Mapping[str, Any]) -> tuple[Slate, PageRecord]:
    """Read an entry of the log stream back."""
    return read_slate(entry["slate"]), read_page_record(entry["page"])
