"""Reasons are true, and a replay says whether it is what was served."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.describe import row_of
from matcher.forest import SCALE
from matcher.match import Engine, draw, page
from matcher.replay import explain_listing, served_differently
from models.domain.errors import NotFoundError
from models.domain.levels import CredentialLevel, EducationLevel
from models.domain.matching import Answers, Listing, Note
from models.domain.slates import page_record
from tests.support.catalogs import a_slate, an_offer, match_page
from tests.support.searches import campaigns, searches

KNOWN = {
    "near_you",
    "in_your_state",
    "fits_your_level",
    "fits_specialty",
    "many_completers",
    "earnings_above",
    "format_matches",
}


def is_true(engine: Engine, answers: Answers, listing: Listing, note: Note) -> bool:
    """Check a reason on the catalog's own figures and the listing as shown."""
    catalog, said = engine.catalog, note.values
    row = row_of(catalog, listing.program.id)
    level, miles = listing.program.credential_level, listing.distance_miles
    truth: dict[str, object] = {
        "near_you": miles is not None and miles <= 50 and said.get("miles") == miles,
        "in_your_state": listing.school.state is not None
        and said.get("state") == listing.school.state,
        "fits_your_level": said.get("credential_level") == level,
        "fits_specialty": level is answers.specialty_credential,
        "many_completers": said.get("count") == catalog.completers[row] >= 100,
        "earnings_above": catalog.earnings[row] > catalog.threshold[row]
        and said.get("earnings") == catalog.earnings[row],
        "format_matches": listing.program.format is not None,
    }
    return bool(truth[note.code])


@settings(max_examples=60, deadline=None)
@given(searches())
def test_every_reason_is_true_and_adds_to_the_score(small: Engine, answers: Answers) -> None:
    answers = replace(answers, specialty="Medical coder" if answers.specialty_credential else None)
    shown = match_page(small, answers)
    for listing in shown.listings:
        assert len(listing.reasons) <= 3
        assert len({note.code for note in listing.reasons}) == len(listing.reasons)
        for note in listing.reasons:
            assert note.code in KNOWN
            assert is_true(small, answers, listing, note), note


def test_reasons_come_by_what_they_add(real: Engine) -> None:
    answers = Answers(
        EducationLevel.HIGH_SCHOOL,
        postal_code="10940",
        fields=("51.07",),
        specialty="Medical records technician",
        specialty_credential=CredentialLevel.UNDERGRADUATE_CERTIFICATE,
    )
    feature = {
        "near_you": "distance",
        "in_your_state": "state",
        "fits_your_level": "credential",
        "fits_specialty": "specialty_fit",
        "many_completers": "completers",
        "earnings_above": "verdict",
    }
    slate = a_slate(real, answers)
    seen = set()
    for listing in match_page(real, answers).listings:
        lines = explain_listing(real, slate, listing.position).features
        adds = {line.name: line.adds or 0.0 for line in lines}
        given_reasons = [adds[feature[note.code]] for note in listing.reasons]
        assert given_reasons == sorted(given_reasons, reverse=True)
        assert all(value > 0 for value in given_reasons)
        seen |= {note.code for note in listing.reasons}
    assert {"near_you", "in_your_state", "fits_specialty", "many_completers"} <= seen


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_invariant_8_a_replay_equals_what_was_kept(small: Engine, data: st.DataObject) -> None:
    """Invariant 8: value for value, as it went into the database."""
    answers, offers = data.draw(searches()), data.draw(campaigns(small))
    slate = a_slate(small, answers, offers)
    shown = match_page(small, answers, offers)
    kept = page_record(shown, demonstration=False).listings
    for listing, served in zip(shown.listings, kept, strict=True):
        explanation = explain_listing(small, slate, listing.position)
        assert explanation.listing == listing
        assert served_differently(explanation.listing, served) == ()
        assert explanation.program_part + explanation.cross_part == listing.score / SCALE
        assert (explanation.decision == "sponsored") == listing.sponsored
        assert (explanation.bid is not None) == listing.sponsored


def test_a_replay_names_what_differs(small: Engine) -> None:
    answers = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940")
    shown = match_page(small, answers)
    kept = dict(page_record(shown, demonstration=False).listings[0])
    codes = [*kept["codes"][:-1], kept["codes"][-1] + 1]
    served = {**kept, "score": kept["score"] + 1, "codes": codes}
    assert served_differently(shown.listings[0], served) == ("score", "codes")


def test_an_explanation_says_why_nobody_could_lift_it(small: Engine) -> None:
    answers = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940")
    everyone = an_offer(1, small.catalog.unitid.tolist())
    slate = a_slate(small, answers, (everyone,))
    drawn = draw(small, slate)
    shown = [one for number in range(1, 60) for one in page(small, drawn, number).listings]
    paid = next(one for one in shown if one.sponsored)
    warned = next(one for one in shown if one.warnings and "earnings" in one.warnings[0].code)
    assert explain_listing(small, slate, paid.position).decision == "sponsored"
    said = explain_listing(small, slate, warned.position).decision
    assert said == "organic: payment never lifts a program with the earnings warning"
    hidden = a_slate(small, replace(answers, hide_sponsored=True), (everyone,))
    assert "hid" in explain_listing(small, hidden, 1).decision
    alone = a_slate(small, answers)
    assert explain_listing(small, alone, 1).decision == "organic: no campaign covers it"


def test_a_position_after_the_end_is_not_found(small: Engine) -> None:
    slate = a_slate(small, Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940"))
    with pytest.raises(NotFoundError):
        explain_listing(small, slate, 100_000)
