"""Which language a page speaks, and how its reader comes to another one.

The language stands in the address (``?lang=es``; English needs none), so that every page can be
shared, crawled and kept as it was read. Every address that a page gives carries it on.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from flask import redirect, request
from werkzeug.wrappers import Response as Redirect

from service.messages import LOCALES, text
from service.messages.formats import DEFAULT_LOCALE
from service.messages.review import is_draft
from service.web.pages import locale, path_of, services

# What stands in an address only while the language is being changed.
_SWITCHING = ("lang", "speak")
# Pages of every language alike.
_MUTE = frozenset({"web.asset"})


class Alternate(NamedTuple):
    """The same page in a language."""

    code: str
    url: str


def address(endpoint: str, query: str = "", spoken: str | None = None) -> str:
    """The address of a page in the visitor's language.

    Args:
        endpoint: a page that is always at the same path.
        query: what else stands in the address, ready; the language comes before it.
        spoken: the visitor's language, where it was found out already.
    """
    spoken = spoken or locale()
    if spoken != DEFAULT_LOCALE:
        query = f"lang={spoken}&{query}" if query else f"lang={spoken}"
    return f"{path_of(endpoint)}?{query}" if query else path_of(endpoint)


def carry(endpoint: str, values: dict[str, Any]) -> None:
    """Put the visitor's language into an address that is being made; Flask calls it for each."""
    if endpoint not in _MUTE and "lang" not in values and locale() != DEFAULT_LOCALE:
        values["lang"] = locale()


def here() -> str:
    """This page's address, up to where a language is put at its end."""
    # One slash: a path that begins with two would lead to another site.
    path = "/" + quote(request.path.lstrip("/"))
    query = request.query_string.decode("utf-8", "replace") if request.method == "GET" else ""
    kept = _without(query.split("&"), _SWITCHING)
    return f"{path}?{kept}&" if kept else f"{path}?"


def switch() -> Redirect:
    """Load a page again in another language, with what was typed into it so far.

    A form's own mark of being sent is left out: the page is drawn again, and nothing goes on.
    """
    spoken = request.args["speak"]
    query = request.query_string.decode("utf-8", "replace")
    kept = _without(query.split("&"), (*_SWITCHING, "sent"))
    said = f"lang={spoken}" if spoken in LOCALES else ""
    path = "/" + quote(request.path.lstrip("/"))
    return redirect(f"{path}?{'&'.join(part for part in (said, kept) if part)}", 303)


def draft_note() -> str:
    """What a page says while nobody has read all the texts of its language; else nothing."""
    spoken = locale()
    return text(spoken, "advice.draft_translation") if is_draft(spoken) else ""


def canonical_url(endpoint: str) -> str:
    """The one address of a page in the visitor's language."""
    return f"{services().public_url}{address(endpoint)}"


def alternates(canonical_url: str) -> list[Alternate]:
    """The same page in every language, and for who speaks none of them."""
    path, _, query = canonical_url.partition("?")
    kept = _without(query.split("&"), _SWITCHING)
    plain = f"{path}?{kept}" if kept else path
    return [
        *(Alternate(code, _in_language(plain, code)) for code in LOCALES),
        Alternate("x-default", plain),
    ]


def spoken_here(url: str) -> str:
    """An address of ours that was kept earlier, in the language of now."""
    path, _, query = url.partition("?")
    kept = _without(query.split("&"), _SWITCHING)
    return _in_language(f"{path}?{kept}" if kept else path, locale())


def _in_language(url: str, code: str) -> str:
    if code == DEFAULT_LOCALE:
        return url
    path, _, query = url.partition("?")
    return f"{path}?lang={code}&{query}" if query else f"{path}?lang={code}"


def _without(pairs: Iterable[str], names: tuple[str, ...]) -> str:
    """A query without some names and without what is empty."""
    told = [pair for pair in pairs if pair.partition("=")[2]]
    return "&".join(pair for pair in told if unquote(pair.partition("=")[0]) not in names)
