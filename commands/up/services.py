"""Our own programs as children: what their command lines are and how we know that they work."""

import http.client
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from commands.up.children import S, Spec, module
from config.settings import Settings


def school(file: Path, port: int) -> Spec:
    """The demonstration school, a program that knows nothing of ours."""
    command = module("demo.school", "--config", str(file), "--port", str(port))
    return Spec("school", command, answers("127.0.0.1", port, "/received"))


def beat() -> Spec:
    """The clock of recurring tasks."""
    return Spec("beat", module("workers", "beat"))


def worker() -> Spec:
    """The delivery worker; a SIGTERM lets it finish what it is sending."""
    stops = ((S.SIGTERM, 35.0), (S.SIGKILL, 5.0))
    return Spec("worker", module("workers", "delivery"), stops=stops)


def training() -> Spec:
    """The training worker; a SIGTERM lets it put back what it trains, for the next start."""
    return Spec("training", module("workers", "training"))


def web(settings: Settings) -> Spec:
    """The web server."""
    command = module(
        "granian",
        *("--interface", "wsgi", "--factory"),
        *("--host", settings.host, "--port", str(settings.port)),
        *("--workers", "1", "--blocking-threads", "8"),
        *("--no-ws", "--log-level", "warning"),
        "service.wsgi:app",
    )
    return Spec("web", command, answers(reachable(settings.host), settings.port, "/readyz"))


def reachable(host: str) -> str:
    """Return an address that leads to a server listening on ``host``, from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound


def answers(host: str, port: int, path: str) -> Callable[[], bool]:
    """Make a check that a page answers with 200."""

    def check() -> bool:
        connection = http.client.HTTPConnection(host, port, timeout=2)
        try:
            with suppress(OSError, http.client.HTTPException):
                connection.request("GET", path)
                return connection.getresponse().status == http.HTTPStatus.OK
            return False
        finally:
            connection.close()

    return check
