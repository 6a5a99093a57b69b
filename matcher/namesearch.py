"""Finds names by words, forgiving slips of the finger, accents and missing words.

Names are compared by the groups of three letters that they share with what was typed; a group that
few names have counts more (the logarithm of how few, up to a bound). A table of all schools' names
is 0.3 MB, made when it is first asked; a search reads it once, in a few milliseconds.
"""

import re
import unicodedata
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.careers import occupations
from matcher.catalog import Catalog

# The one that serves and, while it is being replaced, the next.
_KEPT = 2
# Longer than any name; what follows would only cost time.
_LONGEST = 100
# Below this share of what was typed a name is about something else.
LEAST = 0.5
# How much of a score is that the name says little else than what was typed.
_LITTLE_ELSE = 0.15
# A group that one name in twenty has; rarer ones are mostly slips of the finger.
_MOST_WEIGHT = 3.0
# Words that stand in no abbreviation.
_SMALL = frozenset({"of", "the", "and", "at", "in", "for", "de", "du", "des", "la", "le", "et"})


@dataclass(frozen=True, slots=True)
class Found:
    """A name by its row, and how well it fits, 0 to 1."""

    row: int
    score: float


class NameTable:
    """Names to search; ``find`` never changes it."""

    def __init__(self, names: Iterable[str]) -> None:
        """Fold names and lay them end to end, each with its abbreviation."""
        letters, start, length = bytearray(), array("i"), array("i")
        for name in names:  # one after another, so that little is left behind in memory
            folded = fold(name)
            start.append(len(letters))
            length.append(len(folded))
            letters += f" {folded} {_initials(folded)}\n".encode()
        self._letters = np.frombuffer(bytes(letters), np.uint8)
        self._start = np.array(start, np.int32)
        self._length = np.array(length, np.int32)

    def find(self, words: str, limit: int) -> list[Found]:
        """Find the names that fit best, best first; equals stay in the table's order.

        Args:
            words: what somebody typed.
            limit: how many at most.
        """
        typed = fold(words[:_LONGEST])
        if len(typed) < 2 or not len(self._length):
            return []
        shared, whole = self._shared(f" {typed} ")
        share = shared / whole
        little_else = np.minimum(len(typed) / np.maximum(self._length, 1), 1.0)
        score = share * (1 - _LITTLE_ELSE) + np.minimum(share, little_else) * _LITTLE_ELSE
        score[share < LEAST] = 0.0
        best = np.argsort(-score, kind="stable")[:limit].tolist()
        return [Found(row, round(float(score[row]), 4)) for row in best if score[row] > 0]

    def _shared(self, typed: str) -> tuple[NDArray[np.float64], float]:
        """Weigh the groups that each name shares with what was typed, and all that was typed."""
        first, second, third = self._letters[:-2], self._letters[1:-1], self._letters[2:]
        shared = np.zeros(len(self._length))
        weights = []
        said = typed.encode()
        asked = {said[at : at + 3] for at in range(len(said) - 2)}
        for group in sorted(asked):
            here = (first == group[0]) & (second == group[1]) & (third == group[2])
            places = np.flatnonzero(here)
            rows = np.unique(np.searchsorted(self._start, places, side="right") - 1)
            if len(rows):
                weights.append(min(_MOST_WEIGHT, float(np.log1p(len(shared) / len(rows)))))
                shared[rows] += weights[-1]
        # A group that no name has is a slip, or says nothing of these names: it weighs as others.
        return shared, len(asked) * float(np.mean(weights)) if weights else 1.0


def fold(text: str) -> str:
    """Reduce a name to lower-case letters and digits: ``Québec, 2`` is ``quebec 2``."""
    plain = unicodedata.normalize("NFKD", text.replace("'", "").replace("\u2019", ""))
    kept = "".join(mark for mark in plain if not unicodedata.combining(mark))
    return " ".join(re.findall(r"\w+", kept.casefold()))


class _Tables:
    """The tables of the newest catalogs, made from the catalog that asks."""

    def __init__(self, names: Callable[[Catalog], Iterable[str]]) -> None:
        self._names = names
        self._made: OrderedDict[str, NameTable] = OrderedDict()

    def __call__(self, catalog: Catalog) -> NameTable:
        """Make a catalog's table, or remember it: a version's content never changes."""
        table = self._made.get(catalog.version)
        if table is None:
            # Two threads may make the same table; either is right.
            table = self._made[catalog.version] = NameTable(self._names(catalog))
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        return table


# The schools of a catalog, and its occupations; rows are the catalog's.
school_names = _Tables(
    lambda catalog: (catalog.school_name[row] for row in range(len(catalog.unitid)))
)
occupation_names = _Tables(lambda catalog: (one.title for one in occupations(catalog)))


def _initials(folded: str) -> str:
    """The abbreviation of a name of three words or more; others have none that tells them apart."""
    letters = [word[0] for word in folded.split() if word not in _SMALL]
    return f"{''.join(letters)} " if len(letters) > 2 else ""
