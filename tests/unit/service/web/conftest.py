"""An app with the pages alone: what steps would answer is made by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matcher.fields import FieldIndex
from models.domain.clock import FixedClock
from models.domain.errors import UnavailableError
from models.domain.tokens import TokenSigner
from service.defences import defend
from service.services import Services, ServingSource, SlateKeeper
from service.web import blueprint
from tests.support.sessions import MemorySessions, SessionsOnly

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class NothingServes:
    """A page that reaches this was not refused before."""

    def state(self) -> Any:
        raise UnavailableError("the catalog")

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a page asked for {name}")


@pytest.fixture(scope="session")
def fields() -> FieldIndex:
    return FieldIndex.load()


@pytest.fixture
def app(fields: FieldIndex) -> Flask:
    app = Flask("test")
    app.config.update(TESTING=True, SECRET_KEY="test")
    sessions = MemorySessions()
    app.extensions["schoolmatch"] = Services(
        clock=FixedClock(NOW),
        unit_of_work=lambda: cast("Any", SessionsOnly(sessions)),
        serving=cast("ServingSource", NothingServes()),
        fields=fields,
        slates=cast("SlateKeeper", NothingServes()),
        tokens=TokenSigner(b"t" * 32),
        public_url="",
        production=False,
        secret_key=b"s" * 32,
    )
    defend(app, secure=False, api_rate=0)
    app.register_blueprint(blueprint)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def asked(app: Flask) -> Iterator[None]:
    """As if a page had been asked for, for what needs the request at hand."""
    with app.test_request_context("/results"):
        yield
