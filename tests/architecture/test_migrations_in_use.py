"""Tables that are large and always in use change without holding anybody up."""

import ast
from pathlib import Path

import pytest

_LARGE = {
    "attempt",
    "audit",
    "cap_ledger",
    "charge",
    "consent",
    "delivery",
    "disposition",
    "lead",
    "lead_listing",
    "request",
}
_VERSIONS = Path(__file__).parents[2] / "models" / "db" / "migrations" / "versions"
# Those before ran where there was nothing yet.
_FILES = sorted(path for path in _VERSIONS.glob("0*.py") if path.name > "0021")


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_an_index_of_a_large_table_is_built_beside_all_else(path: Path) -> None:
    """``op.create_index`` locks all who write out until it is done; ``build_index`` nobody."""
    assert _locked_out(ast.parse(path.read_text())) == set()


def test_one_that_locks_writers_out_is_found() -> None:
    both = 'op.create_table("charge"); op.create_index(op.f("a"), "charge", ["x"])'
    assert _locked_out(ast.parse(both)) == set()
    assert _locked_out(ast.parse('op.create_index("a", "charge", ["x"])')) == {"charge"}


def _locked_out(module: ast.Module) -> set[str]:
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    made = {_word(call, 0) for call in calls if _name(call) == "create_table"}
    indexed = {_word(call, 1) for call in calls if _name(call) == "create_index"}
    return (indexed & _LARGE) - made


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _word(call: ast.Call, place: int) -> str:
    said = call.args[place]
    assert isinstance(said, ast.Constant), "say a table's name as it is"
    return str(said.value)
