"""Whether this process lives, whether it can serve, and its figures."""

import json

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from models.domain.errors import UnavailableError
from service.services import Services

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
    """Give this process's figures."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _database_answers(services: Services) -> bool:
    try:
        with services.unit_of_work() as work:
            work.publications.current()
    except Exception:  # noqa: BLE001 - whatever it is, the database does not answer
        return False
    return True
