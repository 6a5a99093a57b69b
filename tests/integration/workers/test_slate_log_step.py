import json
import signal
from datetime import UTC, datetime
from pathlib import Path

import redis

from models.domain.ids import new_id
from models.domain.levels import EducationLevel
from models.domain.matching import Answers, Slate
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.slates import SLATE_STREAM, PageRecord, log_entry, slate_document
from tests.support.leads import eventually
from tests.support.worker_process import celery_worker


def a_slate() -> Slate:
    now = datetime.now(UTC)  # noqa: TID251 - a row of this month, in its partition
    return Slate(
        id=new_id(now),
        search_id=new_id(now),
        created_at=now,
        answers=Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940"),
        locale="en",
        jurisdiction="US-NY",
        catalog_version="c1",
        ranker_version="r1",
        seed=7,
        offers=(),
    )


def test_the_worker_keeps_what_was_served_and_empties_the_stream(
    database_url: str, redis_url: str, unit_of_work: UnitOfWorkFactory, tmp_path: Path
) -> None:
    slate = a_slate()
    page = PageRecord(1, (), 0.0, False).document()
    entry = log_entry(json.dumps(slate_document(slate)).encode(), json.dumps(page).encode())
    valkey = redis.Redis.from_url(redis_url)
    valkey.xadd(SLATE_STREAM, {"entry": entry})

    def kept() -> bool:
        with unit_of_work() as work:
            return work.slates.get(slate.id) == slate

    assert not kept()
    with celery_worker(database_url, redis_url, tmp_path) as process:
        assert eventually(kept, 20)
        assert eventually(lambda: valkey.xlen(SLATE_STREAM) == 0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(35) == 0
