"""Setting a destination up: choose a system, say what it needs; its fields and rules come next."""

from flask import Response, request, session, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import ConflictError, InvalidInputError, NotFoundError
from models.domain.ids import Prefix, show
from models.exchange.kinds import KINDS
from models.exchange.presets import PRESETS
from service.school.destinations import own
from service.staff.guard import insider, membership
from service.staff.pages import act, done, room, typed_room, wrong
from service.steps import set_up_destination as steps
from service.steps import signing_keys
from service.web.pages import services
from service.web.problems import Problems


def choose() -> Response:
    """Show what leads can be sent to, or the form of what was chosen."""
    made_from = request.args.get("made_from", "")
    if made_from:
        return _form(made_from, Problems(), 200)
    return room(
        "school/destination_choose.html",
        presets=sorted(PRESETS.values(), key=lambda each: each.label),
        kinds=KINDS.values(),
    )


def begin() -> Response | Redirect:
    """Make a draft of what was typed."""
    made_from, typed = request.form.get("made_from", ""), request.form.to_dict()
    organization = membership().organization_id
    try:
        begun = steps.begin(services(), insider().staff, organization, typed)
    except NotFoundError as error:
        raise NotFound from error
    except InvalidInputError as error:
        return _form(made_from, wrong(error), 422)
    if begun.new_key:
        # Sealed with the session's data until the next page shows it.
        session["signing_key"] = begun.new_key
    shown = show(Prefix.DESTINATION, begun.destination_id)
    return done("school.destination.begun", url_for("school.destination", destination_id=shown))


def settings(destination_id: str) -> Response:
    """Show what is set, to be changed."""
    return _settings(destination_id, Problems(), 200)


def save_settings(destination_id: str) -> Response | Redirect:
    """Change what is set."""
    which = own(destination_id)
    try:
        steps.save_settings(services(), insider().staff, which, request.form.to_dict())
    except InvalidInputError as error:
        return _settings(destination_id, wrong(error), 422)
    except ConflictError:
        return _settings(destination_id, Problems(), 409)
    address = url_for("school.destination", destination_id=destination_id)
    return done("school.destination.saved", address)


def add_key(destination_id: str) -> Redirect:
    """Sign with a new key beside the present one."""
    which = own(destination_id)

    def make() -> None:
        session["signing_key"] = signing_keys.add_signing_key(services(), insider().staff, which)

    address = url_for("school.destination", destination_id=destination_id)
    return act(make, "school.destination.key_added", address)


def end_key(destination_id: str) -> Redirect:
    """Sign with the newest key only."""
    which = own(destination_id)
    address = url_for("school.destination", destination_id=destination_id)
    return act(
        lambda: signing_keys.end_old_key(services(), insider().staff, which),
        "school.destination.key_ended",
        address,
    )


def _form(made_from: str, problems: Problems, status: int) -> Response:
    try:
        fields = steps.fields_of(made_from)
    except NotFoundError as error:
        raise NotFound from error
    preset = PRESETS.get(made_from)
    kind = KINDS[preset.kind if preset else made_from]
    return room(
        "school/destination_new.html",
        status,
        problems=problems.in_order([each.name for each in fields]),
        fields=fields,
        made_from=made_from,
        label=(preset or kind).label,
        about=preset.about if preset else "",
        makes_key="signing_keys" in {each.name for each in fields},
        values=_typed(fields),
    )


def _settings(destination_id: str, problems: Problems, status: int) -> Response:
    opened = steps.open_destination(services(), *own(destination_id))
    fields = steps.fields_to_change(services(), opened)
    kept = {
        each.name: _line(opened, each.name)
        for each in fields
        if each.name in opened.destination.settings
    }
    return typed_room(
        "school/destination_settings.html",
        status,
        opened.destination.version,
        problems=problems.in_order([each.name for each in fields]),
        opened=opened,
        fields=fields,
        values=_typed(fields) if request.method == "POST" else kept,
    )


def _line(opened: steps.Opened, name: str) -> str:
    value = opened.destination.settings[name]
    return ", ".join(value) if isinstance(value, list) else str(value)


def _typed(fields: tuple[steps.Field, ...]) -> dict[str, str]:
    """What was typed, to be typed on; a secret is never said again."""
    names = ["name", *(each.name for each in fields if not each.secret)]
    return {name: request.form.get(name, "") for name in names}
