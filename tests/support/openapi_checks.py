"""A check for schemathesis: the document refuses what we refuse, but for what no schema says."""

from typing import Any

import schemathesis
from schemathesis.generation import GenerationMode

# Codes of problems with values in the right form.
BEYOND_SCHEMAS = frozenset(
    {
        "postal_unknown",  # nobody has that postal code
        "field_unknown",  # there is no such field of study
        "study_unknown",  # the text is about no field of study
        "slate_unknown",  # no such slate, or it has ended
        "slate_answers",  # it was drawn for other answers
        "page_unknown",  # it has fewer pages
        "listing_unknown",  # not of this slate
        "listing_closed",  # a school that takes no requests here
        "schools_many",
        "email_format",  # RFC 5321 and the domains that exist are more than `format: email`
        "phone_format",  # which numbers can exist is a table's business
        "start_format",  # 30 February
        "start_range",  # what is past moves on
        "name_letters",  # in any script
        "too_long",  # compatibility forms (NFKC) may be longer than what was typed
        "phone_missing",
        "under_18",
        "no_diploma",
        "consent_missing",
        "consent_not_chosen",
        "consent_stale",
        "consent_twice",
        "question_unknown",
    }
)

# A cursor is whatever we gave out, sealed; nothing of it is promised.
OPAQUE = frozenset({"cursor"})


@schemathesis.check
def refused_only_beyond_the_schema(
    _ctx: schemathesis.CheckContext, response: schemathesis.Response, case: Any
) -> None:
    """Fail when the document promised that a value is taken."""
    if response.status_code != 422 or case.meta is None:
        return
    if case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    wrong = [
        each
        for each in response.json()["errors"]
        if each["code"] not in BEYOND_SCHEMAS and each["path"] not in OPAQUE
    ]
    assert not wrong, f"The document allows this, and it is refused: {wrong}"
