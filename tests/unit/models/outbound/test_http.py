import contextlib
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from ipaddress import ip_address

import pytest

from models.outbound.addresses import Address
from models.outbound.errors import ForbiddenTargetError, NoAnswerError, UnresolvedError
from models.outbound.http import HttpClient, Limits
from models.outbound.resolving import Resolver
from models.outbound.targets import Policy
from workers.destinations.webhook.mock import MockReceiver, Reply, always

OPEN = Policy(ports=None, allow_loopback=True)


def _here(_host: str, _port: int) -> tuple[object, ...]:
    return (ip_address("127.0.0.1"),)


@pytest.fixture
def client() -> Iterator[HttpClient]:
    client = HttpClient(OPEN, _here, limits=Limits(total_seconds=2))  # type: ignore[arg-type]
    yield client
    client.close()


def test_a_name_goes_to_the_vetted_address_under_its_own_host(client: HttpClient) -> None:
    with MockReceiver() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        answer = client.post(f"http://school.example:{port}/x", {"a": "b"}, b"hello")
    assert answer.code == 204
    assert receiver.received[0].headers["host"] == f"school.example:{port}"
    assert receiver.received[0].body == b"hello"


def test_without_the_setting_no_connection_reaches_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        port = listener.getsockname()[1]
        client = HttpClient(Policy(ports=None), Resolver())
        for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
            with pytest.raises((ForbiddenTargetError, UnresolvedError)):
                client.post(f"https://{host}:{port}/", {}, b"")
        client.close()
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_socket_for_an_address_that_was_not_vetted_is_never_opened(client: HttpClient) -> None:
    import pycurl

    client._guarded._allowed = frozenset({ip_address("8.8.8.8")})
    peer = (socket.AF_INET, socket.SOCK_STREAM, 6, ("127.0.0.1", 80))
    assert client._guarded.open_socket(0, peer) == pycurl.SOCKET_BAD


def test_a_redirect_is_an_answer_and_is_not_followed(client: HttpClient) -> None:
    with MockReceiver() as other:
        with MockReceiver(always(Reply(307, {"location": other.url}))) as receiver:
            assert client.post(receiver.url, {}, b"x").code == 307
        assert other.received == []


