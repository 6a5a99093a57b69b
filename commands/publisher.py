"""``schoolmatch publisher``: whose pages show our questions, and what came of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from html import escape
from typing import Any, TextIO
from urllib.parse import urlencode
from uuid import UUID

import click

from commands.changes import as_json_option, show_json, show_table
from commands.doors import door, whoami
from matcher.fields import FieldIndex
from models.domain.ids import Prefix, read, show
from models.domain.publisher import Publisher, Traffic, read_site
from service import messages
from service.messages import LOCALES
from service.messages.formats import DEFAULT_LOCALE
from service.widget.look import PAPERS, Theme, contrast, read_look

_DAYS = 30


@click.group()
def publisher() -> None:
    """Whose pages show our questions, and what came of them."""


@publisher.command("add")
@click.argument("name")
@click.argument("site")
@as_json_option
def add(name: str, site: str, *, as_json: bool) -> None:
    """Add a publisher NAME with the origin of its SITE (https://example.org)."""
    with door() as opened, opened.unit_of_work() as work:
        made = work.publishers.add(name, read_site(site), opened.clock.now())
        _note(work, opened.clock.now(), "publisher.add", made.id, {"name": name, "site": made.site})
    _print(made, as_json=as_json)


@publisher.command("list")
@as_json_option
def list_publishers(*, as_json: bool) -> None:
    """List publishers."""
    with door() as opened, opened.unit_of_work() as work:
        found = work.publishers.all()
    rows = [_document(one) for one in found]
    if as_json:
        show_json({"publishers": rows})
        return
    columns = ("publisher_id", "status", "site", "name")
    show_table(rows, columns, "No publishers. `schoolmatch publisher add NAME SITE` adds one.")


@publisher.command("pause")
@click.argument("publisher_id", metavar="PUBLISHER")
def pause(publisher_id: str) -> None:
    """Show nothing in the pages of PUBLISHER (pub_…)."""
    _set(publisher_id, active=False)


@publisher.command("resume")
@click.argument("publisher_id", metavar="PUBLISHER")
def resume(publisher_id: str) -> None:
    """Show our questions in the pages of PUBLISHER (pub_…) again."""
    _set(publisher_id, active=True)


@publisher.command("snippet")
@click.argument("publisher_id", metavar="PUBLISHER")
@click.option("--article", type=click.File(), help="A file with the article's text; - for input.")
@click.option("--accent", default="", help="The publisher's colour, such as #7a1f5c.")
@click.option(
    "--theme", type=click.Choice([one.value for one in Theme]), default="light", help="Its paper."
)
@click.option("--creative", default="", help="A name for this place or form.")
@click.option(
    "--lang", type=click.Choice(list(LOCALES)), default=DEFAULT_LOCALE, help="Its language."
)
def snippet(publisher_id: str, article: TextIO | None, **wanted: str) -> None:
    """Print the line that PUBLISHER (pub_…) puts into a page, for what the page is about."""
    with door() as opened, opened.unit_of_work() as work:
        found = read(Prefix.PUBLISHER, publisher_id)
        if all(one.id != found for one in work.publishers.all()):
            raise click.ClickException(f"There is no publisher {publisher_id}.")
        address = opened.settings.address
    _warn_of_colour(wanted["theme"], wanted["accent"])
    field = _field_of(article.read()) if article else ""
    attributes = {"publisher": publisher_id, "field": field, **wanted}
    usual = {"theme": "light", "lang": DEFAULT_LOCALE}
    said = {name: value for name, value in attributes.items() if value != usual.get(name, "")}
    click.echo(_line(address, said))


@publisher.command("report")
@click.option("--days", type=click.IntRange(1, 400), default=_DAYS, help="How far back.")
@as_json_option
def report(days: int, *, as_json: bool) -> None:
    """Count searches, requests and leads by publisher, page and form."""
    with door() as opened, opened.unit_of_work() as work:
        now = opened.clock.now()
        since = now - timedelta(days=days)
        names = {one.id: one.name for one in work.publishers.all()}
        found = work.publishers.traffic(since, now)
    rows = [_row(names, one) for one in found]
    if as_json:
        show_json({"since": since.isoformat(), "until": now.isoformat(), "rows": rows})
        return
    columns = ("publisher", "landing_page", "creative", "searches", "requests", "leads")
    show_table(rows, columns, f"Nobody searched in the last {days} days.")


def _set(publisher_id: str, *, active: bool) -> None:
    with door() as opened, opened.unit_of_work() as work:
        found = read(Prefix.PUBLISHER, publisher_id)
        work.publishers.set_active(found, active=active)
        action = "publisher.resume" if active else "publisher.pause"
        _note(work, opened.clock.now(), action, found, {})
    click.echo(f"{publisher_id} is {'active' if active else 'paused'}")


def _note(work: Any, now: datetime, action: str, of: UUID, detail: Mapping[str, Any]) -> None:
    shown = show(Prefix.PUBLISHER, of)
    work.organizations.record_audit(whoami(), action, shown, detail, now)


def _field_of(article: str) -> str:
    found = FieldIndex.load().find(article, limit=1)
    if not found:
        click.echo("The article is about no field of study that we know.", err=True)
        return ""
    click.echo(f"The article is about {found[0].title} ({found[0].cip}).", err=True)
    return found[0].cip


def _warn_of_colour(theme: str, accent: str) -> None:
    look = read_look(theme, accent)
    if accent and look.accent != accent.lower().removeprefix("#"):
        paper = PAPERS[look.theme]
        ours = f"#{look.accent} ({contrast(look.accent, paper):.1f} to 1) stands in for it"
        click.echo(f"{accent} cannot be seen well on {theme} paper: {ours}.", err=True)


def _line(address: str, said: Mapping[str, str]) -> str:
    attributes = "".join(f' data-{name}="{escape(value)}"' for name, value in said.items())
    names = {"publisher": "publisher_id", "field": "field", "creative": "creative", "lang": "lang"}
    link = urlencode({names[name]: value for name, value in said.items() if name in names})
    words = messages.text(said.get("lang", DEFAULT_LOCALE), "widget.frame_title")
    return (
        f'<script async src="{address}/widget.js"{attributes}></script>\n'
        f'<noscript><a href="{address}/?{escape(link)}">{escape(words)}</a></noscript>'
    )


def _print(one: Publisher, *, as_json: bool) -> None:
    if as_json:
        show_json(_document(one))
        return
    status = "active" if one.active else "paused"
    click.echo(f"{show(Prefix.PUBLISHER, one.id)}  {status:<7} {one.site}  {one.name}")


def _document(one: Publisher) -> dict[str, Any]:
    return {
        "publisher_id": show(Prefix.PUBLISHER, one.id),
        "name": one.name,
        "site": one.site,
        "status": "active" if one.active else "paused",
    }


def _row(names: Mapping[UUID, str], of: Traffic) -> dict[str, Any]:
    return {
        "publisher_id": show(Prefix.PUBLISHER, of.publisher_id) if of.publisher_id else None,
        "publisher": names.get(of.publisher_id, "unknown") if of.publisher_id else "site",
        "landing_page": of.landing_page,
        "creative": of.creative,
        "searches": of.searches,
        "requests": of.requests,
        "leads": of.leads,
    }
