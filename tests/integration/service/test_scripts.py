from typing import Any

import redis

from service.valkey import Script, Value, connect, packed


def test_a_command_is_written_as_the_client_would_write_it() -> None:
    words: tuple[Value, ...] = ("EVALSHA", "Zoë", 20, b"\x00\r\n$5\r\n", "", b"x" * 9000)
    theirs: Any = redis.Redis().connection_pool.make_connection()
    assert packed(*words) == [b"".join(theirs.pack_command(*words))]


def test_a_connection_is_used_again_and_one_that_was_shut_is_opened_anew(redis_url: str) -> None:
    script = Script(connect(redis_url, 1.0), "return redis.call('INCR', KEYS[1])")

    def run() -> object:
        return script.answer(script.send(("count",), ()))

    with redis.Redis.from_url(redis_url) as other:
        assert run() == 1
        opened = other.info("stats")["total_connections_received"]
        assert run() == 2
        assert other.info("stats")["total_connections_received"] == opened
        other.client_kill_filter(_type="normal", skipme=True)
        other.script_flush()
        assert run() == 3
