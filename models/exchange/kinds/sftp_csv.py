"""The kind ``sftp_csv``: leads gathered into a table, put into a folder of the school's server."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from models.domain.delivery import Purpose
from models.domain.ids import Prefix, show
from models.domain.sending import BatchWindow, DestinationTest, LeadFacts
from models.exchange.kinds.declaration import (
    CONTACT,
    PRESET,
    Batching,
    DeclaredSetting,
    Kind,
    Settings,
    Typed,
)
from models.exchange.lead_table import LEAD_TABLE
from models.exchange.mapping import fill, read_rows, rows_for, source_of, tells_of
from models.exchange.mapping_check import check_mapping
from models.exchange.requests import Preview
from models.exchange.sample import sample_lead
from models.exchange.setting_checks import check_list, check_text, read_json, tell_names
from models.exchange.writing import BodyFormat, write

# Slate looks every 15 minutes at least, and so do others: sooner gains nothing.
_WINDOW = BatchWindow(seconds=900, most=500)
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_FOLDER = re.compile(
    # Each name but the last ends in its slash: with an optional one, to say no took for ever.
    r"/(?:[A-Za-z0-9_~][A-Za-z0-9._~ -]*/)*(?:[A-Za-z0-9_~][A-Za-z0-9._~ -]*)?"
)
_PORT = re.compile(r"[0-9]{1,5}")
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_MOST_FINGERPRINTS = 4


def _write(facts: LeadFacts | DestinationTest, delivery_id: UUID, settings: Settings) -> bytes:
    """Write one lead as a table of a line; a test is a lead that nobody sent.

    Raises:
        UnrenderableError: when a required column stays empty, or none says that it is no lead.
    """
    rows = read_rows(settings.get("fields", LEAD_TABLE))
    if isinstance(facts, DestinationTest):
        facts = sample_lead(rows, facts.at)
    filled = fill(rows_for(rows, facts.purpose), source_of(facts, delivery_id))
    return write(BodyFormat.DELIMITED, filled)


def join(bodies: Sequence[bytes]) -> bytes:
    """Make one table of many; where columns differ it has all of them, as they first came."""
    lines = [dict(zip(*csv.reader(io.StringIO(body.decode())), strict=True)) for body in bodies]
    columns = list(dict.fromkeys(column for line in lines for column in line))
    table = io.StringIO()
    writer = csv.writer(table, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([line.get(column, "") for column in columns] for line in lines)
    return table.getvalue().encode()


def _together(settings: Settings, secrets: Settings) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if len(secrets) != 1:
        problems["password"] = ["Give either a password or a private key."]
    if "fields" in settings:
        problems |= check_mapping(settings["fields"], BodyFormat.DELIMITED)
    return problems


def _carries(settings: Settings, purpose: Purpose) -> bool:
    return tells_of(read_rows(settings.get("fields", LEAD_TABLE)), purpose)


def _check_host(value: Any) -> str | None:
    if isinstance(value, str) and _HOST.fullmatch(value):
        return None
    return "Use the name of a server, such as ft.technolutions.net."


def _check_port(value: Any) -> str | None:
    if isinstance(value, str) and _PORT.fullmatch(value) and 0 < int(value) < 65536:
        return None
    return "Use a port number, such as 22."


def _check_folder(value: Any) -> str | None:
    if isinstance(value, str) and len(value) <= 500 and _FOLDER.fullmatch(value):
        return None
    return "Use a folder, such as /incoming/schoolmatch; /~/ is the user's own."


def _check_user(value: Any) -> str | None:
    if isinstance(value, str) and re.fullmatch(r"[!-~]{1,100}", value):
        return None
    return "Use the user's name: letters, digits and signs, without spaces."


def _check_fingerprints(value: Any) -> str | None:
    if (
        isinstance(value, list)
        and 1 <= len(value) <= _MOST_FINGERPRINTS
        and all(isinstance(each, str) and _FINGERPRINT.fullmatch(each) for each in value)
    ):
        return None
    return f"Give 1 to {_MOST_FINGERPRINTS} fingerprints such as SHA256:… (43 letters after it)."


def _check_key(value: Any) -> str | None:
    begins, ends = "-----BEGIN ", "PRIVATE KEY-----"
    if (
        isinstance(value, str)
        and value.startswith(begins)
        and value.rstrip().endswith(ends)
        and len(value) < 20_000
    ):
        return None
    return "Give the key's file as it is, from -----BEGIN to PRIVATE KEY-----, without passphrase."


def file_name(delivery_id: UUID, batch: str = "") -> str:
    """Name a file: a batch's for ever, a test's by its delivery."""
    return f"schoolmatch-{batch or f'test-{show(Prefix.DELIVERY, delivery_id)}'}.csv"


def _show(
    body: bytes, delivery_id: UUID, settings: Settings, _secrets: Sequence[str]
) -> tuple[Preview, ...]:
    place = f"sftp://{settings['user_name']}@{settings['host']}:{settings.get('port', 22)}"
    folder = str(settings["folder"]).rstrip("/")
    address = f"{place}{folder}/{file_name(delivery_id)}"
    return (Preview("PUT", address, (), body.decode()),)


KIND = Kind(
    "sftp_csv",
    "SFTP, as a table",
    (
        DeclaredSetting("host", "Server", "The name of your SFTP server.", _check_host),
        DeclaredSetting("port", "Port", "22 when it is left out.", _check_port, required=False),
        DeclaredSetting(
            "host_keys",
            "Host keys",
            "Fingerprints of the keys that your server shows, SHA256:…; a server that shows "
            "another gets nothing. List the new one beside the old while you change it.",
            _check_fingerprints,
            read=lambda typed: [part.strip() for part in typed.split(",")],
            tell=", ".join,
        ),
        DeclaredSetting(
            "folder",
            "Folder",
            "Where files are put, such as /incoming/schoolmatch; it must be there.",
            _check_folder,
        ),
        DeclaredSetting("user_name", "User name", "Who may write there.", _check_user),
        PRESET,
        CONTACT,
        DeclaredSetting(
            "fields",
            "Columns",
            "The columns of the table and what of a lead goes into each; ours when it is left out.",
            check_list,
            required=False,
            read=read_json,
            tell=tell_names,
            typed=Typed.MAPPING,
            start=LEAD_TABLE,
        ),
        DeclaredSetting(
            "password", "Password", "Of that user.", check_text, secret=True, required=False
        ),
        DeclaredSetting(
            "private_key",
            "Private key",
            "Instead of a password: an OpenSSH or PEM key without passphrase.",
            _check_key,
            secret=True,
            required=False,
            typed=Typed.BLOCK,
        ),
    ),
    together=_together,
    write=_write,
    batching=Batching(_WINDOW, join),
    carries=_carries,
    show=_show,
)
