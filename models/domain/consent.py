"""Consents: the exact text shown for one school and one channel, and its identity.

A text's id is a hash of everything that decides what was agreed to, so that a consent for one
school, channel, language or jurisdiction can never stand for another.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from models.domain import consent_texts
from models.proof.chain import canonical_json

HOLDS = timedelta(hours=24)


class Channel(StrEnum):
    """How a school may contact the student."""

    EMAIL = "email"
    CALL = "call"
    TEXT = "text"


BY_PHONE = frozenset({Channel.CALL, Channel.TEXT})


@dataclass(frozen=True, slots=True)
class Seller:
    """The school that would do the contacting, as its texts name it."""

    unitid: int
    name: str


@dataclass(frozen=True)  # without slots: an id that was hashed once is kept
class ConsentText:
    """One text, as shown. ``jurisdiction`` is an ISO 3166 code such as ``US-NY`` or ``CA-ON``."""

    unitid: int
    channel: Channel
    locale: str
    jurisdiction: str
    version: str
    text: str

    @cached_property
    def text_id(self) -> str:
        """Hash of the text and everything it is bound to."""
        parts = [
            self.text,
            str(self.unitid),
            self.channel,
            self.locale,
            self.jurisdiction,
            self.version,
        ]
        return "txt_" + hashlib.sha256(canonical_json(parts)).hexdigest()[:40]


def consent_text(
    seller: Seller,
    channel: Channel,
    locale: str,
    jurisdiction: str,
    version: consent_texts.Version | None = None,
) -> ConsentText:
    """Write the text that a student is asked to agree to.

    Args:
        seller: the school, named in the text.
        channel: how the school would contact the student.
        locale: ``en``, ``es`` or ``fr``.
        jurisdiction: where the student is; Canada has texts of its own.
        version: which version of the texts; the newest when None.
    """
    version = version or consent_texts.VERSIONS[-1]
    country = "CA" if jurisdiction.startswith("CA") else "US"
    words = version.texts[country, locale, channel.value].format(school=seller.name)
    return ConsentText(seller.unitid, channel, locale, jurisdiction, version.name, words)


def acceptable_texts(
    seller: Seller,
    channel: Channel,
    jurisdiction: str,
    offered_at: datetime,
    now: datetime,
) -> dict[str, ConsentText]:
    """List the texts that count now, by id, in every language.

    A text offered with a slate holds for 24 hours; after that only the newest version counts.
    """
    texts = [
        consent_text(seller, channel, locale, jurisdiction, version)
        for version in holding(consent_texts.VERSIONS, offered_at, now)
        for locale in consent_texts.LOCALES
    ]
    return {text.text_id: text for text in texts}


def holding(
    versions: tuple[consent_texts.Version, ...], offered_at: datetime, now: datetime
) -> tuple[consent_texts.Version, ...]:
    """List the versions that count now for texts offered at a moment."""
    if now - offered_at <= HOLDS:
        return consent_texts.since(offered_at, versions)
    return versions[-1:]
