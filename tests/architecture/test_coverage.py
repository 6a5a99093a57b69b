"""docs/coverage.md tells the truth: each row names tests that exist, or says that there is none.

So does docs/experience.md of the bars of the student's pages.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_NODE = re.compile(r"`(tests/[^`:]+\.py)::(test_[^`]+)`")
_NOT_YET = "not yet"
_INVARIANTS = range(1, 15)


def rows() -> list[tuple[str, str]]:
    """What is to be shown, and what shows it."""
    found = []
    for line in (ROOT / "docs/coverage.md").read_text().splitlines():
        if line.startswith("|") and line not in {"| what | shown by |", "|---|---|"}:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert len(cells) == 2, f"a row has two cells: {line}"
            found.append((cells[0], cells[1]))
    return found


@pytest.mark.parametrize(("what", "shown_by"), rows(), ids=[what for what, _ in rows()])
def test_a_row_names_tests_that_exist_or_says_not_yet(what: str, shown_by: str) -> None:
    assert what
    if shown_by == _NOT_YET:
        return
    named = shown_by.split("<br>")
    for name in named:
        node = _NODE.fullmatch(name)
        assert node, f"{what}: {name} is no test's name; write `tests/…py::test_…`, or {_NOT_YET}"
        assert node[2] in functions(ROOT / node[1]), f"{what}: there is no {name}"


def test_every_invariant_of_the_design_has_a_row() -> None:
    said = [what for what, _ in rows()]
    missing = [n for n in _INVARIANTS if not any(what.startswith(f"{n}. ") for what in said)]
    assert missing == []


def test_every_page_that_was_read_has_its_table() -> None:
    text = (ROOT / "docs/coverage.md").read_text()
    tables = re.findall(r"^## .+\n\n\| what \| shown by \|", text, re.MULTILINE)
    assert len(tables) == 5 + 2  # the invariants, and what a school does in its room


def test_every_bar_of_the_students_pages_names_tests_that_exist() -> None:
    text = (ROOT / "docs/experience.md").read_text()
    bars = [line for line in text.splitlines() if line.startswith("|")][2:]
    named = _NODE.findall(text)
    assert len(bars) > 10
    assert [bar for bar in bars if "tests/" not in bar and "the same test" not in bar] == []
    assert [name for file, name in named if name not in functions(ROOT / file)] == []
    assert text.count("`tests/") == len(named), "a test is written `tests/…py::test_…`"


def functions(path: Path) -> set[str]:
    """The names of a file's functions; none when there is no such file."""
    if not path.exists():
        return set()
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
