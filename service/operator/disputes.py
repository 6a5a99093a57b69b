"""A dispute over one lead: a pack that proves what was agreed to, as a download."""

from flask import Response, request

from models.domain.errors import InvalidInputError, NotFoundError, UnknownIdError
from models.domain.ids import Prefix, read
from service.said import say
from service.staff.guard import insider
from service.staff.pages import room, wrong
from service.steps import staff_office
from service.web.pages import services
from service.web.problems import Problems, speak


def disputes() -> Response:
    """Ask for which lead, and why."""
    return room(
        "operator/disputes.html",
        values={"lead": request.args.get("lead", "")},
        problems=Problems(),
    )


def pack() -> Response:
    """Give a lead's pack as a file."""
    lead, reason = (request.form.get(name, "").strip() for name in ("lead", "reason"))
    try:
        made = staff_office.dispute_pack(
            services(), insider().staff, read(Prefix.LEAD, lead), reason
        )
    except (NotFoundError, UnknownIdError):
        return _draw(Problems(lead=speak(say("lead_unknown"))))
    except InvalidInputError as error:
        return _draw(wrong(error))
    told = Response(made, mimetype="application/zip")
    told.headers["Content-Disposition"] = f'attachment; filename="{lead}.zip"'
    return told


def _draw(problems: Problems) -> Response:
    return room("operator/disputes.html", 422, values=request.form, problems=problems)
