"""Promises about the tree itself: what a newcomer may rely on."""

import re
import subprocess
from pathlib import Path

import pytest

from config.settings import SETTINGS, Setting

ROOT = Path(__file__).parents[2]
ROOMS = ("commands", "service", "workers", "matcher", "models", "config", "demo")
MOST_LINES = 300


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def test_the_top_level_is_what_the_card_says() -> None:
    promised = "service matcher workers models config tests docker-compose.yml pyproject.toml"
    assert [n for n in (*promised.split(), "README.md") if not (ROOT / n).exists()] == []


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.name)
def test_every_setting_has_its_row_in_the_docs(setting: Setting) -> None:
    rows = (ROOT / "docs/settings.md").read_text().splitlines()
    row = next((r for r in rows if r.startswith(f"| `{setting.name}` |")), "")
    assert setting.help in row, f"docs/settings.md needs the row of {setting.name}"
    shown = "required" if setting.default is None else setting.default or "empty"
    assert shown in row.split("|")[2]


def test_a_file_can_be_read_in_one_sitting() -> None:
    files = [p for room in ROOMS for p in tracked(f"{room}/**.py") if "migrations" not in p.parts]
    assert files
    long = {str(p.relative_to(ROOT)): n for p in files if (n := _lines(p)) > MOST_LINES}
    assert long == {}


def test_every_room_says_what_lives_in_it() -> None:
    for room in ROOMS[:-1]:
        text = (ROOT / room / "__init__.py").read_text()
        assert text.startswith('"""'), f"{room}/__init__.py says what lives here"


def test_no_index_address_and_no_path_of_a_machine_is_written_down() -> None:
    for lock in tracked("*.lock"):
        text = lock.read_text()
        assert "://" not in text, f"{lock.name} names an address"
        assert text.count("--hash=sha256:") > 500
    private = re.compile(r"/work/(main|shared)|/root/|pypi\.org|files\.pythonhosted")
    for path in tracked("*.py", "*.toml", "*.md", "Makefile", ".ci/*", "*.yml"):
        if path != Path(__file__):
            assert not private.search(path.read_text()), path


def test_tests_pass_fakes_through_ports_and_patch_no_names() -> None:
    for path in tracked("tests/**.py"):
        if path != Path(__file__):
            assert "mock.patch" not in path.read_text(), path
            assert "import unittest.mock" not in path.read_text(), path


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())
