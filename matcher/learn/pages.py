"""Examples laid out as the pages they stood on, so that all pages are read downwards at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.learn.dataset import Examples, Priced
from models.domain.matching import PAGE_SIZE

NOTHING, CLICKED, ASKED = 0, 1, 2
KINDS = 3

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pages:
    """p pages of n examples, places from 0.

    ``page`` and ``place`` (n,): where each example stood; ``kind`` (p,): 0 where the page told
    impressions, else 1; ``acts`` int8 (p, ``PAGE_SIZE``): ``NOTHING``, ``CLICKED`` or ``ASKED``;
    ``shown`` (p, ``PAGE_SIZE``): whether an example stood there (else something sponsored, left
    out, or nothing); ``last`` (p,): the last place where one did; ``weight`` (p, ``PAGE_SIZE``):
    how many listings it stands for.
    """

    page: NDArray[np.int64]
    place: NDArray[np.int64]
    kind: NDArray[np.int64]
    acts: NDArray[np.int8]
    shown: NDArray[np.bool_]
    last: NDArray[np.int64]
    weight: Numbers

    @classmethod
    def of(cls, examples: Examples | Priced) -> "Pages":
        """Lay out examples that stand by search and place.

        A place that does not come after the one before it begins a page.
        """
        place = (examples.bucket % PAGE_SIZE).astype(np.int64)
        begins = np.ones(len(place), bool)
        begins[1:] = (np.diff(examples.query) != 0) | (np.diff(place) <= 0)
        page = np.cumsum(begins) - 1
        count = int(begins.sum())
        acts = np.zeros((count, PAGE_SIZE), np.int8)
        acts[page, place] = np.where(examples.requested, ASKED, examples.clicked)
        shown = np.zeros((count, PAGE_SIZE), bool)
        shown[page, place] = True
        weight = np.zeros((count, PAGE_SIZE))
        weight[page, place] = examples.weight
        ends = np.append(begins[1:], True)
        return cls(
            page=page,
            place=place,
            kind=(examples.bucket[begins] // PAGE_SIZE).astype(np.int64),
            acts=acts,
            shown=shown,
            last=place[ends],
            weight=weight,
        )

    def spread(self, values: Numbers) -> Numbers:
        """Lay out a value of each example (n,) as (p, ``PAGE_SIZE``); 0 where none stood."""
        laid = np.zeros(self.shown.shape)
        laid[self.page, self.place] = values
        return laid

    def gather(self, laid: Numbers) -> Numbers:
        """Read the value of each example (n,) off (p, ``PAGE_SIZE``)."""
        gathered: Numbers = laid[self.page, self.place]
        return gathered
