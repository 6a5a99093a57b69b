"""Which rows use a stem: all lists end to end in one array, because that is quick to build."""

import numpy as np
from numpy.typing import NDArray


class Postings:
    """Rows (phrases or families) of each stem, each row once."""

    def __init__(
        self, stems: NDArray[np.int64], rows: NDArray[np.int64], stem_count: int, row_count: int
    ) -> None:
        """Group ``rows`` (N,) by the ``stems`` (N,) that they use."""
        used = np.unique(stems * row_count + rows)
        of, self._rows = np.divmod(used, row_count)
        self._row_count = row_count
        self._bounds = np.searchsorted(of, np.arange(stem_count + 1)).data

    def __getitem__(self, stem: int) -> NDArray[np.int64]:
        """List the rows that use a stem, in order."""
        return self._rows[self._bounds[stem] : self._bounds[stem + 1]]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many rows use each stem."""
        bounds = np.asarray(self._bounds, np.int64)
        return bounds[1:] - bounds[:-1]

    def totals(self, worth: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up the worth of the stems that each row uses."""
        sums = np.bincount(self._rows, np.repeat(worth, self.counts), minlength=self._row_count)
        return sums.astype(np.float64)
