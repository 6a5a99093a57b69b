"""Whether this process lives, whether it can serve, and its figures."""

import json
import time

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

from models.domain.errors import UnavailableError
from service.services import Services

blueprint = Blueprint("health", __name__)

ANSWERS = Counter(
    "schoolmatch_answers_total", "Answers by endpoint and status.", ["endpoint", "status"]
)
SECONDS = Histogram(
    "schoolmatch_answer_seconds",
    "Time to answer.",
    ["endpoint"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0),
)


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


def measure(app: Flask) -> None:
    """Count and time every answer."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def stop(response: Response) -> Response:
        # An address nobody serves has no endpoint: its path would make a series of its own.
        endpoint = request.endpoint or "none"
        ANSWERS.labels(endpoint, response.status_code).inc()
        if "started" in g:
            SECONDS.labels(endpoint).observe(time.perf_counter() - g.started)
        return response


def _database_answers(services: Services) -> bool:
    try:
        with services.unit_of_work() as work:
            work.publications.current()
    except Exception:  # noqa: BLE001 - whatever it is, the database does not answer
        return False
    return True
