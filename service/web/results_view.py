"""A page of results as the template takes it: counts, cards, what it is narrowed to, paging."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from flask import render_template
from markupsafe import Markup

from matcher.regions import REGIONS
from matcher.steering import STEERING_BOUND
from models.domain.ids import Prefix, show
from models.domain.levels import EducationLevel, Format
from models.domain.matching import PAGE_SIZE
from service.steps.outputs import Matches
from service.web.cards import AskFor, draw_cards, notes
from service.web.information import percent
from service.web.moulds import Mould
from service.web.pages import locale, path_of, t
from service.web.query import FILTERS, Query, is_field
from service.web.refine import draw_refine, label_of

_TOLD_MORE = frozenset({EducationLevel.NO_DIPLOMA, EducationLevel.STILL_IN_HIGH_SCHOOL})


@dataclass(frozen=True, slots=True)
class FieldNames:
    """What a CIP family is called: in plain words, and officially."""

    plain: Callable[[str], str]
    official: Callable[[str], str]


class Link(NamedTuple):
    """Words that lead somewhere."""

    label: str
    url: str


class ResultsView(NamedTuple):
    """Everything the results page says; ``notice``: a level that it says more to."""

    notice: EducationLevel | None
    answers: tuple[str, ...]
    change_url: str
    searching_for: str
    alternatives: tuple[Link, ...]
    found: str
    advertisers: str
    hide_url: str
    show_url: str
    steering: str
    steering_bound: str
    format_note: str
    chosen: tuple[Link, ...]
    clear_url: str
    cards: Markup
    first_position: str
    here: str
    previous_url: str
    next_url: str
    refine: Markup
    advice: tuple[str, ...]
    all_fields_url: str


class Frame(NamedTuple):
    """What a page says around its results: what of it is a demonstration."""

    demonstration: tuple[str, ...]


def draw_results(view: ResultsView, demonstration: tuple[str, ...]) -> str:
    """Draw the page of a view."""
    return _PAGE.draw(locale(), view, Frame(demonstration))


def _draw(view: ResultsView, frame: Frame) -> str:
    demonstration = frame.demonstration
    return render_template("results.html", view=view, demonstration=demonstration, problems={})


_PAGE = Mould(_draw, ResultsView, Frame)


def results_view(matches: Matches, query: Query, names: FieldNames) -> ResultsView:
    """Put a page of matches into words and links.

    Args:
        matches: the page.
        query: the parameters it was asked for with.
        names: what families are called.
    """
    page, answers, anew = matches.page, matches.slate.answers, query.anew
    placed = query.setting(slate_id=show(Prefix.SLATE, matches.slate.id))
    hidden = answers.hide_sponsored
    has_ads = any(shown.listing.sponsored for shown in matches.listings)
    more = page.pages > 1
    return ResultsView(
        notice=answers.education_level if answers.education_level in _TOLD_MORE else None,
        answers=answers_in_words(matches),
        change_url=anew.url("web.start"),
        searching_for=_searching_for(matches),
        alternatives=_alternatives(matches, anew),
        found=t("results.found", n=page.total),
        advertisers=_advertisers(page.sponsored_total),
        hide_url="" if hidden or not has_ads else anew.setting(hide_sponsored="true").url(),
        show_url=anew.without("hide_sponsored").url() if hidden else "",
        steering=percent(page.steering_index),
        steering_bound=percent(STEERING_BOUND),
        format_note=_format_note(page.format_known),
        chosen=_chosen(anew, matches, names.plain),
        clear_url=anew.without(*FILTERS, "format", "max_distance_miles").url(),
        cards=_draw_cards(matches, names),
        first_position=str((page.page - 1) * PAGE_SIZE + 1),
        here=t("results.pages.here", n=page.page, pages=page.pages) if more else "",
        previous_url=placed.setting(page=page.page - 1).url() if page.page > 1 else "",
        next_url=placed.setting(page=page.page + 1).url() if page.page < page.pages else "",
        refine=draw_refine(matches, query, names.plain),
        advice=tuple(dict.fromkeys(notes("advice", matches.advice))),
        all_fields_url=anew.without("query", "field").url() if _has_study(query) else "",
    )


def _draw_cards(matches: Matches, names: FieldNames) -> Markup:
    # An id of a listing or a slate needs no quoting in an address.
    slate, number = show(Prefix.SLATE, matches.slate.id), matches.page.page
    path = path_of("web.request_form")
    ask_url = f"{path}?slate_id={slate}&page={number}&listing_id="
    return draw_cards(matches.listings, ask_url, _ask_for(matches, names))


def _ask_for(matches: Matches, names: FieldNames) -> AskFor | None:
    """The specialty to ask schools for: a field is coarse, and its name does not tell."""
    first = next(iter(matches.fields), None)
    if first is None or first.specialty is None:
        return None
    return AskFor(first.cip, names.official(first.cip), first.specialty)


def answers_in_words(matches: Matches) -> tuple[str, ...]:
    """The answers, as the student would say them."""
    answers = matches.slate.answers
    words = [t(f"education_level.{answers.education_level}.label")]
    if answers.postal_code:
        words.append(t("results.near", place=show_postal_code(answers.postal_code)))
    elif answers.region in REGIONS:
        words.append(REGIONS[answers.region].name)
    if answers.query and not is_field(answers.query):
        words.append(answers.query)
    return tuple(words)


def show_postal_code(code: str) -> str:
    """Write a postal code as people do: ``K1A 0B1``."""
    return f"{code[:3]} {code[3:]}" if len(code) == 6 else code


def _has_study(query: Query) -> bool:
    return "query" in query or "field" in query


def _searching_for(matches: Matches) -> str:
    query = matches.slate.answers.query
    titles = "; ".join(field.title for field in matches.fields)
    if not titles:
        return ""
    if not query or is_field(query):
        return t("results.in_fields", field=titles)
    return t("results.searching_for", query=query, field=titles)


def _alternatives(matches: Matches, anew: Query) -> tuple[Link, ...]:
    """When the words mean several fields: a link for each that leaves the others out."""
    if len(matches.fields) < 2:
        return ()
    plain = anew.without("query", "cip")
    return tuple(
        Link(field.title, plain.setting(field=field.cip).url()) for field in matches.fields
    )


def _advertisers(count: int) -> str:
    return t("results.advertisers", n=count) if count else t("results.none_advertise")


def _format_note(known: int) -> str:
    return t("results.format_known", n=known) if known else t("results.format_unknown")


def _chosen(anew: Query, matches: Matches, field_name: Callable[[str], str]) -> tuple[Link, ...]:
    links = [
        Link(label_of(name, value, field_name), anew.without_value(name, value).url())
        for name in FILTERS
        for value in anew.all(name)
    ]
    if matches.slate.answers.format is not Format.EITHER:
        words = t(f"format.{matches.slate.answers.format}")
        links.append(Link(words, anew.without("format").url()))
    if "max_distance_miles" in anew:
        miles = matches.slate.answers.max_distance_miles or 0
        words = t("results.refine.within", miles=miles)
        links.append(Link(words, anew.without("max_distance_miles").url()))
    return tuple(links)
