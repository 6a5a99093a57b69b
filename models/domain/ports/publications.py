"""Port: knows which catalog is published and which ranker is champion."""

from typing import Protocol


class PublicationStore(Protocol):
    """Knows which catalog is published and which ranker is champion."""
