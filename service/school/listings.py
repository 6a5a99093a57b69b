"""Listings: which schools are the organization's, and claiming another."""

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError, UnknownIdError
from models.domain.ids import Prefix
from models.domain.school_id import read_school
from service.said import say
from service.staff.guard import identifier, insider, membership
from service.staff.pages import act, room, wrong
from service.steps import claim_listing
from service.web.pages import services
from service.web.problems import Problems

_LONGEST = 200


def listings() -> Response:
    """Show listings and claims, and what a search for schools found."""
    return _draw(request.args.get("q", ""), Problems())


def claim() -> Response | Redirect:
    """Claim the school that was chosen."""
    typed = request.form
    destination = typed.get("destination_id", "")
    try:
        wanted = claim_listing.ClaimWanted(
            _chosen(typed.get("school", "")),
            identifier(Prefix.DESTINATION, destination) if destination else None,
            takes_organic="takes_organic" in typed,
        )
    except InvalidInputError as error:
        return _draw(typed.get("q", ""), wrong(error), 422)
    organization = membership().organization_id
    return act(
        lambda: claim_listing.claim(services(), insider().staff, organization, wanted),
        "school.listings.claimed",
        url_for("school.listings"),
    )


def organic(school_id: str) -> Redirect:
    """Take a listing's free requests, or stop."""
    unitid = _unitid(school_id)
    takes, organization = request.form.get("takes") == "yes", membership().organization_id
    return act(
        lambda: claim_listing.set_organic(
            services(), insider().staff, organization, unitid, takes=takes
        ),
        "school.listings.changed",
        url_for("school.listings"),
    )


def _draw(words: str, problems: Problems, status: int = 200) -> Response:
    found: tuple[claim_listing.SchoolFound, ...] | None = None
    words = words[:_LONGEST]
    if words:
        try:
            found = claim_listing.search_schools(services(), words)
        except InvalidInputError as error:
            problems = Problems({**wrong(error), **problems})
    return room(
        "school/listings.html",
        status,
        problems=problems,
        values={"q": words},
        found=found,
        listings=claim_listing.listings(services(), membership().organization_id),
    )


def _chosen(shown: str) -> int:
    try:
        return read_school(shown)
    except UnknownIdError as error:
        raise InvalidInputError({"school": [say("school_unknown")]}) from error


def _unitid(shown: str) -> int:
    try:
        return read_school(shown)
    except UnknownIdError as error:
        raise NotFound from error
