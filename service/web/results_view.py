"""A page of results as the template takes it: counts, cards, what it is narrowed to, paging."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import url_for

from matcher.regions import REGIONS
from matcher.steering import STEERING_BOUND
from models.domain.ids import Prefix, show
from models.domain.levels import Format
from models.domain.matching import PAGE_SIZE, Sort
from service.steps.outputs import Matches
from service.web.cards import AskFor, Card, card, notes
from service.web.information import percent
from service.web.pages import t
from service.web.query import FILTERS, Query, is_field

FIRST_OPTIONS = 6
DISTANCES = (10, 25, 50, 100, 250)


@dataclass(frozen=True, slots=True)
class FieldNames:
    """What a CIP family is called: in plain words, and officially."""

    plain: Callable[[str], str]
    official: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Option:
    """One box of a filter."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A filter: its first options, and the rest behind "See more"."""

    name: str
    label: str
    first: list[Option]
    rest: list[Option]

    @property
    def rest_chosen(self) -> bool:
        """Whether a box is ticked among the rest, which must then be open."""
        return any(option.chosen for option in self.rest)


@dataclass(frozen=True, slots=True)
class Refine:
    """The form that narrows and sorts."""

    kept: list[tuple[str, str]]
    sorts: list[tuple[str, str]]
    sort: str
    formats: list[tuple[str, str]]
    format: str
    distances: Sequence[int]
    distance: int
    groups: list[Group]


@dataclass(frozen=True, slots=True)
class ResultsView:
    """Everything the results page says."""

    level: str
    answers: list[str]
    change_url: str
    searching_for: str
    alternatives: list[Link]
    total: int
    advertisers: str
    hide_url: str
    show_url: str
    steering: str
    steering_bound: str
    format_note: str
    chosen: list[Link]
    clear_url: str
    cards: list[Card]
    first_position: int
    page: int
    pages: int
    previous_url: str
    next_url: str
    refine: Refine
    advice: list[str]
    all_fields_url: str


def results_view(matches: Matches, query: Query, names: FieldNames) -> ResultsView:
    """Put a page of matches into words and links.

    Args:
        matches: the page.
        query: the parameters it was asked for with.
        names: what families are called.
    """
    page = matches.page
    placed = query.setting(slate_id=show(Prefix.SLATE, matches.slate.id))
    hidden = matches.slate.answers.hide_sponsored
    has_ads = any(shown.listing.sponsored for shown in matches.listings)
    return ResultsView(
        level=str(matches.slate.answers.education_level),
        answers=answers_in_words(matches),
        change_url=query.anew.url("web.start"),
        searching_for=_searching_for(matches),
        alternatives=_alternatives(matches, query),
        total=page.total,
        advertisers=_advertisers(page.sponsored_total),
        hide_url="" if hidden or not has_ads else query.anew.setting(hide_sponsored="true").url(),
        show_url=query.anew.without("hide_sponsored").url() if hidden else "",
        steering=percent(page.steering_index),
        steering_bound=percent(STEERING_BOUND),
        format_note=_format_note(page.format_known),
        chosen=_chosen(query, matches, names.plain),
        clear_url=query.anew.without(*FILTERS, "format", "max_distance_miles").url(),
        cards=[
            card(shown, ask_url(matches, shown.id, page.page), _ask_for(matches, names))
            for shown in matches.listings
        ],
        first_position=(page.page - 1) * PAGE_SIZE + 1,
        page=page.page,
        pages=page.pages,
        previous_url=placed.setting(page=page.page - 1).url() if page.page > 1 else "",
        next_url=placed.setting(page=page.page + 1).url() if page.page < page.pages else "",
        refine=_refine(matches, query, names.plain),
        advice=list(dict.fromkeys(notes("advice", matches.advice))),
        all_fields_url=query.anew.without("query", "field").url() if _has_study(query) else "",
    )


