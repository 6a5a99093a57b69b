"""What crawlers are told: every page that may be crawled, and which ones may not."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape

from flask import Response, url_for

from service.steps.sitemap import Listed, sitemap_part, sitemap_parts
from service.web.addresses import ELSEWHERE, school_url, slug_of
from service.web.pages import path_of, services

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_KEEP = "public, max-age=3600"
# Pages that are always at one address.
_ALWAYS = (
    "web.start",
    "web.regions",
    "web.fields",
    "web.how_we_rank",
    "web.sources",
    "web.privacy",
)
# Answers of one visitor, forms, and what only costs time to crawl.
_CLOSED = (
    *("/results", "/request", "/requests/", "/steps", "/visit", "/compare", "/share", "/search"),
    *("/saved", "/staff", "/api/", "/metrics"),
)


def sitemap() -> Response:
    """List the parts of the sitemap."""
    parts = sitemap_parts(services())
    urls = (url_for("web.sitemap_part", part=part, lang=None) for part in parts)
    return _xml("sitemapindex", "sitemap", urls)


def part_of_sitemap(part: str) -> Response:
    """List the pages of one part."""
    listed = sitemap_part(services(), part)
    urls = [path_of(endpoint) for endpoint in _ALWAYS] if part == "pages" else []
    if any(one.soc for one in listed):
        urls.append(path_of("web.careers"))
    return _xml("urlset", "url", [*urls, *_urls(listed)])


def robots() -> Response:
    """Say what may be crawled, and where the sitemap is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _CLOSED)]
    lines.append(f"Sitemap: {services().public_url}{path_of('web.sitemap')}")
    return _kept(Response("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8"))


def _urls(listed: Iterable[Listed]) -> Iterator[str]:
    at = lru_cache(1)(school_url)  # programs come school by school
    for one in listed:
        url = _url(one, at(one.school)) if one.school else _url(one, "")
        yield f"{url}?page={one.number}" if one.number > 1 else url


def _url(one: Listed, of_school: str) -> str:
    if one.program:
        return f"{of_school}/{one.program.id.partition('.')[2]}"
    if one.school:
        return of_school
    if one.soc:
        return url_for("web.career", soc=one.soc)
    placed = one.region is not None or one.elsewhere
    state = slug_of(one.region) if one.region else ELSEWHERE
    if one.cip:
        return (
            url_for("web.field_in", cip=one.cip, state=state)
            if placed
            else url_for("web.field", cip=one.cip)
        )
    return url_for("web.schools_of", state=state)


def _xml(root: str, each: str, urls: Iterable[str]) -> Response:
    base = services().public_url
    lines = [f"<{each}><loc>{escape(base + url)}</loc></{each}>" for url in urls]
    body = "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<{root} xmlns="{_NAMESPACE}">',
            *lines,
            f"</{root}>",
            "",
        ]
    )
    return _kept(Response(body, content_type="application/xml; charset=utf-8"))


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = _KEEP
    return response
