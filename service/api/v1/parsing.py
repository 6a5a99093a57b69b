"""How endpoints read what was sent: JSON bodies and queries, through the schemas.

Broken JSON is 400, another type than JSON 415, values that cannot be used 422 with a message for
each field's path.
"""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import request
from marshmallow import Schema, ValidationError, fields
from typing_extensions import override
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from models.domain.errors import InvalidInputError
from service.api.v1.rules import flatten


class Parser(FlaskParser):
    """Reads bodies and queries; a schema's own rule for unknown names counts everywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": None, "querystring": None}

    @override
    def load_json(self, req: Any, schema: Schema) -> Any:
        return read_json()

    @override
    def load_querystring(self, req: Any, schema: Schema) -> Any:
        """Read a query; a list is given by repeating its name or with commas."""
        given: dict[str, Any] = {}
        for name, values in req.args.lists():
            if isinstance(schema.fields.get(name), fields.List):
                given[name] = [part for value in values for part in value.split(",") if part]
            else:
                given[name] = values[-1]
        return given

    @override
    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        messages = error.messages
        if isinstance(messages, Mapping):
            # webargs puts the location around the messages.
            messages = next(iter(messages.values()))
        raise InvalidInputError(flatten(messages)) from error


def read_json() -> Any:
    """Read the body of the request being answered.

    Raises:
        UnsupportedMediaType: when it does not say that it is JSON.
        BadRequest: when it is not JSON; the message says where it breaks.
    """
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType
    try:
        return json.loads(request.get_data(cache=True), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadRequest(f"The body is not JSON: it breaks at {where}. Mend it there.") from error
    except RecursionError as error:
        raise BadRequest("The body is nested too deeply. Send plain values.") from error
    except ValueError as error:
        raise BadRequest("The body is not JSON in UTF-8. Send JSON in UTF-8.") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
