"""Settings, read from the environment once, at start; nonsense is refused with what to do.

Each setting is one row of ``SETTINGS``: name, default, help. docs/settings.md is written from
them, and a test fails when a row is missing there.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from environs import Env, EnvError


class Setting(NamedTuple):
    """One setting: its environment variable, default (None: required) and what it is for."""

    name: str
    default: str | None
    help: str


# Where the Department of Education publishes the files of the College Scorecard.
_SCORECARD = "https://ed-public-download.scorecard.network/downloads/"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "ENVIRONMENT",
        "development",
        "`development` or `production`; production refuses to "
        "start with demonstration data, loopback destinations or unapproved consent texts.",
    ),
    Setting(
        "DATABASE_URL",
        None,
        "PostgreSQL, such as `postgresql://user@host/name`. "
        "`schoolmatch up` starts an embedded one when it is not set.",
    ),
    Setting(
        "REDIS_URL",
        None,
        "Redis or Valkey, such as `redis://host:6379/0`. "
        "`schoolmatch up` starts an embedded one when it is not set.",
    ),
    Setting("STORE", None, "Folder of catalog and ranker files, shared between machines."),
    Setting("PORT", "8000", "Port of the web server."),
    Setting("HOST", "127.0.0.1", "Address the web server listens on."),
    Setting("PUBLIC_URL", "", "Address people reach the service at; empty: http://HOST:PORT."),
    Setting("SECRET_KEY", None, "Signs cookies and form tokens; 32 random bytes, base64."),
    Setting(
        "MASTER_KEYS",
        None,
        "Wrap the data keys of persons and organizations: `id:base64` of "
        "32 random bytes, several comma separated; the first is used for new keys.",
    ),
    Setting("INDEX_KEY", None, "Key of blind indexes (HMAC); 32 random bytes, base64."),
    Setting("TOKEN_KEY", None, "Key of request tokens (HMAC); 32 random bytes, base64."),
    Setting("ALLOW_LOOPBACK", "false", "Let deliveries go to this machine; production refuses it."),
    Setting(
        "DESTINATION_PORTS",
        "443",
        "Ports deliveries may connect to, comma separated; `any` is refused in production.",
    ),
    Setting("SENDERS", "8", "Sender threads in each delivery worker."),
    Setting("LEASE_SECONDS", "60", "How long a claimed delivery is held; more than 35."),
    Setting(
        "WORKER_METRICS_PORT",
        "0",
        "Port of a delivery worker's figures for Prometheus, on HOST; 0: none. "
        "Each worker of a machine needs its own.",
    ),
    Setting("RATE_PER_MINUTE", "120", "Searches and requests one address may make in a minute."),
    Setting(
        "TRUSTED_PROXIES",
        "0",
        "How many proxies of ours stand before the web server; a visitor's address is read from "
        "X-Forwarded-For as far as these wrote it.",
    ),
    Setting("LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Setting(
        "INSTITUTIONS_URL",
        f"{_SCORECARD}Most-Recent-Cohorts-Institution_06102026.zip",
        "Where `catalog fetch` finds the official institution file; it is renamed with each "
        "release.",
    ),
    Setting(
        "INSTITUTIONS_SHA256",
        "",
        "Its checksum, 64 hex digits: any other file is refused. Empty: not compared.",
    ),
    Setting(
        "FIELD_OF_STUDY_URL",
        f"{_SCORECARD}Most-Recent-Cohorts-Field-of-Study_06102026.zip",
        "Where `catalog fetch` finds the official field-of-study file.",
    ),
    Setting("FIELD_OF_STUDY_SHA256", "", "Its checksum, as above."),
    Setting(
        "DISTANCE_CODES",
        "1=online,2=campus,3=both",
        "What the field-of-study file's DISTANCE means; compare with the data dictionary of the "
        "release you import.",
    ),
)


class SettingsError(Exception):
    """The environment cannot be used; the text says which setting and what to do."""


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
    index_key: bytes
    token_key: bytes
    allow_loopback: bool
    destination_ports: frozenset[int] | None
    senders: int
    lease_seconds: int
    worker_metrics_port: int
    rate_per_minute: int
    trusted_proxies: int
    log_level: str
    institutions_url: str = ""
    institutions_sha256: str = ""
    field_of_study_url: str = ""
    field_of_study_sha256: str = ""
    distance_codes: str = ""

    @property
    def production(self) -> bool:
        """Whether real students may come."""
        return self.environment == "production"


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

    def checksum(self, name: str) -> str:
        value = self.text(name).lower()
        if value and not re.fullmatch(r"[0-9a-f]{64}", value):
            self.problems.append(f"{name} must be the 64 hex digits of a SHA-256, or empty.")
        return value

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
            index_key=self.key("INDEX_KEY"),
            token_key=self.key("TOKEN_KEY"),
            allow_loopback=self.flag("ALLOW_LOOPBACK"),
            destination_ports=self.ports("DESTINATION_PORTS"),
            senders=self.number("SENDERS", 1, 256),
            lease_seconds=self.number("LEASE_SECONDS", 36, 3600),
            worker_metrics_port=self.number("WORKER_METRICS_PORT", 0, 65535),
            rate_per_minute=self.number("RATE_PER_MINUTE", 1, 1_000_000),
            trusted_proxies=self.number("TRUSTED_PROXIES", 0, 9),
            log_level=self.text("LOG_LEVEL", "DEBUG", "INFO", "WARNING", "ERROR"),
            institutions_url=self.text("INSTITUTIONS_URL"),
            institutions_sha256=self.checksum("INSTITUTIONS_SHA256"),
            field_of_study_url=self.text("FIELD_OF_STUDY_URL"),
            field_of_study_sha256=self.checksum("FIELD_OF_STUDY_SHA256"),
            distance_codes=self.text("DISTANCE_CODES"),
        )
        if settings.production and settings.allow_loopback:
            self.problems.append("ALLOW_LOOPBACK is true; production never delivers to itself.")
        if settings.production and settings.destination_ports is None:
            self.problems.append("DESTINATION_PORTS is `any`; production needs a list.")
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
