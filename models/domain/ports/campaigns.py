"""Port: keeps campaigns and their versioned settings."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.domain.campaign import Campaign, CampaignStatus, CampaignVersion, Terms
from models.domain.caps import CapUse
from models.domain.matching import CampaignOffer


class CampaignStore(Protocol):
    """Keeps campaigns and their versioned settings."""

    def create(
        self,
        organization_id: UUID,
        name: str,
        terms: Terms,
        *,
        by: str,
        now: datetime,
    ) -> UUID:
        """Add a campaign as a draft with its first version."""
        ...

    def all(self) -> tuple[Campaign, ...]:
        """List every campaign, oldest first."""
        ...

    def get(self, campaign_id: UUID) -> Campaign:
        """Return one campaign, locked until the end of the transaction.

        Raises:
            NotFoundError: when there is none.
        """
        ...

    def version(self, version_id: UUID) -> CampaignVersion:
        """Return one version, current or not.

        Raises:
            NotFoundError: when there is none.
        """
        ...

    def change(
        self,
        campaign: Campaign,
        terms: Terms,
        *,
        by: str,
        now: datetime,
    ) -> CampaignVersion:
        """Make a new version the current one; new limits hold for the present windows too."""
        ...

    def set_status(self, campaign: Campaign, status: CampaignStatus) -> None:
        """Move a campaign along its transition table.

        Raises:
            TransitionError: when the table does not allow it.
        """
        ...

    def uses(
        self, now: datetime, organization_id: UUID | None = None
    ) -> tuple[tuple[Campaign, tuple[CapUse, ...]], ...]:
        """List active campaigns, or all of one organization, with how far windows are used."""
        ...

    def offers(self, now: datetime) -> tuple[CampaignOffer, ...]:
        """List what allocation may use: active campaigns with schools that take requests here.

        ``open`` says whether schedule and caps allow a lead at this moment.
        """
        ...
