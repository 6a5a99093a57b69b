"""How endpoints read what was sent: JSON bodies and queries, through the schemas.

Broken JSON is 400, another type than JSON or a compressed body 415, values that cannot be used 422
with a message for each field's path.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from flask import request
from marshmallow import Schema, ValidationError, fields
from typing_extensions import override
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from models.domain.errors import InvalidInputError
from service.api.v1.rules import flatten
from service.said import shorten

# More than any number here needs; longer ones cost more to read than they are long.
MOST_DIGITS = 25
_GZIP = b"\x1f\x8b"
_TYPE = "Send the body as JSON, with the header Content-Type: application/json."


class CodingError(UnsupportedMediaType):
    """The body is compressed; the answer names the one coding that is read."""

    def __init__(self) -> None:
        super().__init__("Send the body as it is, without Content-Encoding.")

    @override
    def get_headers(self, *around: Any, **options: Any) -> list[tuple[str, str]]:
        return [*super().get_headers(*around, **options), ("Accept-Encoding", "identity")]


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
        UnsupportedMediaType: when it does not say that it is JSON, or says that it is compressed.
        BadRequest: when it is not JSON; the message says where it breaks.
    """
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType(_TYPE)
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise CodingError
    body = request.get_data(cache=True)
    if body.startswith(_GZIP):
        raise BadRequest("The body is compressed. Send it as it is.")
    try:
        return json.loads(
            body,
            parse_constant=_no_constant,
            parse_int=_read_whole,
            parse_float=_read_number,
            object_pairs_hook=_read_object,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadRequest(f"The body is not JSON: it breaks at {where}. Mend it there.") from error
    except RecursionError as error:
        raise BadRequest("The body is nested too deeply. Send plain values.") from error
    except ValueError as error:
        raise BadRequest("The body is not JSON in UTF-8. Send JSON in UTF-8.") from error


def _no_constant(name: str) -> NoReturn:
    raise BadRequest(f"The body has {name}, which JSON has not. Send a number or null.")


def _read_whole(digits: str) -> int:
    count = len(digits.lstrip("-"))
    if count > MOST_DIGITS:
        raise BadRequest(
            f"A number in the body has {count} digits. Send at most {MOST_DIGITS}, or send text."
        )
    return int(digits)


def _read_number(written: str) -> float:
    number = float(written)
    if math.isinf(number):
        raise BadRequest(f"A number in the body is too large to read: {shorten(written)}.")
    return number


def _read_object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object; of two values by one name nobody could tell which was meant."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            twice = shorten(name).encode(errors="replace").decode()
            raise BadRequest(f"The body names “{twice}” twice in one object. Send it once.")
        made[name] = value
    return made
