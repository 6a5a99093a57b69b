"""Lays phrases out as the arrays that ``matcher.fieldphrases.PhraseTable`` reads."""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np

from matcher.fieldarrays import Arrays, join_texts
from matcher.fieldvocab import Vocabulary
from matcher.fieldwords import content, words_of_each
from matcher.learn.fieldsource import Phrase


def lay_out_phrases(phrases: Sequence[Sequence[Phrase]], talk: Iterable[str]) -> Arrays:
    """Read all phrases of each family; words of ``talk`` are not taken for slips of others.

    Returns:
        ``family_phrases`` (F,) how many each family has; ``weak``, ``specialty`` and ``lengths``
        (P,) of each phrase; ``said`` the stems of all phrases end to end, as numbers; ``everyday``
        the words of talk; and the vocabulary.
    """
    listed = list(chain.from_iterable(phrases))
    read = [content(found) for found in words_of_each(phrase.text for phrase in listed)]
    vocabulary = Vocabulary.read(chain.from_iterable(read))
    said = [vocabulary.number_of[word] for found in read for word in found]
    return vocabulary.pack() | {
        "family_phrases": np.array([len(each) for each in phrases], np.uint16),
        "weak": np.array([phrase.weak for phrase in listed], np.bool_),
        "specialty": np.array([phrase.specialty for phrase in listed], np.int8),
        "lengths": np.array([len(found) for found in read], np.uint8),
        "said": np.array(said, np.uint16),
        "everyday": join_texts(sorted(set().union(*words_of_each(talk)))),
    }
