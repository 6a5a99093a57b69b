"""What a student types, or an article says, leads to the right field; other talk leads nowhere."""

from pathlib import Path

import pytest

from matcher.fields import FieldIndex
from models.domain.levels import CredentialLevel

DATA = Path(__file__).parents[2] / "data"
SEEDS = Path(__file__).parents[3].parent / "shared" / "seeds"


@pytest.fixture(scope="module")
def index() -> FieldIndex:
    return FieldIndex.load()


def found(index: FieldIndex, text: str) -> list[str]:
    return [match.cip for match in index.find(text)]


@pytest.mark.parametrize(
    ("text", "cips"),
    [
        ("medical records technician", "51.07"),
        ("billing and coding", "51.07"),
        ("RN to BSN", "51.38"),
        ("nursing", "51.38"),
        ("nurse practitioner", "51.38"),
        ("HVAC", "47.02"),
        ("welding", "48.05"),
        ("CDL", "49.02"),
        ("truck driver", "49.02"),
        ("computer science", "11.07"),
        ("software engineer", "11.07 14.09"),
        ("cyber security", "11.10"),
        ("cybersecurity", "11.10"),
        ("business", "52.01 52.02"),
        ("MBA", "52.02"),
        ("teacher", "13.12 13.13"),
        ("criminal justice", "43.01"),
        ("psychology", "42.01"),
        ("cosmetology", "12.04"),
        ("dental hygiene", "51.06"),
        ("accounting", "52.03"),
        ("CPA", "52.03"),
        ("paralegal", "22.03"),
        ("graphic design", "50.04"),
        ("electrician", "46.03"),
        ("plumber", "46.05"),
        ("game warden", "03.02"),
        ("court interpreter", "16.01"),
        ("computer technician", "15.12"),
        ("materials science", "40.10"),
        ("learn English", "16.17 32.01"),
        ("animation", "10.03"),
        ("GED", "53.02 32.01"),
        ("IT", "11.01 11.10"),
        ("enfermería", "51.38"),
        ("soudure", "48.05"),
    ],
)
def test_a_field_by_its_everyday_name_comes_first(index: FieldIndex, text: str, cips: str) -> None:
    assert found(index, text)[0] in cips.split()


@pytest.mark.parametrize(
    ("text", "specialty", "credential"),
    [
        ("billing and coding", "coding", CredentialLevel.UNDERGRADUATE_CERTIFICATE),
        ("medical records technician", "records", CredentialLevel.ASSOCIATE),
        ("RN to BSN", "RN to BSN", CredentialLevel.BACHELOR),
        ("nurse practitioner", "practitioner", CredentialLevel.MASTER),
        ("veterinary technician", "technician", CredentialLevel.ASSOCIATE),
        ("registered nurse", "RN", CredentialLevel.ASSOCIATE),
        ("MBA", "MBA", CredentialLevel.MASTER),
    ],
)
def test_a_specialty_brings_its_usual_credential(
    index: FieldIndex, text: str, specialty: str, credential: CredentialLevel
) -> None:
    best = index.find(text)[0]
    assert best.specialty is not None
    assert specialty in best.specialty
    assert best.credential is credential


@pytest.mark.parametrize(
    ("text", "credential"),
    [
        ("associate degree in nursing", CredentialLevel.ASSOCIATE),
        ("phd in psychology", CredentialLevel.DOCTORAL),
        ("graduate certificate in accounting", CredentialLevel.GRADUATE_CERTIFICATE),
        ("psychology", None),
    ],
)
def test_the_level_a_text_asks_for_comes_before_the_usual_one(
    index: FieldIndex, text: str, credential: CredentialLevel | None
) -> None:
    assert index.find(text)[0].credential is credential


def test_nursing_offers_practical_nursing_too(index: FieldIndex) -> None:
    assert "51.39" in found(index, "nursing")[1:]


@pytest.mark.parametrize(
    ("right", "slipped"),
    [
        ("nursing", "nursng"),
        ("welding", "wleding"),
        ("cosmetology", "cosmotology"),
        ("electrician", "electricion"),
        ("accounting", "acounting"),
        ("paralegal", "paralegall"),
        ("truck driver", "truckdriver"),
        ("psychology", "psych"),
    ],
)
def test_a_slip_of_the_finger_is_forgiven(index: FieldIndex, right: str, slipped: str) -> None:
    assert found(index, slipped)[0] == found(index, right)[0]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "asdf qwer", "pizza", "my dog is nice", "12345", "10940", "\0", "\0\0nul\0", "?!",
        "what degree should i get", "what time is it", "online", "certificate", "hello", "free",
        "how much does it cost", "community college near me", "my phone number is 555 0199",
        "my umbrella broke", "mi suegra", "il fait tellement froid",
    ],
)  # fmt: skip
def test_a_text_about_no_field_finds_nothing(index: FieldIndex, text: str) -> None:
    assert index.find(text) == []


@pytest.mark.parametrize("junk", ["x", "é", "asdf ", "\0", "🙂", "\u202e", "ﷺ"])
def test_a_hundred_thousand_times_the_same_junk_finds_nothing(index: FieldIndex, junk: str) -> None:
    assert index.find(junk * 100_000) == []


def test_confidence_falls_and_stays_a_share(index: FieldIndex) -> None:
    for text in ("business", "psychology", "software engineer"):
        shares = [match.confidence for match in index.find(text)]
        assert all(0.0 < one <= 1.0 for one in shares)
        assert len(shares) > 1
        assert shares == sorted(shares, reverse=True)


def test_no_more_than_the_limit_are_found(index: FieldIndex) -> None:
    assert len(index.find("business", limit=5)) > 1
    assert len(index.find("business", limit=1)) == 1


def test_an_article_is_about_its_field_and_asks_for_no_level(index: FieldIndex) -> None:
    best = index.find((DATA / "fields_article.txt").read_text("utf-8"))[0]
    assert best.cip == "51.07"
    assert best.confidence > 0.6


@pytest.mark.parametrize(
    "program",
    [
        "Health Care Administration",
        "Health Information and Records Admin",
        "Health Information Technology",
        "Health Management and Clinical Administration",
        "Health Unit Coordinator",
        "Health Ward Supervisor",
        "Medical Administrative Assistant or Secretary",
        "Medical Claims Examiner",
        "Medical Facilities Management",
        "Medical Insurance Billing and Coding",
        "Medical Insurance Services",
        "Medical Office Computer Technologies",
        "Medical Office Management",
        "Medical Office Specialist",
        "Medical Receptionist",
        "Medical Staff Services",
        "Medical Transcriptionist",
    ],
)
def test_each_popular_program_of_a_guide_is_a_specialty_of_the_field(
    index: FieldIndex, program: str
) -> None:
    best = index.find(program)[0]
    assert best.cip == "51.07"
    assert best.specialty


@pytest.mark.skipif(not SEEDS.exists(), reason="the seed pages are not part of the project")
def test_every_seed_page_is_about_medical_records(index: FieldIndex) -> None:
    pages = sorted(SEEDS.glob("*.txt"))
    assert pages
    for page in pages:
        assert found(index, page.read_text("utf-8"))[0] == "51.07", page.name


def test_popular_fields_are_fields(index: FieldIndex) -> None:
    assert len(index.popular) >= 12
    assert len(set(index.popular)) == len(index.popular)
    assert set(index.popular) <= set(index.cips)
