"""The kind ``email``: each lead as a message to an address of the school's."""

import re
from typing import Any
from uuid import UUID

from models.domain.sending import DestinationTest, LeadFacts
from models.exchange.kinds.declaration import DeclaredSetting, Kind, Settings
from models.exchange.lead_table import LEAD_TABLE
from models.exchange.mail import compose
from models.exchange.mapping import read_rows
from models.exchange.mapping_check import check_mapping
from models.exchange.setting_checks import check_list, read_json, tell_names
from models.exchange.writing import BodyFormat

# Plain addresses only: they go into a command to a mail server as they are.
_ADDRESS = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9_+-]|\.(?=[A-Za-z0-9_+-])){0,63}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_LONGEST = 254


def _write(facts: LeadFacts | DestinationTest, delivery_id: UUID, settings: Settings) -> bytes:
    """Write the message.

    Raises:
        UnrenderableError: when the facts cannot be used, or a required column stays empty.
    """
    rows = read_rows(settings.get("fields", LEAD_TABLE))
    return compose(facts, delivery_id, settings["to"], rows)


def _together(settings: Settings, _secrets: Settings) -> dict[str, list[str]]:
    if "fields" not in settings:
        return {}
    return check_mapping(settings["fields"], BodyFormat.DELIMITED)


def _check_address(value: Any) -> str | None:
    if isinstance(value, str) and len(value) <= _LONGEST and _ADDRESS.fullmatch(value):
        return None
    return "Use one address, such as admissions@example.edu."


KIND = Kind(
    "email",
    "E-mail",
    (
        DeclaredSetting(
            "to",
            "Address",
            "Where we mail each lead: an address that several people of your school read.",
            _check_address,
        ),
        DeclaredSetting(
            "fields",
            "Columns",
            "The columns of the attached table and what of a lead goes into each; ours when it "
            "is left out.",
            check_list,
            required=False,
            read=read_json,
            tell=tell_names,
        ),
    ),
    together=_together,
    write=_write,
)
