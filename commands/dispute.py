"""``schoolmatch dispute``: make a pack for a lead, and check one offline."""

from pathlib import Path

import click

from commands.chains import PublicKey, show_report, signers
from commands.changes import as_json_option
from commands.doors import door, whoami
from commands.explain import engine_of
from commands.private_file import write_private
from models.domain.ids import Prefix, read
from models.proof.pack import verify_pack
from models.proof.signing import is_signed
from service.steps.dispute_pack import make_dispute_pack


@click.group()
def dispute() -> None:
    """Packs of proof: what was agreed to and what was done with it, for one lead."""


@dispute.command()
@click.argument("lead", metavar="LEAD")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def pack(lead: str, file: Path) -> None:
    """Write all that is kept of a LEAD into FILE.zip, signed whole.

    It holds personal data; the audit keeps who made it.
    """
    with door() as opened:
        lead_id = read(Prefix.LEAD, lead)
        now = opened.clock.now()
        made = make_dispute_pack(
            opened.unit_of_work,
            lead_id,
            lambda *versions: engine_of(opened, *versions),
            signers(opened),
            now.isoformat(timespec="seconds"),
        )
        with opened.unit_of_work() as work:
            work.organizations.record_audit(whoami(), "dispute.pack", lead, {}, now)
        write_private(file, made)
    click.echo(f"{file} is written. Check it anywhere: python3 {file} --key …")


@dispute.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", type=PublicKey(), help="The service's public key, 64 hex digits.")
@as_json_option
def verify(file: Path, key: bytes | None, *, as_json: bool) -> None:
    """Check a pack offline: every byte, the proof, and what was agreed to."""
    show_report(verify_pack(file.read_bytes(), key, is_signed), as_json=as_json)
