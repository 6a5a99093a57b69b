"""Clients of Valkey that give up in time, and scripts run without the client's ceremony."""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

Value = str | bytes | int


def connect(url: str, timeout: float) -> "redis.Redis":
    """Open a client that gives up after some seconds and never tries twice."""
    return redis.Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        decode_responses=False,
    )


class Sent(NamedTuple):
    """A script that was sent and not answered yet: where, and on what."""

    connection: Any
    keys: Sequence[str]
    values: Sequence[Value]


class Script:
    """A script that Valkey knows by its hash, and that may run twice where a connection breaks.

    It is sent over connections of its own and not through the client, whose retries, telemetry
    and packing in pieces, which nobody asks for here, cost twice as much as all the rest.
    """

    def __init__(self, client: "redis.Redis", text: str) -> None:
        self._pool = client.connection_pool
        self._text = text
        self._hash = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        # The last one used goes first; as many as threads ever asked at once.
        self._idle: list[Any] = []

    def send(self, keys: Sequence[str], values: Sequence[Value]) -> Sent:
        """Ask for a run without waiting; ``answer`` must be called with what this returns.

        Raises:
            redis.RedisError: when nobody takes it.
        """
        connection = self._connection()
        command = packed("EVALSHA", self._hash, len(keys), *keys, *values)
        try:
            try:
                connection.send_packed_command(command)
            except redis.ConnectionError:  # shut while nobody used it; it connects anew
                connection.send_packed_command(command)
        except BaseException:
            self._pool.release(connection)
            raise
        return Sent(connection, keys, values)

    def answer(self, sent: Sent) -> Any:
        """Wait for a run, and return what it returns.

        Raises:
            redis.RedisError: when there is no answer in time, or an error for one.
        """
        connection, keys, values = sent
        try:
            try:
                answer = connection.read_response()
            except (redis.ConnectionError, NoScriptError):
                # Shut while nobody used it, started anew or told to forget: once more, in full.
                # Looking before each time whether it is open costs more than all of this.
                command = packed("EVAL", self._text, len(keys), *keys, *values)
                connection.send_packed_command(command)
                answer = connection.read_response()
        except BaseException:
            self._pool.release(connection)
            raise
        self._idle.append(connection)
        return answer

    def _connection(self) -> Any:
        try:
            return self._idle.pop()
        except IndexError:
            return self._pool.get_connection()


def packed(*words: Value) -> list[bytes]:
    """Write a command in Valkey's protocol, in one piece: one piece is sent in one go."""
    pieces = [b"*%d\r\n" % len(words)]
    for word in words:
        written = word if isinstance(word, bytes) else str(word).encode()
        pieces.append(b"$%d\r\n%b\r\n" % (len(written), written))
    return [b"".join(pieces)]
