"""What every room needs: its frame, what was just done, ids and moments as shown."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from flask import Response, g, redirect, request, session
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import ConflictError, InvalidInputError, TransitionError
from models.domain.ids import Prefix, show
from service.said import say
from service.staff.guard import Insider
from service.web.assets import asset_url
from service.web.pages import page, t
from service.web.problems import Problems, problems_of, speak


def room(template: str, status: int = 200, **values: object) -> Response:
    """Draw a page of a room; no cache keeps it."""
    values.setdefault("notice", session.pop("notice", None))
    return page(template, status, **values)


def done(notice: str, address: str) -> Redirect:
    """Go on to a page that says what was done."""
    session["notice"] = {"key": notice, "refused": ""}
    return redirect(address, 303)


def typed_room(template: str, status: int, version: int, **values: object) -> Response:
    """Draw a form of what is kept in versions; it says which one it was drawn from.

    A preview, or a mistake, keeps the version that was typed upon. With 409 somebody was quicker:
    the page says so, keeps what was typed, and goes on from what holds now.
    """
    overtaken = status == 409
    if overtaken:
        values["notice"] = {"key": "", "refused": speak(say("overtaken"))}
    drawn = str(version) if overtaken else request.form.get("version", str(version))
    return room(template, status, version=drawn, **values)


def act(action: Callable[[], object], notice: str, address: str) -> Redirect:
    """Do something and say so, or say why it cannot be done now."""
    try:
        action()
    except ConflictError as error:
        said = error.args[0] if error.args else ""
        return refused(speak(said) if hasattr(said, "key") else None, address)
    except TransitionError:
        return refused(None, address)
    except InvalidInputError as error:
        return refused(first(error), address)
    return done(notice, address)


def refused(why: str | None, address: str) -> Redirect:
    """Go back to a page that says why something was not done."""
    session["notice"] = {"key": "", "refused": why or speak(say("changed_meanwhile"))}
    return redirect(address, 303)


def first(error: InvalidInputError) -> str:
    """The first thing that is wrong, for an act whose form has one field."""
    return next(iter(problems_of(error.messages).values()))


def wrong(error: InvalidInputError) -> Problems:
    """What is wrong, at its fields."""
    return problems_of(error.messages)


def words() -> dict[str, object]:
    """What every template of a room may say."""
    found: Insider | None = g.get("insider")
    return {"shown": _shown, "when": clock_time, "insider": found, "asset_url": asset_url}


def _shown(kind: str, identifier: UUID) -> str:
    return show(Prefix(kind), identifier)


def clock_time(moment: datetime) -> str:
    """Write a moment; in UTC, because nobody told us where the reader's clock stands."""
    return t("sent.at", time=moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M"))
