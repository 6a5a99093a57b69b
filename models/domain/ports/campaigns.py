"""Port: keeps campaigns and their versioned settings."""

from typing import Protocol


class CampaignStore(Protocol):
    """Keeps campaigns and their versioned settings."""
