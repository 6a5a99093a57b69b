"""Ports, tried before anything starts: a second server on one port would start silently."""

import errno
import socket
from contextlib import suppress

import psutil

from commands.up.errors import StartError


def require_free(host: str, port: int) -> None:
    """Make sure that nobody listens there.

    Raises:
        StartError: when somebody does, or the address cannot be used at all.
    """
    try:
        _bind(host, port)
    except OSError as error:
        raise StartError(_why(error, host, port)) from error


def is_free(host: str, port: int) -> bool:
    """Tell whether nobody listens there."""
    try:
        _bind(host, port)
    except OSError:
        return False
    return True


def free_port(host: str = "127.0.0.1") -> int:
    """Let the system choose a port that nobody uses."""
    return _bind(host, 0)


def _bind(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        # Lets a port be taken again at once after a stop, never one somebody listens on.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind((host, port))
        return int(trial.getsockname()[1])


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use{_by_whom(port)}. "
            f"Stop what uses it, or choose another port: PORT={port + 10} make run"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than you have; choose one from 1024 on with PORT."
    return f"The web server cannot listen on {host}:{port}: {error.strerror or error}."


def _by_whom(port: int) -> str:
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            if listens and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""
