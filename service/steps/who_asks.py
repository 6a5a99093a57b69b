"""Whose API key came with a request."""

from models.domain.organization import ApiKeyHolder
from service.services import Services


def who_asks(services: Services, presented: str) -> ApiKeyHolder | None:
    """Find whose API key this is; None when it opens nothing."""
    with services.unit_of_work() as work:
        return work.organizations.api_key(presented, services.clock.now())
