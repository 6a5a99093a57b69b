"""check-deploy on a real database: what it finds there, and that it is quiet once all is mended."""

import json
from base64 import b64encode
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from models.domain.consent_texts import texts_mark
from tests.support.commands import Command
from tests.unit.config.test_production import key

SOUND = {
    "ENVIRONMENT": "production",
    "PUBLIC_URL": "https://match.example.org",
    "REDIS_URL": "redis://:secret@127.0.0.1:1/0",
    "ALLOW_LOOPBACK": "false",
    "DESTINATION_PORTS": "443",
    "TRUSTED_PROXIES": "1",
    "SMTP_URL": "smtps://user:password@mail.example.org",
    "MAIL_FROM": "hello@match.example.org",
    "APPROVED_TEXTS": texts_mark(),
}
KEYS = ("SECRET_KEY", "INDEX_KEY", "TOKEN_KEY", "RANKER_KEY")


@pytest.fixture
def sound(command: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    encoded = [b64encode(key(number)).decode() for number in range(1, 9)]
    keys = dict(zip(KEYS, encoded, strict=False))
    keys |= {"MASTER_KEYS": f"k1:{encoded[5]}", "CHAIN_KEYS": f"c1:{encoded[6]}"}
    for name, value in {**SOUND, **keys}.items():
        monkeypatch.setenv(name, value)
    return command


def found(command: Command) -> tuple[int, dict[str, str]]:
    done = command("check-deploy", "--json")
    document = json.loads(done.stdout)
    assert document["ready"] == (done.exit_code == 0)
    return done.exit_code, {one["what"]: one["to_do"] for one in document["findings"]}


def test_it_finds_what_the_database_holds_and_says_when_nothing_is_left(
    sound: Command, engine: Engine, tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets.env"
    secrets.write_text("SECRET_KEY=x")
    secrets.chmod(0o644)
    tmp_path.chmod(0o757)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO organization (id, name, fictional, created_at) VALUES "
                "('00000000-0000-7000-8000-000000000001', 'Maple', true, now())"
            )
        )
        connection.execute(
            text(
                "INSERT INTO ranker (id, created_at, provenance, card) "
                "VALUES ('r1', now(), 'simulated', '{}')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO publication (kind, version, at, by, reason) "
                "VALUES ('ranker', 'r1', now(), 'test', 'test')"
            )
        )
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    code, said = found(sound)
    assert code == 1
    wanted = {str(secrets), str(tmp_path), "demonstration data", "simulated ranker", "operator"}
    # The embedded server's only role owns it: a superuser.
    assert said.keys() == wanted | {"schema", "database role"}
    assert all(len(to_do) > 20 for to_do in said.values())


def test_once_all_is_mended_it_says_so(sound: Command, engine: Engine, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert sound("staff", "add", "op@match.example.org", "--operator").exit_code == 0
    with engine.begin() as connection:
        connection.execute(text("UPDATE staff SET status = 'active'"))
    code, said = found(sound)
    assert (code, set(said)) == (1, {"database role"})


def test_settings_that_cannot_be_read_are_findings_too(
    sound: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOW_LOOPBACK", "true")
    done = sound("check-deploy")
    assert done.exit_code == 1
    assert "ALLOW_LOOPBACK is true; production never delivers to itself" in done.stdout


def test_a_database_that_is_away_is_a_finding(
    sound: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/x")
    code, said = found(sound)
    assert code == 1
    assert "is it there" in said["database"]


def test_texts_are_shown_with_their_mark(command: Command) -> None:
    done = command("check-deploy", "--texts")
    assert done.exit_code == 0
    assert "may call me about its programs" in done.stdout
    assert done.stdout.endswith(f"APPROVED_TEXTS={texts_mark()}\n")
