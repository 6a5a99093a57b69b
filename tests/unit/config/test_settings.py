import base64

import pytest

from config.settings import SettingsError, load_settings

KEY = base64.b64encode(b"k" * 32).decode()
GOOD = {
    "DATABASE_URL": "postgresql://localhost/x",
    "REDIS_URL": "redis://localhost/0",
    "STORE": "/srv/store",
    "SECRET_KEY": KEY,
    "MASTER_KEYS": f"2026:{KEY},2025:{KEY}",
    "INDEX_KEY": KEY,
    "TOKEN_KEY": KEY,
    "RANKER_KEY": KEY,
    "CHAIN_KEYS": f"c1:{KEY}",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_a_whole_environment_is_read(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DESTINATION_PORTS", "443, 8443")
    environment.setenv("CONTACT_BUDGET", "call=3/24, email=10/48")
    settings = load_settings()
    assert settings.contact_budget == (("call", 3, 24), ("email", 10, 48))
    assert list(settings.master_keys) == ["2026", "2025"]
    assert settings.destination_ports == frozenset({443, 8443})
    assert (settings.port, settings.production) == (8000, False)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "http", "PORT must be a whole number"),
        ("PORT", "0", "PORT is 0; use 1 to 65535"),
        ("LEASE_SECONDS", "5", "LEASE_SECONDS is 5"),
        ("ENVIRONMENT", "prod", "use one of development, production"),
        ("SECRET_KEY", "short", "SECRET_KEY must be 32 random bytes"),
        ("MASTER_KEYS", "a:b", "MASTER_KEYS must be 32 random bytes"),
        ("DATABASE_URL", "", "DATABASE_URL is not set"),
        ("DESTINATION_PORTS", "https", "DESTINATION_PORTS must be port numbers"),
        ("ALLOW_LOOPBACK", "yes", "use one of true, false"),
        ("CONTACT_BUDGET", "call=3", "CONTACT_BUDGET must be like call=3/24"),
        ("CONTACT_BUDGET", "call=3/24,call=4/24", "each channel once"),
        ("CONTACT_BUDGET", "fax=3/24", "CONTACT_BUDGET must be like"),
        ("SENDING_LIMITS", "address=20", "SENDING_LIMITS must be like address=20/60"),
        ("SENDING_LIMITS", "phone=1/1", "SENDING_LIMITS must be like"),
        ("PROOF_BITS", "25", "PROOF_BITS is 25; use 0 to 24"),
    ],
)
def test_nonsense_is_refused_with_what_to_do(
    environment: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(SettingsError, match=message):
        load_settings()


def test_one_start_names_every_problem(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PORT", "x")
    environment.delenv("STORE")
    with pytest.raises(SettingsError, match=r"(?s)STORE is not set.*PORT must be"):
        load_settings()


def test_production_refuses_what_only_a_demonstration_needs(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("ENVIRONMENT", "production")
    environment.setenv("ALLOW_LOOPBACK", "true")
    environment.setenv("DESTINATION_PORTS", "any")
    with pytest.raises(SettingsError, match=r"(?s)ALLOW_LOOPBACK.*DESTINATION_PORTS"):
        load_settings()
