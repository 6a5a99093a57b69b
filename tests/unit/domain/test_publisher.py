"""Whose page a student came from, as far as it can be believed."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from models.domain.errors import InvalidInputError
from models.domain.publisher import CameFrom, Publisher, came_from, read_site

ID = UUID(int=7)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
KNOWN = {ID: Publisher(ID, "Careers Daily", "https://careers.example", active=True, created_at=NOW)}


@pytest.mark.parametrize(
    ("typed", "site"),
    [
        ("https://careers.example", "https://careers.example"),
        (" https://Careers.Example/ ", "https://careers.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_a_site_is_read_as_an_origin(typed: str, site: str) -> None:
    assert read_site(typed) == site


@pytest.mark.parametrize(
    "typed",
    [
        *("careers.example", "ftp://careers.example", "https://careers.example/blog", "https://"),
        *("https://me@careers.example", "https://careers.example?x=1", "https://[", "javascript:1"),
    ],
)
def test_anything_else_is_told_how_to_be_written(typed: str) -> None:
    with pytest.raises(InvalidInputError, match=r"https://example\.org"):
        read_site(typed)


def test_a_site_frames_us_with_and_without_www() -> None:
    assert KNOWN[ID].origins == ("https://careers.example", "https://www.careers.example")
    local = Publisher(ID, "Here", "http://127.0.0.1:8000", active=True, created_at=NOW)
    assert local.origins == ("http://127.0.0.1:8000",)


def test_of_a_page_only_its_address_stays() -> None:
    page = "https://www.careers.example/records?who=zoe@example.com#me"
    assert came_from(KNOWN, ID, page, "end") == CameFrom(
        ID, "https://www.careers.example/records", "end"
    )


@pytest.mark.parametrize(
    "page",
    ["https://other.example/records", "https://careers.example.evil.example/", "records", None, ""],
)
def test_a_page_of_another_site_is_not_believed(page: str | None) -> None:
    assert came_from(KNOWN, ID, page, None) == CameFrom(ID)


def test_there_is_no_coming_from_a_publisher_that_is_not_there() -> None:
    assert came_from(KNOWN, UUID(int=8), "https://careers.example/", None) is None
