"""What the service answers while something it leans on is away."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine

from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.domain.clock import SystemClock
from models.domain.ids import Prefix, new_id, show
from service.app import Parts, create_app
from service.figures import FALLBACKS
from service.slate_cache import SlateCache
from tests.integration.api.test_requests import here
from tests.support.pages import read_page
from tests.support.sponsors import unitid_of
from tests.support.world import KEY, SEARCH, Store, World, make_settings, make_world, publish

LEARNING = (
    "sklearn skops scipy joblib pandas pyarrow duckdb altair vl_convert numba dask distributed "
    "lightgbm"
)
# What developers' tools bring, and structlog would take.
UNUSED = "rich.console pygments"


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@pytest.fixture
def without_valkey(engine: Engine, keyring: Keyring, database_url: str, store: Store) -> World:
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    return make_world(engine, keyring, make_settings(store.path, database_url, nobody), store)


def test_without_valkey_the_journey_goes_on_from_postgresql(without_valkey: World) -> None:
    world = without_valkey
    results = world.search()["results"]
    assert [world.count(table) for table in ("search", "slate", "slate_page")] == [1, 1, 1]
    world.takes_requests(unitid_of(results[0]))
    found = world.search()
    second = world.search(slate_id=found["slate_id"], page=2)
    assert second["results"][0]["position"] == 21
    assert world.send(world.body(found, here(found)[0])).status_code == 202
    ready = world.client.get("/readyz")
    assert (ready.status_code, ready.json["checks"]["valkey"]) == (200, "degraded")


def test_a_slate_that_only_an_absent_valkey_may_have_is_not_called_unknown(
    world: World, without_valkey: World
) -> None:
    kept_in_valkey = world.search()["slate_id"]
    answer = without_valkey.client.post("/api/v1/matches", json={"slate_id": kept_in_valkey})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    long_ago = show(Prefix.SLATE, new_id(world.clock.now() - timedelta(days=2)))
    answer = without_valkey.client.post("/api/v1/matches", json={"slate_id": long_ago})
    assert answer.status_code == 422


def test_a_valkey_that_hangs_costs_one_visitor_a_moment_and_the_next_nothing(
    without_valkey: World,
) -> None:
    with socket.socket() as hanging:
        hanging.bind(("127.0.0.1", 0))
        hanging.listen(64)
        hanging.setblocking(False)
        url = f"redis://127.0.0.1:{hanging.getsockname()[1]}/0"
        slates = SlateCache(
            url, without_valkey.work, SystemClock(), per_minute=9, ticks=lambda: 100.0
        )
        slates.admit("somebody")
        hanging.accept()[0].close()
        slates.admit("the next")
        with pytest.raises(BlockingIOError):
            hanging.accept()


def test_a_valkey_that_is_slow_for_a_moment_loses_nobody_their_results(
    world: World, redis_url: str
) -> None:
    """A slate that was just drawn is in Valkey only: its visitor waits rather than starts over."""
    found = world.search()
    fallbacks = FALLBACKS.labels("find")._value
    before = fallbacks.get()
    with redis.Redis.from_url(redis_url) as valkey:
        valkey.client_pause(300, all=True)
        second = world.client.post("/api/v1/matches", json={"slate_id": found["slate_id"]})
    assert second.status_code == 200
    assert second.json["results"] == found["results"]
    assert fallbacks.get() > before, "Valkey was not slow"


def test_without_valkey_an_address_is_still_counted(
    engine: Engine, keyring: Keyring, database_url: str, store: Store
) -> None:
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    settings = make_settings(store.path, database_url, nobody, rate_per_minute=2)
    world = make_world(engine, keyring, settings, store)
    answers = [world.client.post("/api/v1/fields", json={"text": "nursing"}) for _ in range(6)]
    assert [each.status_code for each in answers[:2]] == [200, 200]
    limited = next(each for each in answers if each.status_code == 429)
    assert 0 < int(limited.headers["Retry-After"]) <= 60
    assert "saved" not in limited.json["detail"], "nothing of a refused call is kept"


@pytest.fixture
def without_database(world: World, redis_url: str, store: Store) -> World:
    """The same service after its database went away; its last state goes on serving."""
    away = make_engine(f"postgresql://nobody@127.0.0.1:{free_port()}/none", pool_size=1)
    world.engine = away

    def work() -> object:
        return world.work()

    settings = make_settings(store.path, "postgresql://unused", redis_url)
    slates = SlateCache(redis_url, world.work, SystemClock(), per_minute=1000)
    world.app = create_app(
        settings,
        Parts(
            unit_of_work=world.work,
            serving=world.serving,
            slates=slates,
            nudge=lambda: world.nudges.append(1),
        ),
    )
    return world


def test_without_the_database_searches_go_on_and_requests_are_asked_to_wait(
    without_database: World,
) -> None:
    world = without_database
    found = world.search()
    assert found["results"]
    waiting = [
        world.client.get("/api/v1/requests/req_01jd0000000000000000000000"),
        world.send(
            {
                "slate_id": found["slate_id"],
                "listing_ids": [found["results"][0]["listing_id"]],
                "student": {
                    "first_name": "Zoë",
                    "last_name": "Example",
                    "email": "zoe@example.com",
                    "age_18_or_over": True,
                },
                "consents": [{"school_id": "sch_1", "channel": "email", "text_id": "txt_1"}],
            }
        ),
        world.client.post("/api/v1/matches", json={"slate_id": "slt_01jd0000000000000000000000"}),
        world.client.get("/readyz"),
    ]
    assert [answer.status_code for answer in waiting] == [401, 503, 503, 503]
    for answer in waiting[1:]:
        assert int(answer.headers["Retry-After"]) > 0
    assert waiting[1].mimetype == "application/problem+json"
    assert waiting[3].json["checks"]["database"] == "away"
    assert world.client.get("/livez").status_code == 200


SHOWN_SLATE = "slt_01jd0000000000000000000000"
WITH_A_SESSION = (
    ("GET", f"/request?slate_id={SHOWN_SLATE}"),
    ("POST", "/request"),
    ("GET", "/request/check"),
    ("POST", "/request/check"),
    ("GET", "/requests/req_01jd0000000000000000000000"),
)


@pytest.mark.parametrize(("method", "path"), WITH_A_SESSION)
def test_without_the_database_a_page_asks_to_wait_and_claims_nothing(
    without_database: World, method: str, path: str
) -> None:
    client = without_database.app.test_client()
    client.set_cookie("session", "a-token-of-before")
    form = {"csrf_token": "of before", "key": "0" * 32, "slate_id": SHOWN_SLATE}
    answer = client.open(path, method=method, data=form if method == "POST" else None)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    words = read_page(answer.get_data(as_text=True)).one("main").text
    assert "5 seconds" in words
    assert "not used" not in words
    assert "not sent" not in words


def test_a_bug_is_a_problem_document_that_tells_nothing(world: World) -> None:
    def broken() -> str:
        raise RuntimeError("secret detail")

    world.app.add_url_rule("/api/v1/broken", "broken", broken)
    answer = world.client.get("/api/v1/broken")
    assert answer.status_code == 500
    assert answer.mimetype == "application/problem+json"
    assert "secret" not in answer.text


def test_the_openapi_document_names_every_endpoint(world: World) -> None:
    document = world.client.get("/api/v1/openapi.json").json
    assert set(document["paths"]) >= {
        "/api/v1/matches",
        "/api/v1/fields",
        "/api/v1/request-form",
        "/api/v1/requests",
        "/api/v1/requests/{request_id}",
        "/api/v1/events",
    }
    search = document["components"]["schemas"]["Search"]["properties"]
    assert search["query"]["maxLength"] == 200
    assert "high_school" in search["education_level"]["enum"]


def test_figures_are_told(world: World) -> None:
    world.search()
    assert "schoolmatch_answers_total" in world.client.get("/metrics").text


@pytest.fixture
def web_environment(
    world: World, database_url: str, redis_url: str, store: Store
) -> dict[str, str]:
    publish(world.work, store)
    return {
        "PATH": os.environ["PATH"],  # noqa: TID251 - a process of its own needs a path
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "STORE": str(store.path),
        "SECRET_KEY": KEY,
        "MASTER_KEYS": f"test:{KEY}",
        "INDEX_KEY": KEY,
        "TOKEN_KEY": KEY,
        "RANKER_KEY": KEY,
        "CHAIN_KEYS": f"c1:{KEY}",
    }


def test_a_web_worker_serves_without_loading_what_it_does_not_need(
    web_environment: dict[str, str],
) -> None:
    """The process that answers visitors: made as granian makes it, searched once, looked into."""
    script = f"""
import sys
import time
from service.wsgi import app
client = app().test_client()
assert client.get("/readyz").status_code == 200, client.get("/readyz").text
assert client.post("/api/v1/matches", json={SEARCH!r}).status_code == 200
assert client.get("/").status_code == 200
print([name for name in {(LEARNING + " " + UNUSED)!r}.split() if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=web_environment,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "[]"


@pytest.fixture
def granian(web_environment: dict[str, str]) -> Iterator[int]:
    port = str(free_port())
    command = "--interface wsgi --factory --workers 1 --blocking-threads 8 --no-ws --host 127.0.0.1"
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *command.split(), "--port", port, "service.wsgi:app"],
        env=web_environment,
        cwd=Path(__file__).parents[3],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield int(port)
    server.terminate()
    server.wait(20)


def test_the_command_line_of_the_readme_serves(granian: int) -> None:
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", granian, timeout=2)
            connection.request("GET", "/readyz")
            assert connection.getresponse().status == 200
            connection.close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail("it did not become ready in 20 s")
