"""Pages that are browsed: each has one address, names it, and is found under no other."""

import re
from typing import Any

from flask import Response, redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from service.steps.browse_outputs import PageOf
from service.web.pages import page, services, t


def browsed(template: str, url: str, part: PageOf | None, **values: Any) -> Response | Redirect:
    """Draw a page at its one address; any other spelling of it leads there."""
    number = part.number if part else 1
    canonical = _numbered(url, number)
    if request.path != url.partition("?")[0]:
        return redirect(canonical, 301)
    paging = {
        "here": t("results.pages.here", n=number, pages=part.pages)
        if part and part.pages > 1
        else "",
        "previous_url": _numbered(url, number - 1) if number > 1 else "",
        "next_url": _numbered(url, number + 1) if part and number < part.pages else "",
    }
    return page(
        template,
        canonical_url=f"{services().public_url}{canonical}",
        total=part.total if part else 0,
        part=paging,
        **values,
    )


def page_number() -> int:
    """Which page of a list is asked for."""
    asked = request.args.get("page", "1")
    if not re.fullmatch("[1-9][0-9]{0,3}", asked):
        raise NotFound
    return int(asked)


def _numbered(url: str, number: int) -> str:
    # The address of a page in another language has a parameter already.
    return f"{url}{'&' if '?' in url else '?'}page={number}" if number > 1 else url
