"""Which texts of a language somebody who speaks it has read; see ``review.toml``.

A language is a draft, and its pages say so, until each of its texts was read. What was read is
known by its fingerprint: a text that changes afterwards is a draft again.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from models.domain.consent_texts import VERSIONS
from service.messages.formats import DEFAULT_LOCALE

CONSENTS, LETTERS, NAMES = "consents", "letters", "names"


@cache
def is_draft(locale: str) -> bool:
    """Tell whether a language's pages must say that they are a draft."""
    return locale != DEFAULT_LOCALE and bool(unread(locale, flags(locale)))


def unread(locale: str, read: Mapping[str, str]) -> tuple[str, ...]:
    """The parts of a language that nobody has read as they are now.

    Args:
        locale: such as ``es``.
        read: the flags, by part: a fingerprint, then who read it and when.
    """
    return tuple(
        part
        for part, print_ in fingerprints(locale).items()
        if read.get(part, "").split(" ", 1)[0] != print_
    )


def flags(locale: str) -> Mapping[str, str]:
    """The review flags of a language."""
    written = files("service.messages").joinpath("review.toml").read_text("utf-8")
    found: Mapping[str, str] = tomllib.loads(written).get(locale, {})
    return found


def fingerprints(locale: str) -> Mapping[str, str]:
    """The fingerprint of each part of a language: its files, names, letters and consents."""
    return {part: hashlib.sha256(words).hexdigest()[:12] for part, words in _parts(locale)}


def _parts(locale: str) -> Iterator[tuple[str, bytes]]:
    folder = files("service.messages")
    for file in sorted(folder.joinpath(locale).iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            yield file.name.removesuffix(".toml"), file.read_bytes()
    letters = tomllib.loads(files("models.exchange").joinpath("letters.toml").read_text("utf-8"))
    yield LETTERS, json.dumps(letters[locale], ensure_ascii=False).encode()
    yield NAMES, folder.joinpath("names", f"{locale}.toml").read_bytes()
    yield (
        CONSENTS,
        "\n".join(
            f"{version.name} {country} {channel}: {words}"
            for version in VERSIONS
            for (country, spoken, channel), words in version.texts.items()
            if spoken == locale
        ).encode(),
    )