def _ask_for(matches: Matches, names: FieldNames) -> AskFor | None:
    """The specialty to ask schools for: a field is coarse, and its name does not tell."""
    first = next(iter(matches.fields), None)
    if first is None or first.specialty is None:
        return None
    return AskFor(first.cip, names.official(first.cip), first.specialty)


def ask_url(matches: Matches, listing_id: str, page: int) -> str:
    """Where "Ask for information" leads."""
    slate = show(Prefix.SLATE, matches.slate.id)
    return url_for("web.request_form", slate_id=slate, page=page, listing_id=listing_id)


def answers_in_words(matches: Matches) -> list[str]:
    """The answers, as the student would say them."""
    answers = matches.slate.answers
    words = [t(f"education_level.{answers.education_level}.label")]
    if answers.postal_code:
        words.append(t("results.near", place=show_postal_code(answers.postal_code)))
    elif answers.region in REGIONS:
        words.append(REGIONS[answers.region].name)
    if answers.query and not is_field(answers.query):
        words.append(answers.query)
    return words


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


def _alternatives(matches: Matches, query: Query) -> list[Link]:
    """When the words mean several fields: a link for each that leaves the others out."""
    if len(matches.fields) < 2:
        return []
    plain = query.anew.without("query", "cip")
    return [Link(field.title, plain.setting(field=field.cip).url()) for field in matches.fields]


def _advertisers(count: int) -> str:
    return t("results.advertisers", n=count) if count else t("results.none_advertise")


def _format_note(known: int) -> str:
    return t("results.format_known", n=known) if known else t("results.format_unknown")


def _chosen(query: Query, matches: Matches, field_name: Callable[[str], str]) -> list[Link]:
    links = [
        Link(_label(name, value, field_name), query.anew.without_value(name, value).url())
        for name in FILTERS
        for value in query.all(name)
    ]
    if matches.slate.answers.format is not Format.EITHER:
        words = t(f"format.{matches.slate.answers.format}")
        links.append(Link(words, query.anew.without("format").url()))
    if "max_distance_miles" in query:
        miles = matches.slate.answers.max_distance_miles or 0
        words = t("results.refine.within", miles=miles)
        links.append(Link(words, query.anew.without("max_distance_miles").url()))
    return links


def _refine(matches: Matches, query: Query, field_name: Callable[[str], str]) -> Refine:
    answers = matches.slate.answers
    mine = {*FILTERS, "sort", "format", "max_distance_miles"}
    near = answers.postal_code is not None
    sorts = [one for one in Sort if near or one is not Sort.DISTANCE]
    return Refine(
        kept=[pair for pair in query.anew if pair[0] not in mine],
        sorts=[(str(one), t(f"results.sort.{one}")) for one in sorts],
        sort=str(answers.sort),
        formats=[(str(one), t(f"format.{one}")) for one in Format],
        format=str(answers.format),
        distances=DISTANCES if near else (),
        distance=answers.max_distance_miles or 0,
        groups=_groups(matches, query, field_name),
    )


def _groups(matches: Matches, query: Query, field_name: Callable[[str], str]) -> list[Group]:
    groups = (_group(name, matches, query, field_name) for name in FILTERS)
    return [group for group in groups if group]


def _group(
    name: str, matches: Matches, query: Query, field_name: Callable[[str], str]
) -> Group | None:
    chosen = query.all(name)
    options = [
        Option(one.value, _label(name, one.value, field_name), one.count, one.value in chosen)
        for one in matches.page.facets.get(FILTERS[name], ())
    ]
    if len(options) < 2 and not chosen:
        return None
    label = t(f"filter.{FILTERS[name]}")
    return Group(name, label, options[:FIRST_OPTIONS], options[FIRST_OPTIONS:])


def _label(name: str, value: str, field_name: Callable[[str], str]) -> str:
    if name == "state":
        return REGIONS[value].name if value in REGIONS else value
    if name == "cip":
        return field_name(value)
    return t(f"{name}.{value}")
