"""Port: keeps organizations, the schools they own and their API keys."""

from typing import Protocol


class OrganizationStore(Protocol):
    """Keeps organizations, the schools they own and their API keys."""
