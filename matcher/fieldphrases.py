"""All phrases of all fields as arrays, and the comparison of a question with each of them.

F families, P phrases, V stems. For a question Q and a phrase P, with the weight of a stem being
the logarithm of how few families use it, the likeness is

    sqrt(shared / weight(Q)) * shared / weight(P)

so that a phrase must be said nearly whole, while a question may say more than one phrase. A
family's score is its likest phrase, raised a little when its other phrases cover more of the
question, and the phrase itself is worth more when it was said word for word.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.fieldarrays import Arrays, split_texts
from matcher.fieldkeys import Keys
from matcher.fieldpostings import Postings
from matcher.fieldvocab import Vocabulary
from matcher.fieldwords import COMMON, Question

WEAK_WEIGHT = 0.85
UNKNOWN_WEIGHT = 4.0  # of a word the data do not know: it speaks against every field
COMMON_WEIGHT = 1.0  # of an everyday word that the data do not know
OUT_OF_ORDER = 0.93
BUT_FOR_FILLER = 0.94  # said word for word once filler is left out
NOT_THE_NAME = 0.98  # many families list "psychology", but one is called so
SHORTEST_PART = 3  # letters of each of two words written together
LONGEST_JOINED = 30
SUPPORT = 0.4  # how much of the way to 1 the rest of a family's words can lift its score


class Word(NamedTuple):
    """A word of a question: the stems it may stand for, each with its likeness in 0..1."""

    meanings: Sequence[tuple[int, float]]
    common: bool = False


class PhraseTable:
    """Phrases by row, sorted by family.

    ``family`` int64 (P,) row of the family; ``starts`` int64 (F,) first phrase of each family;
    ``weights`` float64 (P,) weight of each phrase's stems; ``worth`` float64 (P,) 1, or less for
    phrases that only hint; ``keys`` finds phrases said word for word.
    """

    def __init__(self, arrays: Arrays) -> None:
        """Index phrases that ``matcher.learn.fieldlayout`` laid out."""
        self.vocabulary = Vocabulary.unpack(arrays)
        counts = arrays["family_phrases"].astype(np.int64)
        self.starts = np.cumsum(counts) - counts
        self.family = np.repeat(np.arange(len(counts)), counts)
        self.worth = np.where(arrays["weak"], WEAK_WEIGHT, 1.0)
        self._specialty = arrays["specialty"]
        self._everyday = COMMON.union(split_texts(arrays["everyday"]))
        self._index(arrays["lengths"].astype(np.int64), arrays["said"].astype(np.int64))
        self._preference = 1e-5 * self.weights + 1e-6 * (self._specialty >= 0)

    def specialty_of(self, phrase: int) -> int:
        """Tell a phrase's place among its family's specialties, -1 for the family itself."""
        return int(self._specialty[phrase])

    def is_name(self, phrases: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which phrases are the plain names of their families."""
        names: NDArray[np.bool_] = self.starts[self.family[phrases]] == phrases
        return names

    def weight_of(self, stems: set[int]) -> float:
        """Add up the weights of stems."""
        return float(sum(self.stem_weight[number] for number in stems))

    def compare(
        self, question: Question, read: Sequence[Word]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Score every family for a short question, whose telling words were ``read``.

        Returns:
            Scores (F,) and for each family the phrase that gave its score (F,).
        """
        likeness = np.zeros(len(self.family))
        support = np.zeros(len(self.starts))
        if any(word.meanings and not word.common for word in read):
            support = self._liken(likeness, read, question.filler)
        self._credit_exact(likeness, question)
        best, phrases = self._best_phrases(likeness)
        return best + SUPPORT * support * best * (1.0 - best), phrases

    def _liken(
        self, likeness: NDArray[np.float64], read: Sequence[Word], filler: Sequence[str]
    ) -> NDArray[np.float64]:
        """Put down the likeness of every phrase (P,); return that of all a family's words (F,)."""
        shared = np.zeros(len(self.family))
        covered = np.zeros(len(self.starts))
        asked = sum(self._add(word, shared, covered) for word in read)
        rows = (shared > 0.0).nonzero()[0]  # few of many: the rest is not worth the arithmetic
        said = shared.take(rows)
        share = np.sqrt(np.minimum(said / asked, 1.0)) * self.worth.take(rows) * OUT_OF_ORDER
        for number in {*self.vocabulary.numbers_of(filler)} - {-1}:
            shared[self._postings[number]] += self.stem_weight[number]
        share *= np.minimum(shared.take(rows) / self.weights.take(rows), 1.0)
        likeness[rows] = share
        return np.minimum(covered / asked, 1.0)

    def _credit_exact(self, likeness: NDArray[np.float64], question: Question) -> None:
        """Raise phrases that were said word for word, filler included or not.

        Where a family and its specialty are called the same, both are: the specialty is meant.
        """
        for spoken, likest in ((question.telling, BUT_FOR_FILLER), (question.whole, 1.0)):
            rows = self.keys.rows(self.vocabulary.numbers_of(spoken))
            called = {self.family[row] for row in rows if self.starts[self.family[row]] == row}
            for row in rows:
                named = self.family[row] in called
                likeness[row] = self.worth[row] * likest * (1.0 if named else NOT_THE_NAME)

    def _best_phrases(
        self, likeness: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Find each family's likest phrase; of equals the longest, then a specialty's.

        Returns:
            Its likeness (F,) and its row (F,), the family's plain name where no phrase is like.
        """
        best, phrases = np.zeros(len(self.starts)), self.starts.copy()
        rows = (likeness > 0.0).nonzero()[0]
        if not len(rows):
            return best, phrases
        family = self.family.take(rows)  # phrases are sorted by family, so these are too
        preferred = likeness.take(rows) + self._preference.take(rows)
        first = _first_of_each(family)
        most = np.maximum.reduceat(preferred, first)
        rows = rows[preferred == np.repeat(most, _counts(first, len(rows)))]
        rows = rows.take(_first_of_each(self.family.take(rows)))
        family = self.family.take(rows)
        phrases[family] = rows
        best[family] = likeness.take(rows)
        return best, phrases

    def read(self, inner: Sequence[str]) -> list[Word]:
        """Read each word of a question; words written together or apart by mistake too."""
        read: list[Word] = []
        place = 0
        while place < len(inner):
            word = inner[place]
            pair = word + inner[place + 1] if place + 1 < len(inner) else ""
            if pair and self.vocabulary.knows(pair) and not self._adjacent(word, inner[place + 1]):
                read.append(Word(self.vocabulary.meanings(pair)))
                place += 2
                continue
            read.extend(self._read_one(word))
            place += 1
        return _without_repeats(read)

    def _read_one(self, word: str) -> list[Word]:
        known = self.vocabulary.knows(word)
        everyday = word in COMMON or (not known and word in self._everyday)
        if everyday or word.isdigit() or len(word) == 1:
            numbers = {*self.vocabulary.numbers_of((word,))} - {-1}
            return [Word([(number, 1.0) for number in numbers], common=True)]
        parts = () if known else self._written_together(word)
        if parts:
            return [Word([(number, 1.0)]) for number in parts]
        return [Word(self.vocabulary.meanings(word))]

    def _adjacent(self, one: str, other: str) -> bool:
        return self.keys.adjacent(*self.vocabulary.numbers_of((one, other)))

    def _written_together(self, word: str) -> tuple[int, ...]:
        """Take apart two words of a phrase that were written as one ("truckdriver")."""
        for place in range(SHORTEST_PART, min(len(word), LONGEST_JOINED) - SHORTEST_PART + 1):
            parts = self.vocabulary.numbers_of((word[:place], word[place:]))
            if self.keys.adjacent(*parts):
                return parts
        return ()

    def _add(self, word: Word, shared: NDArray[np.float64], covered: NDArray[np.float64]) -> float:
        """Add one word's weight to phrases and families that have it; return its weight."""
        meanings = word.meanings
        if not meanings:
            return COMMON_WEIGHT if word.common else UNKNOWN_WEIGHT
        if len(meanings) == 1:
            number, likeness = meanings[0]
            weight = self.stem_weight[number]
            shared[self._postings[number]] += weight * likeness
            covered[self._family_postings[number]] += weight * likeness
            return float(weight)
        most = np.zeros(len(shared))
        for number, likeness in meanings:
            rows = self._postings[number]
            most[rows] = np.maximum(most[rows], self.stem_weight[number] * likeness)
        shared += most
        covered += np.maximum.reduceat(most, self.starts)
        return float(max(self.stem_weight[number] for number, _ in meanings))

    def _index(self, lengths: NDArray[np.int64], said: NDArray[np.int64]) -> None:
        """Note where each stem is used and weigh it: the fewer families use one, the more."""
        rows = np.repeat(np.arange(len(lengths)), lengths)
        count = len(self.vocabulary.stems)
        self.keys = Keys(lengths, said, count)
        self._postings = Postings(said, rows, count, len(lengths))
        self._family_postings = Postings(said, self.family[rows], count, len(self.starts))
        self.stem_weight = np.log1p(len(self.starts) / self._family_postings.counts)
        self.weights = np.maximum(self._postings.totals(self.stem_weight), 1e-9)


def _first_of_each(ordered: NDArray[np.int64]) -> NDArray[np.int64]:
    """Tell where each value of a sorted list that is not empty is first."""
    begins = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    return begins.nonzero()[0]


def _counts(first: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Tell how often each value stands in a sorted list, from where each is first."""
    counts = np.empty_like(first)
    np.subtract(first[1:], first[:-1], out=counts[:-1])
    counts[-1] = total - first[-1]
    return counts


def _without_repeats(read: Sequence[Word]) -> list[Word]:
    seen: set[int] = set()
    kept = []
    for word in read:
        if word.meanings and word.meanings[0][0] in seen:
            continue
        kept.append(word)
        seen.update(number for number, _ in word.meanings[:1])
    return kept
