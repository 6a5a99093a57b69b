"""The organization's own sign-in, set up by its admins."""

from flask import Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, show
from service.staff.guard import insider, membership
from service.staff.pages import done, room, wrong
from service.steps import staff_provider
from service.web.pages import services
from service.web.problems import Problems

_ORDER = ("issuer", "client_id", "client_secret")


def provider() -> Response:
    """Show what is set."""
    return _draw(Problems(), 200)


def set_provider() -> Response | Redirect:
    """Keep what was typed, once the sign-in answers."""
    typed = request.form
    wanted = staff_provider.ProviderWanted(
        typed.get("issuer", "").strip(),
        typed.get("client_id", "").strip(),
        typed.get("client_secret", "").strip(),
        typed.get("second_factor") == "yes",
    )
    organization = membership().organization_id
    try:
        staff_provider.set_provider(services(), insider().staff, organization, wanted)
    except InvalidInputError as error:
        return _draw(wrong(error).in_order(_ORDER), 422)
    return done("school.provider.kept", url_for("school.provider"))


def remove_provider() -> Redirect:
    """Forget it."""
    staff_provider.remove_provider(services(), insider().staff, membership().organization_id)
    return done("school.provider.removed", url_for("school.provider"))


def _draw(problems: Problems, status: int) -> Response:
    organization = membership().organization_id
    kept = staff_provider.look_at_provider(services(), organization)
    shown = show(Prefix.ORGANIZATION, organization)
    typed = request.form if request.method == "POST" else None
    values = {
        "issuer": typed.get("issuer", "") if typed else kept.issuer if kept else "",
        "client_id": typed.get("client_id", "") if typed else kept.client_id if kept else "",
    }
    return room(
        "school/provider.html",
        status,
        problems=problems,
        values=values,
        kept=kept,
        promised=typed.get("second_factor") == "yes"
        if typed
        else bool(kept and kept.promises_second_factor),
        login=services().public_url + url_for("staff.sign_in", organization=shown),
        back=services().public_url + url_for("staff.signed_in", organization=shown),
    )
