"""A page of results as the template takes it: counts, cards, what it is narrowed to, paging."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from flask import render_template

from matcher.steering import STEERING_BOUND
from models.domain.ids import Prefix, show
from models.domain.levels import EducationLevel, Format
from models.domain.matching import PAGE_SIZE, RequestChannel, Sort
from service.messages import note, text
from service.messages.lengths import unit_in
from service.steps.outputs import Matches
from service.web import distances
from service.web.asked import Link, answers_in_words, draw_meant
from service.web.cards import AskFor, draw_cards
from service.web.information import percent
from service.web.languages import address
from service.web.moulds import NOTHING, Html, Mould
from service.web.pages import draw_macro
from service.web.query import FILTERS, Query
from service.web.refine import draw_refine, label_of

# Advice that tells of formats.
_ABOUT_FORMAT = frozenset({"format_mostly_not_published", "format_not_published"})
_TOLD_MORE = frozenset({EducationLevel.NO_DIPLOMA, EducationLevel.STILL_IN_HIGH_SCHOOL})


@dataclass(frozen=True, slots=True)
class FieldNames:
    """What a CIP family is called: in plain words, and officially."""

    plain: Callable[[str], str]
    official: Callable[[str], str]


class Paying(NamedTuple):
    """Who pays, and how not to see it."""

    advertisers: str
    hide_url: str
    show_url: str


class Narrowed(NamedTuple):
    """What the results are narrowed to; each link takes one thing back."""

    chosen: tuple[Link, ...]
    clear_url: str


class Told(NamedTuple):
    """Advice above the cards, and what is known of formats."""

    advice: tuple[str, ...]


class Paging(NamedTuple):
    """Which page of how many, and the ones beside it."""

    here: str
    previous_url: str
    next_url: str


class Nothing(NamedTuple):
    """What to try when nothing was found; empty when something was."""

    advice: tuple[str, ...]
    drop_url: str
    all_fields_url: str


class ResultsView(NamedTuple):
    """Everything the results page says, its parts drawn.

    ``notice``: a level that it says more to.
    """

    notice: EducationLevel | None
    answers: str
    change_url: str
    meant: Html
    found: str
    paying: Html
    parameters: str
    steering: str
    steering_bound: str
    told: Html
    narrowed: Html
    cards: Html
    slate_id: str
    share_url: str
    first_position: str
    paging: Html
    refine: Html
    nothing: Nothing


class Frame(NamedTuple):
    """What a page says around its results: demonstrations, drafts, and how to change language."""

    demonstration: tuple[str, ...]
    here: str
    draft_note: str


def draw_results(language: str, view: ResultsView, frame: Frame) -> Html:
    """Draw the page of a view."""
    return _PAGE.draw(language, view, frame)


def _draw(view: ResultsView, frame: Frame) -> str:
    return render_template("results.html", view=view, problems={}, **frame._asdict())


def _part(name: str) -> Callable[[object], str]:
    return lambda view: draw_macro("parts/found.html", name, view)


_PAGE = Mould(_draw, ResultsView, Frame)
# Parts whose forms are many: with them, a page has only a few.
_PAYING = Mould(_part("paying"), Paying)
_NARROWED, _TOLD = Mould(_part("narrowed"), Narrowed), Mould(_part("told"), Told)
_PAGING = Mould(_part("pages"), Paging)


def results_view(language: str, matches: Matches, query: Query, names: FieldNames) -> ResultsView:
    """Put a page of matches into words and links.

    Args:
        language: the visitor's.
        matches: the page.
        query: the parameters it was asked for with.
        names: what families are called.
    """
    page, answers, anew = matches.page, matches.slate.answers, query.anew
    advice = tuple(dict.fromkeys([note(language, "advice", one) for one in matches.advice]))
    chosen = _chosen(language, anew, matches, names.plain)
    clear_url = (
        anew.without(*FILTERS, "format", "max_distance_miles").url(spoken=language)
        if chosen
        else ""
    )
    some = bool(matches.listings)
    return ResultsView(
        notice=answers.education_level if answers.education_level in _TOLD_MORE else None,
        answers=" · ".join(answers_in_words(language, matches)),
        change_url=anew.url("web.start", language),
        meant=draw_meant(language, matches, anew),
        found=text(language, "results.found", n=page.total),
        paying=_PAYING.draw(language, _paying(language, matches, anew)),
        parameters=_parameters(language, answers.sort),
        steering=percent(language, page.steering_index),
        steering_bound=percent(language, STEERING_BOUND),
        told=_TOLD.draw(language, _told(language, matches, advice)),
        narrowed=_NARROWED.draw(language, Narrowed(chosen, clear_url)),
        cards=_draw_cards(language, matches, names),
        slate_id=show(Prefix.SLATE, matches.slate.id),
        share_url=anew.url("web.share", language),
        first_position=str((page.page - 1) * PAGE_SIZE + 1),
        paging=_PAGING.draw(language, _paging(language, matches, query)),
        refine=draw_refine(language, matches, query, names.plain) if some else NOTHING,
        nothing=Nothing((), "", "") if some else _nothing(language, anew, advice, clear_url),
    )


def _paying(language: str, matches: Matches, anew: Query) -> Paying:
    hidden, count = matches.slate.answers.hide_sponsored, matches.page.sponsored_total
    has_ads = any(shown.listing.sponsored for shown in matches.listings)
    if count:
        advertisers = text(language, "results.advertisers", n=count)
    else:
        advertisers = text(language, "results.none_advertise") if matches.page.total else ""
    return Paying(
        advertisers,
        "" if hidden or not has_ads else anew.setting(hide_sponsored="true").url(spoken=language),
        anew.without("hide_sponsored").url(spoken=language) if hidden else "",
    )


def _paging(language: str, matches: Matches, query: Query) -> Paging:
    number, pages = matches.page.page, matches.page.pages
    if pages < 2:
        return Paging("", "", "")
    placed = query.setting(slate_id=show(Prefix.SLATE, matches.slate.id))
    return Paging(
        text(language, "results.pages.here", n=number, pages=pages),
        placed.setting(page=number - 1).url(spoken=language) if number > 1 else "",
        placed.setting(page=number + 1).url(spoken=language) if number < pages else "",
    )


def _nothing(language: str, anew: Query, advice: tuple[str, ...], clear_url: str) -> Nothing:
    studied = "query" in anew or "field" in anew
    return Nothing(
        advice, clear_url, anew.without("query", "field").url(spoken=language) if studied else ""
    )


def _draw_cards(language: str, matches: Matches, names: FieldNames) -> Html:
    # An id of a listing or a slate needs no quoting in an address.
    slate, number = show(Prefix.SLATE, matches.slate.id), matches.page.page
    of_listing = f"slate_id={slate}&page={number}&listing_id="
    links = {
        RequestChannel.HERE: address("web.request_form", of_listing, language),
        RequestChannel.SCHOOL_SITE: address("web.visit", of_listing, language),
    }
    unit = unit_in(matches.slate.jurisdiction)
    return draw_cards(language, matches.listings, links, _ask_for(matches, names), unit)


def _ask_for(matches: Matches, names: FieldNames) -> AskFor | None:
    """The specialty to ask schools for: a field is coarse, and its name does not tell."""
    first = next(iter(matches.fields), None)
    if first is None or first.specialty is None:
        return None
    return AskFor(first.cip, names.official(first.cip), first.specialty)


def _parameters(language: str, sort: Sort) -> str:
    by_fit = sort is Sort.RELEVANCE
    return text(language, "results.rank.parameters" if by_fit else "results.rank.parameters_sorted")


def _told(language: str, matches: Matches, advice: tuple[str, ...]) -> Told:
    """Advice, which stands elsewhere when nothing is found, and what is known of formats."""
    if not matches.listings:
        return Told(())
    if _ABOUT_FORMAT.intersection([note.code for note in matches.advice]):
        return Told(advice)
    known = matches.page.format_known
    key = "results.format_known" if known else "results.format_unknown"
    return Told((*advice, text(language, key, n=known)))


def _chosen(
    language: str, anew: Query, matches: Matches, field_name: Callable[[str], str]
) -> tuple[Link, ...]:
    links = [
        Link(
            label_of(language, name, value, field_name),
            anew.without_value(name, value).url(spoken=language),
        )
        for name in FILTERS
        for value in anew.all(name)
    ]
    if matches.slate.answers.format is not Format.EITHER:
        words = text(language, f"format.{matches.slate.answers.format}")
        links.append(Link(words, anew.without("format").url(spoken=language)))
    if "max_distance_miles" in anew and matches.on_map:
        miles = matches.slate.answers.max_distance_miles or 0
        words = distances.within(language, miles, unit_in(matches.slate.jurisdiction))
        links.append(Link(words, anew.without("max_distance_miles").url(spoken=language)))
    return tuple(links)
