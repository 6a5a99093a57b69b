"""Fitting and judging rankers: the only place that imports scikit-learn."""
