"""The traits by which the linear model of fields knows a text: hashed to buckets, with weights.

A trait is a stem, two stems in a row, a filler word, or a run of three to five letters. Runs of
letters are what a misspelt or unheard word still shares with those that the model has met.
"""

from binascii import crc32
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matcher.fieldphrases import Word
from matcher.fieldwords import Question, stem

BUCKETS = 1 << 16
RUNS = (3, 4, 5)  # letters
PAIR_WEIGHT = 0.7
FILLER_WEIGHT = 0.2
LONGEST_WORD = 24  # letters that runs are taken from
MOST_WORDS = 32


def traits(
    question: Question, read: Sequence[Word], stems: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """List a question's traits.

    Args:
        question: the text as it was split.
        read: its telling words as the data know them, slips put right.
        stems: the stems that ``read`` numbers.

    Returns:
        Buckets (N,), each once, and their weights (N,).
    """
    found: dict[int, float] = {}
    for text, weight in _spoken(question, read[:MOST_WORDS], stems):
        bucket = crc32(text.encode()) % BUCKETS
        found[bucket] = found.get(bucket, 0.0) + weight
    buckets = np.fromiter(found, dtype=np.int64, count=len(found))
    return buckets, np.fromiter(found.values(), dtype=np.float64, count=len(found))


def _spoken(
    question: Question, read: Sequence[Word], stems: Sequence[str]
) -> Iterator[tuple[str, float]]:
    for word in read:
        for number, likeness in word.meanings:
            yield "w " + stems[number], likeness / len(word.meanings)
    for one, other in pairwise(word.meanings for word in read):
        if one and other:
            yield f"p {stems[one[0][0]]} {stems[other[0][0]]}", PAIR_WEIGHT
    for spoken in question.filler[:MOST_WORDS]:
        yield "f " + stem(spoken), FILLER_WEIGHT
    for spoken in question.telling[:MOST_WORDS]:
        yield from _runs(spoken)


def _runs(word: str) -> Iterator[tuple[str, float]]:
    """All runs of a word's letters, together worth as much as the word."""
    marked = f"<{word[:LONGEST_WORD]}>"
    runs = [marked[at : at + size] for size in RUNS for at in range(len(marked) - size + 1)]
    for run in runs:
        yield "r " + run, float(len(runs)) ** -0.5
