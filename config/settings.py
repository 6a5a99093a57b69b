"""Settings, read from the environment once, at start; nonsense is refused with what to do.

Each setting is one row of ``SETTINGS`` (``config.declared``).
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env, EnvError

from config.declared import SETTINGS, Setting

__all__ = ["SETTINGS", "Setting", "Settings", "SettingsError", "load_settings"]


class SettingsError(Exception):
    """The environment cannot be used; the text says which setting and what to do."""


_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")
_CONTACTS = re.compile(r"(email|call|text)=([1-9][0-9]?)/([1-9][0-9]{0,2})")
_SENDING = re.compile(r"(address|email|school)=([1-9][0-9]{0,4})/([1-9][0-9]{0,5})")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked."""

    environment: str
    database_url: str
    redis_url: str
    store: Path
    port: int
    host: str
    public_url: str
    secret_key: bytes
    master_keys: Mapping[str, bytes]
    chain_keys: Mapping[str, bytes]
    index_key: bytes
    token_key: bytes
    ranker_key: bytes
    allow_loopback: bool
    destination_ports: frozenset[int] | None
    senders: int
    lease_seconds: int
    worker_metrics_port: int
    retrain_hours: int
    rate_per_minute: int
    trusted_proxies: int
    log_level: str
    institutions_url: str = ""
    institutions_sha256: str = ""
    field_of_study_url: str = ""
    field_of_study_sha256: str = ""
    distance_codes: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    mailbox: Path | None = None
    sftp_ports: frozenset[int] | None = frozenset({22})
    explore_share: float = 0.0
    contact_budget: tuple[tuple[str, int, int], ...] = ()
    attribution_days: int = 30
    imported_log_days: int = 730
    retention_days: int = 1826
    search_days: int = 730
    training_memory_mib: int = 2048
    dask_scheduler: str = ""
    form_seconds: int = 0
    proof_bits: int = 0
    sending_limits: tuple[tuple[str, int, int], ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    api_rate_per_minute: int = 0
    approved_texts: str = ""

    @property
    def production(self) -> bool:
        """Whether real students may come."""
        return self.environment == "production"

    @property
    def address(self) -> str:
        """Where people reach the service, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load_settings() -> Settings:
    """Read and check the environment.

    Raises:
        SettingsError: naming every setting that is missing or wrong.
    """
    reader = _Reader()
    settings = reader.read()
    if reader.problems:
        raise SettingsError("Cannot start:\n" + "\n".join(f"  {p}" for p in reader.problems))
    return settings


def _is_mail_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and not parts.path.strip("/") and url.isascii() and url.isprintable()


class _Reader:
    """Collects every problem, so that one start names them all."""

    def __init__(self) -> None:
        self.env = Env()
        self.problems: list[str] = []
        self.defaults = {s.name: s for s in SETTINGS}

    def text(self, name: str, *allowed: str) -> str:
        setting = self.defaults[name]
        value = self.env.str(name, default=None)
        if value is None or (value == "" and setting.default is None):
            value = setting.default
        if value is None:
            self.problems.append(f"{name} is not set. {setting.help}")
            return ""
        if allowed and value not in allowed:
            self.problems.append(f"{name} is “{value}”; use one of {', '.join(allowed)}.")
        return value

    def number(self, name: str, low: int, high: int) -> int:
        try:
            value = self.env.int(name, default=int(self.defaults[name].default or 0))
        except EnvError:
            self.problems.append(f"{name} must be a whole number from {low} to {high}.")
            return low
        if not low <= value <= high:
            self.problems.append(f"{name} is {value}; use {low} to {high}.")
        return int(value)

    def per_cent(self, name: str) -> float:
        """A share, 0 to 1, given in per cent."""
        try:
            value = self.env.float(name, default=float(self.defaults[name].default or 0))
        except EnvError:
            value = -1.0
        if 0 <= value <= 100:
            return float(value / 100)
        self.problems.append(f"{name} must be per cent, a number from 0 to 100.")
        return 0.0

    def pairs(
        self, name: str, one: re.Pattern[str], example: str
    ) -> tuple[tuple[str, int, int], ...]:
        """What stands at most once each, with two numbers, such as ``call=3/24``."""
        text = self.text(name)
        found = [one.fullmatch(part.strip()) for part in text.split(",")] if text else []
        if None in found or len({match[1] for match in found if match}) < len(found):
            self.problems.append(f"{name} must be like {example} once.")
            return ()
        return tuple((match[1], int(match[2]), int(match[3])) for match in found if match)

    def flag(self, name: str) -> bool:
        return self.text(name, "true", "false") == "true"

    def key(self, name: str) -> bytes:
        return self._decode(name, self.text(name))

    def keys(self, name: str) -> dict[str, bytes]:
        keys: dict[str, bytes] = {}
        for part in filter(None, self.text(name).split(",")):
            key_id, _, encoded = part.strip().partition(":")
            keys[key_id] = self._decode(name, encoded)
        return keys

    def ports(self, name: str) -> frozenset[int] | None:
        value = self.text(name)
        if value == "any":
            return None
        parts = [part.strip() for part in value.split(",")]
        if all(part.isascii() and part.isdigit() and 0 < int(part) < 65536 for part in parts):
            return frozenset(map(int, parts))
        self.problems.append(f"{name} must be port numbers, comma separated, or `any`.")
        return frozenset()

    def hosts(self, name: str) -> tuple[str, ...]:
        found = tuple(part.strip() for part in self.text(name).split(",") if part.strip())
        if not all(map(_HOST.fullmatch, found)):
            self.problems.append(f"{name} must be host names, comma separated, without ports.")
        return found

    def checksum(self, name: str) -> str:
        value = self.text(name).lower()
        if value and not re.fullmatch(r"[0-9a-f]{64}", value):
            self.problems.append(f"{name} must be the 64 hex digits of a SHA-256, or empty.")
        return value

    def mail_server(self, name: str) -> str:
        value = self.text(name)
        if value and not _is_mail_server(value):
            # Not shown: there may be a password in it.
            self.problems.append(f"{name} must be such as smtps://user:password@mail.example.org.")
        return value

    def mail_address(self, name: str) -> str:
        value = self.text(name)
        if not re.fullmatch(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+", value):
            self.problems.append(f"{name} is “{value}”; use an address, such as leads@example.org.")
        return value

    def folder(self, name: str) -> Path | None:
        value = self.text(name)
        return Path(value) if value else None

    def read(self) -> Settings:
        settings = Settings(
            environment=self.text("ENVIRONMENT", "development", "production"),
            database_url=self.text("DATABASE_URL"),
            redis_url=self.text("REDIS_URL"),
            store=Path(self.text("STORE")),
            port=self.number("PORT", 1, 65535),
            host=self.text("HOST"),
            public_url=self.text("PUBLIC_URL"),
            secret_key=self.key("SECRET_KEY"),
            master_keys=self.keys("MASTER_KEYS"),
            chain_keys=self.keys("CHAIN_KEYS"),
            index_key=self.key("INDEX_KEY"),
            token_key=self.key("TOKEN_KEY"),
            ranker_key=self.key("RANKER_KEY"),
            allow_loopback=self.flag("ALLOW_LOOPBACK"),
            destination_ports=self.ports("DESTINATION_PORTS"),
            senders=self.number("SENDERS", 1, 256),
            lease_seconds=self.number("LEASE_SECONDS", 36, 3600),
            worker_metrics_port=self.number("WORKER_METRICS_PORT", 0, 65535),
            retrain_hours=self.number("RETRAIN_HOURS", 0, 8760),
            rate_per_minute=self.number("RATE_PER_MINUTE", 1, 1_000_000),
            trusted_proxies=self.number("TRUSTED_PROXIES", 0, 9),
            log_level=self.text("LOG_LEVEL", "DEBUG", "INFO", "WARNING", "ERROR"),
            institutions_url=self.text("INSTITUTIONS_URL"),
            institutions_sha256=self.checksum("INSTITUTIONS_SHA256"),
            field_of_study_url=self.text("FIELD_OF_STUDY_URL"),
            field_of_study_sha256=self.checksum("FIELD_OF_STUDY_SHA256"),
            distance_codes=self.text("DISTANCE_CODES"),
            smtp_url=self.mail_server("SMTP_URL"),
            mail_from=self.mail_address("MAIL_FROM"),
            mailbox=self.folder("MAILBOX"),
            sftp_ports=self.ports("SFTP_PORTS"),
            explore_share=self.per_cent("EXPLORE_SHARE"),
            contact_budget=self.pairs(
                "CONTACT_BUDGET", _CONTACTS, "call=3/24,text=3/24, each channel"
            ),
            attribution_days=self.number("ATTRIBUTION_DAYS", 1, 3650),
            imported_log_days=self.number("IMPORTED_LOG_DAYS", 0, 36_500),
            retention_days=self.number("RETENTION_DAYS", 0, 36_500),
            search_days=self.number("SEARCH_DAYS", 0, 36_500),
            training_memory_mib=self.number("TRAINING_MEMORY_MIB", 256, 1 << 20),
            dask_scheduler=self.text("DASK_SCHEDULER"),
            form_seconds=self.number("FORM_SECONDS", 0, 60),
            proof_bits=self.number("PROOF_BITS", 0, 24),
            sending_limits=self.pairs(
                "SENDING_LIMITS", _SENDING, "address=20/60,email=10/30, each"
            ),
            allowed_hosts=self.hosts("ALLOWED_HOSTS"),
            api_rate_per_minute=self.number("API_RATE_PER_MINUTE", 0, 1_000_000),
            approved_texts=self.text("APPROVED_TEXTS"),
        )
        if settings.production and settings.allow_loopback:
            self.problems.append("ALLOW_LOOPBACK is true; production never delivers to itself.")
        for name, ports in (
            ("DESTINATION_PORTS", settings.destination_ports),
            ("SFTP_PORTS", settings.sftp_ports),
        ):
            if settings.production and ports is None:
                self.problems.append(f"{name} is `any`; production needs a list.")
        if settings.production and settings.mailbox is not None:
            self.problems.append("MAILBOX is set; production sends mail, by SMTP_URL.")
        return settings

    def _decode(self, name: str, encoded: str) -> bytes:
        if not encoded:
            return b""
        try:
            value = base64.b64decode(encoded, validate=True)
        except ValueError:
            value = b""
        if len(value) != 32:
            self.problems.append(f"{name} must be 32 random bytes in base64.")
        return value
