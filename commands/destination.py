"""``schoolmatch destination``: list where leads go, change an address, try it. Secrets stay in."""

import os
import time
from typing import Any
from uuid import UUID

import click

from commands.changes import as_json_option, read_changes, show_json, show_table
from commands.destination_judge import judge_answer
from commands.destination_presets import add, try_preset
from commands.doors import Door, door, whoami
from models.domain.delivery import TERMINAL, TEST_LIFETIME, DeliveryStatus, DeliverySummary
from models.domain.destination import Destination, DestinationStatus
from models.domain.ids import Prefix, read, show
from models.exchange.kinds import KINDS
from models.exchange.public_signing import make_key_pair

# Seconds a test is waited for: by when a worker must have taken it, and have ended it.
_NOT_TAKEN = TEST_LIFETIME.total_seconds() + 1
_TAKEN = 90.0
# Some systems never say more than that they took what was sent.
_ARRIVED = (DeliveryStatus.DELIVERED, DeliveryStatus.UNCONFIRMED)


@click.group()
def destination() -> None:
    """Where schools take leads."""


destination.add_command(add)
destination.add_command(try_preset)
destination.add_command(judge_answer)


@destination.command("list")
@as_json_option
def list_destinations(*, as_json: bool) -> None:
    """List every destination, without its secrets."""
    with door() as opened, opened.unit_of_work() as work:
        rows = [_row(each) for each in work.destinations.all()]
    if as_json:
        show_json(rows)
        return
    for row in rows:
        row |= {"schools": len(row["unitids"]), "tested": "yes" if row["tested_at"] else "no"}
        row["address"] = row["settings"].get("url", "")
    columns = ("id", "status", "tested", "kind", "schools", "version", "address", "organization")
    show_table(rows, columns, "There are no destinations.")


@destination.command("set")
@click.argument("destination_id", metavar="ID")
@click.argument("changes", metavar="NAME=VALUE…", nargs=-1, required=True)
@as_json_option
def set_settings(destination_id: str, changes: tuple[str, ...], *, as_json: bool) -> None:
    """Change settings: url=https://…; new requests wait until `destination test` succeeds.

    A new signing key is set with signing_keys=whsec_…,whsec_… (newest first); it is never shown.
    NAME= with nothing after it takes a setting away.
    """
    wanted = read_changes(changes)
    with door() as opened, opened.unit_of_work() as work:
        now, who = opened.clock.now(), whoami()
        found = work.destinations.get(read(Prefix.DESTINATION, destination_id))
        kept, kind = work.destinations.for_delivery(found.id), KINDS[found.kind]
        settings, secrets = kind.change(wanted, kept.settings, kept.secrets)
        work.destinations.change(found.id, settings, secrets, by=who.name, now=now)
        work.destinations.set_pace(found.id, kind.pace(settings))
        detail = {"changed": sorted(wanted), "from": found.version, "to": found.version + 1}
        work.organizations.record_audit(who, "destination.set", destination_id, detail, now)
        after = work.destinations.get(found.id)
    if as_json:
        show_json(_row(after))
        return
    click.echo(
        f"Version {after.version} holds from now on; its schools take no new requests until "
        f"`schoolmatch destination test {destination_id}` succeeds."
    )


@destination.command("key-pair")
@as_json_option
def key_pair(*, as_json: bool) -> None:
    """Make a key pair for v1a signatures: the private key for us, the public one for the school."""
    private, public = make_key_pair(os.urandom(32))
    if as_json:
        show_json({"private_key": private, "public_key": public})
        return
    click.echo(f"schoolmatch destination set ID private_key={private}")
    click.echo(f"For the school: {public}")


@destination.command()
@click.argument("destination_id", metavar="ID")
@as_json_option
def test(destination_id: str, *, as_json: bool) -> None:
    """Send a test without any lead in it, by a worker; when it arrives, requests are taken."""
    with door() as opened:
        found = read(Prefix.DESTINATION, destination_id)
        tried = _wait_for(opened, _begin_test(opened, found, destination_id))
        arrived = tried.status in _ARRIVED
        _finish_test(opened, destination_id, tried)
    if as_json:
        show_json({"id": destination_id, "arrived": arrived, **_said(tried)})
    elif arrived:
        click.echo(f"The test arrived{_code(tried)}; {destination_id} takes requests.")
        if tried.status is DeliveryStatus.UNCONFIRMED:
            click.echo(
                "This system never says what it did with a lead: look there for the test lead "
                "(Test Schoolmatch) before students come."
            )
    if not arrived:
        raise click.ClickException(
            f"The test did not arrive: {_why(tried)}{_code(tried)}. "
            "What was set stays; no requests are taken for its schools until a test arrives."
        )


def _begin_test(opened: Door, destination_id: UUID, shown: str) -> UUID:
    """Put a test where workers find it; return its delivery."""
    with opened.unit_of_work() as work:
        config = work.destinations.for_delivery(destination_id)
        KINDS[config.kind].check_reach(config.settings)
        version = show(Prefix.DESTINATION, config.version_id)
        now = opened.clock.now()
        detail = {"version": version}
        work.organizations.record_audit(whoami(), "destination.test", shown, detail, now)
        return work.deliveries.create_test(destination_id, now)


def _wait_for(opened: Door, delivery_id: UUID) -> DeliverySummary:
    """Wait until a worker has settled the test; one that no worker takes runs out."""
    began = time.monotonic()
    while True:
        with opened.unit_of_work() as work:
            tried = work.deliveries.get(delivery_id)
        # What a worker has taken ends by its deadline, or by its lease when it dies.
        most = _NOT_TAKEN if tried.status is DeliveryStatus.PENDING else _TAKEN
        if tried.status in TERMINAL or time.monotonic() - began > most:
            return tried
        time.sleep(0.1)


def _finish_test(opened: Door, shown: str, tried: DeliverySummary) -> None:
    """Note the result; whoever tests a paused destination wants it to take requests."""
    with opened.unit_of_work() as work:
        now = opened.clock.now()
        found = work.destinations.get(tried.destination_id)
        # The worker has noted the test where the version it used is still the current one.
        arrived = tried.status in _ARRIVED and found.tested_at is not None
        if arrived and found.status is not DestinationStatus.ACTIVE:
            work.destinations.set_status(found.id, DestinationStatus.ACTIVE)
        work.organizations.record_audit(whoami(), "destination.tested", shown, _said(tried), now)


def _said(tried: DeliverySummary) -> dict[str, Any]:
    return {"outcome": tried.status.value, "reason": tried.reason, "code": tried.code}


def _why(tried: DeliverySummary) -> str:
    return tried.reason or "no delivery worker took it (is one running?)"


def _code(tried: DeliverySummary) -> str:
    return f" (code {tried.code})" if tried.code else ""


def _row(destination: Destination) -> dict[str, Any]:
    tested = destination.tested_at
    return {
        "id": show(Prefix.DESTINATION, destination.id),
        "name": destination.name,
        "organization": destination.organization_name,
        "fictional": destination.fictional,
        "kind": destination.kind,
        "status": destination.status.value,
        "version": destination.version,
        "settings": dict(destination.settings),
        "unitids": list(destination.unitids),
        "tested_at": tested.isoformat() if tested else None,
    }
