"""``schoolmatch destination add`` and ``try``: presets of systems that schools use."""

from typing import Any

import click

from commands.changes import as_json_option, read_changes, show_json
from commands.destination_judge import meaning, tell
from commands.doors import door, whoami
from config.logging import configure_logging
from models.domain.clock import SystemClock
from models.domain.destination import NewDestination
from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.ids import Prefix, read, show
from models.domain.organization import Organization
from models.domain.ports.organizations import OrganizationStore
from models.exchange.kinds import KINDS
from models.exchange.presets import PRESETS, Preset
from workers import trying
from workers.mocks import Received, Reply

_preset_argument = click.argument(
    "preset", metavar="PRESET", type=click.Choice(sorted(PRESETS), case_sensitive=True)
)
_MOST_SHOWN = 4000


@click.command("add")
@click.argument("organization")
@click.argument("made_from", metavar="PRESET|KIND", type=click.Choice(sorted({*PRESETS, *KINDS})))
@click.argument("answers", metavar="NAME=VALUE…", nargs=-1)
@click.option("--name", help="What staff call it (default: the preset's or kind's own name).")
@as_json_option
def add(
    organization: str, made_from: str, answers: tuple[str, ...], name: str | None, *, as_json: bool
) -> None:
    """Give an organization's schools a destination, made from a preset or of a kind.

    ORGANIZATION is its name or id. What is asked is said when an answer is missing; nothing is sent
    before `destination test` succeeds.
    """
    given, preset = read_changes(answers), PRESETS.get(made_from)
    kind = KINDS[preset.kind if preset else made_from]
    with door() as opened:
        settings, secrets = preset.expand(given) if preset else kind.change(given, {}, {})
        with opened.unit_of_work() as work:
            now, who = opened.clock.now(), whoami()
            owner = _organization(work.organizations, organization)
            schools = work.organizations.schools(owner.id)
            label = name or (preset or kind).label
            new = NewDestination(label, kind.name, settings, secrets, schools, kind.pace(settings))
            made = work.destinations.create(owner.id, new, by=who.name, now=now)
            shown = show(Prefix.DESTINATION, made)
            detail = {"preset" if preset else "kind": made_from, "schools": len(schools)}
            work.organizations.record_audit(who, "destination.add", shown, detail, now)
    if as_json:
        show_json({"id": shown, **detail})
        return
    click.echo(f"{shown} is made, for {len(schools)} schools of {owner.name}.")
    if preset:
        click.echo(preset.about)
    click.echo(f"Next: `schoolmatch destination test {shown}`.")


@click.command("try")
@_preset_argument
@click.argument("answers", metavar="NAME=VALUE…", nargs=-1)
@click.option("--case", default="good", help="How the system is to answer.", show_default=True)
@as_json_option
def try_preset(preset: str, answers: tuple[str, ...], case: str, *, as_json: bool) -> None:
    """Show what a preset sends, what its system may answer, and what we take that to mean.

    Nothing leaves this machine: the system is played. No account is needed.
    """
    configure_logging("WARNING", "command")
    tried = PRESETS[preset]
    try:
        trial = trying.try_preset(tried, read_changes(answers), case, SystemClock())
    except InvalidInputError as error:
        lines = [f"{path}: {text}" for path, texts in error.messages.items() for text in texts]
        raise click.ClickException("\n".join(lines)) from error
    exchanges = [
        _exchange(sent, reply) for sent, reply in zip(trial.requests, trial.replies, strict=True)
    ]
    meant = meaning(trial.judged)
    if as_json:
        cases = list(trying.cases_of(tried))
        show_json({"preset": preset, "case": case, "cases": cases, "exchanges": exchanges, **meant})
        return
    for each in exchanges:
        click.echo(_lines(each))
    tell(meant)
    click.echo(f"Cases:   {', '.join(trying.cases_of(tried))}")
    click.echo(_about(tried))


def _organization(organizations: OrganizationStore, wanted: str) -> Organization:
    found = organizations.named(wanted)
    if found is None and wanted.startswith(f"{Prefix.ORGANIZATION}_"):
        found = organizations.get(read(Prefix.ORGANIZATION, wanted))
    if found is None:
        raise NotFoundError(f"there is no organization called “{wanted}”")
    return found


def _exchange(sent: Received, reply: Reply) -> dict[str, Any]:
    """Lay out one request and its answer; everything in them is made up, the credentials too."""
    return {
        "request": {
            "path": sent.path,
            "headers": {
                name: sent.headers[name]
                for name in ("content-type", "authorization", "idempotency-key")
                if name in sent.headers
            },
            "body": sent.body.decode("utf-8", "replace"),
        },
        "answer": {
            "code": reply.code,
            "headers": dict(reply.headers),
            "body": reply.body.decode("utf-8", "replace"),
        },
    }


def _lines(exchange: dict[str, Any]) -> str:
    request, answer = exchange["request"], exchange["answer"]
    headers = [f"{name}: {value}" for name, value in request["headers"].items()]
    return "\n".join(
        [
            f"{'POST' if answer['code'] else 'PUT'} {request['path']}",
            *headers,
            "",
            request["body"][:_MOST_SHOWN],
            "",
            # A file has no code: what became of it is the case that is played.
            *([f"{answer['code']}"] if answer["code"] else []),
            answer["body"][:_MOST_SHOWN],
            "",
        ]
    )


def _about(preset: Preset) -> str:
    return f"\n{preset.label}: {preset.about.strip()}"
