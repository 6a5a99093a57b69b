"""Who asks, by the API key that came with it."""

from flask import request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from models.domain.organization import ApiKeyHolder
from service.api.v1.endpoints import services
from service.steps.who_asks import who_asks


def holder() -> ApiKeyHolder:
    """Return whose key came with the request being answered.

    Raises:
        Unauthorized: when none came, or one that opens nothing.
    """
    kind, _, presented = request.headers.get("Authorization", "").partition(" ")
    found = who_asks(services(), presented.strip()) if kind.lower() == "bearer" else None
    if found is None:
        raise Unauthorized(
            "Send the header Authorization: Bearer, with your organization's API key.",
            www_authenticate=WWWAuthenticate("bearer"),
        )
    return found
