"""What a production installation may not run with; each finding says what to do.

A ``fatal`` one stops the web server at its start; all of them stop ``schoolmatch check-deploy``.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from config.settings import Settings, SettingsError

_HERE = frozenset({"", "localhost", "127.0.0.1", "::1"})
_VERIFIED = frozenset({"verify-ca", "verify-full"})
# Of 32 random bytes 30 differ, give or take two; fewer than this were made up by somebody.
_LEAST_DIFFERENT = 16
_MOST_A_MINUTE = 6000


class Finding(NamedTuple):
    """Something that stands against production: which setting or part, and what to do."""

    what: str
    to_do: str
    fatal: bool = False


def refuse_unfit(settings: Settings, texts_mark: str) -> None:
    """Refuse to start production with what is fatal there.

    Raises:
        SettingsError: naming each, and what to do.
    """
    if not settings.production:
        return
    fatal = [one for one in against_production(settings, texts_mark) if one.fatal]
    if fatal:
        lines = [f"  {one.what}: {one.to_do}" for one in fatal]
        raise SettingsError("Production cannot start:\n" + "\n".join(lines))


def against_production(settings: Settings, texts_mark: str) -> Iterator[Finding]:
    """Say what of the settings stands against production.

    Args:
        settings: checked settings.
        texts_mark: of the consent texts as they are now.
    """
    if not settings.production:
        yield Finding("ENVIRONMENT", "It is development; set it to production.")
    yield from _keys(settings)
    yield from _addresses(settings)
    yield from _connections(settings)
    yield from _limits(settings)
    if settings.approved_texts != texts_mark:
        yield Finding(
            "APPROVED_TEXTS",
            "Nobody has approved these consent texts: read what `schoolmatch check-deploy --texts` "
            "prints with whoever answers for them, then set the mark that it ends with.",
            fatal=True,
        )
    if settings.log_level == "DEBUG":
        yield Finding("LOG_LEVEL", "DEBUG logs more than anybody needs; use INFO.")


def _keys(settings: Settings) -> Iterator[Finding]:
    keys = {
        "SECRET_KEY": settings.secret_key,
        "INDEX_KEY": settings.index_key,
        "TOKEN_KEY": settings.token_key,
        "RANKER_KEY": settings.ranker_key,
    }
    keys |= {f"MASTER_KEYS {name}": key for name, key in settings.master_keys.items()}
    keys |= {f"CHAIN_KEYS {name}": key for name, key in settings.chain_keys.items()}
    if not settings.master_keys:
        yield Finding("MASTER_KEYS", "There is none; give at least one.", fatal=True)
    seen: dict[bytes, str] = {}
    for name, key in keys.items():
        if _made_up(key):
            to_do = "It is not random; make one by `openssl rand -base64 32`."
            yield Finding(name, to_do, fatal=True)
        if key in seen:
            yield Finding(name, f"It is the same as {seen[key]}; each needs its own.", fatal=True)
        seen[key] = name


def _made_up(key: bytes) -> bool:
    typed = all(32 <= byte < 127 for byte in key)
    return len(set(key)) < _LEAST_DIFFERENT or typed


def _addresses(settings: Settings) -> Iterator[Finding]:
    parts = urlsplit(settings.public_url)
    if parts.scheme != "https" or not parts.hostname:
        to_do = "Set the https address that people use; cookies and links are made for it."
        yield Finding("PUBLIC_URL", to_do, fatal=True)
    elif parts.hostname in _HERE:
        yield Finding("PUBLIC_URL", "It names this machine; set the address that people use.")
    if not settings.trusted_proxies:
        yield Finding(
            "TRUSTED_PROXIES",
            "It is 0, but https ends at a proxy of yours: say how many stand before the web "
            "server, or all visitors share one address and its limits.",
        )


def _connections(settings: Settings) -> Iterator[Finding]:
    database = urlsplit(settings.database_url)
    modes = set(parse_qs(database.query).get("sslmode", []))
    hosts = {database.hostname or "", *parse_qs(database.query).get("host", [])}
    foreign = [host for host in hosts if host not in _HERE and not host.startswith("/")]
    if foreign and not modes & _VERIFIED:
        to_do = "The database is on another machine: add sslmode=verify-full to its address."
        yield Finding("DATABASE_URL", to_do)
    valkey = urlsplit(settings.redis_url)
    if (valkey.hostname or "") not in _HERE and valkey.scheme != "rediss":
        to_do = "Valkey is on another machine: use rediss://, which is encrypted."
        yield Finding("REDIS_URL", to_do)
    if valkey.scheme != "unix" and not valkey.password:
        to_do = "Valkey has no password: whoever reaches its port reads searches."
        yield Finding("REDIS_URL", to_do)
    if not settings.smtp_url:
        to_do = "No mail server: receipts, invitations and told changes wait until it is set."
        yield Finding("SMTP_URL", to_do)
    if re.search(r"@(localhost|.*[.]example|.*[.]invalid)$", settings.mail_from):
        yield Finding("MAIL_FROM", "Set an address of yours; replies come there.")


def _limits(settings: Settings) -> Iterator[Finding]:
    off = {
        "SENDING_LIMITS": not settings.sending_limits,
        "FORM_SECONDS": settings.form_seconds == 0,
        "PROOF_BITS": settings.proof_bits == 0,
        "API_RATE_PER_MINUTE": settings.api_rate_per_minute == 0,
    }
    for name in (name for name, is_off in off.items() if is_off):
        yield Finding(name, "The limit is off; leave it at its default or set one.")
    if settings.rate_per_minute > _MOST_A_MINUTE:
        to_do = f"More than {_MOST_A_MINUTE} a minute of one address is no limit."
        yield Finding("RATE_PER_MINUTE", to_do)
