"""What sending needs of each destination: read once a version, checked at every claim."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

import structlog

from models.domain.destination import DestinationConfig
from models.domain.errors import SchoolmatchError
from models.domain.ids import Prefix, show
from models.domain.ports.unit_of_work import UnitOfWork

_log = structlog.get_logger(__name__)


class Configs:
    """Keeps the opened settings of current versions; for one thread."""

    def __init__(self) -> None:
        self._kept: dict[UUID, DestinationConfig] = {}

    def read(
        self, work: UnitOfWork, destination_ids: Collection[UUID]
    ) -> dict[UUID, DestinationConfig]:
        """Return what sending to each needs now; one that cannot be used is left out, and said."""
        found: dict[UUID, DestinationConfig] = {}
        for each, (version_id, status) in work.destinations.current_versions(
            destination_ids
        ).items():
            kept = self._kept.get(each)
            if kept is None or kept.version_id != version_id:
                kept = _open(work, each)
            if kept is not None:
                # Its status may change while its version stays.
                found[each] = self._kept[each] = replace(kept, status=status)
        return found


def _open(work: UnitOfWork, destination_id: UUID) -> DestinationConfig | None:
    try:
        return work.destinations.for_delivery(destination_id)
    except SchoolmatchError as error:
        _log.error(
            "destination_unusable",
            destination=show(Prefix.DESTINATION, destination_id),
            error=type(error).__name__,
        )
        return None
