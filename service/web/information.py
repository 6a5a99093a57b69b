"""Pages that explain: how we rank, where figures come from, privacy."""

import tomllib
from functools import cache, lru_cache
from importlib.resources import files

from flask import Response

from matcher.steering import STEERING_BOUND
from service.messages import text
from service.web.languages import canonical_url
from service.web.pages import locale, page, services

_YEAR = 365.25  # days


def percent(language: str, share: float) -> str:
    """Write a share as a percentage with one decimal."""
    return _percent(language, round(share * 100, 1))


@lru_cache
def _percent(language: str, value: float) -> str:
    return text(language, "number.percent", value=value)


@cache
def datasets() -> list[dict[str, str]]:
    """The rows of the sources page; the same as in NOTICE."""
    written = files("service.web").joinpath("datasets.toml").read_text("utf-8")
    rows: list[dict[str, str]] = tomllib.loads(written)["dataset"]
    return rows


def how_we_rank() -> Response:
    """What decides the order, and what payment does."""
    share = services().explore_share
    language = locale()
    explored = percent(language, share) if share else ""
    bound = percent(language, STEERING_BOUND)
    url = canonical_url("web.how_we_rank")
    return page("how_we_rank.html", steering_bound=bound, explored=explored, canonical_url=url)


def sources() -> Response:
    """Every dataset with its edition, licence and what we change."""
    return page("sources.html", rows=datasets(), canonical_url=canonical_url("web.sources"))


def privacy() -> Response:
    """What is kept, how long, who gets it."""
    shown = page(
        "privacy.html",
        requests_kept=_how_long(services().retention_days),
        searches_kept=_how_long(services().search_days),
        canonical_url=canonical_url("web.privacy"),
    )
    # It says whether the browser's wish for privacy was seen.
    shown.vary.add("Sec-GPC")
    return shown


def _how_long(days: int) -> str:
    """A time in words, by years where it is years; empty: for good."""
    if not days:
        return ""
    years = round(days / _YEAR)
    # A leap day more or less is the same number of years.
    if years and abs(days - years * _YEAR) <= 1:
        return text(locale(), "privacy.years", n=years)
    return text(locale(), "privacy.days", n=days)
