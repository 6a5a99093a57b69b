"""Brings a database and a store to the state a start needs; each line it prints is a step.

A process of its own: it imports the learning libraries, which the supervisor must not carry for
as long as it runs. What is there already is left alone, so that a second start is quick.
"""

from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from commands.demonstration.choose import choose_schools
from commands.demonstration.plan import plan
from commands.demonstration.setup import DemonstrationSchool, is_set_up, set_up
from commands.doors import Door, open_door
from commands.staff import demonstration_staff
from matcher.catalog import open_catalog
from matcher.registry import OtherFeaturesError, UnsignedError, open_ranker
from models.db.migrate import migrate
from models.domain.errors import ConflictError
from service.steps.put_in_service import Publishing, put_in_service

_BY = "schoolmatch up"


@click.command()
@click.option("--school-file", type=click.Path(path_type=Path))
@click.option("--school-port", type=int, default=0)
def prepare(school_file: Path | None, school_port: int) -> None:
    """Migrate; publish a catalog and a ranker where none is; set the demonstration up."""
    door = open_door()
    try:
        migrate(door.engine)
    except OperationalError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        raise click.ClickException(f"The database does not answer: {reason}") from error
    except ConflictError as error:
        raise click.ClickException(str(error)) from error
    except TimeoutError as error:
        raise click.ClickException(f"The schema is not the newest yet: {error}") from error
    click.echo("The database has the newest schema")
    catalog = _catalog(door)
    _ranker(door, catalog)
    _demonstration(door, catalog, school_file, school_port)
    door.engine.dispose()


def _catalog(door: Door) -> Path:
    """Return the published catalog's folder; build and publish one when there is none."""
    folder = door.settings.store / "catalog"
    with door.unit_of_work() as work:
        version = work.publications.current()["catalog"]
    if version is not None and (folder / version / "manifest.json").exists():
        click.echo(f"Catalog {version} is published")
        return folder / version
    click.echo("Building the catalog from the data that came with the packages (about 10 s)")
    from matcher.ingest import build_catalog  # noqa: PLC0415 - loads pyarrow, at a first start only

    version = build_catalog(door.settings.store, progress=_step)
    manifest = open_catalog(folder / version).manifest
    now = door.clock.now()
    with door.unit_of_work() as work:
        work.publications.add_catalog(version, manifest, now)
        work.publications.publish("catalog", version, _BY, "no catalog was published here", now)
    click.echo(f"Catalog {version} is published now")
    return folder / version


def _ranker(door: Door, catalog: Path) -> None:
    """Fit and promote the prior ranker when none serves that this version of us can read."""
    folder = door.settings.store / "ranker"
    with door.unit_of_work() as work:
        version = work.publications.current()["ranker"]
    if version is not None and _opens(folder / version, door.ranker_key):
        click.echo(f"Ranker {version} serves")
        return
    click.echo("Fitting the first ranker to the published rules (about 10 s)")
    from matcher.learn.artefact import RankerStore  # noqa: PLC0415 - see above
    from matcher.learn.prior import fit_prior  # noqa: PLC0415 - loads scikit-learn, see above

    signing = RankerStore(door.settings.store, door.settings.ranker_key)
    version = fit_prior(signing, catalog, _step)
    served = signing.open(version)
    now = door.clock.now()
    with door.unit_of_work() as work:
        work.publications.add_ranker(version, served.provenance, served.card, now)
        put_in_service(
            work,
            served,
            Publishing(_BY, "no ranker served here", now, door.settings.production),
        )
    click.echo(f"Ranker {version} serves now")


def _opens(folder: Path, key: bytes) -> bool:
    try:
        open_ranker(folder, key)
    except (FileNotFoundError, OtherFeaturesError, UnsignedError):
        return False
    return True


def _demonstration(door: Door, catalog: Path, file: Path | None, port: int) -> None:
    planned = plan(choose_schools(open_catalog(catalog)))
    if file is None:
        if is_set_up(door.unit_of_work, planned):
            raise click.ClickException(
                "This database holds the demonstration's fictional organizations. "
                "Use another one, or --fresh."
            )
        return
    school = DemonstrationSchool(
        api_url=_local_url(door),
        port=port,
        file=file,
        received_file=file.with_name("received.jsonl"),
        mailbox=door.settings.mailbox,
    )
    count = set_up(door.unit_of_work, door.clock, planned, school)
    click.echo(f"{count} fictional organizations stand in for real schools")
    people = demonstration_staff(
        door.unit_of_work, door.clock, planned[0].name, file.with_name("staff.json")
    )
    click.echo(f"Staff log in at {_local_url(door)}/staff/login with password and code:")
    for email, password in people.items():
        _step(f"{email}  {password}  code: schoolmatch staff code {email}")


def _local_url(door: Door) -> str:
    """The web server as this machine reaches it."""
    host = door.settings.host
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{door.settings.port}"  # noqa: S104


def _step(text: str) -> None:
    click.echo(f"  {text}")


if __name__ == "__main__":
    prepare()
