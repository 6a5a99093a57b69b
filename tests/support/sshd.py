"""OpenSSH's own server on a free port, with keys and folders of a test's own."""

import base64
import getpass
import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commands.up.ports import free_port

_PATH = f"{os.defpath}:/usr/sbin:/sbin:/usr/local/sbin"


@dataclass(frozen=True)
class Sshd:
    """A running server: what a school would tell us of it."""

    port: int
    host_key: str
    private_key: str
    folder: Path

    def settings(self, **others: Any) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": str(self.port),
            "host_keys": [self.host_key],
            "folder": str(self.folder),
            "user_name": getpass.getuser(),
            **others,
        }

    @property
    def secrets(self) -> dict[str, Any]:
        return {"private_key": self.private_key}


@contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """Run the server while the block lasts; skip where there is none."""
    program = shutil.which("sshd", path=_PATH)
    if program is None:
        pytest.skip("sshd is not installed (openssh-server)")
    home = folder / "sshd"
    incoming = home / "incoming"
    incoming.mkdir(parents=True)
    host, user = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    (home / "host").write_text(_private(host))
    (home / "host").chmod(0o600)
    (home / "authorized").write_bytes(_public(user))
    port = free_port()
    lines = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": home / "host",
        "AuthorizedKeysFile": home / "authorized",
        "PidFile": "none",
        "UsePAM": "no",
        "StrictModes": "no",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
        "PermitUserEnvironment": "no",
        "Subsystem": f"sftp internal-sftp -d {incoming}",
    }
    (home / "config").write_text("".join(f"{name} {value}\n" for name, value in lines.items()))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # it will not start without
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "-D", "-e", "-f", str(home / "config")], stderr=log, stdout=log
        )
    try:
        _wait(port, process, home / "log")
        digest = hashlib.sha256(base64.b64decode(_public(host).split()[1])).digest()
        fingerprint = base64.b64encode(digest).decode().rstrip("=")
        yield Sshd(port, f"SHA256:{fingerprint}", _private(user), incoming)
    finally:
        process.terminate()
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def _private(key: Ed25519PrivateKey) -> str:
    made = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.OpenSSH, s.NoEncryption())
    return made.decode()


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(s.Encoding.OpenSSH, s.PublicFormat.OpenSSH)
