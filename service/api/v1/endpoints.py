"""What all endpoints share: the blueprint, the services, who asks, and the answer's form."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from flask import Response, current_app, request
from flask_smorest import Blueprint  # type: ignore[import-untyped]
from marshmallow import Schema

from service.api.v1 import demonstration
from service.api.v1.parsing import Parser
from service.api.v1.rules import Rules
from service.services import Services
from service.steps.inputs import Visitor

F = TypeVar("F", bound=Callable[..., Any])


class _Blueprint(Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """A blueprint whose endpoints read what is sent with our parser."""

    ARGUMENTS_PARSER = Parser()


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answers, for the OpenAPI document."""

    status: int
    says: str
    schema: type[Schema] | None = None


class Endpoints:
    """The endpoints of one file: their routes, what they take and what they answer."""

    def __init__(self, name: str, module: str, description: str) -> None:
        self.blueprint: Any = _Blueprint(name, module, description=description)

    def endpoint(
        self,
        method: str,
        path: str,
        answers: Answer,
        *,
        takes: type[Rules] | None = None,
        location: str = "json",
        **documented: Any,
    ) -> Callable[[F], F]:
        """Register a function as the endpoint of a method and path.

        Args:
            method: such as ``POST``.
            path: below ``/api/v1``.
            answers: what it answers when all is well.
            takes: the schema that what is sent goes through; its result is the first argument.
            location: ``json`` or ``query``.
            documented: more for the OpenAPI document.
        """

        def register(function: F) -> F:
            endpoint: Any = function
            if takes is not None:
                schema = takes(strict=True) if location == "json" else takes()
                endpoint = self.blueprint.arguments(schema, location=location)(endpoint)
            endpoint = self.blueprint.alt_response(
                answers.status,
                schema=answers.schema,
                description=answers.says,
                headers=dict(demonstration.DOCUMENTED),
            )(endpoint)
            if documented:
                endpoint = self.blueprint.doc(**documented)(endpoint)
            registered: F = self.blueprint.route(path, methods=[method])(endpoint)
            return registered

        return register


def services() -> Services:
    """Return the container that the wiring filled."""
    found: Services = current_app.extensions["schoolmatch"]
    return found


def visitor() -> Visitor:
    """Tell who asks, as far as the connection says."""
    return Visitor(
        address=request.remote_addr or "",
        user_agent=(request.user_agent.string or "")[:400],
        privacy_control=request.headers.get("Sec-GPC") == "1",
    )


def answer(document: Any, status: int = 200) -> Response:
    """Write an answer that no cache may keep."""
    response = Response(orjson.dumps(document), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
