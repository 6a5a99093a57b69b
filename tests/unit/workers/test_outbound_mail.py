"""Mail out, to a mail server that is not ours (aiosmtpd) and to one that is played."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from commands.up.ports import free_port
from models.outbound.addresses import Address
from models.outbound.errors import ForbiddenTargetError, NoAnswerError, OutboundError
from models.outbound.http import Limits
from models.outbound.resolving import ask_system
from tests.support.certificates import Authority
from workers.destinations.email.mock import CASES, MockMailServer
from workers.outbound.mail import Mailbox, SmtpClient, read_relay

FROM = "leads@match.example.org"
MESSAGE = b"Subject: x\r\n\r\n.a line that begins with a dot\r\n"
LIMITS = Limits(total_seconds=2, connect_seconds=1)


def here(_host: str, _port: int) -> tuple[Address, ...]:
    return (ip_address("127.0.0.1"),)


@dataclass
class Kept:
    """Keeps what a server took."""

    envelopes: list[Envelope] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 - the server calls it so
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        self.envelopes.append(envelope)
        return "250 2.0.0 Ok: queued as 4F"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def port(kept: Kept, authority: Authority) -> Iterator[int]:
    """A mail server that offers STARTTLS, and takes a login after it only."""

    def login(_server: Any, _session: Any, _envelope: Any, _way: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        known = (data.login, data.password) == (b"us er", b"s:e@cret")
        return AuthResult(success=known, handled=False)

    controller = Controller(
        kept,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=authority.server_context("mail.example"),
        authenticator=login,
    )
    controller.start()
    yield controller.port
    controller.stop()


def send(client: SmtpClient, message: bytes = MESSAGE) -> Any:
    try:
        return client.send("dlv_1", "admissions@example.edu", message)
    finally:
        client.close()


def test_a_message_arrives_whole_over_verified_tls_after_a_login(
    kept: Kept, port: int, authority: Authority
) -> None:
    relay = read_relay(f"smtp://us%20er:s%3Ae%40cret@mail.example:{port}", FROM)
    answer = send(SmtpClient(relay, here, limits=LIMITS, ca_file=str(authority.file)))
    assert (answer.code, answer.said) == (250, b"250 2.0.0 Ok: queued as 4F")
    [envelope] = kept.envelopes
    assert envelope.mail_from == FROM
    assert envelope.rcpt_tos == ["admissions@example.edu"]
    assert envelope.content == b"From: schoolmatch <%s>\r\n%s" % (FROM.encode(), MESSAGE)


def test_a_wrong_login_is_about_us(kept: Kept, port: int, authority: Authority) -> None:
    relay = read_relay(f"smtp://us%20er:wrong@mail.example:{port}", FROM)
    answer = send(SmtpClient(relay, here, ca_file=str(authority.file)))
    assert (answer.code, answer.about_us) == (535, True)
    assert kept.envelopes == []


def test_a_certificate_that_nobody_vouches_for_gets_no_message(kept: Kept, port: int) -> None:
    with pytest.raises(NoAnswerError, match="tls_not_verified"):
        send(SmtpClient(read_relay(f"smtp://mail.example:{port}", FROM), here, limits=LIMITS))
    assert kept.envelopes == []


def test_a_server_elsewhere_without_tls_gets_no_message() -> None:
    with MockMailServer() as server:
        relay = read_relay(f"smtp://mail.example:{server.port}", FROM)
        with pytest.raises(NoAnswerError, match="tls_failed"):
            send(SmtpClient(relay, here, limits=LIMITS))
        assert server.received == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_on_this_machine_needs_no_tls(host: str) -> None:
    with MockMailServer() as server:
        relay = read_relay(f"smtp://{host}:{server.port}", FROM)
        assert send(SmtpClient(relay, here, limits=LIMITS)).code == 250
        [mailed] = server.received
    assert mailed.recipients == ("admissions@example.edu",)
    assert mailed.message.endswith(b"\r\n\r\n.a line that begins with a dot\r\n")


@pytest.mark.parametrize("case", sorted(CASES))
def test_an_answer_is_told_as_it_was_given(case: str) -> None:
    refused, how = CASES[case]
    with MockMailServer(case) as server:
        client = SmtpClient(read_relay(f"smtp://localhost:{server.port}", FROM), here)
        if case == "answer_lost":
            with pytest.raises(NoAnswerError):
                send(client)
            assert len(server.received) == 1
            return
        answer = send(client)
    assert answer.said == (how.encode() or b"250 2.0.0 Ok: queued as 00000001")
    assert answer.about_us is (refused in ("MAIL", "220"))


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_allowed() -> None:
    import socket
    import time

    with socket.create_server(("127.0.0.1", 0)) as silent:
        relay = read_relay(f"smtp://localhost:{silent.getsockname()[1]}", FROM)
        began = time.monotonic()
        with pytest.raises(NoAnswerError, match="timeout"):
            send(SmtpClient(relay, here, limits=Limits(total_seconds=0.3)))
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("address", ["169.254.169.254", "0.1.2.3", "224.0.0.1", "100.64.0.1"])
def test_no_mail_server_stands_where_none_can(address: str) -> None:
    def points(_host: str, _port: int) -> tuple[Address, ...]:
        return (ip_address(address),)

    for url in (f"smtp://{address}", "smtp://mail.example"):
        with pytest.raises(ForbiddenTargetError):
            send(SmtpClient(read_relay(url, FROM), points, limits=LIMITS))


def test_a_mail_server_may_stand_in_a_network_of_our_own() -> None:
    from models.outbound.targets import MAIL, Policy, vet

    policy = Policy(ports=None, allow_private=True)
    assert vet("smtp://10.0.0.5", policy, ask_system, MAIL).port == 587
    assert vet("smtps://[fd00::5]", policy, ask_system, MAIL).port == 465
    with pytest.raises(ForbiddenTargetError):
        vet("https://10.0.0.5", Policy(ports=None), ask_system)


def test_a_mailbox_keeps_each_message_once(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "mailbox", FROM)
    for message in (b"first", MESSAGE, MESSAGE):
        assert mailbox.send("dlv_1", "a@b.edu", message).code == 250
    [kept] = (tmp_path / "mailbox").iterdir()
    assert kept.name == "dlv_1.eml"
    assert kept.read_bytes() == b"From: schoolmatch <%s>\r\n%s" % (FROM.encode(), MESSAGE)
    assert kept.stat().st_mode & 0o077 == 0


def test_a_mailbox_that_takes_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "mailbox").write_text("a file")
    with pytest.raises(OutboundError, match="mailbox_unusable"):
        Mailbox(tmp_path / "mailbox", FROM).send("dlv_1", "a@b.edu", MESSAGE)
