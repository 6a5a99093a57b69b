"""Pages that explain: how we rank, where figures come from, privacy."""

import tomllib
from functools import cache, lru_cache
from importlib.resources import files

from flask import Response

from matcher.steering import STEERING_BOUND
from service.messages import text
from service.web.pages import locale, page, services


def percent(language: str, share: float) -> str:
    """Write a share as a percentage with one decimal."""
    return _percent(language, f"{share * 100:.1f}".removesuffix(".0"))


@lru_cache
def _percent(language: str, written: str) -> str:
    return text(language, "number.percent", value=written)


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
    return page("how_we_rank.html", steering_bound=bound, explored=explored)


def sources() -> Response:
    """Every dataset with its edition, licence and what we change."""
    return page("sources.html", rows=datasets())


def privacy() -> Response:
    """What is kept, how long, who gets it."""
    return page("privacy.html")
