"""Whether this process lives, whether it can serve, and its figures."""

import json

import structlog
from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from models.domain.errors import UnavailableError
from service.figures import ALARM, WATCHED
from service.services import Services
from service.steps.watch_champion import watched

_log = structlog.get_logger(__name__)
blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
def livez() -> Response:
    """Say that this process answers."""
    return Response("alive\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say whether searches and requests can be served now, and what is degraded.

    Without Valkey everything is served from PostgreSQL, more slowly: degraded, but ready.
    """
    services: Services = current_app.extensions["schoolmatch"]
    checks = {
        "database": "ok" if _database_answers(services) else "away",
        "valkey": "ok" if services.slates.answers() else "degraded",
    }
    try:
        state = services.serving.state()
        checks |= {"catalog": state.catalog_version, "ranker": state.ranker_version}
    except UnavailableError:
        checks |= {"catalog": "none", "ranker": "none"}
    ready = checks["database"] == "ok" and checks["catalog"] != "none"
    document = {"ready": ready, "checks": checks}
    response = Response(json.dumps(document), 200 if ready else 503, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    if not ready:
        response.headers["Retry-After"] = "2"
    return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """Give this process's figures, and whether the champion is still what it was."""
    _tell_of_champion(current_app.extensions["schoolmatch"])
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _tell_of_champion(services: Services) -> None:
    """Tell what was found of the champion last; while the database is away, what was told."""
    try:
        found = watched(services.unit_of_work).found
    except Exception as error:  # noqa: BLE001 - whatever it is, the other figures are told
        _log.warning("figures_without_champion", error=type(error).__name__)
        return
    # Another champion has other figures: none of the one before may go on alarming.
    ALARM.clear()
    WATCHED.set(found.at.timestamp() if found else 0)
    for figure in found.figures if found else ():
        ALARM.labels(figure.name).set(figure.alarm)


def _database_answers(services: Services) -> bool:
    try:
        with services.unit_of_work() as work:
            work.publications.current()
    except Exception:  # noqa: BLE001 - whatever it is, the database does not answer
        return False
    return True
