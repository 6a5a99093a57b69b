"""Slate keepers in the place of the real one, for a while."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from uuid import UUID

from models.domain.errors import RateLimitError
from models.domain.matching import Slate
from models.domain.slates import PageRecord
from service.services import Services, SlateKeeper
from tests.integration.web.conftest import Asking


class Counting:
    """Counts what a slate keeper is asked for, while it is in the real one's place."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._services: Services = asking.world.app.extensions["schoolmatch"]
        self.admitted = self.kept = 0

    def __enter__(self) -> None:
        self._asking.world.app.extensions["schoolmatch"] = replace(self._services, slates=self)

    def __exit__(self, *_: object) -> None:
        self._asking.world.app.extensions["schoolmatch"] = self._services

    def admit(self, address: str) -> None:
        self.admitted += 1
        self._services.slates.admit(address)

    def keeping(
        self, slate: Slate, page: PageRecord, *, new: bool, address: str
    ) -> AbstractContextManager[None]:
        self.kept += 1
        return self._services.slates.keeping(slate, page, new=new, address=address)

    def find(self, slate_id: UUID) -> Slate | None:
        return self._services.slates.find(slate_id)

    def answers(self) -> bool:
        return True


class FullUp:
    """A slate keeper whose visitors asked too much."""

    def __init__(self, real: SlateKeeper) -> None:
        self._real = real

    def admit(self, address: str) -> None:  # noqa: ARG002 - the port
        raise RateLimitError(30)

    @contextmanager
    def keeping(self, slate: Slate, page: PageRecord, *, new: bool, address: str) -> Iterator[None]:  # noqa: ARG002 - the port
        yield
        raise RateLimitError(30)

    def find(self, slate_id: UUID) -> Slate | None:
        return self._real.find(slate_id)

    def answers(self) -> bool:
        return True


@contextmanager
def over_the_limit(asking: Asking) -> Iterator[None]:
    real: Services = asking.world.app.extensions["schoolmatch"]
    asking.world.app.extensions["schoolmatch"] = replace(real, slates=FullUp(real.slates))
    yield
    asking.world.app.extensions["schoolmatch"] = real
