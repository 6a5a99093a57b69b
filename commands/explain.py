"""``schoolmatch explain``: why a listing stands where it stands, replayed from what was kept."""

import json
from collections.abc import Mapping
from typing import Any

import click

from commands.doors import Door, door
from matcher.describe import row_of
from matcher.match import Engine, open_engine, why_excluded
from matcher.replay import Explanation, explain_listing, position_of, served_differently
from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, read
from models.domain.listing_id import listing_id, read_position
from models.domain.matching import PAGE_SIZE, Slate
from models.domain.slates import PageRecord


@click.command()
@click.argument("slate_id", metavar="SLATE")
@click.argument("listing")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def explain(slate_id: str, listing: str, *, as_json: bool) -> None:
    """Say why a LISTING stands where it stands on a SLATE.

    LISTING is a listing's id, a position, or the id of a program (prog_…): where it stands on the
    slate, or why it does not. The slate is drawn again from what was kept, and compared with what
    was served, bit for bit; a difference ends with status 1.
    """
    with door() as opened:
        slate, pages = _find(opened, slate_id)
        engine = _engine(opened, slate)
        if listing.startswith("prog_"):
            row = _row(engine, slate, listing)
            excluded = why_excluded(engine, slate.answers, row)
            if excluded is not None:
                _say({"program": listing, "excluded": excluded}, as_json=as_json)
                return
            position = position_of(engine, slate, row)
        else:
            position = _position(listing)
        explanation = explain_listing(engine, slate, position)
        _check_id(slate, explanation, listing)
        served = _served(pages, explanation.listing.position)
        result = _document(slate, explanation, served)
        _say(result, as_json=as_json)
        if result["replay"] == "different":
            raise SystemExit(1)


def _find(opened: Door, shown: str) -> tuple[Slate, tuple[PageRecord, ...]]:
    identifier = read(Prefix.SLATE, shown)
    with opened.unit_of_work() as work:
        slate, pages = work.slates.get(identifier), work.slates.pages(identifier)
    if slate is None:
        raise click.ClickException(
            f"There is no slate {shown} in the database. One drawn in the last seconds arrives "
            "soon; an old one may have been dropped with its month."
        )
    return slate, pages


def _engine(opened: Door, slate: Slate) -> Engine:
    store = opened.settings.store
    try:
        return open_engine(
            store / "catalog" / slate.catalog_version,
            store / "ranker" / slate.ranker_version,
            opened.ranker_key,
        )
    except FileNotFoundError as error:
        raise click.ClickException(
            f"The files of catalog {slate.catalog_version} or ranker {slate.ranker_version} are "
            f"not in {store}: run this where they are."
        ) from error


def _position(listing: str) -> int:
    if listing.isascii() and listing.isdigit() and 0 < int(listing) < 1_000_000:
        return int(listing)
    return read_position(listing)


def _check_id(slate: Slate, explanation: Explanation, asked: str) -> None:
    found = explanation.listing
    if asked.startswith("lst_") and asked != listing_id(slate.id, found.position, found.program.id):
        raise InvalidInputError({"listing": [f"{asked} is not on this slate"]})


def _row(engine: Engine, slate: Slate, program_id: str) -> int:
    row = row_of(engine.catalog, program_id)
    if row is None:
        raise click.ClickException(f"Catalog {slate.catalog_version} has no program {program_id}.")
    return row


def _served(pages: tuple[PageRecord, ...], position: int) -> Mapping[str, Any] | None:
    number = (position - 1) // PAGE_SIZE + 1
    kept = (one for record in pages if record.page == number for one in record.listings)
    return next((one for one in kept if one["position"] == position), None)


def _document(
    slate: Slate, explanation: Explanation, served: Mapping[str, Any] | None
) -> dict[str, Any]:
    listing = explanation.listing
    different = served_differently(listing, served) if served is not None else ()
    replay = "not served yet" if served is None else "different" if different else "identical"
    return {
        "program": listing.program.id,
        "school": listing.school.name,
        "position": listing.position,
        "organic_position": listing.organic_position,
        "score": explanation.score,
        "program_part": explanation.program_part,
        "cross_part": explanation.cross_part,
        "p_request": explanation.probability,
        "relevance_floor": explanation.relevance_floor,
        "steering_index": explanation.steering_index,
        "allocation": explanation.decision,
        "bid": explanation.bid,
        "reasons": [note.code for note in listing.reasons],
        "features": [
            {"name": line.name, "code": line.code, "meaning": line.meaning, "adds": line.adds}
            for line in explanation.features
        ],
        "catalog": slate.catalog_version,
        "ranker": slate.ranker_version,
        "replay": replay,
        "different": list(different),
    }


def _say(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result, indent=1, ensure_ascii=False))
        return
    for name, value in result.items():
        if name == "features":
            click.echo("features")
            for line in value:
                adds = "" if line["adds"] is None else f"{line['adds']:+.3f}"
                click.echo(f"  {line['name']:<18}{line['code']:>3}  {adds:>8}  {line['meaning']}")
        else:
            click.echo(f"{name:<18}{_plain(value)}")


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)
