"""Organizations' sign-ins are asked through the guard."""

import socket

import pytest

from models.domain.errors import UnavailableError
from service.identity import IdentityClient


def test_a_sign_in_inside_our_network_is_never_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as inside:
        inside.settimeout(0.05)
        url = f"http://127.0.0.1:{inside.getsockname()[1]}/keys"
        closed = IdentityClient(None, allow_loopback=False)
        with pytest.raises(UnavailableError):
            closed.get(url)
        with pytest.raises(UnavailableError):
            closed.post(url, {"code": "x"}, "Basic x")
        with pytest.raises(TimeoutError):
            inside.accept()
    for url in ("http://169.254.169.254/latest", "https://10.0.0.1/", "file:///etc/passwd"):
        with pytest.raises(UnavailableError):
            IdentityClient(None, allow_loopback=True).get(url)
    with pytest.raises(UnavailableError):
        IdentityClient(frozenset({443}), allow_loopback=True).get("https://127.0.0.1:8443/")
