"""All phrases of all fields as arrays, and the comparison of a question with each of them.

F families, P phrases, V stems. For a question Q and a phrase P, with the weight of a stem being
the logarithm of how few families use it, the likeness is

    sqrt(shared / weight(Q)) * shared / weight(P)

so that a phrase must be said nearly whole, while a question may say more than one phrase. A
family's score is its likest phrase, raised a little when its other phrases cover more of the
question, and the phrase itself is worth more when it was said word for word.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matcher.fielddata import Family
from matcher.fieldvocab import Vocabulary
from matcher.fieldwords import Question, content, stem, words

WEAK_WEIGHT = 0.85
UNKNOWN_WEIGHT = 4.0  # of a word the data do not know: it speaks against every field
OUT_OF_ORDER = 0.97
SUPPORT = 0.25  # how much of the way to 1 the rest of a family's words can lift its score


class PhraseTable:
    """Phrases by row, sorted by family.

    ``family`` int64 (P,) row of the family; ``starts`` int64 (F,) first phrase of each family;
    ``weights`` float64 (P,) weight of each phrase's stems; ``worth`` float64 (P,) 1, or less for
    phrases that only hint.
    """

    def __init__(self, families: Sequence[Family]) -> None:
        listed = [(row, phrase) for row, f in enumerate(families) for phrase in f.phrases]
        read = [content(words(phrase.text)) for _, phrase in listed]
        self.vocabulary = Vocabulary(word for spoken in read for word in spoken)
        self.family = np.array([row for row, _ in listed], dtype=np.int64)
        self.starts = np.searchsorted(self.family, np.arange(len(families)))
        self.worth = np.array([WEAK_WEIGHT if p.weak else 1.0 for _, p in listed])
        self._specialty = np.array([p.specialty for _, p in listed], dtype=np.int64)
        keys = [tuple(self._numbers(spoken)) for spoken in read]
        self.stem_weight = self._weigh(keys)
        self.weights = np.array([max(self.weight_of(set(key)), 1e-9) for key in keys])
        self._preference = 1e-5 * self.weights + 1e-6 * (self._specialty >= 0)
        self._index(keys)

    def specialty_of(self, phrase: int) -> int:
        """Tell a phrase's place among its family's specialties, -1 for the family itself."""
        return int(self._specialty[phrase])

    def weight_of(self, stems: set[int]) -> float:
        """Add up the weights of stems."""
        return float(sum(self.stem_weight[number] for number in stems))

    def said_exactly(self, key: tuple[int, ...]) -> Sequence[int]:
        """List the phrases that consist of just these stems, in this order."""
        return self._exact.get(key, ())

    def compare(self, question: Question) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Score every family for a short question.

        Returns:
            Scores (F,) and for each family the phrase that gave its score (F,).
        """
        shared = np.zeros(len(self.family))
        covered = np.zeros(len(self.starts))
        asked = 1e-9
        for meanings in self._meanings(question.telling):
            asked += self._add(meanings, shared, covered)
        fill = np.zeros(len(shared))
        for meanings in self._meanings(question.filler):
            self._add(meanings, fill, np.zeros(len(covered)))
        said = np.minimum((shared + fill) / self.weights, 1.0)
        likeness = np.sqrt(np.minimum(shared / asked, 1.0)) * said
        likeness *= self.worth * OUT_OF_ORDER
        self._credit_exact(likeness, question)
        phrases = self._best_phrase(likeness)
        best = likeness[phrases]
        support = np.minimum(covered / asked, 1.0)
        return best + SUPPORT * support * best * (1.0 - best), phrases

    def _credit_exact(self, likeness: NDArray[np.float64], question: Question) -> None:
        """Give full likeness to phrases that were said word for word."""
        for spoken in (question.whole, question.telling):
            key = tuple(self.vocabulary.numbers.get(stem(word), -1) for word in spoken)
            for phrase in self.said_exactly(key):
                likeness[phrase] = self.worth[phrase]

    def _best_phrase(self, likeness: NDArray[np.float64]) -> NDArray[np.int64]:
        """Find each family's likest phrase; of equals the longest, then a specialty's."""
        preferred = likeness + self._preference
        best = np.maximum.reduceat(preferred, self.starts)
        hits = np.flatnonzero(preferred == best[self.family])
        first = np.full(len(self.starts), -1, dtype=np.int64)
        first[self.family[hits[::-1]]] = hits[::-1]
        return first

    def _meanings(self, inner: Sequence[str]) -> list[list[tuple[int, float]]]:
        """List for each word of a question what it may stand for; written-together words too."""
        read: list[list[tuple[int, float]]] = []
        place = 0
        while place < len(inner):
            word = inner[place]
            pair = word + inner[place + 1] if place + 1 < len(inner) else ""
            if pair and self.vocabulary.knows(pair) and not self._adjacent(word, inner[place + 1]):
                read.append(self.vocabulary.meanings(pair))
                place += 2
                continue
            parts = self._joined.get(word)
            if parts and not self.vocabulary.knows(word):
                read.extend([[(number, 1.0)] for number in parts])
            else:
                read.append(self.vocabulary.meanings(word))
            place += 1
        return _without_repeats(read)

    def _adjacent(self, one: str, other: str) -> bool:
        numbers = self.vocabulary.numbers
        return (numbers.get(stem(one), -1), numbers.get(stem(other), -1)) in self._pairs

    def _add(
        self,
        meanings: list[tuple[int, float]],
        shared: NDArray[np.float64],
        covered: NDArray[np.float64],
    ) -> float:
        """Add one word's weight to phrases and families that have it; return its weight."""
        if not meanings:
            return UNKNOWN_WEIGHT
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

    def _numbers(self, plain_words: list[str]) -> list[int]:
        return [self.vocabulary.numbers[self.vocabulary.stem_of[word]] for word in plain_words]

    def _weigh(self, keys: list[tuple[int, ...]]) -> NDArray[np.float64]:
        """Weigh stems (V,): the fewer families use one, the more it says."""
        holders: list[set[int]] = [set() for _ in self.vocabulary.numbers]
        for row, key in zip(self.family.tolist(), keys, strict=True):
            for number in key:
                holders[number].add(row)
        counts = np.array([len(holder) for holder in holders])
        self._family_postings = [np.array(sorted(h), dtype=np.int64) for h in holders]
        weights: NDArray[np.float64] = np.log1p(len(self.starts) / np.maximum(counts, 1.0))
        return weights

    def _index(self, keys: list[tuple[int, ...]]) -> None:
        postings: list[list[int]] = [[] for _ in self.vocabulary.numbers]
        self._exact: dict[tuple[int, ...], list[int]] = defaultdict(list)
        self._pairs: set[tuple[int, int]] = set()
        for row, key in enumerate(keys):
            for number in set(key):
                postings[number].append(row)
            self._exact[key].append(row)
            self._pairs.update(pairwise(key))
        self._postings = [np.array(rows, dtype=np.int64) for rows in postings]
        stems = list(self.vocabulary.numbers)
        self._joined = {stems[one] + stems[other]: (one, other) for one, other in self._pairs}


def _without_repeats(read: list[list[tuple[int, float]]]) -> list[list[tuple[int, float]]]:
    seen: set[int] = set()
    kept = []
    for meanings in read:
        if meanings and meanings[0][0] in seen:
            continue
        kept.append(meanings)
        seen.update(number for number, _ in meanings[:1])
    return kept
