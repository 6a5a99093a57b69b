"""Lays out the words of fields, fits the classifier with scikit-learn and writes plain arrays.

    python -m matcher.learn.fields

Two parts are fitted. A multinomial naive Bayes over hashed traits (``matcher.fieldgrams``) learns
all phrases of ``matcher/data/fields`` and, as one more class, everyday talk. Gradient-boosted
trees then learn to weigh it against the comparison of phrases; they must not see what either
already knows by heart, so for each of some folds both are made anew without part of the phrases,
and the trees learn from those and from others that are known. Nothing but packaged text and a
seed goes in: the same text gives the same bytes.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import (  # type: ignore[import-untyped]  # scipy ships no types
    csc_array,
    csr_array,
    diags_array,
)
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.naive_bayes import MultinomialNB

from matcher.fieldarrays import ARRAYS, Arrays
from matcher.fielddata import lay_out_series
from matcher.fieldgrams import BUCKETS, traits
from matcher.fieldjudge import DIRECTIONS, clues, hear
from matcher.fieldmodel import linear_of
from matcher.fieldphrases import PhraseTable
from matcher.fieldwords import read_question
from matcher.learn.fieldexamples import draw, parts_of
from matcher.learn.fieldlayout import lay_out_phrases
from matcher.learn.fieldsource import DATA, Phrase, Texts, read_texts

SMOOTHING = 0.01
WEAK = 0.5  # worth of a phrase that only hints at its field
STEPS = 255  # of evidence, in a byte

SEED = 2026
FOLDS = 3
PHRASE_PARTS, TALK_PARTS = 12, 3  # one part of each is left out of each fold
KNOWN = 4_500  # phrases a fold that both parts know
NEW_WEIGHT, KNOWN_WEIGHT, TALK_WEIGHT = 0.6, 1.0, 1.5

TREES = 120
SPLITS = 4  # one after another
LEARNING_RATE = 0.1


class Told(NamedTuple):
    """What both parts say of one text.

    ``clues`` (K, J) of its likeliest fields; ``right`` (K,) which of them it is about; ``about``
    whether it is about any; ``weight`` how much it counts.
    """

    clues: NDArray[np.float64]
    right: NDArray[np.bool_]
    about: bool
    weight: float


def fit(texts: Texts, trees: int = TREES) -> bytes:
    """Lay all words out and fit both parts; ``matcher.fieldarrays.read_arrays`` reads the bytes."""
    arrays = lay_out_series(texts.series) | lay_out_phrases(texts.phrases, texts.talk)
    arrays |= fit_linear(PhraseTable(arrays), texts)
    arrays |= _fit_trees(texts, trees)
    arrays["learned_from"] = np.array(texts.digest)
    return _write(arrays)


def fit_linear(table: PhraseTable, texts: Texts) -> Arrays:
    """Fit naive Bayes to every phrase and all talk; ``table`` reads their words."""
    talk = len(texts.phrases)
    rows = [
        (phrase.text, row, WEAK if phrase.weak else 1.0)
        for row, phrases in enumerate(texts.phrases)
        for phrase in phrases
    ] + [(text, talk, 1.0) for text in texts.talk]
    counted = _count(table, [text for text, _, _ in rows])
    often = np.bincount(counted.indices, minlength=BUCKETS)
    weighed = counted @ diags_array(np.log((1.0 + len(rows)) / (1.0 + often)))
    lengths = np.sqrt(weighed.multiply(weighed).sum(axis=1))
    weighed = diags_array(1.0 / np.maximum(lengths, 1e-12)) @ weighed
    model = MultinomialNB(alpha=SMOOTHING, fit_prior=False)
    model.fit(weighed, [row for _, row, _ in rows], sample_weight=[worth for _, _, worth in rows])
    return lay_out_linear(model) | {
        "texts": np.array(len(rows)),
        "often": often.astype(np.uint16),
    }


def lay_out_linear(model: MultinomialNB) -> Arrays:
    """Keep what each trait says beyond what an unheard one would say, in steps that fit a byte."""
    evidence = csc_array(np.log1p(model.feature_count_ / model.alpha))
    step = float(evidence.data.max()) / STEPS
    totals = model.feature_count_.sum(axis=1) + model.alpha * model.feature_count_.shape[1]
    return {
        "counts": np.diff(evidence.indptr).astype(np.uint16),
        "rows": evidence.indices.astype(np.uint16),
        "evidence": np.rint(evidence.data / step).astype(np.uint8),
        "step": np.array(step),
        "base": np.log(model.alpha) - np.log(totals),
    }


def _count(table: PhraseTable, texts: Iterable[str]) -> csr_array:
    buckets, weights, ends = [], [], [0]
    for text in texts:
        question = read_question(text)
        found, worth = traits(question, table.read(question.telling), table.vocabulary.stems)
        buckets.append(found)
        weights.append(worth)
        ends.append(ends[-1] + len(found))
    parts = (np.concatenate(weights), np.concatenate(buckets), np.array(ends))
    return csr_array(parts, shape=(len(ends) - 1, BUCKETS))


def _fit_trees(texts: Texts, trees: int) -> Arrays:
    """Fit trees to what the other parts say of texts they do not know, and of some they do."""
    chance = random.Random(SEED)  # noqa: S311 - which texts to learn from, nothing secret
    phrases = parts_of(list(_families_of(texts)), PHRASE_PARTS, chance)
    talk = parts_of(texts.talk, TALK_PARTS, chance)
    told = list(
        chain.from_iterable(
            _tell(texts, phrases[fold], talk[fold % TALK_PARTS], chance) for fold in range(FOLDS)
        )
    )
    meant = _grow(
        np.concatenate([one.clues for one in told]),
        np.concatenate([one.right for one in told]),
        np.repeat([one.weight for one in told], [len(one.right) for one in told]),
        trees,
    )
    about = _grow(
        np.stack([one.clues[0] for one in told]),
        np.array([one.about for one in told]),
        np.array([one.weight for one in told]),
        trees,
    )
    return {f"meant_{name}": array for name, array in lay_out_trees(meant).items()} | {
        f"about_{name}": array for name, array in lay_out_trees(about).items()
    }


def _grow(
    clues_told: NDArray[np.float64],
    right: NDArray[np.bool_],
    weights: NDArray[np.float64],
    trees: int,
) -> HistGradientBoostingClassifier:
    model = HistGradientBoostingClassifier(
        max_iter=trees,
        max_depth=SPLITS,
        max_leaf_nodes=None,
        learning_rate=LEARNING_RATE,
        monotonic_cst=DIRECTIONS,
        early_stopping=False,
        random_state=SEED,
    )
    return model.fit(clues_told, right, weights)


def _families_of(texts: Texts) -> dict[str, frozenset[int]]:
    """List every phrase with the rows of the families that it means most.

    Where several list it: those whose plain name it is, else those it does not only hint at.
    """
    rows: dict[str, list[tuple[int, int]]] = {}
    for row, phrases in enumerate(texts.phrases):
        for place, phrase in enumerate(phrases):
            rank = 0 if place == 0 else 2 if phrase.weak else 1
            rows.setdefault(phrase.text.casefold(), []).append((rank, row))
    return {
        text: frozenset(row for rank, row in found if rank == min(found)[0])
        for text, found in rows.items()
    }


def _tell(
    texts: Texts, new: Sequence[str], unsaid: Sequence[str], chance: random.Random
) -> Iterator[Told]:
    """Make both parts without some texts, and ask them about these and about known ones."""
    right = _families_of(texts)
    known = chance.sample(sorted(set(right) - set(new)), min(KNOWN, len(right) - len(new)))
    asked = [
        *draw({text: right[text] for text in new}, NEW_WEIGHT, chance),
        *draw({text: right[text] for text in known}, KNOWN_WEIGHT, chance),
        *draw(dict.fromkeys(unsaid, frozenset()), TALK_WEIGHT, chance),
    ]
    phrases = tuple(_left(each, frozenset(new)) for each in texts.phrases)
    talk = tuple(text for text in texts.talk if text not in set(unsaid))
    left = replace(texts, phrases=phrases, talk=talk)
    table = PhraseTable(lay_out_phrases(left.phrases, left.talk))
    linear = linear_of(fit_linear(table, left))
    sizes = [family.size for series in texts.series for family in series.families]
    size = np.array(sizes, dtype=np.float64)
    for example in asked:
        rows, described = clues(hear(table, linear, read_question(example.text)), size)
        right_rows = np.isin(rows, list(example.right))
        yield Told(described, right_rows, bool(example.right), example.weight)


def _left(phrases: Sequence[Phrase], taken: frozenset[str]) -> tuple[Phrase, ...]:
    """Leave a family its name, whatever is taken."""
    name, *others = phrases
    return (name, *(phrase for phrase in others if phrase.text.casefold() not in taken))


def lay_out_trees(model: Any) -> Arrays:
    """Lay the fitted trees out as heaps of equal depth.

    scikit-learn keeps trees in private attributes; the parity test pins what we rely on.
    """
    nodes = [stage[0].nodes for stage in model._predictors]  # noqa: SLF001 - no public way
    inner = 2**SPLITS - 1
    clue = np.zeros((len(nodes), inner), np.uint8)
    above = np.full((len(nodes), inner), np.inf)
    value = np.zeros((len(nodes), inner + 1))
    for tree, fitted in enumerate(nodes):
        _lay_out(fitted, 0, 0, (clue[tree], above[tree], value[tree]))
    start = np.ravel(model._baseline_prediction)[0]  # noqa: SLF001 - no public way
    return {"clue": clue, "above": above, "value": value, "start": np.array(float(start))}


def _lay_out(
    nodes: Any,
    node: int,
    place: int,
    heap: tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Copy a node and all below it; an early leaf goes down the left side, never above a bound."""
    clue, above, value = heap
    if place >= len(clue):
        value[place - len(clue)] = nodes[node]["value"]
    elif nodes[node]["is_leaf"]:
        _lay_out(nodes, node, 2 * place + 1, heap)
    else:
        clue[place] = nodes[node]["feature_idx"]
        above[place] = nodes[node]["num_threshold"]
        _lay_out(nodes, int(nodes[node]["left"]), 2 * place + 1, heap)
        _lay_out(nodes, int(nodes[node]["right"]), 2 * place + 2, heap)


def _write(arrays: Arrays) -> bytes:
    file = BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def main() -> None:
    """Fit to the packaged texts and put the arrays where they are read."""
    (DATA / ARRAYS).write_bytes(fit(read_texts()))


if __name__ == "__main__":
    main()
