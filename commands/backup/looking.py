"""Looks at a database: what must not be lost, where its chains end, which keys it needs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, inspect, select, table, text

from commands.doors import Door
from models.db.crypto import check_value
from models.db.repositories.chains import ChainRepository
from models.db.repositories.master_keys import MasterKeys
from models.domain.chain import Chain

# What a restore must bring back to the last row.
_COUNTED = (
    "request",
    "lead",
    "consent",
    "delivery",
    "attempt",
    "disposition",
    "charge",
    "statement",
    "suppression",
    "audit",
)


def count_rows(connection: Connection) -> dict[str, int]:
    """Count the rows of the tables that must not be lost."""
    # However long that takes in a large database.
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    counted = ((name, select(func.count()).select_from(table(name))) for name in _COUNTED)
    return {name: int(connection.execute(query).scalar_one()) for name, query in counted}


def heads_of(opened: Door, connection: Connection) -> dict[str, str]:
    """Say where each chain ends, as ``N:HASH``."""
    chains = ChainRepository(connection, opened.keyring)
    tips = {chain.value: chains.tip(chain) for chain in Chain}
    return {name: f"{tip.sequence}:{tip.link.hex()}" for name, tip in tips.items()}


def keys_of(opened: Door, connection: Connection) -> dict[str, dict[str, Any]]:
    """Say which master keys wrap what, and how to know them again."""
    here = opened.settings.master_keys
    return {
        name: {"check": check_value(here[name]) if name in here else "", "wraps": tables}
        for name, tables in MasterKeys(connection, opened.keyring).used().items()
    }


def revision_of(connection: Connection) -> str:
    """Name the schema's version."""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def tables_in(connection: Connection) -> list[str]:
    """Name the tables that are there."""
    return inspect(connection).get_table_names()


def what_is_lost(
    manifest_keys: Mapping[str, Mapping[str, Any]],
    counts: Mapping[str, int],
    here: Mapping[str, bytes],
) -> str | None:
    """Say what cannot be read with the master keys at hand; None when everything can.

    Args:
        manifest_keys: the master keys that a backup needs.
        counts: rows of the backup.
        here: the master keys at hand.
    """
    lost = [
        name
        for name, key in manifest_keys.items()
        if name not in here or check_value(here[name]) != key["check"]
    ]
    if not lost:
        return None
    wraps: dict[str, int] = {}
    for name in lost:
        for of, many in manifest_keys[name]["wraps"].items():
            wraps[of] = wraps.get(of, 0) + many
    return (
        f"Master key {', '.join(lost)} is not in MASTER_KEYS, or has other bytes.\n"
        "Lost without it: "
        f"names, contact points, answers, evidence and consents' bytes of {_n(wraps, 'person_key')}"
        f" persons; the credentials of {_n(wraps, 'organization_key')} organizations' destinations;"
        f" the second factors of {_n(wraps, 'staff')} staff.\n"
        f"Not lost: {counts['lead']} leads and what became of them, {counts['consent']} consents as"
        f" rows of their chain, {counts['statement']} statements and {counts['charge']} charges, "
        f"{counts['suppression']} suppressions, the audit; both chains verify; catalogs, rankers."
    )


def _n(wraps: Mapping[str, int], name: str) -> int:
    return wraps.get(name, 0)


def in_time(at: datetime) -> str:
    """Name a moment as a folder's name."""
    return f"{at:%Y-%m-%dT%H%M%S}.{at.microsecond // 1000:03}Z"
