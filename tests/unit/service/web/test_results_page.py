"""What a results page says, drawn from matches made by hand."""

import pytest

from models.domain.levels import CredentialLevel
from models.domain.matching import (
    Fact,
    Note,
    PlacePrecision,
    Program,
    RequestChannel,
    School,
)
from service.steps.outputs import ShownField
from tests.support.drawing import cards, draw
from tests.support.matches import FIELD, SCORECARD, a_listing, shown, some_facts, some_matches

pytestmark = pytest.mark.usefixtures("asked")


def test_invariant_2_sponsored_stands_first_in_the_heading_that_names_the_card() -> None:
    organic, sponsored = cards(shown(a_listing(1)), shown(a_listing(2, sponsored=True)))
    heading = sponsored.one("h3")
    assert heading.text.startswith("Sponsored ")
    assert sponsored["aria-labelledby"] == heading["id"]
    assert "Sponsored" not in organic.text


def test_invariant_2_a_sponsored_card_tells_the_place_it_would_have_unpaid() -> None:
    [card] = cards(shown(a_listing(2, sponsored=True, organic_position=17)))
    assert "Without payment this program stands at place 17." in card.text


def test_invariant_2_the_page_counts_programs_and_advertisers_and_says_what_pay_does() -> None:
    found = draw(some_matches(shown(a_listing()), total=1234, sponsored_total=1))
    assert "1,234 programs found" in found.text
    assert "1 of them is at a school that advertises here." in found.text
    how = found.with_text("details", "How we rank these programs").text
    assert "never the first place" in how
    assert "0.4%" in how
    assert "more than 2%" in how


def test_a_page_without_advertisers_says_so_and_offers_nothing_to_hide() -> None:
    found = draw(some_matches(shown(a_listing())))
    assert "None of them is at a school that advertises here." in found.text
    assert "Hide sponsored" not in found.text


def test_nothing_is_said_of_who_pays_where_nothing_was_found() -> None:
    found = draw(some_matches(total=0))
    assert "0 programs found" in found.text
    assert "None of them" not in found.text


def test_sponsored_listings_can_be_hidden_with_one_click_and_shown_again() -> None:
    matches = some_matches(shown(a_listing(2, sponsored=True)))
    hide = draw(matches, "education_level=high_school&slate_id=slt_1").with_text("a", "Hide")
    assert hide["href"] == "/results?education_level=high_school&hide_sponsored=true"
    hidden = some_matches(shown(a_listing(1)), hide_sponsored=True)
    show = draw(hidden, "education_level=high_school&hide_sponsored=true").with_text("a", "Show s")
    assert show["href"] == "/results?education_level=high_school"


def test_invariant_12_a_figure_names_its_source_and_year() -> None:
    [card] = cards(shown(a_listing()))
    assert "Earnings 4 years after completion $41,230" in card.text
    assert card.one(id=card.one("dl")["aria-describedby"]).text == f"Figures: {SCORECARD}, 2026."


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("debt", "usd"),
        ("completion", "share"),
        ("completers", "graduates"),
        ("earnings_1yr", "usd_per_year"),
    ],
)
def test_invariant_12_a_missing_figure_says_not_available_and_never_zero(
    name: str, unit: str
) -> None:
    [card] = cards(shown(a_listing(facts=some_facts(Fact(name, None, unit, SCORECARD, "2026")))))
    assert card.one("dd").text == "Not available"


def test_a_figure_of_zero_is_zero() -> None:
    [card] = cards(
        shown(a_listing(facts=some_facts(Fact("completers", 0.0, "graduates", SCORECARD, "2026"))))
    )
    assert card.one("dd").text == "0"


def test_a_share_is_a_percentage() -> None:
    [card] = cards(
        shown(a_listing(facts=some_facts(Fact("completion", 0.453, "share", SCORECARD, "2024"))))
    )
    assert card.one("dd").text == "45%"


BELOW = Note(
    "below_high_school_earnings",
    {
        "earnings": 24310.0,
        "threshold": 33200.0,
        "region": "NY",
        "years": 4,
        "judged_against": "high_school_graduates",
        "graduate": 0,
    },
)


def test_invariant_13_a_warning_stands_on_paid_and_unpaid_cards_alike() -> None:
    free, paid = cards(
        shown(a_listing(1, warnings=(BELOW,))),
        shown(a_listing(2, sponsored=True, warnings=(BELOW,))),
    )
    assert free.one(class_="warning").text == paid.one(class_="warning").text
    assert "$24,310" in free.text


def test_invariant_13_a_warning_is_in_the_same_type_as_sponsored() -> None:
    [card] = cards(shown(a_listing(2, sponsored=True, warnings=(BELOW,))))
    assert {"label"} <= set(card.one(class_="warning")["class"].split())
    assert {"label"} <= set(card.one(class_="ad")["class"].split())


def test_invariant_14_a_demonstration_says_it_is_one_before_anything_else() -> None:
    found = draw(
        some_matches(
            shown(a_listing()), notes=(Note("simulated_ranker"), Note("fictional_sponsors"))
        )
    )
    banner = found.one(class_="banner").text
    assert banner.startswith("This is a demonstration.")
    assert "simulated visitors" in banner
    assert "fictional" in banner


def test_what_is_no_demonstration_does_not_say_so() -> None:
    assert draw(some_matches(shown(a_listing()), notes=())).all(class_="banner") == []


def test_invariant_14_a_fictional_sponsor_is_called_fictional_on_its_card() -> None:
    [card] = cards(shown(a_listing(2, sponsored=True)))
    assert "Fictional sponsor" in card.text


def test_a_school_that_takes_requests_here_is_asked_here() -> None:
    [card] = cards(shown(a_listing()))
    link = card.with_text("a", "Ask for information")
    assert link["href"].startswith("/request?slate_id=slt_")
    assert "listing_id=lst_1_0123456z" in link["href"]
    assert "Orange College 1" in link.text


