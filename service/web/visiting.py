"""From a listing to its school's own site, by us: nothing is collected but that it was followed."""

from flask import Response, redirect, request
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, read
from service.steps.record_events import follow_link
from service.web.cards import web_address
from service.web.failures import slate_gone
from service.web.pages import services, visitor


def visit() -> Response | Redirect:
    """Send the student on to the school's own site."""
    services().slates.admit(visitor().address)
    try:
        slate_id = read(Prefix.SLATE, request.args.get("slate_id", ""))
        listing = follow_link(services(), slate_id, request.args.get("listing_id", ""))
    except InvalidInputError:
        return slate_gone()
    # An address of the catalog, never one that came with the request.
    address = web_address(listing.school.url)
    if not address:
        return slate_gone()
    onward = redirect(address, 303)
    onward.headers["Cache-Control"] = "no-store"
    return onward
