import pytest

from models.domain.levels import CredentialLevel as C
from models.domain.levels import EducationLevel as E
from models.domain.levels import has_behind, may_enter, may_send_requests

UNDERGRADUATE = {C.UNDERGRADUATE_CERTIFICATE, C.ASSOCIATE, C.BACHELOR}
GRADUATE = {C.GRADUATE_CERTIFICATE, C.MASTER, C.FIRST_PROFESSIONAL, C.DOCTORAL}


@pytest.mark.parametrize(
    ("level", "open_to"),
    [
        (E.STILL_IN_HIGH_SCHOOL, UNDERGRADUATE),
        (E.HIGH_SCHOOL, UNDERGRADUATE),
        (E.SOME_COLLEGE, UNDERGRADUATE),
        (E.ASSOCIATE, UNDERGRADUATE),
        (E.BACHELOR, GRADUATE | {C.POST_BACCALAUREATE_CERTIFICATE}),
        (E.MASTER, GRADUATE),
        (E.DOCTORATE, GRADUATE),
    ],
)
def test_each_level_opens_exactly_these_credentials(level: E, open_to: set[C]) -> None:
    assert {c for c in C if may_enter(level, c, "51.07")} == open_to


def test_without_a_diploma_only_equivalency_and_basic_skills_are_open() -> None:
    assert may_enter(E.NO_DIPLOMA, C.UNDERGRADUATE_CERTIFICATE, "53.02")
    assert may_enter(E.NO_DIPLOMA, C.NON_CREDENTIAL, "32.01")
    assert not may_enter(E.NO_DIPLOMA, C.UNDERGRADUATE_CERTIFICATE, "51.07")
    assert not may_enter(E.NO_DIPLOMA, C.BACHELOR, "53.01")


def test_no_lead_without_a_diploma_or_under_18() -> None:
    assert may_send_requests(E.STILL_IN_HIGH_SCHOOL, age_18_or_over=True)
    assert not may_send_requests(E.STILL_IN_HIGH_SCHOOL, age_18_or_over=False)
    assert not may_send_requests(E.NO_DIPLOMA, age_18_or_over=True)


def test_only_graduates_have_a_bachelors_degree_and_what_leads_to_one_behind_them() -> None:
    graduates = {E.BACHELOR, E.MASTER, E.DOCTORATE}
    behind = {(level, c) for level in E for c in C if has_behind(level, c)}
    assert behind == {(level, c) for level in graduates for c in UNDERGRADUATE}
