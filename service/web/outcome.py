"""What became of a check page: noted in the session, or looked up by the page's key.

An answer may be lost, and a session may not take its note, after a request was kept. So no page
says that something was sent or was not before it looked for what is kept under the key.
"""

import re

from flask import url_for

from models.domain.errors import InvalidInputError, UnavailableError
from models.domain.ids import Prefix, read, show
from models.domain.matching import Slate
from service.steps.outputs import RequestForm
from service.steps.request_form import request_form as prepare
from service.steps.view_request import find_request
from service.web import draft as drafts
from service.web.pages import locale, services
from service.web.query import Query

_KEY = re.compile("[0-9a-f]{32}")


def is_key(typed: str) -> bool:
    """Tell whether a text can be the key of a check page."""
    return _KEY.fullmatch(typed) is not None


def kept_under(key: str) -> str | None:
    """The id of the request that is kept under a key, as shown; None: there is none."""
    found = find_request(services(), key) if is_key(key) else None
    return show(Prefix.REQUEST, found) if found else None


def outcome_of(going_on: drafts.Draft) -> drafts.SentRequest | None:
    """The request that a draft became, though the session knows it as a draft only."""
    kept = kept_under(going_on.key)
    if kept is None:
        return None
    sent = drafts.SentRequest(kept, results_url(going_on))
    drafts.note_sent(going_on.key, sent)
    return sent


def form_of(going_on: drafts.Draft) -> RequestForm:
    """What must be asked before a draft can be sent."""
    slate_id = read(Prefix.SLATE, going_on.slate_id)
    listing_ids = tuple(going_on.listing_ids)
    return prepare(services(), slate_id, listing_ids, locale(), chosen_before=True)


def results_url(going_on: drafts.Draft) -> str:
    """The results a draft was asked from; by their id alone where they cannot be drawn now."""
    try:
        return address_of(form_of(going_on).slate, going_on)
    except (InvalidInputError, UnavailableError):
        return url_for("web.results", slate_id=going_on.slate_id, page=going_on.page)


def address_of(slate: Slate, going_on: drafts.Draft) -> str:
    """The address of a draft's results, with all its answers."""
    return Query.of_slate(slate).setting(page=going_on.page).url()
