"""Simulated students who came over some days, and schools that took days to answer them."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from commands.simulate import simulate
from models.domain.clock import SystemClock
from tests.integration.commands.test_loop import Run, run, world
from tests.support.world import World

__all__ = ["run", "world"]

_ANSWERED = text(
    "SELECT asked.created_at, answer.created_at FROM event asked JOIN event answer "
    "USING (slate_id, listing_id) WHERE asked.kind = 'request' "
    "AND answer.kind IN ('accepted', 'rejected')"
)


@pytest.mark.slow
def test_answers_come_days_later_and_some_have_not_come_yet(world: World, run: Run) -> None:
    made = run("simulate", "--searches", "300", "--over-days", "20", "--answer-days", "8")
    now = SystemClock().now()
    with world.engine.connect() as connection:
        came = sorted(connection.scalars(text("SELECT created_at FROM search")).all())
        answered = connection.execute(_ANSWERED).all()
    assert len(came) == made["searches"] == 300
    for number, moment in enumerate(came):
        due = now - timedelta(days=20 * (1 - number / 300))
        assert abs(moment - due) < timedelta(minutes=5)
    assert 0.3 * made["requests"] < len(answered) < 0.9 * made["requests"]
    waited = [answer - asked for asked, answer in answered]
    assert min(waited) > timedelta()
    assert sum(waited, timedelta()) / len(waited) > timedelta(days=2)
    assert max(answer for _, answer in answered) <= now


def test_without_days_that_are_past_no_answer_could_be_known() -> None:
    result = CliRunner().invoke(simulate, ["--answer-days", "3"])
    assert result.exit_code == 2
    assert "--over-days" in result.output
