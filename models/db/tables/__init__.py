"""All tables, one module a subject; ``METADATA`` knows them all once this package is imported."""

from models.db.tables import (
    approvals,
    campaigns,
    caps,
    chains,
    deliveries,
    exports,
    history,
    organizations,
    requests,
    searches,
    sessions,
    staff,
    statements,
    training,
)
from models.db.tables.base import METADATA

__all__ = [
    "METADATA",
    "approvals",
    "campaigns",
    "caps",
    "chains",
    "deliveries",
    "exports",
    "history",
    "organizations",
    "requests",
    "searches",
    "sessions",
    "staff",
    "statements",
    "training",
]
