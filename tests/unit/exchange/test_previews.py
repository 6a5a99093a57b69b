"""What is shown before anything is sent is what the clients send, with secrets hidden."""

from uuid import UUID

import pytest

from models.domain.clock import SystemClock
from models.domain.destination_log import known_values, mask
from models.exchange.kinds import KINDS
from models.exchange.mapping import read_rows
from models.exchange.presets import PRESETS
from models.exchange.sample import SAMPLE_AT, sample_lead
from workers import trying

ID = UUID(int=7)
BY_HTTP = sorted(name for name, preset in PRESETS.items() if preset.kind != "sftp_csv")


@pytest.mark.parametrize("name", BY_HTTP)
def test_a_preview_is_what_the_client_sends_but_for_secrets(name: str) -> None:
    preset = PRESETS[name]
    kind, (settings, secrets) = KINDS[preset.kind], preset.expand(preset.examples)
    rows = read_rows([*settings.get("ping_fields", ()), *settings["fields"]])
    body = kind.write(sample_lead(rows, SAMPLE_AT), ID, settings)
    shown = kind.show(body, ID, settings, sorted(secrets))
    sent = trying.try_preset(preset, {}, "good", SystemClock()).requests[-len(shown) :]
    for preview, request in zip(shown, sent, strict=True):
        assert preview.address.endswith(request.path)
        told = dict(preview.headers)
        assert {n: told[n] for n in told if n != "authorization"} == {
            n: request.headers[n] for n in told if n != "authorization"
        }
        assert ("authorization" in told) == ("authorization" in request.headers)
        made = request.body.decode()
        for secret_name, secret in secrets.items():
            assert secret not in preview.body
            assert secret not in told.get("authorization", "")
            made = made.replace(secret, f"hidden-{secret_name}")
        if preview.step:
            made = made.replace("4711", "id-of-the-ping").replace("22.5", "price-of-the-ping")
        assert preview.body == made


def test_a_webhook_is_previewed_without_its_keys() -> None:
    kind, settings = KINDS["webhook"], {"url": "https://crm.example.edu/hook"}
    body = kind.write(sample_lead(()), ID, settings)
    [shown] = kind.show(body, ID, settings, ["private_key", "signing_keys"])
    assert dict(shown.headers)["webhook-signature"] == "v1,•••••• v1a,••••••"
    assert shown.body == body.decode()


@pytest.mark.parametrize("name", ["email", "sftp_csv", "feed"])
def test_other_kinds_show_what_people_or_systems_get(name: str) -> None:
    settings = {"to": "a@b.example", "host": "h.example", "folder": "/in", "user_name": "u"}
    kind = KINDS[name]
    shown = kind.show(kind.write(sample_lead(()), ID, settings), ID, settings, [])
    assert "Schoolmatch" in "".join(each.body for each in shown)


def test_an_answer_shows_its_form_and_nothing_that_may_be_a_students() -> None:
    rules = [{"equals": "skipped", "reasons": {"1007": "twice"}}]
    said = b'{"ok": true, "result": [{"status": "skipped", "code": "1007", "who": "Zoe Example"}]}'
    told = mask(said, known_values(rules))
    assert '"status": "skipped"' in told
    assert '"code": "1007"' in told
    assert "Zoe" not in told
    assert '"who"' in told
    html = mask(b'<p title="Zoe">Zoe Example, 404</p>{"a": "Zo', frozenset())
    assert "Zo" not in html
    assert "404" not in html
    assert html.startswith("<p>")
