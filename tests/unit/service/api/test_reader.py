"""What a form sends is read exactly as its schema reads it, right or wrong."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from models.domain.levels import EducationLevel, Format
from models.domain.matching import Sort
from service.api.v1.reader import Reader
from service.api.v1.schemas import SearchSchema

SCHEMA = SearchSchema()
READER = Reader(SCHEMA)
SLATE = "slt_01jd9x2v7kq3m8z5w4c6b1n0ra"
LONG = "x" * 900


def one_of(*texts: str) -> st.SearchStrategy[str]:
    return st.sampled_from([*texts, "", "  ", "\x07", "no such", LONG]) | st.text(
        "aZ07é-<", max_size=6
    )


FORMS = st.fixed_dictionaries(
    {},
    optional={
        "education_level": one_of(*EducationLevel, " high_school "),
        "postal_code": one_of(
            "10940", " 10940-1234", "k1a 0b1", "K1A", "\uff11\uff1094\uff10", "1094"
        ),
        "region": one_of("NY", "on", "XX"),
        "field": one_of("51.07", "51.0", "51.38"),
        "query": one_of("nursing", " RN  to BSN ", "ﬁre", "\ud800"),
        "format": one_of(*Format),
        "max_distance_miles": one_of("25", " 50 ", "0", "5001", "-1", "2.5"),
        "sort": one_of(*Sort),
        "hide_sponsored": one_of("true", "on", "No", "2"),
        "slate_id": one_of(SLATE, SLATE.replace("slt", "req")),
        "page": one_of("1", "20000", "20001"),
        "locale": one_of("en", "es-MX", "FR_ca", "de"),
        "unknown": one_of("1"),
        "filters": st.fixed_dictionaries(
            {},
            optional={
                "credential_levels": st.lists(one_of("associate", "master"), max_size=11),
                "states": st.lists(one_of("NY", "nj", "NY"), max_size=3),
                "controls": st.lists(one_of("public"), max_size=4),
                "fields": st.lists(one_of("51.07", "52.02"), max_size=3),
                "other": st.just(["1"]),
            },
        ),
    },
)


def outcome(loads: Any, sent: dict[str, Any]) -> Any:
    try:
        return loads(sent)
    except ValidationError as error:
        return error.messages


@given(FORMS)
def test_a_form_is_read_as_its_schema_reads_it(sent: dict[str, Any]) -> None:
    expected = outcome(SCHEMA.load, sent)
    for _ in range(2):  # read, and then known
        assert outcome(READER.load, sent) == expected


@given(
    st.sampled_from([*EducationLevel]),
    st.sampled_from(["10940", "K1A 0B1", "30332-0001"]),
    st.fixed_dictionaries(
        {},
        optional={
            "query": st.sampled_from(["nursing", "  welding "]),
            "format": st.sampled_from([*Format]),
            "sort": st.sampled_from([*Sort]),
            "max_distance_miles": st.integers(1, 5000).map(str),
            "hide_sponsored": st.sampled_from(["true", "false"]),
            "filters": st.fixed_dictionaries(
                {"states": st.lists(st.sampled_from(["NY", "ca", "ON"]), max_size=4)}
            ),
        },
    ),
)
def test_a_form_with_nothing_wrong_makes_the_same_search(
    level: EducationLevel, postal_code: str, rest: dict[str, Any]
) -> None:
    sent = {"education_level": level.value, "postal_code": postal_code, **rest}
    expected = SCHEMA.load(sent)
    for _ in range(2):
        assert READER.load(sent) == expected
