"""What production may not run with: each weak setting is found, says what to do, and stops it."""

from pathlib import Path
from typing import Any

import pytest

from config.production import against_production, refuse_unfit
from config.settings import Settings, SettingsError
from models.domain.consent_texts import VERSIONS, Version, texts_mark
from tests.support.world import make_settings

MARK = texts_mark()


def key(number: int) -> bytes:
    return bytes((number * 37 + at * 91) % 251 for at in range(32))


SOUND: dict[str, Any] = {
    "environment": "production",
    "public_url": "https://match.example.org",
    "secret_key": key(1),
    "index_key": key(2),
    "token_key": key(3),
    "ranker_key": key(4),
    "master_keys": {"k1": key(5)},
    "chain_keys": {"c1": key(6)},
    "redis_url": "redis://:secret@127.0.0.1/0",
    "allow_loopback": False,
    "rate_per_minute": 120,
    "trusted_proxies": 1,
    "smtp_url": "smtps://user:password@mail.example.org",
    "mail_from": "hello@match.example.org",
    "form_seconds": 3,
    "proof_bits": 15,
    "sending_limits": (("address", 20, 60),),
    "api_rate_per_minute": 1200,
    "approved_texts": MARK,
}


def settings(**changes: Any) -> Settings:
    base = make_settings(Path("/srv/store"), "postgresql://localhost/x", "")
    values = {name: getattr(base, name) for name in Settings.__dataclass_fields__}
    return Settings(**{**values, **SOUND, **changes})


def test_sound_settings_have_nothing_against_them() -> None:
    assert list(against_production(settings(), MARK)) == []
    refuse_unfit(settings(), MARK)


@pytest.mark.parametrize(
    ("changes", "what", "fatal"),
    [
        ({"environment": "development"}, "ENVIRONMENT", False),
        ({"secret_key": b"s" * 32}, "SECRET_KEY", True),
        ({"token_key": b"a key that somebody typed, 32 by."}, "TOKEN_KEY", True),
        ({"index_key": key(1)}, "INDEX_KEY", True),
        ({"master_keys": {}}, "MASTER_KEYS", True),
        ({"master_keys": {"k1": b"m" * 32}}, "MASTER_KEYS k1", True),
        ({"chain_keys": {"c1": b"c" * 32}}, "CHAIN_KEYS c1", True),
        ({"public_url": ""}, "PUBLIC_URL", True),
        ({"public_url": "http://match.example.org"}, "PUBLIC_URL", True),
        ({"public_url": "https://localhost"}, "PUBLIC_URL", False),
        ({"approved_texts": ""}, "APPROVED_TEXTS", True),
        ({"approved_texts": "texts-0"}, "APPROVED_TEXTS", True),
        ({"trusted_proxies": 0}, "TRUSTED_PROXIES", False),
        ({"database_url": "postgresql://db.example/x"}, "DATABASE_URL", False),
        ({"database_url": "postgresql://db.example/x?sslmode=require"}, "DATABASE_URL", False),
        ({"redis_url": "redis://:secret@cache.example/0"}, "REDIS_URL", False),
        ({"redis_url": "redis://127.0.0.1/0"}, "REDIS_URL", False),
        ({"smtp_url": ""}, "SMTP_URL", False),
        ({"mail_from": "schoolmatch@localhost"}, "MAIL_FROM", False),
        ({"sending_limits": ()}, "SENDING_LIMITS", False),
        ({"form_seconds": 0}, "FORM_SECONDS", False),
        ({"proof_bits": 0}, "PROOF_BITS", False),
        ({"api_rate_per_minute": 0}, "API_RATE_PER_MINUTE", False),
        ({"rate_per_minute": 100_000}, "RATE_PER_MINUTE", False),
        ({"log_level": "DEBUG"}, "LOG_LEVEL", False),
    ],
)
def test_each_weak_setting_is_found_and_the_fatal_ones_stop_the_start(
    changes: dict[str, Any], what: str, fatal: bool
) -> None:
    chosen = settings(**changes)
    found = list(against_production(chosen, MARK))
    assert [(one.what, one.fatal) for one in found] == [(what, fatal)]
    assert len(found[0].to_do) > 20
    if not fatal:
        refuse_unfit(chosen, MARK)
        return
    with pytest.raises(SettingsError, match=f"{what}: "):
        refuse_unfit(chosen, MARK)
    refuse_unfit(settings(**changes, environment="development"), MARK)


def test_a_verified_database_elsewhere_is_well() -> None:
    chosen = settings(database_url="postgresql://db.example/x?sslmode=verify-full")
    assert list(against_production(chosen, MARK)) == []


def test_no_finding_tells_a_secret() -> None:
    chosen = settings(secret_key=b"s" * 32, smtp_url="", redis_url="redis://:hidden@far.example/0")
    said = " ".join(one.to_do for one in against_production(chosen, MARK))
    assert "hidden" not in said
    assert "ssss" not in said


def test_other_words_have_another_mark() -> None:
    [first] = VERSIONS
    place, words = next(iter(first.texts.items()))
    changed = Version(first.name, first.since, {**first.texts, place: f"{words} "})
    assert texts_mark((changed,)) != texts_mark((first,)) == MARK
