"""People: what is kept of them, a copy for them, erasing them, addresses that nobody may use.

What is typed here is somebody's address: it is sent in a form's body and answered at once, so that
it stands in no address, no session and no log.
"""

import orjson
from flask import Response, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Redirect

from models.domain.office import AddressKind
from service.api.v1.schemas_request import EmailField, PhoneField
from service.staff.guard import insider
from service.staff.pages import done, room
from service.steps import staff_office
from service.web.pages import services
from service.web.problems import Problems

_EMAIL, _PHONE = EmailField(), PhoneField()


def privacy() -> Response:
    """Show how much is kept, and what must not be used."""
    return _draw(Problems(), 200)


def find() -> Response:
    """Show the requests that came with an address."""
    kind, address, problems = _read()
    if problems:
        return _draw(problems, 422)
    stopped = staff_office.look_for(services(), insider().staff, kind, address)
    kept = staff_office.kept_of(services(), address) if kind is AddressKind.EMAIL else ()
    return _draw(Problems(), 200, found=address, kind=kind, stopped_now=stopped, kept=kept)


def copy() -> Response:
    """Give everything that is kept of who has an address, as a file for them."""
    kind, address, problems = _read()
    if problems or kind is not AddressKind.EMAIL:
        return _draw(problems, 422)
    document = staff_office.copy_of(services(), insider().staff, address)
    told = Response(orjson.dumps(document, option=orjson.OPT_INDENT_2), mimetype="application/json")
    told.headers["Content-Disposition"] = 'attachment; filename="person.json"'
    return told


def erase() -> Response | Redirect:
    """Erase who has an address."""
    kind, address, problems = _read()
    if problems or kind is not AddressKind.EMAIL:
        return _draw(problems, 422)
    staff_office.erase_person(services(), insider().staff, address)
    return done("operator.privacy.erased_now", url_for("operator.privacy"))


def stop() -> Response | Redirect:
    """Let nobody use an address, or take that back; the form says which."""
    kind, address, problems = _read()
    if problems:
        return _draw(problems, 422)
    stop = request.form.get("wish") != "allow"
    staff_office.stop_address(services(), insider().staff, kind, address, stop=stop)
    notice = "operator.privacy.stopped_now" if stop else "operator.privacy.allowed_now"
    return done(notice, url_for("operator.privacy"))


def _read() -> tuple[AddressKind, str, Problems]:
    """Read an e-mail address or a phone number, as they are kept."""
    typed = request.form.get("address", "").strip()
    kind = AddressKind.EMAIL if "@" in typed or not typed else AddressKind.PHONE
    field = _EMAIL if kind is AddressKind.EMAIL else _PHONE
    try:
        return kind, field.deserialize(typed), Problems()
    except ValidationError as error:
        return kind, "", Problems(address=str(error.messages[0]))


def _draw(problems: Problems, status: int, **found: object) -> Response:
    values = {"address": request.form.get("address", "") if problems else found.get("found", "")}
    return room(
        "operator/privacy.html",
        status,
        privacy=staff_office.privacy(services()),
        problems=problems,
        values=values,
        **found,
    )
