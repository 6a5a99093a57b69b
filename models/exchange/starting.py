"""What a form begins with where a school sets its own system up: to be changed, and to be tried."""

from collections.abc import Mapping, Sequence
from typing import Any

_Rows = Sequence[Mapping[str, Any]]

STARTING_FIELDS: _Rows = (
    {"to": "lead_id", "from": "lead_id", "required": True},
    {"to": "first_name", "from": "student.first_name", "required": True},
    {"to": "last_name", "from": "student.last_name", "required": True},
    {"to": "email", "from": "student.email"},
    {"to": "phone", "from": "student.phone"},
    {"to": "postal_code", "from": "student.postal_code"},
    {"to": "education_level", "from": "student.education_level"},
    {"to": "program", "from": "programs[0].title"},
)
# It came, and nobody knows yet what it says: the least that a yes can mean.
STARTING_RULES: _Rows = ({"name": "received", "codes": ["2xx"], "is": "unconfirmed"},)
STARTING_PING: _Rows = (
    {"to": "state", "from": "place.state"},
    {"to": "education_level", "from": "student.education_level"},
    {"to": "program", "from": "programs[0].title"},
)
STARTING_PING_RULES: _Rows = (
    {
        "name": "yes",
        "path": "id",
        "is": "delivered",
        "reference_path": "id",
        "price_path": "price",
    },
)
