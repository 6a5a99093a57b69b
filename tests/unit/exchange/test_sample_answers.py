"""Sample answers are what the mocks of the presets answer."""

import pytest

from models.domain.clock import SystemClock
from models.exchange.presets import PRESETS
from models.exchange.sample_answers import SAMPLE_ANSWERS, SampleAnswer
from workers import trying

_CASES = [(name, each) for name, found in SAMPLE_ANSWERS.items() for each in found]


def test_every_preset_that_is_answered_by_http_has_samples() -> None:
    assert set(SAMPLE_ANSWERS) == {n for n, p in PRESETS.items() if p.kind != "sftp_csv"}


@pytest.mark.parametrize(("name", "sample"), _CASES, ids=lambda each: getattr(each, "name", each))
def test_the_mock_says_the_same(name: str, sample: SampleAnswer) -> None:
    trial = trying.try_preset(PRESETS[name], {}, sample.name, SystemClock())
    reply = trial.replies[0 if sample.ping else -1]
    assert (reply.code, reply.body.decode()) == (sample.code, sample.body)
