"""Guides: what is said has a source and a year; all that are shipped are read."""

import re
from pathlib import Path

import pytest

from service import guides
from service.guides import Guide, find_guide, read_guide
from service.guides.reading import GuideError
from tests.support.reading import grade

FOLDER = Path(guides.__file__).parent
SHIPPED = sorted(FOLDER.glob("*/*.md"))
GOOD = "# Title\n\n## Work\n"
SOURCE = "\n[^BLS-2018]: A bureau, pay of 2018.\n"


def texts(guide: Guide) -> list[str]:
    return [
        f"{one.term}: {one.text}" if one.term else one.text
        for section in guide.sections
        for part in section.parts
        for block in part.blocks
        for one in block.statements
    ]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_statement_of_a_shipped_guide_has_a_source_with_its_year_invariant_12(
    file: Path,
) -> None:
    guide = read_guide(file.parent.name, file.read_text("utf-8"))
    assert texts(guide)
    for section in guide.sections:
        for part in section.parts:
            for block in part.blocks:
                for one in block.statements:
                    assert one.sources
                    assert all(label in guide.sources for label in one.sources)
    for source in guide.sources.values():
        assert source.year in source.words


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_guide_can_be_read_by_eighth_graders(file: Path) -> None:
    if file.parent.name == "en":
        assert grade(texts(read_guide("en", file.read_text("utf-8")))) <= 8


def test_the_guide_to_medical_records_says_what_the_five_pages_say() -> None:
    guide = find_guide("en", "51.07")
    assert guide is not None
    said = " ".join(texts(guide))
    for fact in (
        *("$46,660", "7%", "$40,350", "208,650", "11%", "$40,430", "15%", "$33,310", "21%"),
        *("$30,000", "172,000", "39%", "RHIT", "AHIMA", "CAHIIM", "PAHCS", "GED", "SAT"),
        *("National Cancer Registrars Association", "American Academy of Professional Coders"),
    ):
        assert fact in said
    steps = [
        block
        for section in guide.sections
        for part in section.parts
        for block in part.blocks
        if block.kind == "steps"
    ]
    assert [len(block.statements) for block in steps] == [5]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("It pays well.", "names no source"),
        ("- It pays well.", "names no source"),
        ("1. Learn.", "names no source"),
        ("- **Pay:** good", "names no source"),
        ("It pays well. [^BLS]", "names no source"),
        ("It pays well. [^BLS-2019]", "not among the sources"),
        ("It pays *well*. [^BLS-2018]", "has markup"),
        ("See https://a.example. [^BLS-2018]", "has markup"),
        ("<b>It</b> pays. [^BLS-2018]", "has markup"),
        ("#### Deep [^BLS-2018]", "has markup"),
        ("[^BLS-2018]: again, 2018.", "stands twice"),
        ("[^BLS-2017]: a bureau.", "does not say the year 2017"),
        ("[^BLS-2017]: a bureau, 2017.", "nothing is said from it"),
        ("[^bls]: a bureau, 2017.", "is no source"),
        ("## Work", "stands twice"),
    ],
)
def test_what_is_wrong_in_a_guide_is_named(line: str, complaint: str) -> None:
    good = f"{GOOD}\nIt pays. [^BLS-2018]\n"
    assert read_guide("en", f"{good}{SOURCE}").sections[0].title == "Work"
    with pytest.raises(GuideError, match=re.escape(complaint)):
        read_guide("en", f"{good}{line}\n{SOURCE}")


def test_a_guide_begins_with_its_title_and_a_section() -> None:
    with pytest.raises(GuideError, match="is no title"):
        read_guide("en", "## Work\n")
    with pytest.raises(GuideError, match="before the first section"):
        read_guide("en", f"# Title\n\nIt pays. [^BLS-2018]\n{SOURCE}")


def test_a_field_without_a_guide_has_none_and_a_language_without_it_the_english_one() -> None:
    assert find_guide("en", "01.01") is None
    spanish = find_guide("xx", "51.07")
    assert spanish is not None
    assert spanish.locale == "en"
