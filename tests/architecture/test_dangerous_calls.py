"""What runs or unpacks what somebody sent, weak hashes and guessable chance: none of it ships.

`make scan` looks further; this is what must fail at once.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ("commands", "service", "workers", "matcher", "models", "config", "demo")

# Only files with one of these words are parsed.
WORDS = re.compile(
    r"shell=|os\.(?:system|popen)|getoutput|\beval\(|exec\(|[^.]compile\(|__import__|template_string|Template\(|from_string"
    r"|md5|sha1|hashlib\.new|pickle|marshal|shelve|dill|joblib|xml|random"
)
# A method of whatever object.
ANYWHERE = {"a template from text"}
CALLS = {
    "a shell": {"os.system", "os.popen", "subprocess.getoutput"},
    "code from text": {"eval", "exec", "compile", "__import__"},
    "a template from text": {"render_template_string", "from_string", "jinja2.Template"},
    "a weak hash": {"hashlib.md5", "hashlib.sha1", "hashlib.new"},
}
MODULES = {
    "unpickling": {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"},
    "XML that follows what it names": {"xml.etree", "xml.dom", "xml.sax.make_parser", "lxml"},
    "chance that can be guessed": {"random"},
}
# Whom chance spreads or teaches, it keeps no secret for.
ALLOWED = {
    "chance that can be guessed": {"workers/delivery", "workers/maintenance", "matcher/learn"},
}


def named(node: ast.expr) -> str:
    """The name of what is called: ``os.system``, ``eval``."""
    if isinstance(node, ast.Attribute):
        before = named(node.value)
        return f"{before}.{node.attr}" if before else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (one.name for one in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
        yield from (f"{node.module}.{one.name}" for one in node.names)


def found(code: str) -> Iterator[tuple[str, int]]:
    """What of the above a file has, and in which line."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            yield from ((what, node.lineno) for what in called(node))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for what, modules in MODULES.items():
                if any(f"{name}.".startswith(f"{m}.") for name in imported(node) for m in modules):
                    yield what, node.lineno


def called(node: ast.Call) -> Iterator[str]:
    name, given = named(node.func), {one.arg: one.value for one in node.keywords}
    if says(given, "shell", value=True):
        yield "a shell"
    # What is only named by its bytes says so itself.
    if not says(given, "usedforsecurity", value=False):
        for what, calls in CALLS.items():
            if name in calls or (name.rpartition(".")[2] in calls and what in ANYWHERE):
                yield what


def says(given: Mapping[str | None, ast.expr], name: str, *, value: bool) -> bool:
    said = given.get(name)
    return isinstance(said, ast.Constant) and said.value is value


def test_nothing_of_it_ships() -> None:
    wrong = []
    for room in SHIPPED:
        for path in sorted((ROOT / room).rglob("*.py")):
            where, code = path.relative_to(ROOT).as_posix(), path.read_text()
            wrong += [
                f"{where}:{line}: {what}"
                for what, line in (found(code) if WORDS.search(code) else ())
                if not any(where.startswith(one) for one in ALLOWED.get(what, ()))
            ]
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import subprocess\nsubprocess.run('ls', shell=True)", "a shell"),
        ("os.system('ls')", "a shell"),
        ("eval(typed)", "code from text"),
        ("environment.from_string(typed)", "a template from text"),
        ("hashlib.md5(password)", "a weak hash"),
        ("import pickle", "unpickling"),
        ("from xml.etree import ElementTree", "XML that follows what it names"),
        ("from random import choice", "chance that can be guessed"),
    ],
)
def test_a_line_of_each_kind_is_seen(code: str, what: str) -> None:
    assert {each for each, _ in found(code)} == {what}
