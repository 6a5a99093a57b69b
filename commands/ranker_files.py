"""Opens a ranker of the store by its version, which verifies every file of it."""

from pathlib import Path

import click

from commands.doors import Door
from matcher.registry import ServedRanker, open_ranker


def open_known(opened: Door, version: str) -> ServedRanker:
    """Open a ranker.

    Raises:
        click.ClickException: when there is none of that version.
        UnsignedError: when it was not made here.
        TamperedError: naming the file whose bytes are not what was written.
    """
    folder = ranker_folder(opened, version)
    if folder.name != version or not (folder / "manifest.json").exists():
        raise click.ClickException(
            f"There is no ranker {version} in {opened.settings.store}; "
            "`schoolmatch ranker list` names those there are."
        )
    return open_ranker(folder, opened.ranker_key)


def ranker_folder(opened: Door, version: str) -> Path:
    """Where a ranker's files are, or would be."""
    return opened.settings.store / "ranker" / version
