"""Filters of leads in an address: read, checked, written back; nothing personal is among them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import request, url_for

from matcher.regions import REGIONS
from models.domain.delivery import DeliveryStatus
from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, read
from models.domain.lead import LeadStatus
from models.domain.lead_search import (
    DELIVERY_STATES,
    LATE,
    LOST,
    ORGANIC,
    SPONSORED,
    STATUSES,
    WAITING,
    LeadFilter,
)
from service.staff.pages import wrong
from service.steps.staff_lead_lists import Choices
from service.web.pages import t
from service.web.problems import Problems

NAMES = ("status", "school", "program", "state", "origin", "from", "to", "destination", "delivery")
_DAYS = frozenset({"from", "to"})
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Typed:
    """Filters as somebody chose them, and what they mean; those that mean nothing are problems."""

    values: Mapping[str, str]
    wanted: LeadFilter
    problems: Problems


@dataclass(frozen=True, slots=True)
class Select:
    """A filter with its options: values and words."""

    name: str
    options: tuple[tuple[str, str], ...]


def read_filters(source: Mapping[str, str] | None = None) -> Typed:
    """Read the filters of the address, or of a form."""
    given = request.args if source is None else source
    values = {name: text for name in NAMES if (text := given.get(name, "").strip()[:_LONGEST])}
    wanted, problems = LeadFilter(), Problems()
    for name, text in values.items():
        try:
            wanted = replace(wanted, **_READERS[name](text))
        except ValueError as error:
            problems[name] = str(error)
        except InvalidInputError as error:
            problems |= {name: next(iter(wrong(error).values()))}
    # A field of a day cannot hold what is no day.
    readable = {n: text for n, text in values.items() if n not in _DAYS or n not in problems}
    return Typed(readable, wanted, problems)


def list_address(values: Mapping[str, str], **more: str) -> str:
    """The address of the list as these filters narrow it."""
    query: dict[str, Any] = {**values, **more}
    return url_for("school.leads", **query)


def selects(choices: Choices) -> tuple[Select, ...]:
    """The filters that are chosen from a list, in the order of the page."""
    statuses = [(WAITING, t("school.filters.waiting"))]
    statuses += [(one.value, t(f"school.status.{one}")) for one in LeadStatus]
    deliveries = [(kind, t(f"school.filters.{kind}")) for kind in (LATE, LOST)]
    deliveries += [(one.value, t(f"delivery_status.{one}")) for one in DeliveryStatus]
    origins = [(kind, t(f"school.filters.{kind}")) for kind in (ORGANIC, SPONSORED)]
    return (
        Select("status", tuple(statuses)),
        Select("school", choices.schools),
        Select("program", choices.programs),
        Select("state", tuple((state, place_name(state)) for state in choices.states)),
        Select("origin", (*origins, *choices.campaigns)),
        Select("destination", choices.destinations),
        Select("delivery", tuple(deliveries)),
    )


def place_name(jurisdiction: str) -> str:
    """Name a jurisdiction such as ``US-NY``; a country alone says that the state is not known."""
    region = REGIONS.get(jurisdiction.partition("-")[2])
    return region.name if region else t("school.filters.no_state", country=jurisdiction)


def midnight(day: date) -> datetime:
    """The moment at which a day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def read_day(text: str) -> date:
    """Read a day.

    Raises:
        ValueError: when it is none that can be used.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(t("school.filters.day_wrong")) from error
    if not 2000 <= day.year <= 2999:
        raise ValueError(t("school.filters.day_wrong"))
    return day


def _one_of(known: Mapping[str, Any], text: str) -> str:
    if text not in known:
        raise ValueError(t("school.filters.unknown"))
    return text


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(t("school.filters.unknown"))
    return int(text)


def _origin(text: str) -> dict[str, Any]:
    if text in (ORGANIC, SPONSORED):
        return {"origin": text}
    return {"campaign_id": read(Prefix.CAMPAIGN, text)}


_READERS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "status": lambda text: {"status": _one_of(STATUSES, text)},
    "school": lambda text: {"unitid": _number(text)},
    "program": lambda text: {"program_id": text},
    "state": lambda text: {"state": text},
    "origin": _origin,
    "from": lambda text: {"since": midnight(read_day(text))},
    "to": lambda text: {"until": midnight(read_day(text) + timedelta(days=1))},
    "destination": lambda text: {"destination_id": read(Prefix.DESTINATION, text)},
    "delivery": lambda text: {"delivery": _one_of(DELIVERY_STATES, text)},
}
