"""The clients of all kinds of destination, found by name: none of them is named here."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module

from models.domain.clock import Clock
from models.exchange.kinds import KINDS
from models.outbound.http import HttpClient, Limits
from models.outbound.resolving import Resolve
from models.outbound.targets import Policy
from workers.delivery.ports import DestinationClient, OpenClients
from workers.outbound.mail import MailOut
from workers.outbound.outside import Outside
from workers.outbound.sftp import SftpClient

Make = Callable[[Outside], DestinationClient]


def load_makers() -> Mapping[str, Make]:
    """Find ``workers/destinations/<kind>/client.py`` of every declared kind; each has ``make``."""
    return {
        name: import_module(f"workers.destinations.{name}.client").make for name in sorted(KINDS)
    }


def open_clients(
    policy: Policy,
    resolve: Resolve,
    clock: Clock,
    *,
    limits: Limits | None = None,
    mail: MailOut | None = None,
) -> OpenClients:
    """Make what opens the clients of all kinds for one sender thread."""
    makers = load_makers()

    @contextmanager
    def opened() -> Iterator[Mapping[str, DestinationClient]]:
        http = HttpClient(policy, resolve, limits=limits)
        try:
            with (mail or MailOut()).opened(resolve, limits) as way:
                files = SftpClient(policy, resolve, limits=limits)
                outside = Outside(http, clock, files, way)
                yield {name: make(outside) for name, make in makers.items()}
        finally:
            http.close()

    return opened
