"""Whatever is typed, the field index answers, and answers the same again."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matcher.fieldkeys import Keys
from matcher.fieldpostings import Postings
from matcher.fields import FieldIndex
from matcher.fieldvocab import Vocabulary
from matcher.fieldwords import stem
from matcher.learn.fieldsource import read_texts

INDEX = FieldIndex.load()
ANOTHER = FieldIndex.load()
KNOWN = [phrase.text for phrases in read_texts().phrases for phrase in phrases]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@given(st.text(max_size=400))
def test_any_text_is_answered_and_always_the_same(text: str) -> None:
    found = INDEX.find(text)
    assert found == ANOTHER.find(text)
    assert len(found) <= 5


@given(st.lists(st.sampled_from(KNOWN), min_size=1, max_size=40), st.integers(1, 8))
def test_any_mixture_of_phrases_is_answered(phrases: list[str], limit: int) -> None:
    found = INDEX.find(" ".join(phrases), limit)
    assert found == ANOTHER.find(" ".join(phrases), limit)
    assert len({match.cip for match in found}) == len(found) <= limit
    assert all(0.0 < match.confidence <= 1.0 for match in found)


@given(
    st.text(LETTERS, min_size=5, max_size=12).filter(lambda word: stem(word) == word),
    st.integers(0, 11),
    st.sampled_from(LETTERS),
    st.sampled_from(["drop", "add", "replace", "swap"]),
)
def test_a_word_is_known_after_any_one_slip(word: str, at: int, letter: str, kind: str) -> None:
    at %= len(word)
    slipped = {
        "drop": word[:at] + word[at + 1 :],
        "add": word[:at] + letter + word[at:],
        "replace": word[:at] + letter + word[at + 1 :],
        "swap": word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    }[kind]
    vocabulary = Vocabulary.read([word, "zzzzzzzzzzzzzzzzzz"])
    if len(slipped) >= 5:
        assert vocabulary.meanings(slipped)[0][0] == vocabulary.numbers[word]


def test_postings_list_each_row_of_a_stem_once() -> None:
    postings = Postings(np.array([1, 0, 1, 1]), np.array([2, 0, 0, 2]), 3, 4)
    assert [postings[stem].tolist() for stem in range(3)] == [[0], [0, 2], []]
    assert postings.counts.tolist() == [1, 2, 0]
    assert postings.totals(np.array([1.0, 5.0, 0.0])).tolist() == [6.0, 0.0, 5.0, 0.0]


STEMS = st.lists(st.integers(-1, 5), max_size=5)


@given(st.lists(st.lists(st.integers(0, 5), max_size=4), min_size=1, max_size=12), STEMS)
def test_keys_find_the_phrases_that_looking_at_each_would(
    phrases: list[list[int]], asked: list[int]
) -> None:
    said = [stem for phrase in phrases for stem in phrase]
    lengths = np.array([len(phrase) for phrase in phrases])
    keys = Keys(lengths, np.array(said, np.int64), 6)
    for key in (asked, *phrases):
        assert keys.rows(key) == [row for row, phrase in enumerate(phrases) if phrase == key]
        beginnings = [end for end in range(1, len(key) + 1) if key[:end] in phrases]
        assert keys.longest(key) == max(beginnings, default=0)
    side_by_side = {pair for phrase in phrases for pair in pairwise(phrase)}
    for one in range(-1, 6):
        for other in range(-1, 6):
            assert keys.adjacent(one, other) == ((one, other) in side_by_side)
