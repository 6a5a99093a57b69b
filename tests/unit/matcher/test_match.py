"""A slate as a whole: order, pages, replay."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matcher.catalog import PRECISIONS
from matcher.features.student import read_student
from matcher.forest import forest_sum
from matcher.geography import EARTH_RADIUS_MILES
from matcher.match import Engine, draw, open_engine, page, relevant_offers
from models.domain.levels import CredentialLevel, EducationLevel, Format
from models.domain.matching import (
    PAGE_SIZE,
    Answers,
    CampaignOffer,
    Filters,
    Listing,
    MatchPage,
    Sort,
)
from tests.support.catalogs import a_slate, an_offer, match_page
from tests.support.features import codes
from tests.support.keys import RANKER_KEY
from tests.support.searches import campaigns, searches


def whole_slate(
    engine: Engine, answers: Answers, offers: tuple[CampaignOffer, ...] = ()
) -> list[Listing]:
    slate = a_slate(engine, answers, offers)
    drawn = draw(engine, slate)
    first = page(engine, drawn, 1)
    rest = (page(engine, drawn, number) for number in range(2, first.pages + 1))
    return [one for shown in (first, *rest) for one in shown.listings]


def organic_order(listings: list[Listing]) -> list[str]:
    return [one.program.id for one in sorted(listings, key=lambda one: one.organic_position)]


@settings(max_examples=120)
@given(st.data())
def test_invariant_1_no_campaign_moves_the_organic_order(
    small: Engine, data: st.DataObject
) -> None:
    """Invariant 1: with campaigns added, removed, shuffled or repriced, the organic order is the
    same to the last place, and so is the order of what payment did not lift."""
    answers = data.draw(searches())
    offers = data.draw(campaigns(small))
    alone = whole_slate(small, answers)
    order = [one.program.id for one in alone]
    assert [one.organic_position for one in alone] == list(range(1, len(alone) + 1))
    changed = tuple(
        replace(offer, price_minor=data.draw(st.integers(1, 20_000))) for offer in offers
    )
    for campaign_set in (offers, tuple(data.draw(st.permutations(offers))), changed, offers[1:]):
        slate = whole_slate(small, answers, campaign_set)
        assert organic_order(slate) == order
        left = [one.organic_position for one in slate if not one.sponsored]
        assert left == sorted(left)
        assert {one.organic_position for one in slate} == set(range(1, len(order) + 1))


def test_invariant_1_holds_on_200_searches_of_all_programs(real: Engine) -> None:
    """Invariant 1 on the real catalog: schools of every search's first page pay any price."""
    chance = np.random.default_rng(1)
    sponsored = 0
    for answers in random_searches(chance, real, 200):
        alone = match_page(real, answers)
        schools = tuple(dict.fromkeys(one.school.unitid for one in alone.listings))
        offers = [
            an_offer(number, chance.permutation(schools)[:5].tolist(), price_minor=int(price))
            for number, price in enumerate(chance.integers(100, 20_000, 6))
        ]
        before = [one.program.id for one in alone.listings]
        for campaign_set in (offers, offers[::-1], offers[:3]):
            paid = match_page(real, answers, campaign_set)
            sponsored += sum(one.sponsored for one in paid.listings)
            organic = {one.organic_position: one.program.id for one in paid.listings}
            for position, program in organic.items():
                if position <= PAGE_SIZE:
                    assert before[position - 1] == program
            left = [one.organic_position for one in paid.listings if not one.sponsored]
            assert left == sorted(left)
    assert sponsored > 500


