"""Wapiti against a whole system of its own, as anybody and as an operator who is logged in."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import click

from tests.support import once
from tests.support.browser import PlainBrowser, over_http
from tests.support.running import RunningSystem, started

# What needs the world outside (ssrf, log4shell, takeover) or looks for products we are not (cms,
# wp_enum, spring4shell …) stays out.
MODULES = (
    "csp,cookieflags,http_headers,xss,permanentxss,sql,exec,file,redirect,crlf,methods,xxe,csrf"
)
SECONDS = {"anybody": 30, "operator": 30}


class Attacked(NamedTuple):
    """What came of an attack: its kind, where, and what wapiti says of it."""

    kind: str
    path: str
    says: str


def attack(wapiti: Path) -> Iterator[Attacked]:
    """Start a system, attack it twice, tell what was found."""
    folder = once.begin()
    try:
        yield from _attack(wapiti)
    finally:
        if folder is not None:
            once.end(folder)


def _attack(wapiti: Path) -> Iterator[Attacked]:
    with started() as system, tempfile.TemporaryDirectory() as folder:
        yield from _scan(wapiti, f"{system.url}/", Path(folder) / "anybody", "anybody", [])
        cookie = f"staff_session={_come_in(system)}"
        rooms = ["-C", cookie, "-x", f"{system.url}/staff/logout*"]
        yield from _scan(wapiti, f"{system.url}/staff/", Path(folder) / "rooms", "operator", rooms)


def _scan(wapiti: Path, url: str, folder: Path, who: str, more: list[str]) -> Iterator[Attacked]:
    folder.mkdir()
    report = folder / "report.json"
    command = [str(wapiti), "-u", url, "-m", MODULES, "--scope", "folder", "-f", "json"]
    command += ["-o", str(report), "--max-scan-time", str(SECONDS[who]), "--max-attack-time", "4"]
    command += ["--max-links-per-page", "12", "--max-files-per-dir", "3", "--depth", "3"]
    command += ["--no-bugreport", "--store-session", str(folder), "--store-config", str(folder)]
    done = subprocess.run(
        [*command, *more], capture_output=True, text=True, timeout=300, check=False
    )
    if not report.exists():
        raise SystemExit(f"wapiti wrote no report:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
    written = json.loads(report.read_text())
    click.echo(f"  wapiti as {who}: {written['infos']['crawled_pages_nbr']} pages")
    for group in ("vulnerabilities", "anomalies"):
        for kind, found in written[group].items():
            for one in found:
                yield Attacked(kind, urlsplit(one["path"]).path, f"{who}: {one['info']}")


def _come_in(system: RunningSystem) -> str:
    """Log the demonstration's operator in; the session's token."""
    people = json.loads((system.folder / "school" / "staff.json").read_text())
    email = next(each for each in people if each.startswith("operator"))
    browser = PlainBrowser(over_http(system.url))
    browser.open("/staff/login")
    browser.fill("Email address", email)
    browser.fill("Password", people[email])
    browser.fill("One-time code", system.run("staff", "code", email).strip())
    browser.press("Log in")
    return browser.cookies["staff_session"]
