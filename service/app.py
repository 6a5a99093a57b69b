"""The wiring: from settings to a Flask app; the only place of the service that opens anything."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config.broker import Nudge, make_celery
from config.queues import TRAINING_QUEUE, TRAINING_TASK
from config.settings import Settings
from matcher.fields import FieldIndex
from matcher.match import open_engine
from matcher.signature import public_key
from models.db.at_once import PostgresAtOnce
from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.clock import Clock, SystemClock
from models.domain.guarding import GuardRules, SendingLimit, Subject
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.tokens import TokenSigner
from models.proof.signing import Signer
from service import defences, health, operator, school, sight, staff, web, widget
from service.api.v1 import (
    demonstration,
    disposition_webhook,
    dispositions,
    document,
    events,
    feed,
    fields,
    matches,
    request_form,
    requests,
)
from service.flask_app import App
from service.identity import IdentityClient
from service.problems import handle_errors
from service.sending_counts import SendingCounts
from service.services import AcceptAtOnce, Services, ServingSource, SlateKeeper, never_at_once
from service.serving import Serving
from service.slate_cache import SlateCache

# 100 KB of text must reach the schemas, which say what to do about it; a lead is a few KB.
MOST_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Parts:
    """What tests put in the place of the real things; None is the real one.

    ``accept_at_once`` counts only where ``unit_of_work`` is given too.
    """

    clock: Clock | None = None
    unit_of_work: UnitOfWorkFactory | None = None
    serving: ServingSource | None = None
    slates: SlateKeeper | None = None
    nudge: Callable[[], None] | None = None
    fields: FieldIndex | None = None
    accept_at_once: AcceptAtOnce = never_at_once


def create_app(settings: Settings, parts: Parts | None = None) -> Flask:
    """Wire the service together.

    Args:
        settings: checked settings.
        parts: what tests put in the place of the real things.
    """
    app = App(__name__, static_folder=None)
    app.config.update(_flask_settings(settings))
    if settings.trusted_proxies:
        # Only the address: what we call ourselves comes from PUBLIC_URL, never from a header.
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0)  # type: ignore[method-assign]
    app.extensions["schoolmatch"] = make_services(settings, parts or Parts())
    sight.watch(app)
    secure = bool(app.config["SESSION_COOKIE_SECURE"])
    defences.defend(app, secure=secure, api_rate=settings.api_rate_per_minute)
    handle_errors(app)
    demonstration.announce_demonstration(app)
    app.register_blueprint(health.blueprint)
    for room in (web, widget, staff, school, operator):
        app.register_blueprint(room.blueprint)
    api = document.DocumentedApi(app)
    for scheme in ("token", "api_key"):
        api.spec.components.security_scheme(scheme, {"type": "http", "scheme": "bearer"})
    for module in (
        matches,
        fields,
        request_form,
        requests,
        events,
        dispositions,
        disposition_webhook,
        feed,
    ):
        api.register_blueprint(module.endpoints.blueprint, url_prefix="/api/v1")
    document.complete(api.spec.components.schemas)
    return app


def make_services(settings: Settings, parts: Parts) -> Services:
    """Open what steps lean on."""
    clock = parts.clock or SystemClock()
    if parts.unit_of_work:
        unit_of_work, accept_at_once = parts.unit_of_work, parts.accept_at_once
    else:
        unit_of_work, accept_at_once = _open_database(settings)
    slates = parts.slates or SlateCache(
        settings.redis_url, unit_of_work, clock, per_minute=settings.rate_per_minute
    )
    serving = parts.serving or _start_serving(settings, unit_of_work, clock)
    return Services(
        clock=clock,
        unit_of_work=unit_of_work,
        accept_at_once=accept_at_once,
        serving=serving,
        fields=parts.fields or FieldIndex.load(),
        slates=slates,
        tokens=TokenSigner(settings.token_key),
        public_url=settings.address,
        production=settings.production,
        secret_key=settings.secret_key,
        signers=[Signer(name, seed) for name, seed in settings.chain_keys.items()],
        identity=IdentityClient(settings.destination_ports, allow_loopback=settings.allow_loopback),
        explore_share=settings.explore_share,
        retention_days=settings.retention_days,
        search_days=settings.search_days,
        guard=_guard_rules(settings),
        counts=SendingCounts(settings.redis_url, settings.secret_key, clock),
        nudge=parts.nudge or Nudge(make_celery(settings.redis_url)),
        nudge_training=parts.nudge or _training_nudge(settings),
    )


def _guard_rules(settings: Settings) -> GuardRules:
    limits = {Subject(name): SendingLimit(*most) for name, *most in settings.sending_limits}
    return GuardRules(settings.form_seconds, settings.proof_bits, limits)


def _open_database(settings: Settings) -> tuple[UnitOfWorkFactory, AcceptAtOnce]:
    engine = make_engine(settings.database_url)
    keyring = Keyring(settings.master_keys, settings.index_key)
    return (lambda: PostgresUnitOfWork(engine, keyring)), PostgresAtOnce(engine, keyring)


def _training_nudge(settings: Settings) -> Nudge:
    return Nudge(make_celery(settings.redis_url), TRAINING_TASK, TRAINING_QUEUE)


def _start_serving(settings: Settings, unit_of_work: UnitOfWorkFactory, clock: Clock) -> Serving:
    opening = partial(open_engine, key=public_key(settings.ranker_key))
    serving = Serving(settings.store, unit_of_work, clock, opening)
    serving.start()
    return serving


def _flask_settings(settings: Settings) -> dict[str, Any]:
    secure = settings.address.startswith("https:")
    host = urlsplit(settings.address).netloc
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": MOST_BYTES,
        "MAX_FORM_MEMORY_SIZE": MOST_BYTES,
        "MAX_FORM_PARTS": 500,
        # Another host may be a forged header; this machine's own probes use where we listen.
        "TRUSTED_HOSTS": (
            [host, "127.0.0.1", settings.host, *settings.allowed_hosts]
            if settings.production
            else None
        ),
        "SESSION_COOKIE_SECURE": secure,
        "API_TITLE": "schoolmatch",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/api/v1",
        "OPENAPI_JSON_PATH": "openapi.json",
        "API_SPEC_OPTIONS": {"servers": [{"url": settings.address}]},
    }
