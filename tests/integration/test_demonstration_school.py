import http.client
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typing_extensions import override

from models.db.crypto import Keyring
from models.domain.ids import Prefix, show
from tests.support.draining import draining
from tests.support.leads import SIGNING_KEY, STUDENT, Leads, eventually
from workers.outbound.mail import Mailbox, MailOut

PATH = "/hooks/test-college"


class Api:
    """Stands for our web server: refuses the first answer as if it were down, then takes them."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str | None, Any]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                api.calls.append((self.path, self.headers["authorization"], body))
                self.send_response(503 if len(api.calls) == 1 else 202)
                self.send_header("content-length", "0")
                self.end_headers()

            @override
            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.server.shutdown()
    api.server.server_close()


@contextmanager
def school(folder: Path, api: Api) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = {
        "api_url": f"http://127.0.0.1:{api.server.server_port}",
        "receivers": [
            {"path": PATH, "organization": "Test", "secrets": [SIGNING_KEY], "api_key": "key_x"}
        ],
        "received_file": str(folder / "kept" / "received.jsonl"),
        "mailbox": str(folder / "mailbox"),
    }
    file = folder / "school.json"
    file.write_text(json.dumps(config))
    process = subprocess.Popen(
        [sys.executable, "-m", "demo.school", "--config", str(file), "--port", str(port)],
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        assert eventually(lambda: _answers(url))
        yield url
        process.terminate()
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    try:
        received(url)
    except OSError:
        return False
    return True


def call(method: str, url: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def received(url: str) -> list[Any]:
    return list(json.loads(call("GET", url, "/received", b"", {})[1]))


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    return int(call("POST", url, PATH, body, headers)[0])


def test_a_lead_is_verified_kept_over_a_restart_and_answered_once(
    engine: Engine, keyring: Keyring, api: Api, tmp_path: Path
) -> None:
    leads = Leads(engine, keyring)
    with school(tmp_path, api) as url:
        at = leads.school(url + PATH)
        delivery_id = leads.delivery(at)
        with draining(leads.unit_of_work):
            assert eventually(lambda: leads.row(delivery_id).status == "delivered")
        [record] = received(url)
        assert record["verified"] is True
        assert record["id"] == show(Prefix.DELIVERY, delivery_id)
        lead_id = json.loads(record["body"])["data"]["lead_id"]
        assert eventually(lambda: received(url)[0]["disposition"] == "accepted")
        assert (
            api.calls
            == [(f"/api/v1/leads/{lead_id}/dispositions", "Bearer key_x", {"status": "accepted"})]
            * 2
        )
    with school(tmp_path, api) as url:
        [again] = received(url)
        assert again["body"] == record["body"]
        assert post(url, record["body"].encode(), record["headers"]) == 204
        [once] = received(url)
        assert once["duplicates"] == 1
        assert b"<td>verified</td>" in call("GET", url, "/", b"", {})[1]
    assert len(api.calls) == 2


def test_mail_is_shown_as_text_whatever_is_in_it(
    engine: Engine, keyring: Keyring, api: Api, tmp_path: Path
) -> None:
    leads = Leads(engine, keyring)
    to = leads.school_of_kind("email", {"to": "admissions@example.edu"})
    student = {**STUDENT, "first_name": "<b>Zoë</b>"}
    with school(tmp_path, api) as url:
        assert b"No mail has come yet." in call("GET", url, "/mail", b"", {})[1]
        delivery_id = leads.delivery(to, student=student)
        out = MailOut(mailbox=Mailbox(tmp_path / "mailbox", "leads@match.example.org"))
        with draining(leads.unit_of_work, mail=out):
            assert eventually(lambda: leads.row(delivery_id).status == "unconfirmed")
        status, shown = call("GET", url, "/mail", b"", {})
    assert status == 200
    assert show(Prefix.DELIVERY, delivery_id).encode() in shown
    assert "Name: &lt;b&gt;Zoë&lt;/b&gt; Example".encode() in shown
    assert b"&quot;zoe@example.com&quot;" in shown  # the attached table
    assert b"<b>" not in shown


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"webhook-id": "x", "webhook-timestamp": "no", "webhook-signature": "v1,rubbish"},
        {"webhook-id": "x", "webhook-timestamp": "1614265330", "webhook-signature": "v1,%%%"},
    ],
)
def test_what_does_not_verify_is_refused_and_kept_as_such(
    api: Api, tmp_path: Path, headers: dict[str, str]
) -> None:
    with school(tmp_path, api) as url:
        assert post(url, b"\xff\xfe{", headers) == 401
        assert [r["verified"] for r in received(url)] == [False]
    assert api.calls == []
