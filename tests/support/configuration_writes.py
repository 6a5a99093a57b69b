"""Finds in the source which methods of repositories change configuration."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

REPOSITORIES = Path(__file__).parents[2] / "models/db/repositories"
TABLES = {
    "campaign",
    "campaign_version",
    "destination",
    "destination_version",
    "destination_school",
    "organization_school",
    "api_key",
    "membership",
    "highlight",
    "identity_provider",
}
_WRITES = {"insert", "upsert", "update", "delete"}
_SQL = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")


def written(node: ast.AST) -> Iterator[str]:
    """Tables that a part of a program writes to, by expression or in SQL."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
            if each.func.id in _WRITES and each.args and isinstance(each.args[0], ast.Name):
                yield each.args[0].id
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield from _SQL.findall(each.value)


def changing_modules() -> set[str]:
    """Names of the files that write to a table of configuration."""
    return {
        path.name
        for path in REPOSITORIES.glob("*.py")
        if TABLES & set(written(ast.parse(path.read_text())))
    }


def changing_methods() -> set[str]:
    """Public methods, as ``Class.method``, that write to one, themselves or by a helper."""
    found = set()
    for path in REPOSITORIES.glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                found |= {f"{node.name}.{name}" for name in _changing(node)}
    return found


def _changing(node: ast.ClassDef) -> set[str]:
    methods = {one.name: one for one in node.body if isinstance(one, ast.FunctionDef)}
    changing = {name for name, one in methods.items() if TABLES & set(written(one))}
    while more := {
        name
        for name, one in methods.items()
        if name not in changing and changing & set(_own_calls(one))
    }:
        changing |= more
    return {name for name in changing if not name.startswith("_")}


def _own_calls(node: ast.FunctionDef) -> Iterator[str]:
    for each in ast.walk(node):
        called = each.func if isinstance(each, ast.Call) else None
        if not isinstance(called, ast.Attribute):
            continue
        if isinstance(called.value, ast.Name) and called.value.id == "self":
            yield called.attr
