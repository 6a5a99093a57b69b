"""What the demonstration school is told at start."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, repr=False)
class Receiver:
    """One of the schools it stands for: where its webhooks come in and how it verifies them."""

    path: str
    organization: str
    secrets: tuple[str, ...]
    api_key: str


@dataclass(frozen=True, slots=True, repr=False)
class Config:
    """Everything it needs to know."""

    api_url: str
    receivers: Mapping[str, Receiver]
    received_file: Path
    mailbox: Path | None = None


def read_config(path: Path) -> Config:
    """Read the file named on the command line.

    Raises:
        ValueError: when something is missing.
    """
    document = json.loads(path.read_text())
    try:
        receivers = [
            Receiver(r["path"], r["organization"], tuple(r["secrets"]), r["api_key"])
            for r in document["receivers"]
        ]
        return Config(
            document["api_url"].rstrip("/"),
            {receiver.path: receiver for receiver in receivers},
            Path(document["received_file"]),
            Path(document["mailbox"]) if document.get("mailbox") else None,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not a configuration of the school: {error!r}") from error
