"""The vocabulary of the field index: which known words a typed word may stand for.

A word is looked up as it is, then as the beginning of a longer word ("psych"), as two words
written together ("cybersecurity"), and last with one slip of the finger: a letter too many, too
few, wrong, or two swapped. Slips are found through a table of deletions: two words are one edit
apart only if they meet after at most one deletion each.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from matcher.fieldwords import stem

PREFIX_LIKENESS = 0.85
TYPO_LIKENESS = 0.85
FAR_TYPO_LIKENESS = 0.7  # the slip hit the first or the last letter, where people rarely slip
_SHORTEST_TYPO = 5
_SHORTEST_PREFIX = 4
_MOST_PREFIX_HITS = 6


class Vocabulary:
    """Known stems, numbered, and the plain words that led to them."""

    def __init__(self, plain_words: Iterable[str]) -> None:
        surface = sorted(set(plain_words))
        self.stem_of = {word: stem(word) for word in surface}
        self.numbers = {
            one: number for number, one in enumerate(sorted(set(self.stem_of.values())))
        }
        self._surface = surface
        self._deletions: dict[str, list[str]] = defaultdict(list)
        for word in surface:
            if len(word) >= _SHORTEST_TYPO - 1 and word.isalpha():
                self._deletions[word].append(word)
                for shorter in _shortened(word):
                    self._deletions[shorter].append(word)

    def knows(self, word: str) -> bool:
        """Tell whether the word, or a word of its stem, is in the data."""
        return stem(word) in self.numbers

    def meanings(self, word: str) -> list[tuple[int, float]]:
        """List what a plain word may stand for: numbers of stems with their likeness in 0..1."""
        number = self.numbers.get(stem(word))
        if number is not None:
            return [(number, 1.0)]
        return self._longer(word) or self._one_slip_away(word)

    def _longer(self, word: str) -> list[tuple[int, float]]:
        if len(word) < _SHORTEST_PREFIX:
            return []
        hits: dict[int, float] = {}
        for place in range(bisect_left(self._surface, word), len(self._surface)):
            longer = self._surface[place]
            if not longer.startswith(word):
                break
            hits[self.numbers[self.stem_of[longer]]] = PREFIX_LIKENESS
        return list(hits.items()) if len(hits) <= _MOST_PREFIX_HITS else []

    def _one_slip_away(self, word: str) -> list[tuple[int, float]]:
        if not _SHORTEST_TYPO <= len(word) <= 30:
            return []
        hits: dict[int, float] = {}
        for key in (word, *_shortened(word)):
            for known in self._deletions.get(key, ()):
                if not _one_edit_apart(word, known):
                    continue
                same_ends = known[0] == word[0] and known[-1] == word[-1]
                likeness = TYPO_LIKENESS if same_ends else FAR_TYPO_LIKENESS
                number = self.numbers[self.stem_of[known]]
                hits[number] = max(likeness, hits.get(number, 0.0))
        return list(hits.items())


def _shortened(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


def _one_edit_apart(one: str, other: str) -> bool:
    """Tell whether one insertion, deletion, substitution or swap of neighbours is enough."""
    if abs(len(one) - len(other)) > 1:
        return False
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
