"""``schoolmatch destination``: list where leads go, change an address, try it. Secrets stay in."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import click

from commands.changes import as_json_option, read_changes, show_json, show_table
from commands.doors import Door, door, whoami
from models.domain.delivery import DeliveryStatus, Outcome, Purpose
from models.domain.destination import Destination, DestinationConfig, DestinationStatus
from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, new_id, read, show
from models.domain.sending import Parcel
from models.exchange.kinds import KINDS
from workers.destinations.webhook.client import WebhookClient
from workers.outbound.http import HttpClient
from workers.outbound.resolving import Resolver
from workers.outbound.targets import Policy


@click.group()
def destination() -> None:
    """Where schools take leads."""


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
    """
    wanted = read_changes(changes)
    with door() as opened, opened.unit_of_work() as work:
        now, who = opened.clock.now(), whoami()
        found = work.destinations.get(read(Prefix.DESTINATION, destination_id))
        settings, secrets = _changed(work.destinations.for_delivery(found.id), wanted)
        work.destinations.change(found.id, settings, secrets, by=who.name, now=now)
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


@destination.command()
@click.argument("destination_id", metavar="ID")
@as_json_option
def test(destination_id: str, *, as_json: bool) -> None:
    """Send a signed test without any lead in it; when it arrives, requests are taken."""
    with door() as opened:
        found = read(Prefix.DESTINATION, destination_id)
        config = _begin_test(opened, found, destination_id)
        outcome = _send(opened, config)
        arrived = outcome.status is DeliveryStatus.DELIVERED
        _finish_test(opened, config, destination_id, outcome)
    if as_json:
        show_json({"id": destination_id, "arrived": arrived, **_said(outcome)})
    elif arrived:
        click.echo(f"The test arrived ({_code(outcome)}); {destination_id} takes requests.")
    if not arrived:
        raise click.ClickException(
            f"The test did not arrive: {outcome.reason} ({_code(outcome)}). "
            "What was set stays; no requests are taken for its schools until a test arrives."
        )


def _changed(
    config: DestinationConfig, wanted: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make the changes where the kind declares them, and check the whole."""
    kind = KINDS[config.kind]
    declared = {setting.name: setting for setting in kind.settings}
    settings, secrets = dict(config.settings), dict(config.secrets)
    for name, value in wanted.items():
        if name not in declared:
            known = ", ".join(declared)
            raise InvalidInputError({name: [f"is not a setting of {kind.label}; use {known}."]})
        if declared[name].secret:
            secrets[name] = [part.strip() for part in value.split(",")]
        else:
            settings[name] = value
    kind.check(settings, secrets)
    return settings, secrets


def _begin_test(opened: Door, destination_id: UUID, shown: str) -> DestinationConfig:
    """Write down that a test leaves, and commit that, before its first byte does."""
    with opened.unit_of_work() as work:
        config = work.destinations.for_delivery(destination_id)
        version = show(Prefix.DESTINATION, config.version_id)
        now = opened.clock.now()
        work.organizations.record_audit(
            whoami(), "destination.test", shown, {"version": version}, now
        )
    return config


def _send(opened: Door, config: DestinationConfig) -> Outcome:
    now = opened.clock.now()
    body = {
        "type": "destination.test",
        "timestamp": now.isoformat(),
        "data": {"destination_id": show(Prefix.DESTINATION, config.id)},
    }
    settings = opened.settings
    policy = Policy(ports=settings.destination_ports, allow_loopback=settings.allow_loopback)
    parcel = Parcel(
        new_id(now), Purpose.TEST, json.dumps(body).encode(), config.settings, config.secrets
    )
    return WebhookClient(HttpClient(policy, Resolver()), opened.clock).send(parcel)


def _finish_test(opened: Door, tried: DestinationConfig, shown: str, outcome: Outcome) -> None:
    """Note the result; a version changed meanwhile has not been tested."""
    with opened.unit_of_work() as work:
        now = opened.clock.now()
        found = work.destinations.get(tried.id)
        same = work.destinations.for_delivery(tried.id).version_id == tried.version_id
        if outcome.status is DeliveryStatus.DELIVERED and same:
            work.destinations.mark_tested(tried.id, now)
            if found.status is not DestinationStatus.ACTIVE:
                work.destinations.set_status(tried.id, DestinationStatus.ACTIVE)
        work.organizations.record_audit(whoami(), "destination.tested", shown, _said(outcome), now)


def _said(outcome: Outcome) -> dict[str, Any]:
    return {"outcome": outcome.status.value, "reason": outcome.reason, "code": outcome.code}


def _code(outcome: Outcome) -> str:
    return f"HTTP {outcome.code}" if outcome.code else "no answer"


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
