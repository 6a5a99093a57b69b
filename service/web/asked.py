"""What was asked, as the student would say it, and what else the words may mean."""

from typing import NamedTuple

from matcher.regions import REGIONS
from service.messages import text
from service.messages.names import field_name, region_name
from service.steps.outputs import Matches
from service.web.moulds import Html, Mould
from service.web.pages import draw_macro
from service.web.query import Query, is_field


class Link(NamedTuple):
    """Words that lead somewhere."""

    label: str
    url: str


class Meant(NamedTuple):
    """What was searched for, and what else the words may mean."""

    searching_for: str
    alternatives: tuple[Link, ...]


def answers_in_words(language: str, matches: Matches) -> tuple[str, ...]:
    """The answers, as the student would say them."""
    answers = matches.slate.answers
    words = [text(language, f"education_level.{answers.education_level}.label")]
    if answers.postal_code:
        place = show_postal_code(answers.postal_code)
        words.append(text(language, "results.near", place=place))
    elif answers.region in REGIONS:
        words.append(region_name(language, answers.region))
    if answers.query and not is_field(answers.query):
        words.append(answers.query)
    return tuple(words)


def show_postal_code(code: str) -> str:
    """Write a postal code as people do: ``K1A 0B1``."""
    return f"{code[:3]} {code[3:]}" if len(code) == 6 else code


def draw_meant(language: str, matches: Matches, anew: Query) -> Html:
    """Draw what was searched for, and what else the words may mean.

    Args:
        language: the visitor's.
        matches: the page.
        anew: the answers it was asked for with, for a new slate.
    """
    meant = Meant(_searching_for(language, matches), _alternatives(language, matches, anew))
    return _MEANT.draw(language, meant)


def _searching_for(language: str, matches: Matches) -> str:
    query = matches.slate.answers.query
    titles = "; ".join(field_name(language, one.cip, one.title) for one in matches.fields)
    if not titles:
        return ""
    if not query or is_field(query):
        return text(language, "results.in_fields", field=titles)
    return text(language, "results.searching_for", query=query, field=titles)


def _alternatives(language: str, matches: Matches, anew: Query) -> tuple[Link, ...]:
    """When the words mean several fields: a link for each that leaves the others out."""
    if len(matches.fields) < 2:
        return ()
    plain = anew.without("query", "cip")
    return tuple(
        Link(
            field_name(language, one.cip, one.title),
            plain.setting(field=one.cip).url(spoken=language),
        )
        for one in matches.fields
    )


_MEANT = Mould(lambda view: draw_macro("parts/found.html", "meant", view), Meant)
