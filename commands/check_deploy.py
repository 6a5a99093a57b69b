"""``schoolmatch check-deploy``: what stands against production, each with what to do."""

import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from commands.changes import as_json_option, show_json
from commands.place import data_folder, read_settings_file
from config.logging import configure_logging
from config.production import Finding, against_production
from config.settings import Settings, SettingsError, load_settings
from models.db.engine import make_engine
from models.domain.consent_texts import VERSIONS, texts_mark

_FOREIGN = "check-deploy.invalid"
# What each statement counts, and what to do when it is more than none.
_NOT_NONE = (
    (
        "demonstration data",
        "SELECT count(*) FROM organization WHERE fictional",
        "The database holds fictional organizations; use one that never saw the demonstration.",
    ),
    (
        "simulated ranker",
        """
        SELECT count(*) FROM ranker WHERE provenance = 'simulated' AND id =
        (SELECT version FROM publication WHERE kind = 'ranker' ORDER BY id DESC LIMIT 1)
        """,
        "What serves learned from invented students: promote another (`schoolmatch ranker`).",
    ),
    (
        "database role",
        "SELECT count(*) FROM pg_roles WHERE rolname = current_user AND rolsuper",
        "We connect as a superuser; give us a role that owns our database and nothing else.",
    ),
)
_NONE = (
    (
        "operator",
        "SELECT count(*) FROM staff WHERE is_operator AND status = 'active'",
        "Nobody operates this installation: `schoolmatch staff add EMAIL --operator`.",
    ),
)


@click.command("check-deploy")
@click.option("--texts", is_flag=True, help="Print the consent texts and their mark, no checks.")
@as_json_option
def check_deploy(*, texts: bool, as_json: bool) -> None:
    """Say what stands against production; exit with 1 while anything does.

    Looks at the settings, the data folder's files, the database and the answers of the web
    service, which it asks in this process. Changes nothing.
    """
    if texts:
        _print_texts()
        return
    configure_logging("ERROR", "command")
    found = list(_findings(data_folder()))
    if as_json:
        rows = [{"what": one.what, "to_do": one.to_do, "fatal": one.fatal} for one in found]
        show_json({"ready": not found, "findings": rows})
    else:
        for one in found:
            click.echo(f"{one.what}: {one.to_do}")
        click.echo(f"{len(found)} against production" if found else "Nothing against production")
    if found:
        raise SystemExit(1)


def _findings(folder: Path) -> Iterator[Finding]:
    read_settings_file(folder)
    try:
        settings = load_settings()
    except SettingsError as error:
        for line in str(error).splitlines()[1:]:
            yield Finding("settings", line.strip(), fatal=True)
        return
    yield from against_production(settings, texts_mark())
    yield from _files(folder, settings)
    yield from _database(settings)
    yield from _answers(settings)


def _files(folder: Path, settings: Settings) -> Iterator[Finding]:
    """Files with secrets are their owner's alone; nobody else writes what serves."""
    for file in sorted(folder.glob("*.env")):
        if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Finding(str(file), "Others may read its keys: `chmod 600` it.", fatal=True)
    if settings.store.exists() and settings.store.stat().st_mode & stat.S_IWOTH:
        to_do = "Everybody on this machine may write what serves: `chmod o-w` it."
        yield Finding(str(settings.store), to_do)


def _database(settings: Settings) -> Iterator[Finding]:
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        with engine.connect() as connection:
            yield from _behind(connection)
            for what, sql, to_do in _NOT_NONE:
                if _count(connection, sql):
                    yield Finding(what, to_do)
            for what, sql, to_do in _NONE:
                if not _count(connection, sql):
                    yield Finding(what, to_do)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        yield Finding("database", f"It cannot be looked at ({reason}); is it there and migrated?")
    finally:
        engine.dispose()


def _behind(connection: Connection) -> Iterator[Finding]:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - no other command needs it

    folder = Path(__file__).parents[1] / "models" / "db" / "migrations"
    newest = ScriptDirectory(str(folder)).get_current_head()
    if connection.execute(text("SELECT version_num FROM alembic_version")).scalar() != newest:
        yield Finding("schema", "It is not the newest: start once with `prepare`, or `up`.")


def _count(connection: Connection, sql: str) -> int:
    return int(connection.execute(text(sql)).scalar_one())


def _answers(settings: Settings) -> Iterator[Finding]:
    """Ask the service, made here as its web server makes it, for what its answers must carry."""
    from service.app import Parts, create_app  # noqa: PLC0415 - no other command needs it
    from service.defences import HEADERS, HSTS  # noqa: PLC0415

    # Nothing behind it is asked: a page that is not there, and a sign of life.
    nothing: Any = _Nothing()
    app = create_app(settings, Parts(None, nothing, nothing, nothing, lambda: None, nothing))
    if app.debug or app.testing:
        yield Finding("FLASK_DEBUG", "Debugging is on; take the variable out.", fatal=True)
    client = app.test_client()
    ours = settings.address
    for path in ("/livez", "/not-here"):
        answer = client.get(path, base_url=ours)
        for name in {**HEADERS, **HSTS}:
            if name not in answer.headers:
                yield Finding(name, f"{path} answers without this header.")
    if client.get("/livez", headers={"Host": _FOREIGN}).status_code != 400:
        yield Finding("hosts", "Any host name is answered; only production refuses foreign ones.")


class _Nothing:
    """Stands for what lies behind the service; whoever asks it anything is told it is away."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return self._away

    def _away(self, *_: Any, **__: Any) -> Any:
        from models.domain.errors import UnavailableError  # noqa: PLC0415

        raise UnavailableError("what lies behind", 1)


def _print_texts() -> None:
    for version in VERSIONS:
        click.echo(f"{version.name}, from {version.since:%Y-%m-%d}")
        for (country, language, channel), words in sorted(version.texts.items()):
            click.echo(f"\n{country} {language} {channel}\n  {words}")
    click.echo(f"\nAPPROVED_TEXTS={texts_mark()}")
