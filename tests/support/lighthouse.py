"""Lighthouse from npm: what a page scores on a slow phone, from 0 to 1."""

import json
import os
import subprocess
from collections.abc import Mapping

from tests.support.chromium import EXECUTABLE, FLAGS
from tests.support.npm import installed

CATEGORIES = ("performance", "accessibility", "best-practices")
_SECONDS = 180
# What it says where it lost the browser's trace: of the machine, and nothing of the page.
_AGAIN = "Please run Lighthouse again"
_TRIES = 3


def scores(url: str) -> Mapping[str, float]:
    """Load a page once, as Lighthouse's phone does (4 times slower, 1.6 Mbit/s, simulated)."""
    done = _run(url)
    for _ in range(_TRIES - 1):
        if _AGAIN not in done.stderr:
            break
        done = _run(url)
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    assert not report.get("runtimeError"), report["runtimeError"]
    return {name: float(report["categories"][name]["score"]) for name in CATEGORIES}


def _run(url: str) -> "subprocess.CompletedProcess[str]":
    folder = installed("lighthouse")
    return subprocess.run(
        [
            "node",
            str(folder / "node_modules/lighthouse/cli/index.js"),
            url,
            "--quiet",
            "--output=json",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags={' '.join(FLAGS)}",
        ],
        env={**os.environ, "CHROME_PATH": str(EXECUTABLE)},  # noqa: TID251 - node's own needs
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
