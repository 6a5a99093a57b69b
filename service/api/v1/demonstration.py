"""What serves may be a demonstration: then every answer of the API says so, refusals too."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app, request

from models.domain.errors import UnavailableError
from service.services import Services

HEADER = "Schoolmatch-Demonstration"
DOCUMENTED: Mapping[str, Any] = {
    HEADER: {
        "description": (
            "There while anything that serves is a demonstration, and says what: "
            "simulated_ranker, fictional_sponsors, or both with a comma between."
        ),
        "schema": {"type": "string"},
    }
}


def announce_demonstration(app: Flask) -> None:
    """Say it in the one place that every answer passes."""
    app.after_request(_say)


def _say(response: Response) -> Response:
    if request.path.startswith("/api/v1/"):
        services: Services = current_app.extensions["schoolmatch"]
        try:
            codes = services.serving.state().demonstrates
        except UnavailableError:
            codes = ()  # nothing serves, so nothing demonstrates
        if codes:
            response.headers[HEADER] = ", ".join(codes)
    return response
