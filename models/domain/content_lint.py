"""What a school may not say of itself here: read before anybody approves it.

Promises of jobs, money or aid, borrowed authority (army, government), pressure, and ranks without
a source are refused with what to write instead. What may be true and still needs a person's eye is
flagged for whoever approves. English, Spanish and French are read alike, whatever the page's
language. Sources: shared/law.md (FTC: Gigats, Sun Key, Victory Media, LendEDU; 16 CFR 254;
34 CFR 668.71 to 668.75).
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

MOST_STATEMENT = 120
_SHORTEST_NAME = 8
_SPACED = re.compile(r"(?<!\w)(?:\w[ .*_-]){3,}\w(?!\w)")
_GAPS = re.compile(r"[\s\-\u2010-\u2015]+")
_SIGNS = str.maketrans({"\u2019": "'", "\u2018": "'", "\u00ae": "", "\u2122": "", "\u00ad": ""})
_LEET = str.maketrans("013457@", "oleasta")
# A word in which digits stand for letters: gu4rant33d, fr33.
_DISGUISED = re.compile(r"\b(?=\w*[a-z])(?=\w*[0134579@])[a-z0134579@]{3,}\b")
_SOURCE = re.compile(
    r"(?=.*\b(?:19|20)[0-9]{2}\b)"
    r"(?=.*(?:\(.{3,}\)|\baccording to\b|\bby the\b|\branked by\b|\bsource\b|\bsegun\b|\bfuente\b"
    r"|\bselon\b|\bd'apres\b))"
)


class Claim(StrEnum):
    """What kind of claim was found."""

    JOB = "job"
    PAY = "pay"
    AID = "aid"
    GUARANTEE = "guarantee"
    MILITARY = "military"
    GOVERNMENT = "government"
    URGENCY = "urgency"
    RANK = "rank"
    OTHER_SCHOOL = "other_school"
    CONTACT = "contact"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim that was found; ``refused``: nobody can approve it, else it is only flagged.

    ``words`` are as they were read: small letters, no accents.
    """

    claim: Claim
    words: str
    refused: bool

    @property
    def why(self) -> str:
        """Why it cannot stand, or needs a look."""
        return _WHY[self.claim][0]

    @property
    def instead(self) -> str:
        """What to write instead."""
        return _WHY[self.claim][1]


_WHY = {
    Claim.JOB: (
        "It promises a job, or counts jobs without saying who counted.",
        "Say what you do: “Career advisers help with applications”, or give the source and year.",
    ),
    Claim.PAY: (
        "It promises pay. What graduates earn stands on the card, from official figures.",
        "Leave pay out. Say what is learned: “Prepares for the CPC exam”.",
    ),
    Claim.AID: (
        "It promises aid or something for nothing.",
        "Say for whom: “Federal aid for students who qualify”.",
    ),
    Claim.GUARANTEE: (
        "It guarantees something that depends on the student or on others.",
        "Say what you offer, without a promise of what comes of it.",
    ),
    Claim.MILITARY: (
        "It may read as if the military stood behind it.",
        "Say what you do for service members: “An adviser for student veterans”.",
    ),
    Claim.GOVERNMENT: (
        "It reads as if a government stood behind it.",
        "Name the accreditor: “Accredited by the Higher Learning Commission”.",
    ),
    Claim.URGENCY: (
        "It presses the student to hurry.",
        "Give the date itself: “Next start: 12 January”.",
    ),
    Claim.RANK: (
        "It claims a rank without a source, or to be better than others.",
        "Give who ranked, in what, and when: “Ranked 12th in nursing (U.S. News, 2026)”.",
    ),
    Claim.OTHER_SCHOOL: (
        "It names another school.",
        "Speak of your own school; an agreement with another is looked at before it is shown.",
    ),
    Claim.CONTACT: (
        "It holds an address, a link or a telephone number.",
        "Leave it out. Students ask you through the form, where they agree to it.",
    ),
    Claim.FIGURE: (
        "It gives a figure of money or success, which needs a source.",
        "Add who says so and the year in brackets.",
    ),
}


def lint(text: str, other_schools: Collection[str] = ()) -> tuple[Finding, ...]:
    """Find the claims of a statement, those that are refused first; one of each kind.

    Args:
        text: what the school wants to say.
        other_schools: names of schools that are not the speaker's.
    """
    plain = _plain(text)
    # Digits that stand for letters are read as letters too, beside what they are.
    read = f"{plain} \n {_DISGUISED.sub(lambda each: each[0].translate(_LEET), plain)}"
    found: dict[Claim, Finding] = {}
    for finding in (*_of_words(read), *_of_schools(plain, other_schools)):
        before = found.get(finding.claim)
        if before is None or (finding.refused and not before.refused):
            found[finding.claim] = finding
    return tuple(sorted(found.values(), key=lambda one: not one.refused))


def refusals(text: str, other_schools: Collection[str] = ()) -> list[str]:
    """Say why a statement is refused, and what to write instead; empty when it may go on."""
    return [
        f"{each.why} (“{each.words}”) {each.instead}"
        for each in lint(text, other_schools)
        if each.refused
    ]


def _of_words(read: str) -> Iterator[Finding]:
    sourced = _SOURCE.match(read.partition("\n")[0]) is not None
    # Some hundred patterns take a tenth of a second to compile: not when a server starts.
    from models.domain.content_words import FLAGGED, REFUSED, SOURCED  # noqa: PLC0415 - as said

    for patterns, refused in ((REFUSED, True), (SOURCED, not sourced), (FLAGGED, False)):
        for claim, pattern in patterns.items():
            match = pattern.search(read)
            if match:
                yield Finding(Claim(claim), match[0].strip(), refused)


def _of_schools(plain: str, others: Collection[str]) -> Iterator[Finding]:
    around = f" {plain} "
    for name in others:
        known = _plain(name)
        if len(known) >= _SHORTEST_NAME and " " in known and f" {known}" in around:
            yield Finding(Claim.OTHER_SCHOOL, known, refused=False)
            return


def _plain(text: str) -> str:
    """Write small letters without accents, hidden signs and tricks of spacing."""
    folded = unicodedata.normalize("NFKD", text.translate(_SIGNS)).casefold()
    kept = "".join(
        each
        for each in folded
        if not unicodedata.combining(each) and unicodedata.category(each) != "Cf"
    )
    close = _SPACED.sub(lambda run: re.sub(r"[ .*_-]", "", run[0]), kept)
    return _GAPS.sub(" ", close).strip()
