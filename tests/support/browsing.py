"""The pages that are browsed on a small invented catalog, without a database or a ranker."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from flask import Flask

from matcher.catalog import Catalog, open_catalog
from matcher.fields import FieldIndex
from matcher.index import index_catalog
from matcher.ingest.careers import CareersFound, career_texts
from models.domain.clock import FixedClock
from models.domain.errors import UnavailableError
from models.domain.tokens import TokenSigner
from service.problems import handle_errors
from service.services import Services, ServingSource, SlateKeeper
from service.web import blueprint
from tests.support.careers import ASSISTANTS, MEDICAL_RECORDS
from tests.support.catalogs import CIPS, write_catalog
from tests.support.sessions import MemorySessions, SessionsOnly

PUBLIC_URL = "https://schoolmatch.example"
SCHOOLS = 60
NAMES = (
    "Université du Québec à Rimouski",
    "Middlesex Community College",
    "University of California-Berkeley",
    "St. John's College",
    "Medical Records Institute",
)
CITIES = ("Rimouski", "Edison", "Berkeley", "Annapolis", "")
CAREERS_SOURCE = {
    "key": "careers",
    "name": "an invented bureau",
    "year": "2026",
    "release": "file of 2026",
    "outlook": "2024\u20132034",
    "licence": "CC-BY-4.0",
}


class _OnlyBrowsed:
    """Knows no engine but one without a ranker."""

    def __init__(self, catalog: Catalog) -> None:
        engine = SimpleNamespace(catalog=catalog, index=index_catalog(catalog))
        self._state = SimpleNamespace(
            engine=engine,
            offers=(),
            taking={},
            demonstrates=(),
            highlights={},
            catalog_version=catalog.version,
        )

    def state(self) -> Any:
        return self._state

    def engine(self, *versions: str) -> Any:
        raise UnavailableError(f"the engine of {versions}")


class _KeepsNothing:
    """No slate is known."""

    def find(self, slate_id: object) -> None:
        del slate_id

    def admit(self, address: str) -> None:
        del address


def careers_found() -> CareersFound:
    """Two fields that lead to two occupations, as a file says it."""
    return CareersFound(
        outlook=CAREERS_SOURCE["outlook"],
        careers={
            "5107": {"growth": 9.0, "openings": 126500.0, "occupations": ["29-2072", "31-9092"]},
            "5138": {"growth": None, "openings": None, "occupations": ["31-9092"]},
        },
        occupations={"29-2072": MEDICAL_RECORDS, "31-9092": ASSISTANTS},
    )


def small_catalog(store: Path, *, careers: bool = False, names: Iterable[str] = NAMES) -> Catalog:
    """An invented catalog whose first schools have names, cities and addresses on the web."""
    named = list(names)
    rest = [f"Invented College {number}" for number in range(SCHOOLS - len(named))]
    said = {
        "school_name": [*named, *rest],
        "school_city": [*CITIES, *[""] * (SCHOOLS - len(CITIES))],
        "school_url": ["www.school.example", *[""] * (SCHOOLS - 1)],
    }
    sources = []
    if careers:
        families = [int(cip.replace(".", "")) for cip in CIPS]
        said |= career_texts(careers_found(), families)
        sources.append(CAREERS_SOURCE)
    return open_catalog(write_catalog(store, schools=SCHOOLS, said=said, sources=sources))


def browsing_app(fields: FieldIndex, catalog: Catalog) -> Flask:
    """An app whose pages know a catalog and nothing else."""
    app = Flask("test")
    app.config.update(TESTING=True, SECRET_KEY="test")
    sessions = MemorySessions()
    app.extensions["schoolmatch"] = Services(
        clock=FixedClock(datetime(2026, 11, 22, 12, tzinfo=UTC)),
        unit_of_work=lambda: cast("Any", SessionsOnly(sessions)),
        serving=cast("ServingSource", _OnlyBrowsed(catalog)),
        fields=fields,
        slates=cast("SlateKeeper", _KeepsNothing()),
        tokens=TokenSigner(b"t" * 32),
        public_url=PUBLIC_URL,
        production=False,
        secret_key=b"s" * 32,
    )
    handle_errors(app)
    app.register_blueprint(blueprint)
    return app
