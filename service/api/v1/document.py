"""What the OpenAPI document says beyond the names of fields: the very values that are taken.

A client, or a test, that keeps to the document is refused only for what no schema can say: a
postal code that nobody has, a slate that has ended, a school that is full.
"""

from collections.abc import Mapping
from typing import Any

from flask_smorest import Api  # type: ignore[import-untyped]
from flask_smorest.utils import prepare_response  # type: ignore[import-untyped]
from marshmallow import fields
from typing_extensions import override

from service.api.v1 import demonstration
from service.api.v1.answers import ProblemSchema
from service.api.v1.rules import Checked

JsonSchema = dict[str, Any]


def _given(*names: str) -> JsonSchema:
    """Names that must be there and not null."""
    text = {"type": "string", "pattern": r"\S"}
    return {"required": list(names), "properties": dict.fromkeys(names, text)}


# What single fields cannot say of each schema.
_TOGETHER: Mapping[str, JsonSchema] = {
    "Search": {
        "anyOf": [
            _given("slate_id"),
            _given("education_level", "postal_code"),
            _given("education_level", "region"),
        ],
        "not": _given("field", "query"),
    }
}


class DocumentedApi(Api):  # type: ignore[misc]  # flask-smorest ships no types
    """flask-smorest's OpenAPI document, with our problems in the place of its errors."""

    @override
    def _init_spec(self, **options: Any) -> None:
        super()._init_spec(**options)
        self.ma_plugin.converter.add_attribute_function(describe_field)

    @override
    def _register_responses(self) -> None:
        """Every error is a problem document, whatever its status."""
        for name in ("UNPROCESSABLE_ENTITY", self.DEFAULT_ERROR_RESPONSE_NAME):
            response = {
                "description": "What to do instead (RFC 9457)",
                "schema": ProblemSchema,
                "headers": dict(demonstration.DOCUMENTED),
            }
            prepare_response(response, self.spec, "application/problem+json")
            self.spec.components.response(name, response, lazy=True)

    @override
    def _register_error_handlers(self, **_: Any) -> None:
        """Leave errors to ``service.problems``."""


def describe_field(_converter: Any, field: fields.Field[Any], **_: Any) -> JsonSchema:
    """Say what a field takes; registered with apispec."""
    said: JsonSchema = dict(field.taken) if isinstance(field, Checked) else {}
    if isinstance(field, fields.Dict) and isinstance(field.key_field, Checked):
        said["propertyNames"] = dict(field.key_field.taken)
    if field.allow_none and "type" in said:
        said["type"] = [said["type"], "null"]
        if "enum" in said:
            said["enum"] = [*said["enum"], None]
    return said


def complete(schemas: dict[str, JsonSchema]) -> None:
    """Add to the document's schemas what their fields say only together."""
    for name, rule in _TOGETHER.items():
        if name in schemas:
            schemas[name].update(rule)
