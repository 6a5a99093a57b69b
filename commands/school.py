"""``schoolmatch school``: how a school takes leads: over which destinations, and which it has."""

from typing import Any
from uuid import UUID

import click

from commands.changes import as_json_option, read_changes, show_json
from commands.doors import door, whoami
from commands.school_questions import question
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.errors import NotFoundError
from models.domain.ids import Prefix, show
from models.domain.intake import Intake
from models.domain.intake_changes import apply_intake_changes
from models.domain.school_id import read_school, show_school


@click.group()
def school() -> None:
    """How a school takes leads."""


@school.command("show")
@click.argument("school_id", metavar="SCHOOL")
@as_json_option
def show_intake(school_id: str, *, as_json: bool) -> None:
    """Show how SCHOOL (sch_194240) takes leads."""
    with door() as opened, opened.unit_of_work() as work:
        unitid = read_school(school_id)
        found = _destinations(work, unitid)
        intake = work.destinations.intake(unitid)
    _print(unitid, intake, found, as_json=as_json)


@school.command("set")
@click.argument("school_id", metavar="SCHOOL")
@click.argument("changes", metavar="NAME=VALUE…", nargs=-1, required=True)
@as_json_option
def set_intake(school_id: str, changes: tuple[str, ...], *, as_json: bool) -> None:
    """Change how SCHOOL takes leads: routing=first order=dst_…,dst_…; an empty value clears.

    Names: routing (all, first, weighted, rules), order (dst_…,dst_…), weights (dst_…:3,dst_…:1),
    rules ("dst_… state=NY,NJ level=bachelor cip=51.07 format=online; dst_…"), duplicates (email,
    phone), match (any, all), days, scope (school, organization).
    """
    wanted = read_changes(changes)
    with door() as opened, opened.unit_of_work() as work:
        unitid, now, who = read_school(school_id), opened.clock.now(), whoami()
        found = _destinations(work, unitid)
        intake = apply_intake_changes(work.destinations.intake(unitid), wanted, found)
        work.destinations.set_intake(unitid, intake)
        detail = {"changes": wanted}
        work.organizations.record_audit(who, "school.set", show_school(unitid), detail, now)
    _print(unitid, intake, found, as_json=as_json)


school.add_command(question)


def _destinations(work: PostgresUnitOfWork, unitid: int) -> list[UUID]:
    found = work.destinations.serving(unitid)
    if not found:
        raise NotFoundError(f"{show_school(unitid)} has no destination")
    return found


def _print(unitid: int, intake: Intake, destinations: list[UUID], *, as_json: bool) -> None:
    shown = [show(Prefix.DESTINATION, one) for one in destinations]
    if as_json:
        show_json({"school_id": show_school(unitid), "destinations": shown, **_document(intake)})
        return
    rule = intake.duplicates
    click.echo(f"{show_school(unitid)}: {intake.routing.value} of {', '.join(shown)}")
    if rule is None:
        click.echo("Duplicates are not looked for.")
    else:
        fields = f" {'or' if rule.match.value == 'any' else 'and'} ".join(rule.fields)
        click.echo(f"Duplicate: same {fields} within {rule.days} days, in the {rule.scope.value}.")


def _document(intake: Intake) -> dict[str, Any]:
    return {
        "routing": intake.routing.value,
        "order": [show(Prefix.DESTINATION, one) for one in intake.order],
        "weights": {show(Prefix.DESTINATION, one): weight for one, weight in intake.weights},
        "rules": [
            {
                "destination_id": show(Prefix.DESTINATION, rule.destination_id),
                "states": rule.states,
                "levels": rule.levels,
                "cips": rule.cips,
                "formats": rule.formats,
            }
            for rule in intake.rules
        ],
        "duplicates": intake.document()["duplicates"],
    }
