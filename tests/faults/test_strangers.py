"""Whatever a receiver does: one attempt's row a request, an end for each lead, nobody held up."""

import socket
import zlib
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from models.outbound.http import Limits
from models.outbound.targets import Policy
from tests.support.certificates import Authority
from tests.support.draining import draining
from tests.support.leads import Leads, eventually
from tests.support.ledger_checker import History, broken
from tests.support.strangers import Misbehave, Stranger, drips, says, says_and_resets, stranger

OK = b"HTTP/1.1 200 OK\r\n"


@dataclass(frozen=True)
class Case:
    """What a receiver does first, and what the first attempt comes to: outcome and reason."""

    name: str
    does: Misbehave
    outcome: str
    reasons: tuple[str, ...]
    wait: timedelta = timedelta(seconds=1)


def answers(code: int, *headers: str) -> Misbehave:
    lines = "".join(f"{header}\r\n" for header in headers)
    return says(f"HTTP/1.1 {code} Said\r\n{lines}content-length: 0\r\n\r\n".encode())


def _flood(prefix: bytes) -> Misbehave:
    def misbehave(connection: socket.socket) -> None:
        connection.sendall(prefix)
        for _ in range(10**5):  # 10 GB
            connection.sendall(b"x" * 10**5)

    return misbehave


GZIP_BOMB = zlib.compress(b"0" * 50_000_000, 9, wbits=31)
A_DAY = timedelta(days=1, minutes=1)
NO_ANSWER = ("closed_without_answer", "connection_reset", "timeout", "no_answer")
CASES = (
    Case("hangs up", says(b""), "pending", NO_ANSWER),
    Case("resets", says_and_resets(b""), "pending", NO_ANSWER),
    Case(
        "drips its status",
        drips(b"HTTP/1.1 2", b"0", 0.2),
        "pending",
        ("timeout", "curl_1", "curl_8"),
    ),
    Case(
        "says continue and stalls",
        drips(b"HTTP/1.1 100 Continue\r\n", b"", 1),
        "pending",
        ("timeout",),
    ),
    Case("speaks something else", says(b"220 mail.example ESMTP\r\n"), "pending", ("curl_1",)),
    # A status line is evidence of what it did, whatever follows.
    Case("resets after 200", says_and_resets(OK + b"\r\n"), "delivered", ("delivered",)),
    Case(
        "resets in mid-body",
        says_and_resets(OK + b"content-length: 99\r\n\r\nha"),
        "delivered",
        ("delivered",),
    ),
    Case(
        "drips its body",
        drips(OK + b"content-length: 99\r\n\r\n", b"x", 0.2),
        "delivered",
        ("delivered",),
    ),
    Case(
        "sends 10 GB",
        _flood(OK + b"content-length: 10000000000\r\n\r\n"),
        "delivered",
        ("delivered",),
    ),
    Case("sends 10 GB of headers", _flood(OK + b"x: "), "delivered", ("delivered",)),
    Case(
        "sends a gzip bomb",
        says(OK + b"content-encoding: gzip\r\n\r\n" + GZIP_BOMB),
        "delivered",
        ("delivered",),
    ),
    Case(
        "sends bad chunks",
        says(OK + b"transfer-encoding: chunked\r\n\r\nzz\r\n"),
        "delivered",
        ("delivered",),
    ),
    Case("500", answers(500), "pending", ("http_500",)),
    Case("redirects", answers(302, "location: /elsewhere"), "failed", ("redirect_not_followed",)),
    Case("400", answers(400), "failed", ("http_400",)),
    Case("is gone", answers(410), "failed", ("http_410",)),
    Case(
        "429 in seconds",
        answers(429, "retry-after: 7200"),
        "pending",
        ("http_429",),
        timedelta(hours=2.1),
    ),
    Case(
        "429 at a date",
        answers(429, "retry-after: Sun, 06 Nov 1994 08:49:37 GMT"),
        "pending",
        ("http_429",),
    ),
    Case("429 in rubbish", answers(429, "retry-after: soon, -1"), "pending", ("http_429",)),
    Case(
        "429 in the year 9999",
        answers(429, "retry-after: Fri, 31 Dec 9999 23:59:59 GMT"),
        "pending",
        ("http_429",),
        A_DAY,
    ),
    Case("429 in ages", answers(429, "retry-after: " + "9" * 40), "pending", ("http_429",), A_DAY),
)


def _tried(leads: Leads, ids: list[UUID]) -> bool:
    return all((a := leads.attempts(one)) and a[0].finished_at is not None for one in ids)


def test_strangers_of_every_kind_break_no_invariant_1_to_8(leads: Leads) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(stranger(case.does)) for case in CASES]
        schools = [
            leads.school(f"http://127.0.0.1:{server.port}/hooks", unitid=1000 + n)
            for n, server in enumerate(servers)
        ]
        ids = [leads.delivery(school) for school in schools]
        limits = Limits(total_seconds=1.5)
        with draining(leads.unit_of_work, limits=limits, senders=8, lease=timedelta(seconds=60)):
            assert eventually(lambda: _tried(leads, ids), 60)
            for case, one in zip(CASES, ids, strict=True):
                _expect(leads, case, one)
            leads.run("UPDATE destination_state SET next_allowed_at = NULL")
            leads.run("UPDATE delivery SET due_at = now() WHERE status = 'pending'")
            assert eventually(lambda: set(leads.statuses()) <= {"delivered", "failed"}, 60)
        _judge(leads, servers, ids)


def _expect(leads: Leads, case: Case, one: UUID) -> None:
    first, row = leads.attempts(one)[0], leads.row(one)
    assert (first.outcome, first.reason in case.reasons) == (case.outcome, True), (
        case.name,
        first.outcome,
        first.reason,
    )
    assert row.due_at - first.finished_at < case.wait, case.name


def _judge(leads: Leads, servers: list[Stranger], ids: list[UUID]) -> None:
    received = [one for server in servers for one in server.received]
    again = sum(case.outcome == "pending" for case in CASES)
    assert broken(leads.engine, History(ids, received, repeats=again)) == []
    for case, one in zip(CASES, ids, strict=True):
        expected = "failed" if case.outcome == "failed" else "delivered"
        assert leads.row(one).status == expected, case.name
        assert {r.path for r in received} == {"/hooks"}  # nothing was followed


def test_a_server_that_cannot_prove_who_it_is_gets_not_one_byte(
    leads: Leads, tmp_path: Path
) -> None:
    known, unknown = Authority(tmp_path / "known"), Authority(tmp_path / "unknown")
    contexts = {
        "expired": known.server_context("localhost", days=1),
        "another's name": known.server_context("elsewhere.example"),
        "an authority nobody knows": unknown.server_context("localhost"),
    }
    with ExitStack() as stack:
        servers = [stack.enter_context(stranger(says(b""), tls)) for tls in contexts.values()]
        ids = [
            leads.delivery(leads.school(f"https://localhost:{server.port}/hooks", unitid=1 + n))
            for n, server in enumerate(servers)
        ]
        policy = Policy(ports=None, allow_loopback=True, ca_file=str(known.file))
        with draining(leads.unit_of_work, policy=policy):
            assert eventually(lambda: _tried(leads, ids), 60)
            leads.run("UPDATE delivery SET expires_at = now()")
            assert eventually(lambda: set(leads.statuses()) == {"expired"}, 60)
        assert [server.received for server in servers] == [[], [], []]
    for name, one in zip(contexts, ids, strict=True):
        first = leads.attempts(one)[0]
        assert (first.outcome, first.reason) == ("pending", "tls_not_verified"), name
    assert broken(leads.engine, History(ids, [])) == []
