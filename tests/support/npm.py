"""Programs from npm that tests ask, installed from a committed lock file."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support import once

_FOLDERS = Path(__file__).parents[1]
_SECONDS = 240


def installed(name: str) -> Path:
    """The folder into which npm installed what ``tests/<name>`` locks, once in a run.

    Skips, by name and reason, where npm is missing or cannot reach its registry.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip(f"npm is not here: {name} cannot be installed")

    def install(folder: Path) -> None:
        for file in (_FOLDERS / name).iterdir():
            shutil.copy(file, folder)
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            check=False,
            timeout=_SECONDS,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            pytest.skip(f"npm cannot install {name} here: {done.stderr[-200:]}")

    return once.made_once(name, install)
