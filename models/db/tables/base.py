"""What all tables share: naming of constraints, and the column kinds the design fixes.

Ids are UUIDv7 made by us; times are timestamptz; money is integer minor units beside its ISO
currency; ``sealed`` columns hold AES-GCM ciphertext bound to table, column and row.
"""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, LargeBinary, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column(name: str = "id") -> Column[Any]:
    """The row's own UUIDv7."""
    return Column(name, UUID(as_uuid=True), primary_key=True)


def ref(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[Any]:
    """A reference to another row's id; rows others refer to are never deleted under them."""
    return Column(name, UUID(as_uuid=True), ForeignKey(target), nullable=nullable, index=index)


def at(name: str, *, nullable: bool = False) -> Column[Any]:
    """A moment."""
    return Column(name, TIMESTAMP(timezone=True), nullable=nullable)


def text(name: str, *, nullable: bool = False) -> Column[Any]:
    """A text."""
    return Column(name, Text, nullable=nullable)


def minor_units(name: str, *, nullable: bool = False) -> Column[Any]:
    """An amount of money in the currency's smallest unit."""
    return Column(name, BigInteger, nullable=nullable)


def document(name: str, *, nullable: bool = False) -> Column[Any]:
    """A JSON document."""
    return Column(name, JSONB, nullable=nullable)


def sealed(name: str, *, nullable: bool = False) -> Column[Any]:
    """Ciphertext of personal data or a secret."""
    return Column(name, LargeBinary, nullable=nullable)


def raw(name: str, *, nullable: bool = False) -> Column[Any]:
    """Bytes that are neither personal nor secret: hashes, signatures, frozen payloads' hashes."""
    return Column(name, LargeBinary, nullable=nullable)


def one_of(column: str, *values: str) -> CheckConstraint:
    """A column that holds one of a few words."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")
