"""Chains of consents and audit rows: which keys sign them; places stand in the rows themselves."""

from sqlalchemy import BigInteger, Column, Table, Text

from models.db.tables.base import METADATA, at, one_of, raw, text
from models.domain.chain import Chain

# A row of its chain: it says which key signs from there on. signature: by this key; endorsement:
# by the one before, where that was at hand.
chain_key = Table(
    "chain_key",
    METADATA,
    Column("chain", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    text("key_id"),
    raw("public_key"),
    at("at"),
    raw("chain_hash"),
    raw("signature"),
    raw("endorsement", nullable=True),
    one_of("chain", *Chain),
)
