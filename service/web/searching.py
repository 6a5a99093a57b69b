"""The site's search: one box on every page, an answer without script."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask import Response, request, url_for

from matcher.fields import FieldMatch
from matcher.namesearch import NameTable
from matcher.regions import REGIONS
from service.messages import text
from service.messages.names import region_name
from service.steps.browse_outputs import SchoolLine
from service.steps.search_site import LONGEST, SiteFound, search_site
from service.web.addresses import place_of, school_url, slug_of
from service.web.browse import Entry
from service.web.names import plain_name
from service.web.pages import locale, page, services, t, visitor

_MOST_PAGES = 3
# A page, and the text that names it.
_PAGES = (
    ("web.start", "nav.start"),
    ("web.regions", "nav.schools"),
    ("web.fields", "nav.fields"),
    ("web.compare", "compare.title"),
    ("web.how_we_rank", "nav.how_we_rank"),
    ("web.sources", "nav.sources"),
    ("web.privacy", "nav.privacy"),
)


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind."""

    id: str
    title: str
    entries: Sequence[Entry]


def search() -> Response:
    """Draw what the words may mean; without words, say what can be searched."""
    words = " ".join(request.args.get("q", "").split())[:LONGEST]
    groups: list[Group] = []
    if words:
        services().slates.admit(visitor().address)
        groups = _groups(search_site(services(), words), words)
    return page("search.html", site_words=words, groups=groups)


def _groups(found: SiteFound, words: str) -> list[Group]:
    fields = Group("fields", t("search.fields"), [_field(one) for one in found.fields])
    occupations = Group(
        "occupations",
        t("search.occupations"),
        [
            Entry(one.title, url_for("web.career", soc=one.soc), "", english=True)
            for one in found.occupations
        ],
    )
    schools = Group("schools", t("search.schools"), [_school(one) for one in found.schools])
    groups = [fields, occupations, schools]
    # What fits best comes first.
    if found.schools_fit > max((one.confidence for one in found.fields), default=0.0):
        groups = [schools, fields, occupations]
    groups.append(Group("pages", t("search.pages"), _pages(words)))
    return [group for group in groups if group.entries]


def _field(match: FieldMatch) -> Entry:
    url, name = url_for("web.field", cip=match.cip), plain_name(match.cip)
    if match.specialty:
        return Entry(match.specialty, url, name, english=True)
    return Entry(name, url, "")


def _school(line: SchoolLine) -> Entry:
    parts = (line.school.city or "", place_of(line.school), t("browse.programs", n=line.programs))
    note = " \u00b7 ".join(part for part in parts if part)
    return Entry(line.school.name, school_url(line.school), note)


def _pages(words: str) -> list[Entry]:
    table, titles = _page_names(locale())
    urls = [url_for(endpoint) for endpoint, _ in _PAGES]
    urls += [url_for("web.schools_of", state=slug_of(region)) for region in _REGIONS]
    found = table.find(words, _MOST_PAGES)
    return [Entry(titles[one.row], urls[one.row], "") for one in found]


_REGIONS = tuple(region for region in REGIONS.values() if not region.military)


@lru_cache
def _page_names(language: str) -> tuple[NameTable, tuple[str, ...]]:
    """The names of pages in a language, and what finds them."""
    titles = [text(language, key) for _, key in _PAGES]
    titles += [
        text(language, "browse.in_state.title", place=region_name(language, region.code))
        for region in _REGIONS
    ]
    return NameTable(titles), tuple(titles)
