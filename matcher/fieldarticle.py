"""What a long text is about, told by the phrases of the data that it contains.

Longest phrases count first and words are used once. A phrase said again counts, less each time;
one near the beginning counts double, because titles and first sentences say what follows. Single
common words prove nothing in a long text.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.fieldphrases import PhraseTable

MOST_WORDS = 3_000
LONGEST_PHRASE = 5
BEGINNING = 60  # words
ONE_WORD_WORTH = 0.25
ENOUGH = 14.0  # about two clear phrases: from here the article is surely about something


def read_article(
    table: PhraseTable, whole: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Score every family for a long text.

    Returns:
        Scores (F,) and for each family the phrase that spoke most for it (F,).
    """
    counts = _spoken(table, whole[:MOST_WORDS])
    said = np.zeros(len(table.family))
    for key, count in counts.items():
        worth = table.weight_of(set(key)) * (1.0 if len(key) > 1 else ONE_WORD_WORTH)
        for phrase in table.keys.rows(key):
            said[phrase] = worth * np.log1p(count) * table.worth[phrase]
    return _scores(table, said)


def _spoken(table: PhraseTable, inner: Sequence[str]) -> Counter[tuple[int, ...]]:
    """Count the phrases of the data in a text, longest first, each word used once."""
    numbers = table.vocabulary.numbers_of(inner)
    counts: Counter[tuple[int, ...]] = Counter()
    place = 0
    while place < len(numbers):
        length = table.keys.longest(numbers[place : place + LONGEST_PHRASE])
        if length:
            counts[numbers[place : place + length]] += 2 if place < BEGINNING else 1
        place += max(length, 1)
    return counts


def _scores(
    table: PhraseTable, said: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Turn what each phrase said (P,) into scores (F,): strength times lead over the others.

    The same words listed twice in a family, for the field and for a specialty, count once.
    """
    strength = np.zeros(len(table.starts))
    phrases = table.starts.astype(np.int64)
    ends = [*table.starts[1:].tolist(), len(said)]
    for row, (start, end) in enumerate(zip(table.starts.tolist(), ends, strict=True)):
        part = said[start:end]
        if part.any():
            strength[row] = part.sum()
            phrases[row] = start + int(part.argmax())
    total = float(np.sort(strength)[-4:].sum())
    if total <= 0.0:
        return strength, phrases
    certainty = 1.0 - np.exp(-strength / ENOUGH)
    return certainty * np.sqrt(strength / total), phrases
