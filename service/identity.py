"""Asks an organization's own sign-in, through the guarded way out; made when it is first needed."""

from collections.abc import Mapping
from urllib.parse import urlencode

from models.domain.errors import UnavailableError


class IdentityClient:
    """Fetches and posts to sign-ins; safe between threads, as each request has its own connection.

    libcurl is loaded at the first use: who asks for a page of results never needs it.
    """

    def __init__(self, ports: frozenset[int] | None, *, allow_loopback: bool) -> None:
        """Take where it may go.

        Args:
            ports: the ports it may connect to; None: any.
            allow_loopback: whether this machine is a place to go to.
        """
        self._ports, self._allow_loopback = ports, allow_loopback

    def get(self, url: str) -> bytes:
        """Fetch a document.

        Raises:
            UnavailableError: when none came.
        """
        return self._ask(url, None, {})

    def post(self, url: str, form: Mapping[str, str], authorization: str) -> bytes:
        """Send a form and read the answer.

        Raises:
            UnavailableError: when none came.
        """
        kind = "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, "Authorization": authorization}
        return self._ask(url, urlencode(form).encode(), headers)

    def _ask(self, url: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        from models.outbound.errors import OutboundError  # noqa: PLC0415 - see the class
        from models.outbound.http import HttpClient, Limits  # noqa: PLC0415
        from models.outbound.resolving import ask_system  # noqa: PLC0415
        from models.outbound.targets import Policy  # noqa: PLC0415

        policy = Policy(ports=self._ports, allow_loopback=self._allow_loopback)
        client = HttpClient(policy, ask_system, limits=Limits(10.0, 5.0, 256 * 1024))
        sent = {"Accept": "application/json", **headers}
        try:
            answer = client.get(url, sent) if body is None else client.post(url, sent, body)
        except OutboundError as error:
            raise UnavailableError("the sign-in") from error
        finally:
            client.close()
        if answer.code != 200 or not answer.complete:
            raise UnavailableError("the sign-in")
        return answer.body
