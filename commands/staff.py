"""``schoolmatch staff``: add people, invite them, keep them out; log in to a demonstration."""

import json
import secrets
from pathlib import Path
from typing import Any

import click

from commands.changes import as_json_option, show_json, show_table
from commands.doors import Door, door, whoami
from commands.private_file import write_private
from models.domain.clock import Clock
from models.domain.errors import NotFoundError
from models.domain.ids import Prefix, show
from models.domain.organization import Actor, ActorKind, Organization
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from models.domain.staff import Lock, Role, Staff
from service.steps.staff_inviting import (
    NewStaff,
    add_staff,
    disable,
    invite_again,
    join_organization,
    require_staff,
)
from service.steps.staff_locks import code_now, hash_password, new_secret

_DEMONSTRATION = Actor(ActorKind.COMMAND, "demonstration")
_OPERATOR_EMAIL = "operator@schoolmatch.example"
_SCHOOL_EMAIL = "admissions@schoolmatch.example"


@click.group()
def staff() -> None:
    """Who works here: operators, and the staff of schools."""


@staff.command()
@click.argument("email")
@click.option("--name", default="", help="How to call them; their address when left out.")
@click.option("--organization", help="Name of the organization they work for.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=None,
    help="What they may do there.",
)
@click.option("--operator", is_flag=True, help="They operate this installation.")
@as_json_option
def add(  # noqa: PLR0913 - one parameter an option
    *,
    email: str,
    name: str,
    organization: str | None,
    role: str | None,
    operator: bool,
    as_json: bool,
) -> None:
    """Add somebody and print the link that lets them in, once.

    Somebody who is on the staff already gets the role in one more organization and keeps what
    opens their account.
    """
    if operator == bool(organization):
        raise click.UsageError("Say --operator, or --organization NAME with --role.")
    wanted = Role(role or Role.MEMBER)
    with door() as opened, opened.unit_of_work() as work:
        owner = _organization(work, organization) if organization else None
        known = work.staff.with_email(email)
        now = opened.clock.now()
        if known is not None and owner is not None:
            join_organization(work, known, (owner.id, wanted), whoami(), now)
            link = None
        else:
            new = NewStaff(
                email, name or email, owner.id if owner else None, wanted, is_operator=operator
            )
            known, invitation = add_staff(work, new, whoami(), now)
            link = _link(opened, invitation.token)
    _print(known, link, as_json=as_json)


@staff.command()
@click.argument("email")
@as_json_option
def invite(email: str, *, as_json: bool) -> None:
    """Print a new link: it sets a new password and new codes, and ends their sessions."""
    with door() as opened, opened.unit_of_work() as work:
        known = require_staff(work, email)
        invitation = invite_again(work, known, whoami(), opened.clock.now())
        link = _link(opened, invitation.token)
    _print(known, link, as_json=as_json)


@staff.command("disable")
@click.argument("email")
@as_json_option
def disable_staff(email: str, *, as_json: bool) -> None:
    """Keep somebody out and end their sessions; `staff invite` lets them in again."""
    with door() as opened, opened.unit_of_work() as work:
        ended = disable(work, require_staff(work, email), whoami(), opened.clock.now())
    if as_json:
        show_json({"email": email, "sessions_ended": ended})
    else:
        click.echo(f"{email} cannot log in any more; sessions ended: {ended}")


@staff.command("list")
@as_json_option
def list_staff(*, as_json: bool) -> None:
    """List everybody."""
    with door() as opened, opened.unit_of_work() as work:
        rows = [_row(each) for each in work.staff.all()]
    if as_json:
        show_json(rows)
        return
    for row in rows:
        row["rooms"] = "; ".join(f"{m['organization']} ({m['role']})" for m in row["memberships"])
    show_table(rows, ("id", "email", "status", "operator", "rooms"), "Nobody yet.")


@staff.command()
@click.argument("email")
def code(email: str) -> None:
    """Print somebody's present one-time code: for demonstrations, refused in production."""
    with door() as opened, opened.unit_of_work() as work:
        if opened.settings.production:
            raise click.ClickException("In production codes come from people's own apps only.")
        lock = work.staff.lock_of(require_staff(work, email).id)
        if lock is None:
            raise click.ClickException(f"{email} has not set the account up yet.")
        click.echo(code_now(lock.totp_secret, opened.clock.now()))


def demonstration_staff(
    unit_of_work: UnitOfWorkFactory, clock: Clock, organization: str, file: Path
) -> dict[str, str]:
    """Make an operator and a school's admin where they are missing; return their passwords.

    Args:
        unit_of_work: opens transactions.
        clock: tells the time.
        organization: name of the fictional organization whose admin is made.
        file: keeps their passwords for the next start, readable by nobody else.
    """
    kept = _kept(file)
    with unit_of_work() as work:
        owner = _organization(work, organization)
        people = {
            _OPERATOR_EMAIL: NewStaff(_OPERATOR_EMAIL, "Demonstration operator", is_operator=True),
            _SCHOOL_EMAIL: NewStaff(_SCHOOL_EMAIL, "Demonstration admin", owner.id, Role.ADMIN),
        }
        for email, new in people.items():
            known = work.staff.with_email(email)
            if known is not None and email in kept:
                continue
            kept[email] = secrets.token_urlsafe(12)
            if known is None:
                known, _ = add_staff(work, new, _DEMONSTRATION, clock.now())
            work.staff.set_lock(known.id, Lock(hash_password(kept[email]), new_secret()))
    write_private(file, json.dumps(kept, indent=1))
    return {email: kept[email] for email in people}


def _organization(work: UnitOfWork, name: str) -> Organization:
    found = work.organizations.named(name)
    if found is None:
        raise NotFoundError(f"there is no organization called “{name}”")
    return found


def _link(opened: Door, token: str) -> str:
    host = opened.settings.public_url or f"http://{opened.settings.host}:{opened.settings.port}"
    return f"{host.rstrip('/')}/staff/invitation/{token}"


def _print(who: Staff, link: str | None, *, as_json: bool) -> None:
    if as_json:
        show_json({"id": show(Prefix.STAFF, who.id), "email": who.email, "invitation": link})
    elif link is None:
        click.echo(f"{who.email} has one more room and logs in as before.")
    else:
        click.echo(f"For {who.email} only, once, within seven days:\n{link}")


def _row(each: Staff) -> dict[str, Any]:
    return {
        "id": show(Prefix.STAFF, each.id),
        "email": each.email,
        "name": each.name,
        "status": each.status.value,
        "operator": each.is_operator,
        "memberships": [
            {"organization": m.organization_name, "role": m.role.value} for m in each.memberships
        ],
    }


def _kept(file: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found