def test_invariant_3_a_school_that_takes_none_here_gets_a_link_to_its_own_site() -> None:
    [card] = cards(shown(a_listing(), RequestChannel.SCHOOL_SITE))
    link = card.one("a")
    # By way of us, who know where it leads and count that it was followed, nothing else.
    assert link["href"].startswith("/visit?slate_id=slt_")
    assert link["href"].endswith("&listing_id=lst_1_0123456z")
    assert link["rel"] == "noopener nofollow"
    assert "Ask for information" not in card.text


def test_invariant_3_a_school_that_cannot_be_asked_gets_neither() -> None:
    [card] = cards(shown(a_listing(), RequestChannel.NONE))
    assert card.all("a") == []
    assert "This school takes no requests here." in card.text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://school.edu", "https://", "http://[", "data:text/html,x"]
)
def test_an_address_no_browser_should_follow_is_not_linked(url: str) -> None:
    school = School(1, "Odd College", "NY", "public", None, url)
    [card] = cards(shown(a_listing(school=school), RequestChannel.SCHOOL_SITE))
    assert card.all("a") == []


@pytest.mark.parametrize(
    ("precision", "miles", "words"),
    [
        (PlacePrecision.EXACT, 12.4, "Middletown, NY, about 12 miles away"),
        (PlacePrecision.EXACT, 0.3, "Middletown, NY, less than 1 mile away"),
        (PlacePrecision.CITY, 60.0, "In or near Middletown, NY, about 60 miles away, by its city"),
        (PlacePrecision.CITY, None, "In or near Middletown, NY"),
        (PlacePrecision.STATE, None, "New York"),
    ],
)
def test_a_place_is_told_no_better_than_it_is_known(
    precision: PlacePrecision, miles: float | None, words: str
) -> None:
    [card] = cards(shown(a_listing(place_precision=precision, distance_miles=miles)))
    assert f"{words} · Public" in card.one(class_="school").text


def test_a_school_whose_city_is_not_known_is_told_by_its_state() -> None:
    school = School(1, "Odd College", "NY", "public")
    near = a_listing(school=school, place_precision=PlacePrecision.CITY, distance_miles=30.0)
    unsaid = near._replace(distance_miles=None, nearby=True)
    [card] = cards(shown(unsaid))
    assert "New York, near you, place known to within 25 miles · Public" in card.text
    [card] = cards(shown(near))
    assert "New York, about 30 miles away, by the middle of its area · Public" in card.text


def test_a_school_without_a_state_has_no_place() -> None:
    school = School(1, "Odd College", None, "public")
    [card] = cards(
        shown(a_listing(school=school, place_precision=PlacePrecision.UNKNOWN, distance_miles=None))
    )
    assert "Place not published" in card.text


def test_a_coarse_field_says_to_ask_for_the_specialty() -> None:
    coder = ShownField("51.07", FIELD, "medical coding")
    [card] = cards(shown(a_listing()), fields=(coder,))
    assert f"programs in {FIELD}. Ask whether it teaches \u201cmedical coding\u201d." in card.text
    own = Program("prog_1", 1, "51.07", "Medical Coding AAS", CredentialLevel.ASSOCIATE, None)
    [card] = cards(shown(a_listing(program=own)), fields=(coder,))
    assert "Ask whether" not in card.text


def test_what_was_typed_is_text_and_never_markup() -> None:
    found = draw(some_matches(shown(a_listing()), query="<script>alert(1)</script>"))
    assert [one.text for one in found.all("script")] == [""], "ours, which stands in a file"
    assert "<script>alert(1)</script>" in found.text


def test_invariant_12_figures_of_two_sources_each_carry_the_letter_of_theirs() -> None:
    facts = some_facts(
        Fact("debt", 9000.0, "usd", SCORECARD, "2026"),
        Fact("net_price", None, "usd_per_year", SCORECARD, "2024"),
        Fact("completers", 5.0, "graduates", SCORECARD, "2026"),
    )
    [card] = cards(shown(a_listing(facts=facts)))
    figures = card.one("dl")
    assert [one.text for one in figures.all("dd")] == ["$9,000 a", "Not available b", "5 a"]
    assert card.one(id=figures["aria-describedby"]).text == (
        f"a Figures: {SCORECARD}, 2026. b Figures: {SCORECARD}, 2024."
    )


def test_what_a_school_says_stands_with_who_said_it_and_more_is_behind_see_more() -> None:
    told = {"source": "the school", "as_of": "2026"}
    badges = ("online_courses", "financial_aid", "flexible_schedule", "working_adults")
    own = Note("school_says", {**told, "text": "Small <b>classes</b>"})
    said = (*(Note(code, told) for code in (*badges, "credits_transfer")), own)
    few, many = cards(shown(a_listing(1, badges=said[:4])), shown(a_listing(2, badges=said)))
    assert [one.text for one in few.one("ul", class_="badges").all("li")] == [
        "Online courses (the school, 2026)",
        "Financial aid (the school, 2026)",
        "Flexible schedule (the school, 2026)",
        "For working adults (the school, 2026)",
    ]
    assert few.all("details") == []
    more = many.one("details")
    assert more.one("summary").text.startswith("See more")
    assert [one.text for one in more.all("li")] == [
        "Takes credits from other schools (the school, 2026)",
        "The school says: \u201cSmall <b>classes</b>\u201d (the school, 2026)",
    ]


def test_no_link_of_results_opens_a_window_by_itself() -> None:
    page = draw(some_matches(shown(a_listing()), shown(a_listing(2, sponsored=True))))
    assert page.all("a")
    assert [link for link in page.all("a") if link.has("target")] == []
