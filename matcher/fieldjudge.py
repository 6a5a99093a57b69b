"""Whether a text is about a field: what the phrases and the linear model say, weighed together.

Each of the likeliest fields is judged by itself, so that a text may be about several fields;
whether it is about any is judged apart, because "electrical" leaves open which field, not that it
is one. The trees that judge were fitted by ``matcher.learn.fields`` to texts that neither the
phrases nor the linear model had met.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.fieldgrams import traits
from matcher.fieldmodel import LinearModel
from matcher.fieldphrases import PhraseTable, Word
from matcher.fieldwords import Question

CANDIDATES = 6
PHRASE_PULL = 10.0  # of a phrase said whole, beside the linear model's evidence
MOST_LEAD = 12.0
NEARLY_WHOLE = 0.84  # likeness of a phrase said whole, though weak or with a slip
# Which way each clue speaks: more of it only for (1) or only against (-1) the field, or either (0).
DIRECTIONS = (1, 1, 1, 1, 1, 1, -1, 0, 0, 0, 0, 1, 1, 1, 0, 1)
CLUES = len(DIRECTIONS)
NAMED = 15  # the clue that is likeness for a field's plain name, else 0


class Heard(NamedTuple):
    """What is known of a text about F fields.

    ``phrase`` float64 (F,) likeness to a field's phrases, ``phrases`` int64 (F,) the likest of
    them; ``linear`` float64 (F + 1,) scores of the linear model, the last for talk; ``strange``
    float64 (F + 1,) what these would be had nobody ever said such a thing; ``named`` bool (F,)
    whether the likest phrase is the field's plain name; ``read`` its words.
    """

    phrase: NDArray[np.float64]
    phrases: NDArray[np.int64]
    linear: NDArray[np.float64]
    strange: NDArray[np.float64]
    named: NDArray[np.bool_]
    read: Sequence[Word]


def hear(table: PhraseTable, model: LinearModel, question: Question) -> Heard:
    """Compare a short text with all phrases and score it by the linear model."""
    read = table.read(question.telling)
    phrase, phrases = table.compare(question, read)
    buckets, weights = traits(question, read, table.vocabulary.stems)
    worth = model.weigh(buckets, weights)
    scores, strange = model.score(buckets, worth), model.strange(worth)
    return Heard(phrase, phrases, scores, strange, table.is_name(phrases), read)


def clues(heard: Heard, size: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Describe the likeliest fields to the trees.

    Args:
        heard: what is known of the text.
        size: how many people study each field (F,), any scale.

    Returns:
        Their rows (K,), likeliest first, and their clues (K, CLUES).
    """
    fields, talk = heard.linear[:-1], float(heard.linear[-1])
    rows = np.argsort(-(PHRASE_PULL * heard.phrase + fields), kind="stable")[:CANDIDATES]
    phrase, linear = heard.phrase[rows], fields[rows]
    likely = np.exp(heard.linear - heard.linear.max())
    total = float(likely.sum())
    known, common = _shares(heard.read)
    lead = np.clip(linear - _best_other(linear), -MOST_LEAD, MOST_LEAD)
    told = np.empty((len(rows), CLUES))
    told[:, 0] = phrase
    told[:, 1] = phrase >= NEARLY_WHOLE
    told[:, 2] = phrase - _best_other(phrase)
    told[:, 3] = likely[rows] / total
    told[:, 4] = lead
    told[:, 5] = np.clip(linear - talk, -MOST_LEAD, MOST_LEAD)
    told[:, 6] = likely[-1] / total
    told[:, 7] = np.clip(linear - heard.strange[rows], 0.0, 2 * MOST_LEAD)
    told[:, 8] = known
    told[:, 9] = common
    told[:, 10] = len(heard.read)
    told[:, 11] = phrase * known
    told[:, 12] = lead * known
    told[:, 13] = size[rows]
    told[:, 14] = float(heard.phrase.max())
    told[:, NAMED] = heard.named[rows] * phrase
    return rows, told


def said_name(told: NDArray[np.float64]) -> bool:
    """Tell from clues (K, CLUES) whether a field was named word for word, as pages name it.

    "High school diploma" is such a name, though none of its words tells of a field.
    """
    return bool(told[:, NAMED].max() == 1.0)


def _best_other(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each of at least two values the highest of the others."""
    second, first = np.partition(values, -2)[-2:]
    others: NDArray[np.float64] = np.where(values == first, second, first)
    return others


def _shares(read: Sequence[Word]) -> tuple[float, float]:
    """Tell how much of a text is known to the data, and how much is everyday words."""
    if not read:
        return 0.0, 1.0
    known = sum(max((likeness for _, likeness in word.meanings), default=0.0) for word in read)
    return known / len(read), sum(word.common for word in read) / len(read)
