"""The ``schoolmatch`` command: one door to everything an operator does from a terminal."""

from importlib import import_module
from pathlib import Path

import click
from typing_extensions import override

# A command's module is imported when it is used: `up` starts without waiting for the others.
COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("commands.up.command:up", "Start everything; one Ctrl-C stops it."),
    "campaign": ("commands.campaign:campaign", "List campaigns; change, pause, resume them."),
    "destination": ("commands.destination:destination", "List destinations; set and test them."),
    "school": ("commands.school:school", "Say how a school takes leads: routing, duplicates."),
    "publisher": ("commands.publisher:publisher", "Publishers: our questions in their pages."),
    "statement": ("commands.statement:statement", "Show what an organization owes for a month."),
    "dispositions": (
        "commands.dispositions:dispositions",
        "Take in what schools say became of their leads.",
    ),
    "person": ("commands.person:person", "Find, copy and erase what is kept of a person."),
    "deliveries": ("commands.deliveries:deliveries", "List deliveries; send one again."),
    "catalog": ("commands.catalog.command:catalog", "Build, fetch, import, publish the catalog."),
    "ranker": ("commands.ranker:ranker", "Train, list, promote and roll back rankers."),
    "events": ("commands.events:events", "Write the log as files; take in logs from elsewhere."),
    "simulate": ("commands.simulate:simulate", "Let invented students come, to try training."),
    "staff": ("commands.staff:staff", "Add people who work here; invite them, keep them out."),
    "consent": ("commands.chains:consent", "Export and check the chain of consents."),
    "audit": ("commands.chains:audit", "Export and check the chain of audit rows."),
    "dispute": ("commands.dispute:dispute", "Pack the proof for one lead; check a pack."),
    "keys": ("commands.keys:keys", "Add master keys, wrap data keys anew, take keys away."),
    "check-deploy": (
        "commands.check_deploy:check_deploy",
        "Say what stands against production; 1 while anything does.",
    ),
    "backup": ("commands.backup.make:backup", "Back everything up, while everything runs."),
    "restore": ("commands.backup.restore:restore", "Put a backup into an empty database."),
    "explain": ("commands.explain:explain", "Say why a listing stands where it stands."),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is not a command")
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="SCHOOLMATCH_DATA",
    help="Folder of this installation's data (default: var/ in the project).",
)
@click.version_option(package_name="schoolmatch")
def main(data: Path | None) -> None:
    """Match prospective students with real college programs; deliver their requests to schools."""
    del data  # read by commands.place from the context


if __name__ == "__main__":
    main()
