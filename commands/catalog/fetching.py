"""Fetches the official files to the store, with progress; a stopped fetch goes on."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from commands.catalog.showing import say
from config.settings import Settings
from models.outbound.errors import OutboundError
from models.outbound.resolving import Resolver
from models.outbound.targets import Policy
from workers.outbound.download import Download, Downloader, DownloadError

FOLDER = "fetched"
_MEGABYTE = 1_000_000
# How much must have come before it is worth a line.
_EVERY = 5 * _MEGABYTE


def fetch_files(settings: Settings, which: str) -> list[Path]:
    """Fetch one or both official files.

    Raises:
        click.ClickException: when an address does not give the file; what came stays for the next
            try.
    """
    wanted = {
        "institutions": (settings.institutions_url, settings.institutions_sha256),
        "field_of_study": (settings.field_of_study_url, settings.field_of_study_sha256),
    }
    names = list(wanted) if which == "all" else [which]
    return [_fetch(settings, name, *wanted[name]) for name in names]


def _fetch(settings: Settings, name: str, url: str, sha256: str) -> Path:
    setting = f"{name.upper()}_URL"
    if not url:
        raise click.ClickException(f"{setting} is empty: set it to the file's address.")
    policy = Policy(ports=None, allow_loopback=settings.allow_loopback)
    resolver = Resolver()
    say(f"Fetching {url}")
    try:
        with _stoppable() as asked_to_stop:
            downloader = Downloader(policy, resolver, _progress(), asked_to_stop)
            found = downloader.fetch(url, settings.store / FOLDER, sha256=sha256 or None)
            downloader.close()
    except (OutboundError, DownloadError) as error:
        raise click.ClickException(
            f"{setting}: {error}. What came is kept: run the command again to go on."
        ) from error
    finally:
        resolver.close()
    _say_checksum(found, name, checked=bool(sha256))
    return found.path


def _say_checksum(found: Download, name: str, *, checked: bool) -> None:
    say(f"Fetched {found.path.name}: {found.size / _MEGABYTE:,.1f} MB, sha256 {found.sha256}")
    if not checked:
        say(
            f"No checksum was set to compare it with. Compare it with the publisher's, or put it "
            f"into {name.upper()}_SHA256 to refuse any other file."
        )


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C into a question that the fetch asks: an exception would be lost in libcurl."""
    asked = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: asked.set())
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _progress() -> Callable[[int, int | None], None]:
    """Make what tells how much has come: a line every few megabytes."""
    told = 0

    def tell(come: int, of: int | None) -> None:
        nonlocal told
        if come - told >= _EVERY:
            told = come
            share = f" of {of / _MEGABYTE:,.0f} ({come / of:.0%})" if of else ""
            say(f"{come / _MEGABYTE:,.0f}{share} MB")

    return tell
