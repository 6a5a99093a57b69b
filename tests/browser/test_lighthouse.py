"""Lighthouse on the four pages that most students meet, on its slow phone."""

from collections.abc import Mapping

import pytest
from playwright.sync_api import Browser as Chromium

from tests.browser.states import STATES
from tests.support.chromium import ChromiumBrowser
from tests.support.lighthouse import scores
from tests.support.running import RunningSystem

BARS = {"performance": 0.95, "accessibility": 1.0, "best-practices": 1.0}
RUNS = 3


@pytest.mark.slow
@pytest.mark.parametrize("state", ["start", "results", "field", "program"])
def test_the_median_of_three_runs_meets_every_bar(
    browser: Chromium, running_system: RunningSystem, state: str
) -> None:
    student = ChromiumBrowser(browser, running_system.url)
    STATES[state][0](student)
    address = student.page.url
    student.close()
    runs: list[Mapping[str, float]] = []
    while len(runs) < RUNS and not is_decided(runs):
        runs.append(scores(address))
    for name, bar in BARS.items():
        assert len([run for run in runs if run[name] >= bar]) > RUNS // 2, (name, runs)


def is_decided(runs: list[Mapping[str, float]]) -> bool:
    """Whether more runs can change no median: two of three are where the median is."""
    return all(
        len([run for run in runs if run[name] >= bar]) > RUNS // 2 for name, bar in BARS.items()
    )
