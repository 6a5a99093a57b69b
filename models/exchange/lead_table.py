"""The columns of a lead as a table, for schools that name none of their own.

Rows of a mapping (``models.exchange.mapping``), as a destination's settings hold them.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

_ALWAYS = {"required": True}

LEAD_TABLE: Sequence[Mapping[str, Any]] = tuple(
    MappingProxyType(row)
    for row in (
        {"to": "delivery_id", "from": "delivery_id", **_ALWAYS},
        {"to": "purpose", "from": "purpose", **_ALWAYS},
        {"to": "lead_id", "from": "lead_id", **_ALWAYS},
        {"to": "asked_at", "from": "asked_at", "format": ["date:%Y-%m-%dT%H:%M:%SZ"], **_ALWAYS},
        {"to": "school", "from": "school.name", **_ALWAYS},
        {"to": "first_name", "from": "student.first_name", **_ALWAYS},
        {"to": "last_name", "from": "student.last_name", **_ALWAYS},
        {"to": "email", "from": "student.email"},
        {"to": "phone", "from": "student.phone"},
        {"to": "postal_code", "from": "student.postal_code"},
        {"to": "state", "from": "place.state"},
        {"to": "country", "from": "place.country"},
        {"to": "education_level", "from": "student.education_level", **_ALWAYS},
        {"to": "program", "from": "programs[0].title", **_ALWAYS},
        {"to": "cip", "from": "programs[0].cip", **_ALWAYS},
        {"to": "credential_level", "from": "programs[0].credential_level", **_ALWAYS},
        {"to": "format", "from": "programs[0].format"},
        {
            "to": "placement",
            "from": "programs[0].sponsored",
            "values": {"true": "Sponsored", "false": "Organic"},
        },
        {"to": "desired_start", "from": "desired_start"},
        {"to": "verification", "from": "verification", **_ALWAYS},
        {"to": "consented_channels", "from": "consented_channels", **_ALWAYS},
        {"to": "consent_email", "from": "consents[channel=email].text"},
        {"to": "consent_call", "from": "consents[channel=call].text"},
        {"to": "consent_text", "from": "consents[channel=text].text"},
    )
)
