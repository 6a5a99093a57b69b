"""A publisher: whose page a student came from, and what may be said of that page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from models.domain.errors import InvalidInputError

MOST_ADDRESS = 500
MOST_CREATIVE = 60


@dataclass(frozen=True, slots=True)
class Publisher:
    """A site that shows our form in its pages.

    ``site`` is an origin, such as ``https://example.org``; while not ``active`` the form is not
    shown there, and what came from there before stays attributed.
    """

    id: UUID
    name: str
    site: str
    active: bool
    created_at: datetime

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins whose pages may frame the form: the site's, with and without ``www.``."""
        scheme, _, host = self.site.partition("://")
        other = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
        return (self.site,) if _is_local(host) else (self.site, f"{scheme}://{other}")


@dataclass(frozen=True, slots=True)
class CameFrom:
    """Where a search began: a publisher's page, and which of its forms or links."""

    publisher_id: UUID
    landing_page: str | None = None
    creative: str | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """What came of one page and form of a publisher; ``publisher_id`` None is our own site."""

    publisher_id: UUID | None
    landing_page: str | None
    creative: str | None
    searches: int
    requests: int
    leads: int


def read_site(text: str) -> str:
    """Read the address of a publisher's site as an origin.

    Raises:
        InvalidInputError: saying how to write it.
    """
    parts = _split(text.strip())
    if parts is None or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise InvalidInputError({"site": ["Write the site as an origin: https://example.org"]})
    return _origin(parts)


def came_from(
    publishers: Mapping[UUID, Publisher],
    publisher_id: UUID,
    landing_page: str | None,
    creative: str | None,
) -> CameFrom | None:
    """Say where a search began, as far as it can be believed.

    Nobody is told apart by what a link says of them: of the page only its address stays, without
    what follows ``?`` or ``#``, and only when it is a page of that publisher.

    Returns:
        None when there is no such publisher.
    """
    publisher = publishers.get(publisher_id)
    if publisher is None:
        return None
    parts = _split(landing_page or "")
    own = parts is not None and _origin(parts) in publisher.origins
    page = f"{_origin(parts)}{parts.path or '/'}" if parts and own else None
    return CameFrom(publisher_id, page[:MOST_ADDRESS] if page else None, creative)


def _split(address: str) -> SplitResult | None:
    """Take an address of the web apart; None when it is none, or names a user."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable and "@" not in parts.netloc else None


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _is_local(host: str) -> bool:
    """Whether a host has no ``www.``: an address in numbers, or a machine's own name."""
    name = host.partition(":")[0]
    return "." not in name or name.replace(".", "").isdigit()
