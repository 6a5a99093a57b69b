"""`make scan`: bandit, semgrep with our own rules, and wapiti against a system of its own.

Whatever a scanner finds must stand in accepted.toml with its reason, and whatever stands there
must still be found. Scanners live in .venv-scan: they bring 200 packages that nothing else needs.
"""

import json
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import click

from tests.scanners.attack import attack
from tests.scanners.samples import BAD

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
SHIPPED = ("commands", "service", "workers", "matcher", "models", "config", "demo")
SCANNERS = ROOT / ".venv-scan" / "bin"


class Finding(NamedTuple):
    """What a scanner found: by which rule, where, and what it says."""

    tool: str
    rule: str
    path: str
    says: str


def bandit() -> Iterable[Finding]:
    """Look for what is known to be dangerous in Python."""
    done = _run([sys.executable, "-m", "bandit", "-q", "-r", *SHIPPED, "-f", "json"], (0, 1))
    for each in json.loads(done)["results"]:
        says = f"line {each['line_number']}: {each['issue_text']}"
        yield Finding("bandit", each["test_id"], each["filename"].removeprefix("./"), says)


def semgrep() -> Iterable[Finding]:
    """Look for what our own rules forbid; each rule must first find its bad line."""
    with tempfile.TemporaryDirectory() as folder:
        for rule, code in BAD.items():
            (Path(folder) / f"{rule}.py").write_text(code)
        found = {(each.rule, Path(each.path).stem) for each in _semgrep(folder)}
        for rule in sorted(_rules()):
            if (rule, rule) not in found:
                yield Finding("semgrep", rule, "tests/scanners/rules.yaml", "finds no bad line")
    yield from _semgrep(*SHIPPED)


def wapiti() -> Iterable[Finding]:
    """Attack a running system from outside: as anybody, then as an operator."""
    for found in attack(SCANNERS / "wapiti"):
        yield Finding("wapiti", found.kind, found.path, found.says)


ALL: dict[str, Callable[[], Iterable[Finding]]] = {
    "bandit": bandit,
    "semgrep": semgrep,
    "wapiti": wapiti,
}


def main(chosen: list[str]) -> int:
    """Run the scanners; 1 when something is found that nobody gave a reason for."""
    rows = tomllib.loads((HERE / "accepted.toml").read_text())["accepted"]
    wrong = 0
    for name in chosen or list(ALL):
        began = time.monotonic()
        found = list(ALL[name]())
        mine = [row for row in rows if row["tool"] == name]
        new = [one for one in found if not any(_accepts(row, one) for row in mine)]
        stale = [row for row in mine if not any(_accepts(row, one) for one in found)]
        stale = [row for row in stale if name != "wapiti"]  # it reaches other pages each time
        seconds = time.monotonic() - began
        click.echo(f"{name}: {len(found)} found, {len(new)} without a reason, {seconds:.0f} s")
        for one in new:
            click.echo(f"  {one.rule} {one.path}: {one.says}")
        for row in stale:
            click.echo(
                f"  accepted.toml accepts {row['rule']} in {row['path']}, which is not there"
            )
        wrong += len(new) + len(stale)
    return 1 if wrong else 0


def _accepts(row: dict[str, str], found: Finding) -> bool:
    return row["rule"] == found.rule and fnmatch(found.path, row["path"])


def _rules() -> set[str]:
    lines = (HERE / "rules.yaml").read_text().splitlines()
    return {line.partition("id: ")[2] for line in lines if line.startswith("  - id: ")}


def _semgrep(*targets: str) -> Iterable[Finding]:
    command = [str(SCANNERS / "semgrep"), "scan", "--metrics=off", "--disable-version-check"]
    command += ["--quiet", "--json", "--no-git-ignore", f"--config={HERE / 'rules.yaml'}", *targets]
    for each in json.loads(_run(command, (0,)))["results"]:
        rule = each["check_id"].rpartition(".")[2]
        says = f"line {each['start']['line']}: {each['extra']['message']}"
        yield Finding("semgrep", rule, each["path"], says)


def _run(command: list[str], right: tuple[int, ...]) -> str:
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode not in right:
        raise SystemExit(f"{command[0]} failed ({done.returncode}):\n{done.stderr[-4000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
