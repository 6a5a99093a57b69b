"""Reasons are true, and a replay says whether it is what was served."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.catalog import FORMATS, HORIZONS, PRECISIONS
from matcher.describe import row_of
from matcher.forest import SCALE
from matcher.geography import distance_miles, read_postal_code
from matcher.match import Engine, draw, page
from matcher.replay import explain_listing, served_differently
from models.domain.errors import NotFoundError
from models.domain.levels import CredentialLevel, EducationLevel, may_enter
from models.domain.matching import Answers, Listing, Note
from models.domain.slates import page_record
from tests.support.catalogs import a_slate, an_offer, match_page
from tests.support.searches import campaigns, searches

# What each reason says must have raised the score.
FEATURE = {
    "near_you": "distance",
    "near_you_by_city": "distance",
    "near_you_by_area": "distance",
    "in_or_near": "distance",
    "somewhere_near": "distance",
    "in_your_state": "state",
    "fits_your_level": "credential",
    "fits_specialty": "specialty_fit",
    "many_completers": "completers",
    "earnings_above": "verdict",
    "format_matches": "format_fit",
}


def state_of(engine: Engine, answers: Answers) -> str | None:
    """The state or province that the student gave, or that their postal code lies in."""
    if answers.postal_code is None:
        return answers.region
    place = engine.places.find(read_postal_code(answers.postal_code))
    return place.region if place else None


def miles_to(engine: Engine, answers: Answers, row: int) -> float:
    """Miles to where the catalog puts a program's school; NaN where either is not known."""
    place = answers.postal_code and engine.places.find(read_postal_code(answers.postal_code))
    home = (place and place.xyz) or (math.nan,) * 3
    return float(distance_miles(engine.catalog.xyz[engine.catalog.school[row]], home))


def is_true(engine: Engine, answers: Answers, listing: Listing, note: Note) -> bool:
    """Check a reason on the catalog's own figures and the student's answers."""
    catalog, said = engine.catalog, note.values
    row = row_of(catalog, listing.program.id)
    assert row is not None
    school = int(catalog.school[row])
    region, miles = int(catalog.region[school]), miles_to(engine, answers, row)
    state = catalog.regions[region] if region >= 0 else None
    credential = list(CredentialLevel)[catalog.credential[row]]
    exact = PRECISIONS[catalog.place_precision[school]] == "exact"
    taught = FORMATS[catalog.format[row]]
    said_miles = float(said.get("miles", math.nan))
    by_tens = not exact and 25 <= miles < 55 and abs(said_miles - miles) <= 5
    judged = catalog.earnings[row], catalog.threshold[row], HORIZONS[catalog.horizon[row]]
    truth: dict[str, object] = {
        "near_you": exact and miles <= 50.1 and abs(said_miles - miles) < 0.1,
        "near_you_by_city": by_tens and catalog.school_city[school],
        "near_you_by_area": by_tens and not catalog.school_city[school],
        "in_or_near": not exact and miles < 25 and said.get("city") == catalog.school_city[school],
        "somewhere_near": not exact and miles < 25 and not catalog.school_city[school],
        "in_your_state": said == {"state": state} == {"state": state_of(engine, answers)},
        "fits_your_level": said.get("credential_level") == credential
        and said.get("education_level") == answers.education_level
        and may_enter(answers.education_level, credential, catalog.cips[catalog.field[row]]),
        "fits_specialty": credential is answers.specialty_credential
        and said.get("specialty") == answers.specialty,
        "many_completers": said.get("count") == catalog.completers[row] >= 100,
        "earnings_above": judged[0] > judged[1]
        and said
        == {
            "earnings": int(judged[0]),
            "threshold": int(judged[1]),
            "years": int(judged[2][0]),
            "region": state or "",
        },
        "format_matches": taught in {"both", str(answers.format)}
        and said == {"format": answers.format},
    }
    return bool(truth[note.code])


@settings(max_examples=60)
@given(searches())
def test_every_reason_is_true_and_adds_to_the_score(small: Engine, answers: Answers) -> None:
    answers = replace(answers, specialty="Medical coder" if answers.specialty_credential else None)
    slate = a_slate(small, answers)
    for listing in match_page(small, answers).listings:
        lines = explain_listing(small, slate, listing.position).features if listing.reasons else ()
        adds = {line.name: line.adds or 0.0 for line in lines}
        assert len(listing.reasons) <= 3
        assert len({note.code for note in listing.reasons}) == len(listing.reasons)
        for note in listing.reasons:
            assert note.code in FEATURE
            assert adds[FEATURE[note.code]] > 0
            assert is_true(small, answers, listing, note), note


def test_reasons_come_by_what_they_add(real: Engine) -> None:
    answers = Answers(
        EducationLevel.HIGH_SCHOOL,
        postal_code="10940",
        fields=("51.07",),
        specialty="Medical records technician",
        specialty_credential=CredentialLevel.UNDERGRADUATE_CERTIFICATE,
    )
    slate = a_slate(real, answers)
    seen = set()
    for listing in match_page(real, answers).listings:
        lines = explain_listing(real, slate, listing.position).features
        adds = {line.name: line.adds or 0.0 for line in lines}
        given_reasons = [adds[FEATURE[note.code]] for note in listing.reasons]
        assert given_reasons == sorted(given_reasons, reverse=True)
        assert all(value > 0 for value in given_reasons)
        seen |= {note.code for note in listing.reasons}
    assert {"somewhere_near", "in_your_state", "fits_specialty", "many_completers"} <= seen


@settings(max_examples=30)
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
