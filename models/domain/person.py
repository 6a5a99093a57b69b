"""A person after their request: what is kept of them, and that and why they were erased.

A person is one request's student; the same human may be several.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ErasedBy(StrEnum):
    """Who wanted a person erased; ``AGE``: nobody, their time was over."""

    STUDENT = "student"
    OPERATOR = "operator"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Erasure:
    """That a person was erased: nothing personal, so that it can be kept and passed on."""

    person_id: UUID
    at: datetime
    by: ErasedBy


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """A request that somebody sent, for whoever looks after it."""

    request_id: UUID
    created_at: datetime
    schools: int
    erased_at: datetime | None
