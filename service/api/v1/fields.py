"""POST /api/v1/fields: which fields of study a text is about."""

from typing import Any

from flask import Response

from service.api.v1.answers import FieldsSchema
from service.api.v1.endpoints import Answer, Endpoints, answer, services
from service.api.v1.schemas import FieldQuerySchema

endpoints = Endpoints("fields", __name__, description="Find fields of study")


@endpoints.endpoint(
    "POST", "/fields", Answer(200, "Fields, best first", FieldsSchema), takes=FieldQuerySchema
)
def fields(asked: dict[str, Any]) -> Response:
    """Find the fields that a text is about, best first; none when it is about no field."""
    found = services().fields.find(asked["text"])
    return answer(
        {
            "fields": [
                {
                    "cip": match.cip,
                    "title": match.title,
                    "specialty": match.specialty,
                    "confidence": match.confidence,
                }
                for match in found
            ]
        }
    )
