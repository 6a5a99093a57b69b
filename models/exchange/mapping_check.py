"""Whether a mapping can be satisfied: asked at set-up, so that no lead has to find out.

Each problem is said of one field, with what to do. A mapping with problems is not kept, and so its
destination cannot be activated.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from models.domain.levels import EducationLevel
from models.exchange.formats import check_format
from models.exchange.mapping import Row, read_row, read_rows
from models.exchange.paths import parse_path
from models.exchange.writing import BodyFormat, check_target, nested

# What every lead says, and what some do not: a student may leave it empty, or may not have agreed
# that the school is told. Places in lists are left out of the names.
_ALWAYS = frozenset(
    {
        *("lead_id", "request_id", "delivery_id", "purpose", "asked_at", "place.country"),
        *("school.id", "school.name", "source.publisher", "consented_channels", "verification"),
        *("programs.id", "programs.cip", "programs.title", "programs.credential_level"),
        *("student.first_name", "student.last_name", "student.education_level", "student.locale"),
        *("consents.channel", "consents.text", "consents.text_id", "consents.version"),
        *("consents.locale", "consents.jurisdiction", "consents.agreed_at"),
    }
)
_SOMETIMES = frozenset(
    {
        *("student.email", "student.phone", "student.postal_code", "student.region"),
        *("desired_start", "place.state", "programs.format", "programs.sponsored"),
        *("source.landing_page", "source.creative"),
    }
)
# What a form offers to choose from; of lists, the first entry.
KNOWN_SOURCES = tuple(
    sorted(
        name.replace("programs.", "programs[0].").replace("consents.", "consents[0].")
        for name in _ALWAYS | _SOMETIMES
    )
)
# The journey asks everybody for it; a lead of a student who did not agree to e-mail fails, loudly.
_RELIED_ON = frozenset({"student.email"})
_KEYS = frozenset(
    {"to", "from", "constant", "secret", "format", "values", "default", "required", "as", "example"}
)
_WAYS = ("text", "number", "boolean")
_OF_THE_STUDENT = ("student.", "answers.", "desired_start", "place.", "consents", "consented_")
# Names of fields that say something about a person, whatever the school's system calls them.
_ABOUT_A_PERSON = re.compile(
    r"firstname|lastname|fullname|e?mail|phone|mobile|street|address|city|zip|postal|birth|"
    r"gpa|education|startdate|desiredstart|consent|agreement|optin|gender|age$"
)
_MOST_ROWS, _LONGEST = 200, 500

Problems = dict[str, list[str]]


def check_mapping(written: Any, body_format: BodyFormat, secrets: Collection[str] = ()) -> Problems:
    """Find what is wrong with the rows of a mapping.

    Args:
        written: rows as settings hold them.
        body_format: how the body is written: it decides what a target may be called.
        secrets: names of the credentials that were given.

    Returns:
        What to do, by field; empty when the mapping can be satisfied.
    """
    if not isinstance(written, Sequence) or isinstance(written, str):
        return {"fields": ["Give a list of fields, each with to and from."]}
    if not 1 <= len(written) <= _MOST_ROWS:
        return {"fields": [f"Give 1 to {_MOST_ROWS} fields."]}
    problems: Problems = {}
    for place, each in enumerate(written):
        said = _shape(each)
        if said is None:
            said = _row(read_row(each), body_format, secrets)
        if said is not None:
            to = each.get("to") if isinstance(each, Mapping) else None
            problems[f"fields.{to if isinstance(to, str) and to else place}"] = [said]
    return problems or _together(read_rows(written), body_format)


def _together(rows: Sequence[Row], body_format: BodyFormat) -> Problems:
    """Find rows that stand in each other's way."""
    targets = [row.to for row in rows]
    twice = {to for to in targets if targets.count(to) > 1}
    if twice:
        return {f"fields.{to}": ["Name a field once; this one comes twice."] for to in twice}
    if body_format in (BodyFormat.JSON, BodyFormat.XML):
        try:
            nested([(to, "x") for to in targets])
        except ValueError as error:
            to, _, said = str(error).rpartition(": ")
            return {f"fields.{to}": [f"Choose another path: {said}."]}
    return {}


