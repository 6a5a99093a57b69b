"""No pattern that runs on input can take for ever, and none takes digits that it should not."""

import ast
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

# How Python itself reads patterns.
_constants: Any = import_module("re._constants")
_parser: Any = import_module("re._parser")
ROOT = Path(__file__).parents[2]
SHIPPED = ("commands", "service", "workers", "matcher", "models", "config", "demo")
USING = {"compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
MANY = 64
# Repeats of parts that begin or end with a mark that is in no part: one way to read each text.
SEPARATED = {"service/web/cards.py", "models/exchange/kinds/sftp_csv.py"}
# Peels digits and signs of every script off a password's ends, on purpose.
ANY_DIGIT = {"service/steps/staff_passwords.py"}


def patterns() -> Iterator[tuple[str, str]]:
    """Every pattern written in what ships, with where it stands."""
    for room in SHIPPED:
        for file in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                of = node.func.value
                if not (isinstance(of, ast.Name) and of.id == "re" and node.func.attr in USING):
                    continue
                if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node.args[0].value


def bodies(kind: Any, value: Any) -> list[Any]:
    """What stands inside a part of a pattern."""
    if kind in {_constants.MAX_REPEAT, _constants.MIN_REPEAT}:
        return [value[2]]
    if kind is _constants.SUBPATTERN:
        return [value[-1]]
    if kind is _constants.BRANCH:
        return list(value[1])
    return [value[1]] if kind in {_constants.ASSERT, _constants.ASSERT_NOT} else []


def runs_away(parsed: Any, *, inside: bool = False) -> bool:
    """Tell whether a repeat without a small limit stands in another such: (a+)+."""
    for kind, value in parsed:
        repeats = kind in {_constants.MAX_REPEAT, _constants.MIN_REPEAT}
        many = repeats and (value[1] is _constants.MAXREPEAT or value[1] > MANY)
        if many and inside:
            return True
        if any(runs_away(body, inside=inside or many) for body in bodies(kind, value)):
            return True
    return False


def parse(pattern: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _parser.parse(pattern)


def test_no_pattern_can_run_away() -> None:
    assert runs_away(parse("(a+)+b"))
    assert runs_away(parse("(?:x|(y*z)*)w"))
    assert not runs_away(parse("[a-z]+(?:-[a-z]{1,9})?"))
    found = list(patterns())
    assert len(found) > 30
    running = {place.partition(":")[0] for place, pattern in found if runs_away(parse(pattern))}
    assert running == SEPARATED


def test_patterns_take_our_own_digits_only() -> None:
    wrong = {place for place, pattern in patterns() if "\\d" in pattern}
    assert {place for place in wrong if place.partition(":")[0] not in ANY_DIGIT} == set()