@pytest.mark.slow
def test_invariant_1_holds_in_10000_cases(small: Engine) -> None:
    """Invariant 1: five sets of campaigns for each of 400 searches, and each set then shuffled,
    with one campaign removed, with one added, and repriced; wherever a listing stands, it tells
    the organic place it had without any of them. Shuffling changes nothing at all."""
    chance = np.random.default_rng(2)
    sponsored = changed = 0
    for answers in random_searches(chance, small, 400):
        alone = [one.program.id for one in whole_slate(small, answers)]
        for _ in range(5):
            *offers, newcomer = random_offers(chance, small, int(chance.integers(2, 9)))
            removed = int(chance.integers(len(offers)))
            sets = (
                offers,
                [offers[at] for at in chance.permutation(len(offers))],
                offers[:removed] + offers[removed + 1 :],
                [*offers, newcomer],
                [replace(one, price_minor=int(chance.integers(1, 20_000))) for one in offers],
            )
            slates = [two_pages(small, answers, campaign_set) for campaign_set in sets]
            for shown in slates:
                places = [alone[one.organic_position - 1] for one in shown]
                assert places == [one.program.id for one in shown]
                left = [one.organic_position for one in shown if not one.sponsored]
                assert left == sorted(left)
                sponsored += sum(one.sponsored for one in shown)
            assert slates[1] == slates[0]
            changed += sum(slate != slates[0] for slate in slates[2:])
    assert sponsored > 1_000
    assert changed > 1_000


def two_pages(engine: Engine, answers: Answers, offers: list[CampaignOffer]) -> list[Listing]:
    drawn = draw(engine, a_slate(engine, answers, offers))
    return [one for number in (1, 2) for one in page(engine, drawn, number).listings]


def random_offers(chance: np.random.Generator, engine: Engine, count: int) -> list[CampaignOffer]:
    unitids = engine.catalog.unitid.tolist()
    return [
        an_offer(number, chance.choice(unitids, 6).tolist(), price_minor=int(price))
        for number, price in enumerate(chance.integers(1, 20_000, count))
    ]


def random_searches(chance: np.random.Generator, engine: Engine, count: int) -> list[Answers]:
    postal = engine.places.code[chance.integers(0, len(engine.places), count)]
    return [
        Answers(
            education_level=chance.choice(list(EducationLevel)),
            postal_code=code.decode() if code[:1].isdigit() else f"{code.decode()}1A1",
            fields=(str(chance.choice(engine.catalog.cips)),) if chance.random() < 0.9 else (),
            specialty_credential=(
                chance.choice(list(CredentialLevel)[:3]) if chance.random() < 0.3 else None
            ),
            format=chance.choice(list(Format)),
        )
        for code in postal.tolist()
    ]


@settings(max_examples=60)
@given(st.data())
def test_pages_partition_what_was_found(small: Engine, data: st.DataObject) -> None:
    answers, offers = data.draw(searches()), data.draw(campaigns(small))
    drawn = draw(small, a_slate(small, answers, offers))
    first = page(small, drawn, 1)
    shown: list[Listing] = []
    for number in range(1, first.pages + 1):
        listings = page(small, drawn, number).listings
        assert len(listings) == (PAGE_SIZE if number < first.pages else first.total - len(shown))
        shown += listings
    assert [one.position for one in shown] == list(range(1, first.total + 1))
    assert len({one.program.id for one in shown}) == first.total
    assert page(small, drawn, first.pages + 1).listings == ()


@settings(max_examples=40)
@given(st.data())
def test_invariant_8_an_equal_slate_gives_equal_pages(small: Engine, data: st.DataObject) -> None:
    """Invariant 8: from files opened again, pages in another order, the same to the last bit."""
    answers, offers = data.draw(searches()), data.draw(campaigns(small))
    slate = a_slate(small, answers, offers)
    again = open_engine(small.catalog.path, small.ranker.path, RANKER_KEY)
    one, two = draw(small, slate), draw(again, slate)
    pages: list[MatchPage] = [page(small, one, number) for number in (1, 2, 3)]
    assert [page(again, two, number) for number in (3, 1, 2)] == [pages[2], pages[0], pages[1]]
    assert {listing.propensity for shown in pages for listing in shown.listings} <= {1.0}


@settings(max_examples=40)
@given(searches(sort=Sort.RELEVANCE))
def test_a_score_is_the_forests_sum_of_the_codes_kept(small: Engine, answers: Answers) -> None:
    """Invariants 8 and 9: the codes on a slate are all it takes to compute its scores again."""
    listings = match_page(small, answers).listings
    if listings:
        kept = np.array([one.codes for one in listings], np.uint8)
        assert forest_sum(small.ranker.forest, kept).tolist() == [one.score for one in listings]
        student = read_student(small.catalog, small.places, answers)
        rows = [row_of_id(small, one.program.id) for one in listings]
        computed = codes(small.catalog, student, np.array(rows, np.int32))
        assert computed.tolist() == kept.tolist()


