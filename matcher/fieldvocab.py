"""The vocabulary of the field index: which known words a typed word may stand for.

A word is looked up as it is, then as the beginning of a longer word ("psych"), and last with one
slip of the finger: a letter too many, too few, wrong, or two swapped. One slip leaves the first
or the second half of a word whole, so only words that share a half need to be looked at.
"""

from bisect import bisect_left
from collections.abc import Iterable

import numpy as np

from matcher.fieldarrays import Arrays, join_texts, split_texts
from matcher.fieldwords import stem

PREFIX_LIKENESS = 0.85
TYPO_LIKENESS = 0.9
FAR_TYPO_LIKENESS = 0.75  # the slip hit the first or the last letter, where people rarely slip
_SHORTEST_TYPO = 5
_LONGEST_TYPO = 30
_SHORTEST_PREFIX = 4
_MOST_PREFIX_HITS = 6


class Vocabulary:
    """Known stems, numbered, and the plain words that led to them."""

    def __init__(self, surface: list[str], stems: list[str], numbers: list[int]) -> None:
        """Keep the plain words, sorted, each with the number of its stem among the sorted stems."""
        self._surface = surface
        self._reversed = sorted(word[::-1] for word in surface)
        self.stems = stems
        self.numbers = {one: number for number, one in enumerate(stems)}
        self.number_of = dict(zip(surface, numbers, strict=True))

    @classmethod
    def read(cls, plain_words: Iterable[str]) -> "Vocabulary":
        """Fold plain words to their stems."""
        surface = sorted(set(plain_words))
        folded = [stem(word) for word in surface]
        stems = sorted(set(folded))
        numbers = {one: number for number, one in enumerate(stems)}
        return cls(surface, stems, [numbers[one] for one in folded])

    @classmethod
    def unpack(cls, arrays: Arrays) -> "Vocabulary":
        """Read what ``pack`` laid out."""
        surface, stems = split_texts(arrays["words"]), split_texts(arrays["stems"])
        return cls(surface, stems, arrays["word_stems"].tolist())

    def pack(self) -> Arrays:
        """Lay the vocabulary out as arrays."""
        return {
            "words": join_texts(self._surface),
            "stems": join_texts(self.stems),
            "word_stems": np.array([*self.number_of.values()], np.uint16),
        }

    def knows(self, word: str) -> bool:
        """Tell whether the word, or a word of its stem, is in the data."""
        return stem(word) in self.numbers

    def numbers_of(self, plain_words: Iterable[str]) -> tuple[int, ...]:
        """Give the number of each word's stem, -1 for one the data do not know."""
        return tuple([self.numbers.get(stem(word), -1) for word in plain_words])

    def meanings(self, word: str) -> list[tuple[int, float]]:
        """List what a plain word may stand for: numbers of stems with their likeness in 0..1."""
        number = self.numbers.get(stem(word))
        if number is not None:
            return [(number, 1.0)]
        return self._longer(word) or self._one_slip_away(word)

    def _longer(self, word: str) -> list[tuple[int, float]]:
        if len(word) < _SHORTEST_PREFIX:
            return []
        hits = {self.number_of[longer] for longer in _beginning_with(word, self._surface)}
        if len(hits) > _MOST_PREFIX_HITS:
            return []
        return [(number, PREFIX_LIKENESS) for number in sorted(hits)]

    def _one_slip_away(self, word: str) -> list[tuple[int, float]]:
        if not _SHORTEST_TYPO <= len(word) <= _LONGEST_TYPO or not word.isalpha():
            return []
        hits: dict[int, float] = {}
        for known in self._sharing_a_half(word):
            if _one_edit_apart(word, known):
                same_ends = known[0] == word[0] and known[-1] == word[-1]
                likeness = TYPO_LIKENESS if same_ends else FAR_TYPO_LIKENESS
                number = self.number_of[known]
                hits[number] = max(likeness, hits.get(number, 0.0))
        return sorted(hits.items())

    def _sharing_a_half(self, word: str) -> list[str]:
        """List the known words, at most a letter longer or shorter, that share either half."""
        half = (len(word) - 1) // 2
        lengths = range(len(word) - 1, len(word) + 2)
        front = _beginning_with(word[:half], self._surface)
        back = _beginning_with(word[: -half - 1 : -1], self._reversed)
        return [known for known in front if len(known) in lengths] + [
            known[::-1] for known in back if len(known) in lengths
        ]


def _beginning_with(start: str, ordered: list[str]) -> list[str]:
    """List the words that begin so; words are letters and digits, which "{" comes after."""
    first = bisect_left(ordered, start)
    return ordered[first : bisect_left(ordered, start + "{", first)]


def _one_edit_apart(one: str, other: str) -> bool:
    """Tell whether one insertion, deletion, substitution or swap of neighbours is enough.

    The words' lengths differ by one letter at most.
    """
    start = 0
    shorter = min(len(one), len(other))
    while start < shorter and one[start] == other[start]:
        start += 1
    if len(one) > len(other):
        return one[start + 1 :] == other[start:]
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    if one[start + 1 :] == other[start + 1 :]:
        return True
    return one[start : start + 2] == other[start : start + 2][::-1] and (
        one[start + 2 :] == other[start + 2 :]
    )
