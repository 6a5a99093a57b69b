"""What may be asked of searches and fields; forms load through the same schemas as JSON."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, post_load, validates_schema
from typing_extensions import override

from matcher.geography import REGIONS, read_postal_code
from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, read
from models.domain.levels import CredentialLevel, EducationLevel, Format
from models.domain.matching import Filters, Sort
from models.domain.place import PostalCode
from models.domain.publisher import MOST_ADDRESS, MOST_CREATIVE
from service.api.v1.plain import blank, plain_text, word
from service.api.v1.rules import (
    Checked,
    Choice,
    Flag,
    Inside,
    Many,
    Number,
    Rules,
    Text,
)
from service.said import say, shorten
from service.steps.inputs import SearchInput

MOST_QUERY = 200
MOST_ARTICLE = 20_000
MOST_PAGES = 20_000
LOCALES = ("en", "es", "fr")
CONTROLS = ("public", "private_nonprofit", "private_for_profit")

_CIP = re.compile(r"[0-9]{2}\.[0-9]{2}")


class PostalCodeField(Checked[PostalCode]):
    """A US ZIP or Canadian postal code, however it is typed."""

    taken: Mapping[str, Any] = {
        "type": "string",
        "pattern": (
            r"^(?:[0-9]{5}(?:[- ]?[0-9]{4})?"
            r"|[ABCEGHJ-NPRSTVXYabceghj-nprstvxy][0-9][ABCEGHJ-NPRSTV-Zabceghj-nprstv-z]"
            r"(?:[ -]?[0-9][ABCEGHJ-NPRSTV-Zabceghj-nprstv-z][0-9])?)$"
        ),
    }

    @override
    def read(self, value: Any) -> PostalCode:
        """Read it."""
        try:
            return read_postal_code(plain_text(value, 40))
        except (ValidationError, InvalidInputError) as error:
            raise ValidationError(say("postal_format")) from error


class RegionField(Checked[str]):
    """A US state or territory, or a Canadian province, by its code."""

    taken: Mapping[str, Any] = {"type": "string", "enum": list(REGIONS)}

    @override
    def read(self, value: Any) -> str:
        """Read it."""
        code = word(value).upper()
        if code not in REGIONS:
            raise ValidationError(say("region_unknown"))
        return code


class CipField(Checked[str]):
    """A CIP family, such as ``51.07``."""

    taken: Mapping[str, Any] = {"type": "string", "pattern": f"^{_CIP.pattern}$"}

    @override
    def read(self, value: Any) -> str:
        """Read it."""
        code = plain_text(value, 40)
        if not _CIP.fullmatch(code):
            raise ValidationError(say("field_unknown", field=shorten(code)))
        return code


class LocaleField(Checked[str]):
    """A language we have; ``en-US`` counts as ``en``."""

    taken: Mapping[str, Any] = {
        "type": "string",
        "pattern": f"^(?:{'|'.join(LOCALES)})(?:[-_][0-9A-Za-z]{{1,8}}){{0,3}}$",
    }

    @override
    def read(self, value: Any) -> str:
        """Read it."""
        language = word(value, 35).lower().replace("_", "-").partition("-")[0]
        if language not in LOCALES:
            raise ValidationError(say("unknown_choice", choices=", ".join(LOCALES)))
        return language


class ShownId(Checked[UUID]):
    """An id with its prefix, such as ``slt_…``."""

    def __init__(self, prefix: Prefix, wrong: str, **options: Any) -> None:
        super().__init__(say(wrong), **options)
        self.prefix, self.wrong = prefix, wrong
        # Crockford's base 32 of 128 bits: no letter i, l, o or u, and first at most 7.
        pattern = f"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"
        self.taken = {"type": "string", "pattern": pattern}

    @override
    def read(self, value: Any) -> UUID:
        """Read it."""
        try:
            return read(self.prefix, plain_text(value, 64))
        except (ValidationError, InvalidInputError) as error:
            raise ValidationError(say(self.wrong)) from error


class ControlField(Checked[str]):
    """Who runs a school."""

    taken: Mapping[str, Any] = {"type": "string", "enum": list(CONTROLS)}

    @override
    def read(self, value: Any) -> str:
        """Read it."""
        control = word(value)
        if control not in CONTROLS:
            raise ValidationError(say("unknown_choice", choices=", ".join(CONTROLS)))
        return control


class FiltersSchema(Rules):
    """What the results are narrowed to."""

    credential_levels = Many(Choice(CredentialLevel), 10)
    states = Many(RegionField(), 70)
    controls = Many(ControlField(), 3)
    # marshmallow takes fields off the class, so this name cannot hide Schema.fields.
    fields = Many(CipField(), 20)  # type: ignore[assignment]

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Filters:
        """Make the filters; order and repetition mean nothing."""
        return Filters(**{name: tuple(sorted(set(values))) for name, values in data.items()})


class SearchSchema(Rules):
    """A search, or one more page of a slate."""

    education_level = Choice(EducationLevel, missing="education_empty")
    postal_code = PostalCodeField()
    region = RegionField()
    field = CipField()
    query = Text(MOST_QUERY)
    format = Choice(Format)
    max_distance_miles = Number(1, 5000)
    filters = Inside(FiltersSchema)
    sort = Choice(Sort)
    hide_sponsored = Flag()
    slate_id = ShownId(Prefix.SLATE, "slate_unknown")
    page = Number(1, MOST_PAGES)
    locale = LocaleField()
    publisher_id = ShownId(Prefix.PUBLISHER, "publisher_unknown")
    landing_page = Text(MOST_ADDRESS)
    creative = Text(MOST_CREATIVE)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_what_is_missing(self, data: dict[str, Any], sent: Any, **_: Any) -> None:
        """Ask for the education level and a place, unless a slate says both."""
        if not isinstance(sent, Mapping) or not blank(sent.get("slate_id")):
            return
        missing: dict[str, list[str]] = {}
        if blank(sent.get("education_level")):
            missing["education_level"] = [say("education_empty")]
        if blank(sent.get("postal_code")) and blank(sent.get("region")):
            missing["postal_code"] = [say("place_empty")]
        if "field" in data and "query" in data:
            missing["query"] = [say("field_and_query")]
        if missing:
            raise ValidationError(missing)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> SearchInput:
        """Make the step's input."""
        return SearchInput(**data)


class FieldQuerySchema(Rules):
    """What somebody typed, or an article, that may be about a field of study."""

    text = Text(MOST_ARTICLE, required=True, lines=True)
