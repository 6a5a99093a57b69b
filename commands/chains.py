"""``schoolmatch consent`` and ``schoolmatch audit``: export and check what was sealed."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from typing_extensions import override

from commands.changes import as_json_option, show_json
from commands.doors import Door, door
from models.domain.chain import Chain
from models.domain.ids import Prefix, show
from models.proof.chain import Report
from models.proof.export import Witness, verify_export, verify_rows, write_export
from models.proof.signing import Signer, is_signed, signer_of


class PublicKey(click.ParamType[bytes]):
    """A public key: 64 hex digits."""

    name = "PUBLIC"

    @override
    def convert(self, value: Any, param: Any, ctx: Any) -> bytes:
        if isinstance(value, bytes):
            return value
        if not re.fullmatch(r"[0-9a-fA-F]{64}", value):
            self.fail("a public key is 64 hex digits; `consent keys` prints them", param, ctx)
        return bytes.fromhex(value)


class Head(click.ParamType[Witness]):
    """A head noted before: its sequence and link."""

    name = "N:HASH"

    @override
    def convert(self, value: Any, param: Any, ctx: Any) -> Witness:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", value)
        if found is None:
            self.fail("a head is such as 17:3fa4…, as `verify` prints it", param, ctx)
        return int(found[1]), found[2]


def signers(opened: Door) -> list[Signer]:
    """The keys that sign chains; the first is the one that does now."""
    return [Signer(name, seed) for name, seed in opened.settings.chain_keys.items()]


def _signer(opened: Door, chain: Chain) -> Signer:
    with opened.unit_of_work() as work:
        return signer_of(signers(opened), work.chains.tip(chain).keys)


def _commands(chain: Chain, about: str) -> click.Group:
    """Make the commands of one chain."""
    group = click.Group(chain.value, help=about)

    @group.command()
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    def export(file: Path) -> None:
        """Write the whole chain into FILE: rows, heads and public keys, nothing personal."""
        with door() as opened:
            _export(opened, chain, file)

    @group.command()
    @click.argument(
        "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
    )
    @click.option("--key", type=PublicKey(), help="The service's public key, 64 hex digits.")
    @click.option("--head", type=Head(), help="A head noted before, which must be there.")
    @as_json_option
    def verify(
        file: Path | None, key: bytes | None, head: Witness | None, *, as_json: bool
    ) -> None:
        """Check the chain: an export in FILE, offline, or the database when no FILE is given.

        Ends with status 1 when anything was changed, added, moved or is missing.
        """
        show_report(_verify(chain, file, key, head), as_json=as_json)

    @group.command()
    @as_json_option
    def keys(*, as_json: bool) -> None:
        """Print the public keys that CHAIN_KEYS holds; give the first to whoever checks."""
        with door() as opened:
            rows = {each.key_id: each.public.hex() for each in signers(opened)}
        show_json(rows) if as_json else click.echo("\n".join(map("  ".join, rows.items())))

    return group


def _verify(chain: Chain, file: Path | None, key: bytes | None, head: Witness | None) -> Report:
    if file is None:
        with door() as opened:
            return _verify_database(opened, chain, key, head)
    if key is None:
        raise click.UsageError("Give --key: the service's public key, which you had before.")
    report = verify_export(file.read_bytes(), key, is_signed, head)
    if report.chain not in ("", chain.value):
        report.wrong(f"this is an export of the {report.chain} chain")
    return report


def _export(opened: Door, chain: Chain, file: Path) -> None:
    draft = file.with_name(f"{file.name}.draft")
    signer = _signer(opened, chain)
    with opened.unit_of_work() as work, draft.open("wb") as writer:
        lines = work.chains.lines(chain)
        for line in write_export(chain.value, lines, signer, opened.clock.now()):
            writer.write(line)
    draft.replace(file)
    click.echo(f"{file} is written. Check it anywhere: schoolmatch {chain} verify {file} --key …")


def _verify_database(opened: Door, chain: Chain, key: bytes | None, head: Witness | None) -> Report:
    trusted = key or _signer(opened, chain).public
    with opened.unit_of_work() as work:
        rows = work.chains.lines(chain)
        report = verify_rows(chain.value, rows, trusted, is_signed, head)
        if chain is Chain.CONSENT:
            found = work.chains.commitments()
            for each in found.wrong:
                report.wrong(f"{show(Prefix.CONSENT, each)} is not what was committed to")
            report.notes.append(f"{found.opened} consents were opened, {found.erased} are erased")
            if found.locked:
                report.notes.append(f"{found.locked} cannot be opened: their master key is lost")
    return report


def show_report(report: Report, *, as_json: bool) -> None:
    """Print what a check found; end with status 1 when it does not hold."""
    if as_json:
        show_json({"holds": report.holds, **asdict(report)})
    else:
        for problem in report.problems:
            click.echo(problem)
        for note in report.notes:
            click.echo(note)
        held = "holds" if report.holds else "DOES NOT HOLD"
        click.echo(
            f"{report.chain}: {held}; {report.sealed} rows sealed, {report.unsealed} not yet, "
            f"{report.heads} heads"
        )
        if report.head:
            click.echo(f"head {report.sequence}:{report.head}")
    if not report.holds:
        raise SystemExit(1)


consent = _commands(Chain.CONSENT, "Export and check the chain of consents.")
audit = _commands(Chain.AUDIT, "Export and check the chain of audit rows.")
