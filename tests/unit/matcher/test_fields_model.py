"""The learned part of the field classifier: same text, same bytes; served as it was fitted."""

import csv
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.naive_bayes import MultinomialNB

from matcher.fieldarrays import load_arrays, read_arrays
from matcher.fielddata import lay_out_series, series_of
from matcher.fieldmodel import linear_of, trees_of
from matcher.fieldphrases import PhraseTable
from matcher.fields import FieldIndex
from matcher.fieldwords import words
from matcher.learn import fields
from matcher.learn.fieldexamples import FRAMES, draw, slip
from matcher.learn.fieldlayout import lay_out_phrases
from matcher.learn.fieldsource import DATA, read_texts

LABELS = Path(__file__).parents[2] / "data" / "fields"
ALL = read_texts()
SMALL = replace(
    ALL,
    series=ALL.series[-8:],
    phrases=ALL.phrases[-sum(len(series.families) for series in ALL.series[-8:]) :],
    talk=ALL.talk[::9],
)
FIT_AGAIN = "Words were changed since the fit: run python -m matcher.learn.fields"


def labelled(name: str) -> list[dict[str, str]]:
    with (LABELS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_the_same_texts_give_the_same_bytes() -> None:
    one, other = fields.fit(SMALL, trees=3), fields.fit(SMALL, trees=3)
    assert one == other
    assert series_of(read_arrays(one)) == SMALL.series


@pytest.mark.slow
def test_the_packaged_arrays_are_what_the_packaged_words_give() -> None:
    """All but the trees is made anew; they were fitted to words of the same digest."""
    packaged = load_arrays()
    assert str(packaged["learned_from"]) == ALL.digest, FIT_AGAIN
    laid_out = lay_out_series(ALL.series) | lay_out_phrases(ALL.phrases, ALL.talk)
    fitted = fields.fit_linear(PhraseTable(laid_out), ALL)
    for name, array in (laid_out | fitted).items():
        if array.dtype == np.float64:
            assert np.allclose(array, packaged[name]), f"{name}. {FIT_AGAIN}"
        else:
            assert np.array_equal(array, packaged[name]), f"{name}. {FIT_AGAIN}"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("fields/51.toml", "nurse", "nurze"),
        ("fields/words.toml", "degree", "degrez"),
        ("fieldtalk.toml", "pizza", "pizzza"),
        ("fieldglossary.toml", "soldadura", "soldaduras"),
    ],
)
def test_a_changed_word_changes_the_digest(tmp_path: Path, file: str, old: str, new: str) -> None:
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    assert read_texts(folder).digest == ALL.digest
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    assert read_texts(folder).digest != ALL.digest


def test_what_pages_show_comes_back_from_the_arrays_as_it_was_written() -> None:
    assert FieldIndex.load().browse() == ALL.series
    nothing_inside = tuple(
        replace(one, families=tuple(replace(each, specialties=()) for each in one.families))
        for one in SMALL.series
    )
    assert series_of(lay_out_series(nothing_inside)) == nothing_inside


def test_served_evidence_is_naive_bayes_to_within_half_a_step() -> None:
    chance = np.random.default_rng(3)
    told = chance.random((40, 30)) * (chance.random((40, 30)) < 0.3)
    model = MultinomialNB(alpha=0.01, fit_prior=False).fit(told, np.arange(40) % 4)
    arrays = fields.lay_out_linear(model)
    served = linear_of(arrays | {"texts": np.array(40), "often": np.ones(30)})
    for row in told:
        buckets = np.flatnonzero(row)
        mine = served.score(buckets, row[buckets])
        # What they differ by for all classes alike says nothing: the prior.
        theirs = row @ model.feature_log_prob_.T
        assert np.abs(mine - theirs).max() <= row.sum() * served.step / 2 + 1e-9


def test_served_trees_are_the_fitted_ones() -> None:
    chance = np.random.default_rng(4)
    told = chance.random((2_000, 6))
    right = (told[:, 0] * told[:, 3] > 0.25) ^ (told[:, 5] > 0.9)
    model = HistGradientBoostingClassifier(
        max_iter=25, max_depth=fields.SPLITS, max_leaf_nodes=None
    ).fit(told, right)
    served = trees_of(fields.lay_out_trees(model), "")
    assert np.allclose(served.probability(told), model.predict_proba(told)[:, 1], atol=1e-12)


def test_a_process_that_asks_for_fields_loads_no_learning_library() -> None:
    code = (
        "import sys; from matcher.fields import FieldIndex; FieldIndex.load().find('nursing');"
        "print([name for name in ('sklearn', 'scipy', 'pandas', 'skops') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_people_type_a_phrase_in_their_own_way_and_the_same_by_the_same_chance() -> None:
    phrases = {f"diseño de puentes {place}": frozenset({place}) for place in range(200)}
    one, other = (draw(phrases, 1.0, random.Random(5)) for _ in range(2))  # noqa: S311 - seeded, nothing secret
    assert one == other
    assert {example.right for example in one} == set(phrases.values())
    assert len({example.text for example in one} - set(phrases)) > 60
    assert all("{}" in frame for frame in FRAMES)


def test_a_slip_is_one_letter_and_spares_short_words() -> None:
    chance = random.Random(6)  # noqa: S311 - seeded, nothing secret
    assert slip("a bcd", chance) == "a bcd"
    assert all(abs(len(slip("welding", chance)) - 7) <= 1 for _ in range(50))


def test_what_the_development_phrases_score_does_not_fall() -> None:
    """A guard for those who change words or classifier; the bars are measured on held-out ones."""
    index = FieldIndex.load()
    rows = labelled("dev.csv")[::4]
    found = [[match.cip for match in index.find(row["phrase"])] for row in rows]
    right = [{row["cip"], *row["also"].split()} for row in rows]
    first = [bool(one) and one[0] in wanted for one, wanted in zip(found, right, strict=True)]
    three = [not wanted.isdisjoint(one[:3]) for one, wanted in zip(found, right, strict=True)]
    assert np.mean(first) >= 0.93
    assert np.mean(three) >= 0.97
    others = labelled("no_field_unlearned.csv")
    assert np.mean([not index.find(row["phrase"]) for row in others]) >= 0.93


def test_what_the_threshold_is_chosen_on_was_not_learned() -> None:
    talk = {tuple(words(text)) for text in ALL.talk}
    assert all(
        tuple(words(row["phrase"])) not in talk for row in labelled("no_field_unlearned.csv")
    )


def test_held_out_phrases_are_not_copied_into_what_is_learned() -> None:
    """Two people think of the same names and titles, but hardly ever of the same sentence."""
    texts = [phrase.text for phrases in ALL.phrases for phrase in phrases]
    known = {tuple(words(text)) for text in (*texts, *ALL.talk)}
    held_out = [*labelled("held_out.csv"), *labelled("no_field_held_out.csv")]
    said = [tuple(words(row["phrase"])) for row in held_out]
    long = [one for one in said if len(one) >= 5]
    assert len(long) > 200
    assert np.mean([one in known for one in long]) < 0.03
