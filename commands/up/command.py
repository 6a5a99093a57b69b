"""``schoolmatch up``: one command, from nothing to an address to open; one Ctrl-C, and back."""

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from commands.place import data_folder
from commands.up import configuration, services
from commands.up.children import Spec, module
from commands.up.errors import StartError, StopAskedError
from commands.up.folder import empty, open_folder
from commands.up.ports import free_port, is_free, require_free
from commands.up.postgres import Postgres
from commands.up.progress import Progress
from commands.up.runfile import RunFile
from commands.up.supervisor import Supervisor
from commands.up.valkey import Valkey
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person asked for."""

    port: int
    host: str
    fresh: bool
    demonstration: bool


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), envvar="PORT", default=8000)
@click.option("--host", envvar="HOST", default="127.0.0.1")
@click.option("--fresh", is_flag=True, help="Delete this installation's data and start over.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
@click.option(
    "--demonstration/--no-demonstration",
    default=True,
    help="With or without fictional sponsors and the demonstration school.",
)
def up(*, port: int, host: str, fresh: bool, yes: bool, demonstration: bool) -> None:
    """Start everything and look after it; Ctrl-C stops everything.

    DATABASE_URL and REDIS_URL, where set, are used instead of the embedded servers.
    """
    if fresh and not yes and sys.stdin.isatty():
        click.confirm(f"Delete all data in {data_folder()}?", abort=True)
    try:
        _up(Wishes(port, host, fresh, demonstration), Progress())
    except StartError as error:
        raise click.ClickException(str(error)) from error


def _up(wishes: Wishes, progress: Progress) -> None:
    folder = open_folder(data_folder())
    runs = RunFile(folder)
    runs.acquire()
    ended = runs.end_leftovers()
    if ended:
        progress.say(f"Ended what a killed run left: {', '.join(ended)}")
    require_free(wishes.host, wishes.port)
    if wishes.fresh:
        _start_over(folder, progress)
    progress.say(f"Starting schoolmatch; its data is in {folder}")
    supervisor = Supervisor(folder / "logs", runs, progress)
    try:
        _start(wishes, folder, supervisor, progress)
        supervisor.watch()
    except StopAskedError:
        pass
    finally:
        progress.say("Stopping")
        supervisor.stop()
        configuration.forget(folder)
        runs.close()
    progress.say("Stopped; everything is kept for the next start")


def _start(wishes: Wishes, folder: Path, supervisor: Supervisor, progress: Progress) -> None:
    school_port = _school_port(wishes, progress) if wishes.demonstration else None
    settings = _start_servers(wishes, folder, supervisor)
    school_file = folder / "school" / "config.json"
    arguments = ["--school-file", str(school_file), "--school-port", str(school_port)]
    preparing = module("commands.up.prepare", *(arguments if school_port else ()))
    supervisor.run(Spec("prepare", preparing))
    ours = [services.beat(), services.worker(), services.web(settings)]
    if school_port:
        ours.insert(0, services.school(school_file, school_port))
    supervisor.start(ours)
    # Last: nobody waits for it, and the others are ready sooner.
    supervisor.start([services.training()])
    progress.show(_welcome(settings, folder, school_port))


def _start_servers(wishes: Wishes, folder: Path, supervisor: Supervisor) -> Settings:
    """Start what the environment does not name, and settle this run's settings."""
    password = configuration.secrets_of(folder)["VALKEY_PASSWORD"]
    computed = {
        "PORT": str(wishes.port),
        "HOST": wishes.host,
        "STORE": str(folder / "store"),
    }
    if wishes.demonstration:
        computed |= {"ALLOW_LOOPBACK": "true", "DESTINATION_PORTS": "any", "SFTP_PORTS": "any"}
        computed["MAILBOX"] = str(folder / "mailbox")
    specs = []
    if configuration.given("DATABASE_URL") is None:
        postgres = Postgres(folder)
        computed["DATABASE_URL"] = postgres.url
        if not postgres.exists():
            making = Spec("initdb", postgres.initdb(), user=postgres.user)
            supervisor.run(making, show=False)
            postgres.finish()
        specs.append(postgres.spec())
    if configuration.given("REDIS_URL") is None:
        valkey = Valkey(folder, password)
        computed["REDIS_URL"] = valkey.url
        specs.append(valkey.spec())
    settings = configuration.settle(folder, computed)
    supervisor.start(specs)
    return settings


def _start_over(folder: Path, progress: Progress) -> None:
    if configuration.given("DATABASE_URL") is not None:
        raise StartError("--fresh deletes only data that `up` made; DATABASE_URL names a database.")
    empty(folder)
    progress.say(f"Deleted all data in {folder}")


def _school_port(wishes: Wishes, progress: Progress) -> int:
    """Choose the demonstration school's port: the next one, or any when that is taken."""
    wanted = wishes.port + 1
    if wanted < 65536 and is_free("127.0.0.1", wanted):
        return wanted
    found = free_port()
    progress.say(f"Port {wanted} is in use; the demonstration school takes {found}")
    return found


def _welcome(settings: Settings, folder: Path, school_port: int | None) -> str:
    address = settings.public_url or f"http://{services.reachable(settings.host)}:{settings.port}"
    lines = ["", f"  schoolmatch is ready: {address}/"]
    if school_port:
        lines += [
            f"  The demonstration school:  http://127.0.0.1:{school_port}/",
            f"  What it received, as JSON: http://127.0.0.1:{school_port}/received",
            "  Schools are real; sponsors, campaigns and leads here are fictional.",
        ]
    lines += [f"  Logs: {folder / 'logs'}   Stop: Ctrl-C", ""]
    return "\n".join(lines)
