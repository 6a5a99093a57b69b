"""Server-side sessions of the student's journey; those of staff have a table of their own.

The cookie holds a token; only its hash is here. ``data`` is JSON under the session's own key, so
ending a session shreds what was typed into it.
"""

from sqlalchemy import Column, Index, Table, Text

from models.db.tables.base import METADATA, at, raw, sealed, text

web_session = Table(
    "web_session",
    METADATA,
    Column("token_hash", Text, primary_key=True),
    at("created_at"),
    at("seen_at"),
    at("expires_at"),
    text("master_key_id"),
    raw("wrapped"),
    sealed("data"),
    Index("ix_web_session_expires_at", "expires_at"),
)
