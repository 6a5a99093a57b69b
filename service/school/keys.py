"""API keys: made here, shown once, revoked here."""

from flask import Response, request, session, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix
from models.domain.organization import Scope
from service.staff.guard import identifier, insider, membership
from service.staff.pages import done, first, refused, room, wrong
from service.steps import staff_keys
from service.web.pages import services
from service.web.problems import Problems

_ORDER = ("name", "scopes", "days")


def keys() -> Response:
    """Show the keys, and the one that was just made: this once."""
    return _draw(Problems(), 200, new_key=session.pop("new_key", None))


def create_key() -> Response | Redirect:
    """Make a key."""
    typed = request.form
    wanted = staff_keys.KeyWanted(
        typed.get("name", ""), typed.getlist("scopes"), typed.get("days", "")
    )
    organization = membership().organization_id
    try:
        made = staff_keys.create_key(services(), insider().staff, organization, wanted)
    except InvalidInputError as error:
        return _draw(wrong(error).in_order(_ORDER), 422)
    # Sealed with the session's data until the next page shows it.
    session["new_key"] = made
    return done("staff.done", url_for("school.keys"))


def replace_key(key_id: str) -> Response | Redirect:
    """Make a key in place of another, which holds on for some days."""
    found, organization = identifier(Prefix.API_KEY, key_id), membership().organization_id
    try:
        made = staff_keys.replace_key(
            services(), insider().staff, organization, found, request.form.get("overlap", "")
        )
    except InvalidInputError as error:
        return refused(first(error), url_for("school.keys"))
    session["new_key"] = made
    return done("school.keys.replaced", url_for("school.keys"))


def revoke_key(key_id: str) -> Redirect:
    """End a key."""
    found, organization = identifier(Prefix.API_KEY, key_id), membership().organization_id
    staff_keys.revoke_key(services(), insider().staff, organization, found)
    return done("school.keys.revoke_done", url_for("school.keys"))


def _draw(problems: Problems, status: int, new_key: str | None = None) -> Response:
    found = staff_keys.list_keys(services(), membership().organization_id)
    return room(
        "school/keys.html",
        status,
        problems=problems,
        keys=found,
        new_key=new_key,
        now=services().clock.now(),
        scopes=[(scope.value, scope.value.replace(":", "_")) for scope in _newest_first()],
        lifetimes=staff_keys.LIFETIMES,
        overlaps=staff_keys.OVERLAPS,
        values={name: request.form.get(name, "") for name in ("name", "days")},
        chosen=request.form.getlist("scopes"),
    )


def _newest_first() -> list[Scope]:
    return sorted(Scope, key=lambda scope: scope.value)
