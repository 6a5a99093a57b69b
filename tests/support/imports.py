"""Puts files into a store as `catalog import` does."""

from pathlib import Path

from matcher.ingest.fieldofstudy import DISTANCE_CODES
from matcher.ingest.imports import ImportedFile, keep_file, kind_of


def kept(
    store: Path, file: Path, *, release: str = "2026", good_rows_only: bool = False
) -> ImportedFile:
    """Keep a file in a store and say what it is."""
    sha256, kind = keep_file(store, file), kind_of(file)
    codes = DISTANCE_CODES if kind == "field_of_study" else ""
    return ImportedFile(kind, file.name, sha256, release, good_rows_only, codes)
