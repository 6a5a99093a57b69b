"""What a slate's offers claim."""

from dataclasses import replace

from matcher.match import Engine, draw, page
from models.domain.levels import EducationLevel
from models.domain.matching import Answers
from tests.support.catalogs import a_slate, an_offer


def test_a_slate_drawn_at_once_is_the_same_as_one_drawn_later(small: Engine) -> None:
    """What its offers claim is remembered while it is drawn, and computed when it is replayed."""
    answers = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940")
    unitids = small.catalog.unitid.tolist()
    offers = (an_offer(1, unitids[:5]), an_offer(2, unitids[5:], cips=("99.99",)))
    slate = a_slate(small, answers, offers)
    assert [offer.version_id for offer in slate.offers] == [offers[0].version_id]
    later = replace(slate, offers=(*slate.offers,))
    at_once, again = draw(small, slate), draw(small, later)
    assert later.offers is not slate.offers
    assert at_once.claimed is not again.claimed
    assert at_once.claimed.by_school == again.claimed.by_school
    assert at_once.claimed.candidates.tolist() == again.claimed.candidates.tolist()
    assert at_once.claimed.slot.tolist() == again.claimed.slot.tolist()
    assert page(small, at_once, 1) == page(small, again, 1)
