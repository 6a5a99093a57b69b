import ast
from pathlib import Path

OURS = {"commands", "service", "workers", "matcher", "models", "config"}


def test_the_demonstration_school_imports_nothing_of_ours() -> None:
    files = list((Path(__file__).parents[2] / "demo" / "school").rglob("*.py"))
    assert files
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & OURS, file
