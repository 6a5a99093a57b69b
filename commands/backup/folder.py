"""A backup as it lies in its folder: dumps, a manifest with checksums, and the store's files.

FOLDER/store/…                         catalogs, rankers and what they were made from; by content,
                                       so that all backups share them
FOLDER/.lock                           held while a backup is written
FOLDER/erased.jsonl                    who was erased until the last backup: ids and moments
FOLDER/2026-11-22T203000.125Z/
  manifest.json                        what is in it, and its checksums
  database.dump                        everything but the keys of persons
  person-keys.dump                     the keys of persons; removed after 30 days
"""

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

DATABASE, PERSON_KEYS, ERASED = "database.dump", "person-keys.dump", "erased.jsonl"
_MANIFEST = "manifest.json"
# Erasing a person shreds their key: it must be gone from backups too, and soon.
KEYS_KEPT = timedelta(days=30)
_FORMAT = "schoolmatch-backup-1"
# Folders of STORE that cannot be made again, or only in hours; scores are made from them.
_STORED = ("catalog", "ranker", "imports", "log")


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Make a folder, and keep other backups out of it: each removes the drafts that it finds.

    The lock is the kernel's: it ends with its process, however that ends.

    Raises:
        click.ClickException: when another backup is being written there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise click.ClickException(
                f"Another backup is being written into {folder}. Wait until it ends, or name "
                "another folder."
            ) from error
        yield


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    ``counts``: rows of the tables that must not be lost. ``heads``: of each chain, as ``N:HASH``.
    ``master_keys``: the check value of each key in use, and how many data keys it wraps by table.
    ``checksums``: SHA-256 of each dump.
    """

    at: datetime
    revision: str
    counts: Mapping[str, int]
    heads: Mapping[str, str]
    master_keys: Mapping[str, Mapping[str, Any]]
    index_key: str
    checksums: Mapping[str, str]

    def write(self, folder: Path) -> None:
        """Write it down."""
        document = {**asdict(self), "at": self.at.isoformat(), "format": _FORMAT}
        (folder / _MANIFEST).write_text(json.dumps(document, indent=1))


def read_manifest(folder: Path) -> Manifest:
    """Read what a backup holds, and compare its dumps with their checksums.

    Raises:
        click.ClickException: when it is no backup, or not as it was written.
    """
    try:
        document = json.loads((folder / _MANIFEST).read_text())
        if document.pop("format") != _FORMAT:
            raise ValueError
        manifest = Manifest(**document | {"at": datetime.fromisoformat(document["at"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        inside = ", ".join(each.name for each in backups_in(folder))
        hint = f" Choose one of those in it: {inside}." if inside else ""
        raise click.ClickException(f"{folder} is not a backup.{hint}") from error
    for name, checksum in manifest.checksums.items():
        file = folder / name
        if name == PERSON_KEYS and not file.exists():
            continue
        if not file.exists() or hash_file(file) != checksum:
            raise click.ClickException(f"{file} is not as it was written; use another backup.")
    return manifest


def backups_in(folder: Path) -> list[Path]:
    """List the backups of a folder, oldest first."""
    return sorted(each.parent for each in folder.glob(f"*/{_MANIFEST}"))


def hash_file(file: Path) -> str:
    """Return a file's SHA-256."""
    with file.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()


def prune_person_keys(folder: Path, now: datetime) -> list[str]:
    """Remove the keys of persons from backups that are older than 30 days."""
    pruned = []
    for each in backups_in(folder):
        made = datetime.fromisoformat(json.loads((each / _MANIFEST).read_text())["at"])
        if made + KEYS_KEPT <= now and (each / PERSON_KEYS).exists():
            (each / PERSON_KEYS).unlink()
            pruned.append(each.name)
    return pruned


def copy_store(source: Path, target: Path, say: Callable[[str], None]) -> int:
    """Copy what is missing of a store; files are named by their content and never change."""
    copied = 0
    for relative in _missing(source, target):
        new = target / relative
        new.parent.mkdir(parents=True, exist_ok=True)
        draft = new.with_name(f"{new.name}.draft")
        shutil.copy2(source / relative, draft)
        draft.replace(new)
        copied += 1
    say(f"{copied} files of catalogs and rankers are new")
    return copied


def _missing(source: Path, target: Path) -> Iterator[Path]:
    for name in _STORED:
        for file in sorted((source / name).rglob("*")):
            relative = file.relative_to(source)
            if file.is_file() and ".draft" not in file.name and not (target / relative).exists():
                yield relative