def test_proxies_of_the_environment_are_not_used(
    client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with MockReceiver() as receiver:
        assert client.post(receiver.url, {}, b"x").code == 204


def test_connections_are_kept_and_nothing_leaks(client: HttpClient) -> None:
    def open_files() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    with MockReceiver() as receiver:
        client.post(receiver.url, {}, b"x")
        before = open_files()
        for _ in range(50):
            client.post(receiver.url, {}, b"x")
        assert open_files() <= before


def _serve_once(script: bytes, *, then_wait: float = 0.0) -> int:
    """Answer one connection with raw bytes and hang up; return the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(script)
            threading.Event().wait(then_wait)

    threading.Thread(target=serve, daemon=True).start()
    return int(listener.getsockname()[1])


def _serve_turns(turns: Sequence[int], seen: list[bytes]) -> int:
    """Take one connection for each turn: answer that many requests, read one more, hang up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket, answered: int) -> None:
        with connection, contextlib.suppress(ConnectionError):
            for _ in range(answered):
                seen.append(_read_request(connection))
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            seen.append(_read_request(connection))

    def accept() -> None:
        with listener:
            for answered in turns:
                connection = listener.accept()[0]
                threading.Thread(target=serve, args=(connection, answered), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return int(listener.getsockname()[1])


def _read_request(connection: socket.socket) -> bytes:
    """Read one request to the end of its body; return the body."""
    read = b""
    while b"\r\n\r\n" not in read:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError
        read += part
    head, _, body = read.partition(b"\r\n\r\n")
    [length] = [
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length")
    ]
    while len(body) < length:
        body += connection.recv(65536)
    return body


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_bytes_leave_once_even_if_a_kept_connection_closes_without_an_answer(
    client: HttpClient, size: int
) -> None:
    seen: list[bytes] = []
    port = _serve_turns([1, 0], seen)
    assert client.post(f"http://127.0.0.1:{port}/", {}, b"first").code == 204
    with pytest.raises(NoAnswerError, match="closed_without_answer"):
        client.post(f"http://127.0.0.1:{port}/", {}, b"x" * size)
    threading.Event().wait(0.05)  # what has left twice has arrived twice
    assert [len(body) for body in seen] == [5, size]


@pytest.mark.parametrize(
    ("script", "reason"),
    [(b"", "closed_without_answer"), (b"HTTP/1.1 100 Continue\r\n\r\n", "closed_without_answer")],
)
def test_no_status_line_is_no_answer(client: HttpClient, script: bytes, reason: str) -> None:
    with pytest.raises(NoAnswerError, match=reason):
        client.post(f"http://127.0.0.1:{_serve_once(script)}/", {}, b"x")


def test_a_status_line_counts_even_if_the_body_breaks_off(client: HttpClient) -> None:
    port = _serve_once(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc")
    answer = client.post(f"http://127.0.0.1:{port}/", {}, b"x")
    assert (answer.code, answer.body, answer.complete) == (200, b"abc", False)


def test_an_answer_longer_than_the_limit_is_cut(client: HttpClient) -> None:
    with MockReceiver(always(Reply(200, body=b"y" * 300_000))) as receiver:
        answer = client.post(receiver.url, {}, b"x")
    assert (answer.code, len(answer.body) <= 65536, answer.complete) == (200, True, False)


def test_a_receiver_that_says_nothing_is_given_up_in_time() -> None:
    client = HttpClient(OPEN, _here, limits=Limits(total_seconds=0.3))  # type: ignore[arg-type]
    with pytest.raises(NoAnswerError, match="timeout"):
        client.post(f"http://127.0.0.1:{_serve_once(b'', then_wait=2)}/", {}, b"x")
    client.close()


def test_a_name_that_takes_too_long_is_given_up() -> None:
    hold = threading.Event()

    def slow(_host: str, _port: int) -> tuple[()]:
        hold.wait(5)
        return ()

    resolver = Resolver(slow, deadline_seconds=0.1)
    with pytest.raises(UnresolvedError, match="name_resolution_timeout"):
        resolver("slow.example", 443)
    hold.set()
    resolver.close()


def test_a_name_with_silent_servers_holds_one_thread_and_others_resolve() -> None:
    hold = threading.Event()
    asked: list[str] = []

    def ask(host: str, _port: int) -> tuple[Address, ...]:
        asked.append(host)
        if host.startswith("silent"):
            hold.wait(5)
        return (ip_address("8.8.8.8"),)

    resolver = Resolver(ask, threads=3, deadline_seconds=0.1)
    for host in ("silent-1.example", "silent-2.example") * 3:
        with pytest.raises(UnresolvedError, match="name_resolution_timeout"):
            resolver(host, 443)
    assert resolver("school.example", 443) == (ip_address("8.8.8.8"),)
    assert sorted(asked) == ["school.example", "silent-1.example", "silent-2.example"]
    hold.set()
    resolver.close()


def test_an_answer_that_comes_late_is_kept_for_the_next_who_asks() -> None:
    hold = threading.Event()
    asked: list[str] = []

    def ask(host: str, _port: int) -> tuple[Address, ...]:
        asked.append(host)
        hold.wait(5)
        return (ip_address("8.8.8.8"),)

    resolver = Resolver(ask, deadline_seconds=0.5)
    with pytest.raises(UnresolvedError):
        resolver("slow.example", 443)
    hold.set()
    assert resolver("slow.example", 443) == (ip_address("8.8.8.8"),)
    assert resolver("slow.example", 443) == (ip_address("8.8.8.8"),)
    assert asked == ["slow.example"]
    resolver.close()


def test_a_name_that_has_no_address_is_asked_for_anew() -> None:
    answers: list[tuple[Address, ...]] = [(), (ip_address("8.8.8.8"),)]
    resolver = Resolver(lambda _host, _port: answers.pop(0))
    with pytest.raises(UnresolvedError, match="name_not_resolved"):
        resolver("new.example", 443)
    assert resolver("new.example", 443) == (ip_address("8.8.8.8"),)
    resolver.close()


def test_a_trailing_dot_makes_no_other_host(client: HttpClient) -> None:
    with MockReceiver() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        assert client.post(f"http://school.example.:{port}/x", {}, b"x").code == 204
        assert receiver.received[0].headers["host"] == f"school.example:{port}"
        # A literal with a dot is a literal: it is never asked for as a name.
        assert client.post(f"http://127.0.0.1.:{port}/x", {}, b"x").code == 204


def test_plain_http_beyond_this_machine_is_refused() -> None:
    client = HttpClient(Policy(ports=None), lambda *_: (ip_address("8.8.8.8"),))
    with pytest.raises(ForbiddenTargetError, match="https_needed"):
        client.post("http://school.example/", {}, b"x")
    client.close()
