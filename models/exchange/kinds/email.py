"""The kind ``email``: each lead as a message to an address of the school's."""

from collections.abc import Sequence
from email import policy
from email.parser import BytesParser
from uuid import UUID

from models.domain.sending import DestinationTest, LeadFacts
from models.exchange.kinds.declaration import DeclaredSetting, Kind, Settings, Typed
from models.exchange.lead_table import LEAD_TABLE
from models.exchange.mail import compose
from models.exchange.mapping import read_rows
from models.exchange.mapping_check import check_mapping
from models.exchange.requests import Preview
from models.exchange.setting_checks import check_address, check_list, read_json, tell_names
from models.exchange.writing import BodyFormat


def _write(facts: LeadFacts | DestinationTest, delivery_id: UUID, settings: Settings) -> bytes:
    """Write the message.

    Raises:
        UnrenderableError: when the facts cannot be used, or a required column stays empty.
    """
    rows = read_rows(settings.get("fields", LEAD_TABLE))
    return compose(facts, delivery_id, rows)


def _together(settings: Settings, _secrets: Settings) -> dict[str, list[str]]:
    if "fields" not in settings:
        return {}
    return check_mapping(settings["fields"], BodyFormat.DELIMITED)


def _show(
    body: bytes, _delivery_id: UUID, settings: Settings, _secrets: Sequence[str]
) -> tuple[Preview, ...]:
    """Show the text as it is read, and the table that is attached."""
    message = BytesParser(policy=policy.default).parsebytes(body)
    headers = tuple((name, str(message[name])) for name in ("Subject", "Message-ID"))
    text = message.get_body(("plain",))
    shown = [Preview("MAIL", str(settings["to"]), headers, text.get_content() if text else "")]
    for part in message.iter_attachments():
        table = str(part.get_content())
        shown.append(Preview("MAIL", str(part.get_filename()), (), table, "attached"))
    return tuple(shown)


KIND = Kind(
    "email",
    "E-mail",
    (
        DeclaredSetting(
            "to",
            "Address",
            "Where we mail each lead: an address that several people of your school read.",
            check_address,
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
            typed=Typed.MAPPING,
            start=LEAD_TABLE,
        ),
    ),
    together=_together,
    write=_write,
    # Switched off, it takes no leads; who was mailed some is mailed all the same that one was taken
    # back.
    contact="to",
    show=_show,
)
