"""From what was typed to answers that the matcher can use, and where the student is."""

from collections.abc import Sequence
from functools import lru_cache

from matcher.fields import FieldIndex, FieldMatch
from matcher.fieldwords import words
from matcher.geography import REGIONS, Places
from models.domain.errors import InvalidInputError
from models.domain.levels import (
    WITHOUT_DIPLOMA_CIP2,
    CredentialLevel,
    EducationLevel,
    has_behind,
)
from models.domain.matching import Answers, Note
from service.said import Said, say, shorten
from service.steps.inputs import SearchInput

# Beside the best match only fields half as likely share the results: they are about one thing.
AS_SURE = 0.5
MOST_FIELDS = 3
REMEMBERED = 2048

# What people type who know no field yet, in the languages we expect: as good as nothing.
_NO_FIELD_YET = frozenset(
    " ".join(words(said))
    for said in (
        "not sure", "not sure yet", "i'm not sure", "i'm not sure yet", "i am not sure",
        "unsure", "undecided", "idk", "i don't know", "i don't know yet", "i do not know",
        "dont know", "don't know yet", "no idea", "anything",
        "no sé", "no lo sé", "no sé todavía", "todavía no sé", "no estoy seguro",
        "no estoy segura", "no tengo idea", "indeciso", "indecisa", "cualquiera",
        "je ne sais pas", "je ne sais pas encore", "je sais pas", "j'sais pas", "pas sûr",
        "pas sûre", "pas encore", "aucune idée", "indécis", "indécise", "n'importe quoi",
    )
)  # fmt: skip


def read_answers(asked: SearchInput, fields: FieldIndex, places: Places) -> tuple[Answers, str]:
    """Check the place and find the fields meant.

    Returns:
        The answers, and the jurisdiction (ISO 3166, such as ``US-NY``).

    Raises:
        InvalidInputError: naming everything that could not be understood.
    """
    wrong: dict[str, list[Said]] = {}
    jurisdiction = _jurisdiction(asked, places, wrong)
    query = None if knows_no_field(asked.query) else asked.query
    found = _meant(asked.field, query, fields, wrong)
    if wrong or asked.education_level is None:
        raise InvalidInputError(wrong or {"education_level": [say("education_empty")]})
    best = found[0] if found else None
    cips = tuple(match.cip for match in found)
    if asked.education_level is EducationLevel.NO_DIPLOMA:
        cips = tuple(cip for cip in cips if cip[:2] in WITHOUT_DIPLOMA_CIP2)
    answers = Answers(
        education_level=asked.education_level,
        postal_code=asked.postal_code.text if asked.postal_code else None,
        region=asked.region,
        fields=cips,
        specialty=best.specialty if best and cips else None,
        specialty_credential=_wanted(asked.education_level, best) if cips else None,
        query=query or asked.field,
        format=asked.format,
        max_distance_miles=asked.max_distance_miles,
        filters=asked.filters,
        sort=asked.sort,
        hide_sponsored=asked.hide_sponsored,
    )
    return answers, jurisdiction


def _wanted(level: EducationLevel, best: FieldMatch | None) -> CredentialLevel | None:
    """The credential that words ask for, unless the student has it behind them."""
    credential = best.credential if best else None
    return None if credential and has_behind(level, credential) else credential


def knows_no_field(query: str | None) -> bool:
    """Whether somebody typed that they know no field yet."""
    return query is not None and " ".join(words(query)) in _NO_FIELD_YET


def best_of(found: Sequence[FieldMatch]) -> list[FieldMatch]:
    """Of the fields that words may mean, best first, those that share the results."""
    # A specialty is inside one field; a wider word may mean several.
    most = 1 if found and found[0].specialty else MOST_FIELDS
    sure = [match for match in found if match.confidence >= AS_SURE * found[0].confidence]
    return sure[:most]


def field_advice(answers: Answers) -> tuple[Note, ...]:
    """Tell a student without a diploma that the field they named was set aside."""
    without = answers.education_level is EducationLevel.NO_DIPLOMA
    if without and answers.query and not answers.fields:
        return (Note("field_set_aside"),)
    return ()


def _jurisdiction(asked: SearchInput, places: Places, wrong: dict[str, list[Said]]) -> str:
    if asked.postal_code is None:
        region = REGIONS[asked.region] if asked.region else None
        return f"{region.country}-{region.code}" if region else "US"
    place = places.find(asked.postal_code)
    if place is None:
        shown = asked.postal_code.shown
        wrong["postal_code"] = [say("postal_unknown", postal_code=shown)]
        return "US"
    return f"{place.country}-{place.region}" if place.region else place.country


def _meant(
    field: str | None, query: str | None, fields: FieldIndex, wrong: dict[str, list[Said]]
) -> Sequence[FieldMatch]:
    if field is not None:
        if field not in fields.cips:
            wrong["field"] = [say("field_unknown", field=field)]
            return []
        return [FieldMatch(field, fields.name(field), None, None, 1.0)]
    if query is None:
        return []
    found = _fields_of(fields, query)
    if not found:
        wrong["query"] = [say("study_unknown", query=shorten(query))]
    return found


@lru_cache(REMEMBERED)
def _fields_of(fields: FieldIndex, query: str) -> tuple[FieldMatch, ...]:
    """Find the fields that words mean; the same few words are most of what is typed."""
    return tuple(best_of(fields.find(query)))
