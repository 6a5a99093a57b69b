"""docs/security.md claims nothing that no test shows: each "done" names tests that are there."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"\| ([0-9]+[.][0-9]+[.][0-9]+) \| (.+?) \| (\S+) \| (.+) \|")
TEST = re.compile(r"`(tests/[a-z_/]+[.]py)::(test_[a-z0-9_]+)`")
STATUSES = {"done", "partly", "not"}


def table(text: str) -> list[tuple[str, str, str]]:
    """Rows of the table: id, status, proof."""
    found = [row for line in text.splitlines() if (row := ROW.fullmatch(line))]
    return [(row[1], row[3], row[4]) for row in found]


@cache
def functions_of(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.exists():
        return frozenset()
    nodes = ast.walk(ast.parse(path.read_text()))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef))


def wrong(rows: list[tuple[str, str, str]]) -> list[str]:
    """What is claimed without a test that is there."""
    found = []
    for number, status, proof in rows:
        named = TEST.findall(proof)
        if status not in STATUSES:
            found.append(f"{number}: {status} is no status")
        if status == "done" and not named:
            found.append(f"{number}: done, and no test is named")
        found += [f"{number}: {f}::{n} is not there" for f, n in named if n not in functions_of(f)]
    return found


def test_each_claim_has_its_test() -> None:
    rows = table((ROOT / "docs/security.md").read_text())
    assert len(rows) > 200
    numbers = [number for number, _, _ in rows]
    assert len(set(numbers)) == len(numbers)
    assert wrong(rows) == []


def test_a_claim_without_a_test_is_seen() -> None:
    rows = table(
        "| 1.1.1 | a | done | reviewed |\n"
        "| 1.1.2 | b | done | `tests/nowhere.py::test_nothing` |\n"
        "| 1.1.3 | c | perhaps | x |\n"
        "| 1.1.4 | d | not | a reason |"
    )
    assert [each.partition(":")[0] for each in wrong(rows)] == ["1.1.1", "1.1.2", "1.1.3"]


def test_every_threat_names_a_test_that_is_there() -> None:
    text = (ROOT / "THREATS.md").read_text()
    named = TEST.findall(text)
    assert len(named) > 25
    assert [f"{f}::{n}" for f, n in named if n not in functions_of(f)] == []
