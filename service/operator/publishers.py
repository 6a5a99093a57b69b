"""Publishers: whose pages show our questions, and what came of them."""

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import ConflictError, InvalidInputError
from models.domain.ids import Prefix
from service.said import say
from service.staff.guard import identifier, insider
from service.staff.pages import act, done, room, wrong
from service.steps import staff_office
from service.web.pages import services
from service.web.problems import Problems, speak

_LONGEST = 200
_WISHES = {"pause": False, "resume": True}


def publishers() -> Response:
    """Show publishers with what came from their pages."""
    return _draw(Problems(), 200)


def add() -> Response | Redirect:
    """Add a publisher."""
    name, site = (request.form.get(key, "").strip()[:_LONGEST] for key in ("name", "site"))
    if not name:
        return _draw(Problems(name=speak(say("empty"))), 422)
    try:
        staff_office.add_publisher(services(), insider().staff, name, site)
    except InvalidInputError as error:
        return _draw(wrong(error), 422)
    except ConflictError:
        return _draw(Problems(site=speak(say("publisher_known"))), 422)
    return done("operator.publishers.added", url_for("operator.publishers"))


def change(publisher_id: str) -> Redirect:
    """Pause or resume one; the form says which."""
    found = identifier(Prefix.PUBLISHER, publisher_id)
    active = _WISHES.get(request.form.get("wish", ""))
    if active is None:
        raise NotFound
    return act(
        lambda: staff_office.set_publisher(services(), insider().staff, found, active=active),
        "operator.publishers.resumed" if active else "operator.publishers.paused",
        url_for("operator.publishers"),
    )


def _draw(problems: Problems, status: int) -> Response:
    return room(
        "operator/publishers.html",
        status,
        publishers=staff_office.publishers(services()),
        problems=problems,
        values=request.form if problems else {},
    )