def row_of_id(engine: Engine, program_id: str) -> int:
    from matcher.describe import row_of

    row = row_of(engine.catalog, program_id)
    assert row is not None
    return row


# No field, and the mixed page holds all that is found: less than a page.
FEW = Answers(
    EducationLevel.BACHELOR,
    postal_code="10940",
    max_distance_miles=25,
    filters=Filters((CredentialLevel.POST_BACCALAUREATE_CERTIFICATE,), ("NJ",), ("public",)),
)


@settings(max_examples=40)
@given(searches(sort=Sort.RELEVANCE))
@example(Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940"))
@example(Answers(EducationLevel.BACHELOR, region="NJ", format=Format.ONLINE))
@example(FEW)
def test_the_order_is_by_what_is_published_then_score_then_miles(
    small: Engine, answers: Answers
) -> None:
    drawn = draw(small, a_slate(small, answers))
    ranked, found = drawn.ranked, drawn.ranked.found
    student = found.student

    def place(candidate: int) -> tuple[int, int, int, int]:
        row, school = int(found.rows[candidate]), int(found.school[candidate])
        point = small.catalog.xyz[school]
        unknown = student.xyz is None or np.isnan(point[0])
        chord = 0.0 if unknown else float(np.linalg.norm(point.astype(float) - student.xyz))
        if PRECISIONS[small.catalog.place_precision[school]] != "exact":
            chord = max(chord, 24.9999 / EARTH_RADIUS_MILES)
        miles = 1023 if unknown else min(1023, int(chord * EARTH_RADIUS_MILES))
        tier = 0 if found.tier is None else int(found.tier[candidate])
        return tier, -int(ranked.scores([candidate])[0]), miles, int(small.index.tie[row])

    by_hand = sorted(range(len(found.rows)), key=place)
    assert ranked.first(len(by_hand))[: len(by_hand)].tolist() == by_hand
    listings = [row_of_id(small, one.program.id) for one in whole_slate(small, answers)]
    tier = {candidate: place(candidate)[0] for candidate in by_hand}
    field = None if named_a_field(answers) else small.catalog.field[found.rows].tolist()
    spread = spread_by_hand(by_hand, found.school.tolist(), tier, field)
    assert listings == [int(found.rows[candidate]) for candidate in spread]


def named_a_field(answers: Answers) -> bool:
    without = answers.education_level is EducationLevel.NO_DIPLOMA
    return without or bool(answers.fields) or bool(answers.filters.fields)


def spread_by_hand(
    order: list[int], school: list[int], tier: dict[int, int], field: list[int] | None
) -> list[int]:
    """Page by page: the first whose school has fewer than two here, of the least tier left.

    Where ``field`` is given, at first among the first 500, and fewer than three here of its field,
    or than two in the first five.
    """
    left = list(order)
    pages: list[list[int]] = []
    while left:
        page_so_far: list[int] = []
        while left and len(page_so_far) < PAGE_SIZE:
            least = [candidate for candidate in left if tier[candidate] == tier[left[0]]]
            here = [school[candidate] for candidate in page_so_far]
            fits = [candidate for candidate in least if here.count(school[candidate]) < 2]
            fields = []
            if field is not None and not pages and tier[least[0]] == tier[order[0]]:
                fields = [field[candidate] for candidate in page_so_far]
                may = set(fits)
                near = [candidate for candidate in order[:500] if candidate in may]
                few = [candidate for candidate in near if fields.count(field[candidate]) < 3]
                fewer = [candidate for candidate in few if fields.count(field[candidate]) < 2]
                fits = (fewer if len(page_so_far) < 5 else []) or few or fits
            chosen = next(iter(fits), least[0])
            page_so_far.append(chosen)
            left.remove(chosen)
        pages.append(page_so_far)
    return [candidate for one in pages for candidate in one]


def test_who_named_no_field_sees_several_before_the_first_page_ends(real: Engine) -> None:
    answers = Answers(EducationLevel.HIGH_SCHOOL, region="TX")
    first, second = (match_page(real, answers, number=number).listings for number in (1, 2))
    fields = [one.program.cip for one in first]
    assert max(fields.count(cip) for cip in fields) == 3
    assert max(fields[:5].count(cip) for cip in fields) == 2
    # Those passed over come first on the next page.
    assert second[0].score > first[-1].score
    assert not {one.program.id for one in first} & {one.program.id for one in second}


@pytest.mark.parametrize("sort", [Sort.NET_PRICE, Sort.EARNINGS])
def test_a_chosen_sort_binds_everyone(small: Engine, sort: Sort) -> None:
    answers = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940", sort=sort)
    everyone = an_offer(1, small.catalog.unitid.tolist(), price_minor=100_000)
    listings = whole_slate(small, answers, (everyone,))
    assert not any(one.sponsored for one in listings)
    figures = [figure(one, sort) for one in listings]
    known = [value for value in figures if value is not None]
    assert known
    assert None in figures
    assert known == sorted(known, reverse=sort is Sort.EARNINGS)
    assert figures[: len(known)] == known
    assert (
        match_page(small, replace(answers, sort=Sort.RELEVANCE), (everyone,)).listings[1].sponsored
    )


def figure(listing: Listing, sort: Sort) -> float | None:
    name = "net_price" if sort is Sort.NET_PRICE else "earnings_4yr"
    return next(fact.value for fact in listing.facts.each() if fact.name == name)


def test_a_slate_keeps_only_offers_that_could_stand_on_it(small: Engine) -> None:
    answers = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940", fields=("51.07",))
    unitids = small.catalog.unitid.tolist()
    fits = an_offer(1, unitids)
    offers = (
        fits,
        an_offer(2, unitids, cips=("11.01",)),
        an_offer(3, unitids, open=False),
        an_offer(4, unitids, education_levels=(EducationLevel.BACHELOR,)),
        an_offer(5, unitids, states=("CA",)),
        an_offer(6, unitids, credential_levels=(CredentialLevel.MASTER,)),
        an_offer(7, (1, 2, 3)),
        an_offer(8, unitids, currency="EUR"),
        an_offer(9, unitids, states=("NY",)),
    )
    kept = relevant_offers(small, answers, offers)
    assert [offer.version_id for offer in kept] == [fits.version_id, offers[-1].version_id]
    without = replace(answers, education_level=EducationLevel.NO_DIPLOMA)
    assert relevant_offers(small, without, offers) == ()


def test_a_page_counts_the_advertisers_among_what_it_found(small: Engine) -> None:
    answers = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940")
    unitids = small.catalog.unitid[:5].tolist()
    listings = whole_slate(small, answers)
    expected = sum(one.school.unitid in unitids for one in listings)
    shown = match_page(small, answers, [an_offer(1, unitids)])
    hidden = match_page(small, replace(answers, hide_sponsored=True), [an_offer(1, unitids)])
    assert shown.sponsored_total == hidden.sponsored_total == expected > 0
    assert any(one.sponsored for one in shown.listings)
    assert not any(one.sponsored for one in hidden.listings)


def test_a_would_be_records_technician_near_middletown(real: Engine) -> None:
    """The issue's own search: near or in New York, short credentials first."""
    answers = Answers(
        EducationLevel.HIGH_SCHOOL,
        postal_code="10940",
        fields=("51.07",),
        specialty="Medical records technician",
        specialty_credential=CredentialLevel.UNDERGRADUATE_CERTIFICATE,
    )
    listings = match_page(real, answers).listings
    assert {one.program.cip for one in listings} == {"51.07"}
    near = [
        one.school.state == "NY" or one.nearby or (one.distance_miles or 9_999) <= 50
        for one in listings[:10]
    ]
    assert sum(near) >= 8
    short = {CredentialLevel.UNDERGRADUATE_CERTIFICATE, CredentialLevel.ASSOCIATE}
    assert {one.program.credential_level for one in listings[:5]} <= short
    assert all(fact.source and fact.year for one in listings for fact in one.facts.each())
