"""What an operator decides: claims of listings, highlights, texts of consents. Never changed after.

Texts of consents are decided by version and language. An approval holds for the words as they were
read: its fingerprint is theirs, so that other words under an old name are not approved.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.domain.consent_texts import LOCALES, VERSIONS, Version
from models.domain.organization import Actor
from models.proof.chain import canonical_json


class DecisionKind(StrEnum):
    """What kind of thing was decided."""

    CLAIM = "claim"
    HIGHLIGHT = "highlight"
    TEXTS = "texts"


class Verdict(StrEnum):
    """What was decided."""

    APPROVED = "approved"
    DECLINED = "declined"
    TAKEN_DOWN = "taken_down"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: about what, by whom, when, and why where that was said.

    ``subject`` is its shown id, or ``version locale`` of texts; ``what`` its words at that moment.
    """

    at: datetime
    kind: DecisionKind
    subject: str
    what: str
    verdict: Verdict
    actor: Actor
    reason: str = ""
    fingerprint: str = ""
    organization_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one version in one language: ``words`` by country and channel."""

    version: str
    locale: str
    words: tuple[tuple[str, str, str], ...]

    @property
    def subject(self) -> str:
        """What decisions call them."""
        return f"{self.version} {self.locale}"

    @property
    def fingerprint(self) -> str:
        """Hash of the words and of what they are called."""
        parts = [self.version, self.locale, [list(each) for each in self.words]]
        return hashlib.sha256(canonical_json(parts)).hexdigest()

    def approved_by(self, decision: Decision | None) -> bool:
        """Tell whether the newest decision about them approves these very words."""
        return (
            decision is not None
            and decision.verdict is Verdict.APPROVED
            and decision.fingerprint == self.fingerprint
        )


def all_texts(versions: tuple[Version, ...] = VERSIONS) -> Iterator[Texts]:
    """List the texts of each version and language, the newest version first."""
    for version in reversed(versions):
        for locale in LOCALES:
            words = tuple(
                (country, channel, text)
                for (country, spoken, channel), text in sorted(version.texts.items())
                if spoken == locale
            )
            yield Texts(version.name, locale, words)


def unapproved(
    decided: Mapping[str, Decision], versions: tuple[Version, ...] = VERSIONS
) -> tuple[Texts, ...]:
    """List the texts that students are asked to agree to now and that nobody has approved.

    Args:
        decided: the newest decision about texts, by subject.
        versions: oldest first; the newest one is asked.
    """
    asked = (each for each in all_texts(versions) if each.version == versions[-1].name)
    return tuple(each for each in asked if not each.approved_by(decided.get(each.subject)))
