"""Fields of study from free text: what a student types, or an article, to CIP families.

A question is compared with every phrase of the data by the words they share (``fieldphrases``),
slips of the finger and beginnings of words counting a little less (``fieldvocab``); a linear model
tells what its words and parts of words speak for (``fieldmodel``); trees weigh both into a
probability for each of the likeliest fields (``fieldjudge``). Long text is read for the phrases it
contains (``fieldarticle``). What falls below a threshold is about no field, and nothing is
returned. ``docs/fields.md`` tells how all of it is learned and measured.

    >>> FieldIndex.load().find("RN to BSN")[0].specialty
    'RN to BSN'
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.fieldarrays import Arrays, load_arrays
from matcher.fieldarticle import read_article
from matcher.fielddata import Family, Series, Specialty, series_of
from matcher.fieldjudge import clues, hear, said_name
from matcher.fieldmodel import linear_of, trees_of
from matcher.fieldphrases import PhraseTable
from matcher.fieldwords import Question, read_question
from models.domain.levels import CredentialLevel

# Below these a text is about no field. Chosen on tests/data/fields/dev.csv, with slips, and on
# no_field_unlearned.csv.
THRESHOLD = 0.5
ARTICLE_THRESHOLD = 0.47
# A weaker match is not worth a place in the list beside a much stronger one.
WORTH_BESIDE = 0.001
ARTICLE_WORTH_BESIDE = 0.45
ARTICLE_WORDS = 24

# Offered to a student who is not sure yet, most sought first.
POPULAR = (
    "51.38", "52.02", "51.07", "51.08", "43.01", "11.10", "12.04", "51.06", "51.09", "13.12",
    "42.01", "52.03", "47.02", "46.03", "48.05", "47.06", "44.07", "51.39", "11.07", "19.07",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """A field that a text may be about.

    ``specialty`` is an everyday name inside the field, when the text says that much; ``credential``
    is the level the text asks for, else the specialty's usual one. ``confidence`` is in 0..1.
    """

    cip: str
    title: str
    specialty: str | None
    credential: CredentialLevel | None
    confidence: float


class FieldIndex:
    """All fields and their words, in memory; reading it never changes it."""

    def __init__(self, arrays: Arrays) -> None:
        """Read what ``matcher.learn.fields`` laid out and fitted."""
        self._series = series_of(arrays)
        self._families: tuple[Family, ...] = tuple(f for s in self._series for f in s.families)
        self._rows = {family.cip: row for row, family in enumerate(self._families)}
        self._size: NDArray[np.float64] = arrays["sizes"].astype(np.float64)
        self._table = PhraseTable(arrays)
        self._linear = linear_of(arrays)
        self._meant, self._about = trees_of(arrays, "meant_"), trees_of(arrays, "about_")

    @classmethod
    def load(cls) -> "FieldIndex":
        """Build the index from the packaged arrays."""
        return cls(load_arrays())

    @property
    def cips(self) -> tuple[str, ...]:
        """All families, such as ``51.07``, in order."""
        return tuple(self._rows)

    @property
    def popular(self) -> tuple[str, ...]:
        """Families for a student who is not sure yet, most sought first."""
        return tuple(cip for cip in POPULAR if cip in self._rows)

    def name(self, cip: str) -> str:
        """Give the plain name of a family.

        Raises:
            KeyError: when there is no such family.
        """
        return self._families[self._rows[cip]].name

    def specialties(self, cip: str) -> tuple[Specialty, ...]:
        """List the everyday names inside a family, each with its usual credential.

        Raises:
            KeyError: when there is no such family.
        """
        return self._families[self._rows[cip]].specialties

    def browse(self) -> tuple[Series, ...]:
        """Group all families under everyday headings, for a page of all fields."""
        return self._series

    def find(self, text: str, limit: int = 5) -> list[FieldMatch]:
        """Find what a text is about, best first; empty when it is about no field.

        Args:
            text: what somebody typed, or an article; any length, any characters.
            limit: how many fields at most.
        """
        question = read_question(text)
        if not question.whole:
            return []
        if len(question.telling) > ARTICLE_WORDS:
            return self._find_in_article(question, limit)
        heard = hear(self._table, self._linear, question)
        rows, described = clues(heard, self._size)
        about = float(self._about.probability(described[:1])[0])
        if about < THRESHOLD and not said_name(described):
            return []
        likely = self._meant.probability(described)
        order = np.argsort(-likely, kind="stable")
        least = float(likely[order[0]]) * WORTH_BESIDE
        return [
            self._match(
                int(rows[at]), int(heard.phrases[rows[at]]), float(likely[at]), question.level
            )
            for at in order[:limit]
            if likely[at] >= least
        ]

    def _find_in_article(self, question: Question, limit: int) -> list[FieldMatch]:
        """Find what a long text is about; it names many levels and asks for none."""
        scores, phrases = read_article(self._table, question.whole)
        least = max(ARTICLE_THRESHOLD, float(scores.max()) * ARTICLE_WORTH_BESIDE)
        order = np.argsort(-(scores + 0.01 * self._size), kind="stable")
        rows = [int(row) for row in order[: limit * 2] if scores[row] >= least][:limit]
        return [self._match(row, int(phrases[row]), float(scores[row]), None) for row in rows]

    def _match(
        self, row: int, phrase: int, score: float, level: CredentialLevel | None
    ) -> FieldMatch:
        family = self._families[row]
        place = self._table.specialty_of(phrase)
        specialty = family.specialties[place] if place >= 0 else None
        usual = specialty.credential if specialty else None
        return FieldMatch(
            family.cip,
            family.name,
            specialty.name if specialty else None,
            level or usual,
            round(min(score, 1.0), 3),
        )
