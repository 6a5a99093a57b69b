"""``schoolmatch person``: what is kept of a person, a copy for them, and erasing them."""

import json
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from commands.changes import as_json_option, show_json, show_table
from commands.doors import Door, door, whoami
from commands.private_file import write_private
from models.domain.ids import Prefix, show
from models.domain.person import ErasedBy, Erasure, KeptRequest
from models.domain.ports.unit_of_work import UnitOfWork
from service.steps.anew import changed
from service.steps.person import copy_for, erase

_COLUMNS = ("request_id", "sent_at", "schools", "erased_at")
_NOBODY = "Nothing is kept of this address."


@click.group()
def person() -> None:
    """What is kept of a person: find, copy, erase."""


@person.command("find")
@click.argument("email")
@as_json_option
def find(email: str, *, as_json: bool) -> None:
    """List the requests that came with EMAIL."""
    with door() as opened:
        rows = [_row(one) for one in _of(opened, email)]
    if as_json:
        show_json({"requests": rows})
        return
    show_table(rows, _COLUMNS, _NOBODY)


@person.command("copy")
@click.argument("email")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def copy(email: str, file: Path) -> None:
    """Write everything that is kept of EMAIL into FILE (JSON), readable for you alone.

    Make sure first that who asks for it is who the address belongs to.
    """
    with door() as opened:
        found = _some(opened, email)
        documents = [copy_for(opened.unit_of_work, one.request_id) for one in found]
        with opened.unit_of_work() as work:
            for one in found:
                _audit(work, "person.copy", one, opened.clock.now())
        text = json.dumps({"requests": documents}, indent=2, ensure_ascii=False)
        write_private(file, f"{text}\n")
    click.echo(f"{len(documents)} requests are in {file}.")


@person.command("erase")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_(email: str, *, yes: bool) -> None:
    """Erase EMAIL here, and ask every school that has a request of theirs to do the same."""
    with door() as opened:
        found = [one for one in _some(opened, email) if one.erased_at is None]
        if not found:
            click.echo("Everything of this address was erased before.")
            return
        if not yes:
            click.confirm(f"Erase {len(found)} requests? Nobody can bring them back", abort=True)
        for one in found:
            changed(opened.unit_of_work, partial(_erase, one, opened.clock.now()))
    click.echo(f"{len(found)} requests are erased; their schools are being told.")


@person.command("erased")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def erased(file: Path) -> None:
    """Write who was erased into FILE: ids and moments, nothing personal.

    Keep it beside backups: what is restored from an older one must forget them again.
    """
    with door() as opened:
        many = write_erasures(opened, file)
    click.echo(f"{many} erasures are in {file}.")


@person.command("erase-again")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def erase_again(file: Path) -> None:
    """Erase again whom FILE (of `person erased`) names, after an older backup was restored."""
    with door() as opened:
        back, many = erase_those_of(opened, file)
    click.echo(f"{back} of {many} had come back; they are erased again.")


def write_erasures(opened: Door, file: Path) -> int:
    """Write who was erased, a line each, beside those whom the file names; return how many.

    A database that was begun anew knows none of them, and must not make the file forget them.
    """
    erased = {one.person_id: one for one in _named_in(file)} if file.exists() else {}
    with opened.unit_of_work() as work:
        erased |= {one.person_id: one for one in work.persons.erasures()}
    write_private(file, "".join(f"{json.dumps(_line(one))}\n" for one in erased.values()))
    return len(erased)


def erase_those_of(opened: Door, file: Path) -> tuple[int, int]:
    """Erase again whom a file of ``write_erasures`` names.

    Returns:
        How many had come back, and how many the file names.
    """
    erasures = _named_in(file)
    with opened.unit_of_work() as work:
        back = work.persons.erase_again(erasures)
        now = opened.clock.now()
        work.organizations.record_audit(
            whoami(), "person.erase_again", "persons", {"came_back": back}, now
        )
    return back, len(erasures)


def _of(opened: Door, email: str) -> list[KeptRequest]:
    with opened.unit_of_work() as work:
        return list(work.persons.requests_of(email))


def _some(opened: Door, email: str) -> list[KeptRequest]:
    found = _of(opened, email)
    if not found:
        raise click.ClickException(_NOBODY)
    return found


def _erase(one: KeptRequest, now: datetime, work: UnitOfWork) -> None:
    erase(work, one.request_id, now, ErasedBy.OPERATOR)
    _audit(work, "person.erase", one, now)


def _audit(work: UnitOfWork, action: str, of: KeptRequest, now: datetime) -> None:
    subject = show(Prefix.REQUEST, of.request_id)
    work.organizations.record_audit(whoami(), action, subject, {}, now)


def _row(one: KeptRequest) -> dict[str, Any]:
    return {
        "request_id": show(Prefix.REQUEST, one.request_id),
        "sent_at": one.created_at.isoformat(timespec="seconds"),
        "schools": one.schools,
        "erased_at": one.erased_at and one.erased_at.isoformat(timespec="seconds"),
    }


def _line(one: Erasure) -> dict[str, str]:
    return {"person_id": str(one.person_id), "at": one.at.isoformat(), "by": one.by.value}


def _named_in(file: Path) -> list[Erasure]:
    lines = file.read_text(errors="replace").splitlines()
    return [_read(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _read(number: int, line: str) -> Erasure:
    try:
        said = json.loads(line)
        moment = datetime.fromisoformat(said["at"])
        return Erasure(UUID(said["person_id"]), moment, ErasedBy(said["by"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise click.ClickException(
            f"Line {number} is not one of `person erased`: write the file anew."
        ) from error
