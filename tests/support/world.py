"""A service on real servers with a real catalog, and the schools and campaigns a test gives it."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import Engine, func, select, text
from sqlalchemy import table as table_of

from config.settings import Settings
from matcher import match
from matcher.fields import FieldIndex
from models.db.at_once import PostgresAtOnce
from models.db.crypto import Keyring
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.campaign import CampaignSettings, CampaignStatus, Terms
from models.domain.caps import Caps
from models.domain.clock import SystemClock
from models.domain.destination import DestinationStatus, NewDestination
from service.app import Parts, create_app
from service.serving import Serving
from tests.support import asking
from tests.support.keys import RANKER_KEY, RANKER_SEED

KEY = base64.b64encode(b"k" * 32).decode()
SEARCH, STUDENT = asking.SEARCH, asking.STUDENT


@dataclass(frozen=True)
class Store:
    """A folder with one catalog and one ranker."""

    path: Path
    catalog: str
    ranker: str


def make_settings(store: Path, database_url: str, redis_url: str, **changes: Any) -> Settings:
    """Settings of a test's service."""
    values: dict[str, Any] = {
        "environment": "development",
        "database_url": database_url,
        "redis_url": redis_url,
        "store": store,
        "port": 8000,
        "host": "127.0.0.1",
        "public_url": "",
        "secret_key": b"s" * 32,
        "master_keys": {"test": b"m" * 32},
        "chain_keys": {"c1": b"c" * 32},
        "index_key": b"i" * 32,
        "token_key": b"t" * 32,
        "ranker_key": RANKER_SEED,
        "allow_loopback": True,
        "destination_ports": None,
        "senders": 1,
        "lease_seconds": 60,
        "worker_metrics_port": 0,
        "retrain_hours": 0,
        "rate_per_minute": 100_000,
        "trusted_proxies": 0,
        "log_level": "INFO",
    }
    return Settings(**{**values, **changes})


@dataclass
class World:
    """One running service and what a test needs to arrange and look into it."""

    engine: Engine
    keyring: Keyring
    settings: Settings
    app: Flask
    serving: Serving
    nudges: list[int]
    clock: SystemClock = field(default_factory=SystemClock)

    @property
    def client(self) -> Any:
        return self.app.test_client()

    def work(self) -> PostgresUnitOfWork:
        return PostgresUnitOfWork(self.engine, self.keyring)

    def takes_requests(self, unitid: int, *, organic: bool = True) -> UUID:
        """Give a school an organization with a tested destination; return the organization."""
        now = self.clock.now()
        with self.work() as work:
            organization = work.organizations.create(f"Org {uuid4()}", fictional=True, now=now)
            work.organizations.claim_school(organization.id, unitid, takes_organic=organic, now=now)
            new = NewDestination(
                "CRM",
                "webhook",
                {"url": "https://school.example/hook"},
                {"signing_keys": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]},
                (unitid,),
            )
            destination = work.destinations.create(organization.id, new, by="test", now=now)
            work.destinations.set_status(destination, DestinationStatus.ACTIVE)
            work.destinations.mark_tested(destination, now)
        self.serving.poll()
        return organization.id

    def sponsors(
        self, organization: UUID, unitid: int, caps: Caps, program: Mapping[str, Any]
    ) -> UUID:
        """Start a campaign of an organization for a school and one kind of program."""
        now = self.clock.now()
        settings = CampaignSettings((unitid,), cips=(program["cip"],), caps=caps)
        with self.work() as work:
            campaign = work.campaigns.create(
                organization, "Campaign", Terms(5000, "USD", settings), by="test", now=now
            )
            work.campaigns.set_status(work.campaigns.get(campaign), CampaignStatus.ACTIVE)
        self.serving.poll()
        return campaign

    def search(self, **changes: Any) -> Any:
        """Search and return the answer."""
        answer = self.client.post("/api/v1/matches", json={**SEARCH, **changes})
        assert answer.status_code == 200, answer.text
        return answer.json

    def body(self, matches: Mapping[str, Any], *listings: Mapping[str, Any]) -> dict[str, Any]:
        """A submission for listings with a consent to e-mail for each school."""
        ids = [listing["listing_id"] for listing in listings]
        form = self.client.get(
            "/api/v1/request-form",
            query_string={"slate_id": matches["slate_id"], "listing_ids": ids},
        )
        assert form.status_code == 200, form.text
        return {
            "slate_id": matches["slate_id"],
            "listing_ids": ids,
            "student": dict(STUDENT),
            "consents": [
                {name: each[name] for name in ("school_id", "channel", "text_id")}
                for each in form.json["consents"]
                if each["channel"] == "email"
            ],
        }

    def send(self, body: Any, key: str | None = None) -> Any:
        """Send a submission."""
        headers = {"Idempotency-Key": key or uuid4().hex}
        return self.client.post("/api/v1/requests", json=body, headers=headers)

    def count(self, table: str) -> int:
        """Count the rows of a table."""
        with self.engine.connect() as connection:
            return int(
                connection.execute(select(func.count()).select_from(table_of(table))).scalar_one()
            )

    def rows(self, sql: str) -> list[Any]:
        """Read rows."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(sql)).all())


def make_world(engine: Engine, keyring: Keyring, settings: Settings, store: Store) -> World:
    """Publish the store's versions and start a service on them, its poller under test's hand."""
    clock, nudges = SystemClock(), list[int]()

    def work() -> PostgresUnitOfWork:
        return PostgresUnitOfWork(engine, keyring)

    publish(work, store)
    serving = Serving(store.path, work, clock, _engine)
    serving.poll()
    parts = Parts(
        unit_of_work=work,
        accept_at_once=PostgresAtOnce(engine, keyring),
        serving=serving,
        fields=_fields(),
        nudge=lambda: nudges.append(1),
    )
    app = create_app(settings, parts)
    return World(engine, keyring, settings, app, serving, nudges, clock)


@cache
def _fields() -> FieldIndex:
    """The index of fields; reading it never changes it, so all worlds share one."""
    return FieldIndex.load()


@cache
def _engine(catalog: Path, ranker: Path) -> match.Engine:
    """The engine of two folders whose names are their contents, opened once for all worlds."""
    return match.open_engine(catalog, ranker, RANKER_KEY)


def publish(work: Any, store: Store) -> None:
    """Put a store's catalog and ranker in service."""
    now = SystemClock().now()
    kept = store.path / "ranker" / store.ranker / "card.json"
    # A store whose files are away has no card either.
    card = json.loads(kept.read_text()) if kept.exists() else {"provenance": "prior"}
    with work() as unit:
        unit.publications.add_catalog(store.catalog, {}, now)
        unit.publications.add_ranker(store.ranker, card["provenance"], card, now)
        unit.publications.publish("catalog", store.catalog, "test", "test", now)
        unit.publications.publish("ranker", store.ranker, "test", "test", now)