def _shape(each: Any) -> str | None:
    """Say what is wrong with the shape of a row, so that a row can be made of it."""
    if not isinstance(each, Mapping) or not isinstance(each.get("to"), str) or not each["to"]:
        return "Say which field it is: to = the name that the school's system has for it."
    unknown = sorted(str(key) for key in each if key not in _KEYS)
    if unknown:
        return f"Remove {', '.join(unknown)[:80]}; a field has {', '.join(sorted(_KEYS))}."
    sources = each.get("from", [])
    formats, values = each.get("format", []), each.get("values", {})
    texts = [each.get(key) for key in ("secret", "default", "example")]
    shaped = (
        isinstance(sources, str | list | tuple)
        and all(isinstance(part, str) for part in sources)
        and isinstance(formats, list | tuple)
        and isinstance(values, Mapping)
        and all(isinstance(part, str) for part in (*values, *values.values()))
        and all(text is None or (isinstance(text, str) and _fits(text)) for text in texts)
        and isinstance(each.get("required", False), bool)
        and isinstance(each.get("constant", ""), str | bool)
        and each.get("as", "text") in _WAYS
    )
    if not shaped:
        return (
            f"Write texts as texts, format as a list, values as a table, as {' or '.join(_WAYS)}."
        )
    return None


def _row(row: Row, body_format: BodyFormat, secrets: Collection[str]) -> str | None:
    given = [bool(row.sources), row.constant is not None, row.secret is not None]
    if sum(given) != 1:
        return "Say where its value comes from: one of from, constant and secret."
    checks = (
        check_target(body_format, row.to),
        next(filter(None, map(check_format, row.formats)), None),
        _constant(row),
        _secret(row, secrets),
        next(filter(None, map(_source, row.sources)), None),
        _stand_in(row),
        _satisfied(row),
    )
    return next(filter(None, checks), None)


def _constant(row: Row) -> str | None:
    if row.constant is None:
        return None
    if isinstance(row.constant, str) and not (row.constant and _fits(row.constant)):
        return "Give a text of at most 500 letters, on one line."
    # A yes is a yes to whatever stands around it; a text is about what its own name says.
    last = row.to.rpartition(".")[2]
    named = row.to if last == "value" or isinstance(row.constant, bool) else last
    if _ABOUT_A_PERSON.search(re.sub(r"[^a-z]", "", named.lower())):
        return (
            "Take it from the lead, or leave it out: a constant cannot stand in for what a "
            "student says."
        )
    return None


def _secret(row: Row, secrets: Collection[str]) -> str | None:
    if row.secret is None or row.secret in secrets:
        return None
    return f"Set the credential {row.secret[:40]} first; there is none."


def _source(path: str) -> str | None:
    try:
        name = _name(path)
    except ValueError as error:
        return str(error)
    if name.startswith("answers.") or name.removesuffix("?") in _ALWAYS | _SOMETIMES:
        return None
    return f"There is no {path[:60]} in a lead; docs/destinations.md lists what there is."


def _stand_in(row: Row) -> str | None:
    if row.default is None or not any(path.startswith(_OF_THE_STUDENT) for path in row.sources):
        return None
    return "Remove the default: nothing stands in for what a student did not say."


def _satisfied(row: Row) -> str | None:
    """Say why a required field may stay empty, if it may."""
    if not row.required or not row.sources or row.default is not None:
        return None
    if not any(_name(path) in _ALWAYS | _RELIED_ON for path in row.sources):
        return (
            f"Not every lead has {' or '.join(row.sources)}: take required away, or take the "
            "field from what every lead has."
        )
    # A student without a diploma is asked for nothing, so no lead says so.
    left_out = sorted(set(EducationLevel) - {EducationLevel.NO_DIPLOMA} - set(row.values))
    if row.values and row.sources[-1] == "student.education_level" and left_out:
        return f"Say what stands for {', '.join(left_out)}, or take required away."
    return None


def _name(path: str) -> str:
    """Name a path without its places in lists, as ``_ALWAYS`` does.

    An entry that is looked for by its values, or beyond the first, is not in every lead.
    """
    steps = parse_path(path)
    certain = all(isinstance(step, str) or step == 0 for step in steps)
    name = ".".join(step for step in steps if isinstance(step, str))
    return name if certain or name not in _ALWAYS else f"{name}?"


def _fits(text: str) -> bool:
    return len(text) <= _LONGEST and text.isprintable()
