"""The sitemap lists every page to crawl, each at its one address; robots.txt names the rest."""

import re
import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matcher.catalog import Catalog
from matcher.fields import FieldIndex
from service.steps.sitemap import sitemap_part, sitemap_parts
from tests.support.browsing import PUBLIC_URL, browsing_app, small_catalog
from tests.support.pages import read_page

_LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return small_catalog(tmp_path_factory.mktemp("crawled"), careers=True)


@pytest.fixture(scope="module")
def app(fields: FieldIndex, catalog: Catalog) -> Flask:
    return browsing_app(fields, catalog)


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def addresses(client: FlaskClient, path: str) -> list[str]:
    """The addresses that a sitemap lists, without the host."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert answer.content_type.startswith("application/xml")
    found = [one.text or "" for one in ET.fromstring(answer.data).iter(_LOC)]  # noqa: S314 - our own
    assert all(one.startswith(PUBLIC_URL) for one in found)
    return [one.removeprefix(PUBLIC_URL) for one in found]


@pytest.fixture(scope="module")
def listed(client: FlaskClient) -> list[str]:
    parts = addresses(client, "/sitemap.xml")
    return [address for part in parts for address in addresses(client, part)]


def test_every_school_and_program_is_listed_once(listed: list[str], catalog: Catalog) -> None:
    assert Counter(listed).most_common(1)[0][1] == 1
    programs = [one for one in listed if re.fullmatch(r"/schools/[^/]+/[0-9]+-[^/]+/[^/]+", one)]
    assert len(programs) == len(catalog.school)
    schools = [one for one in listed if re.fullmatch(r"/schools/[^/]+/[0-9]+-[^/?]+", one)]
    assert len(schools) == len(catalog.unitid)
    assert {"/fields/51.07", "/fields/51.07/ny", "/careers", "/careers/29-2072"} <= set(listed)
    assert {"/", "/schools", "/schools/on", "/privacy"} <= set(listed)


def test_each_listed_page_is_there_and_names_the_same_address(
    client: FlaskClient, listed: list[str]
) -> None:
    for address in listed[:: len(listed) // 60]:
        answer = client.get(address)
        assert answer.status_code == 200, address
        page = read_page(answer.get_data(as_text=True))
        assert page.all("meta", name="robots") == [], address
        for canonical in page.all("link", rel="canonical"):
            assert canonical["href"] == f"{PUBLIC_URL}{address}"


def test_further_pages_of_long_lists_are_listed(listed: list[str], client: FlaskClient) -> None:
    (further, *_) = [one for one in listed if one.endswith("?page=2")]
    assert client.get(further).status_code == 200
    last = max(int(one.rpartition("=")[2]) for one in listed if "?page=" in one)
    beyond = further.replace("page=2", f"page={last + 1}")
    assert client.get(beyond).status_code == 404


@pytest.mark.parametrize("most", [100, 333, 100_000])
def test_parts_hold_everything_once_however_they_are_cut(app: Flask, most: int) -> None:
    services = app.extensions["schoolmatch"]
    parts = sitemap_parts(services, most)
    cut = [sitemap_part(services, part, most) for part in parts]
    whole = [sitemap_part(services, part) for part in sitemap_parts(services)]
    assert [one for part in cut for one in part] == [one for part in whole for one in part]
    sizes = [len(part) for name, part in zip(parts, cut, strict=True) if "programs" in name]
    assert max(sizes) <= most


@pytest.mark.parametrize("part", ["pages-1", "fields", "programs-0", "programs-99", "x", "..%2f"])
def test_a_part_that_is_not_there_is_not_found(client: FlaskClient, part: str) -> None:
    assert client.get(f"/sitemap/{part}.xml").status_code == 404


def test_robots_keeps_crawlers_from_searches_and_names_the_sitemap(
    client: FlaskClient, listed: list[str]
) -> None:
    answer = client.get("/robots.txt")
    assert answer.content_type.startswith("text/plain")
    lines = answer.get_data(as_text=True).splitlines()
    assert lines[0] == "User-agent: *"
    assert lines[-1] == f"Sitemap: {PUBLIC_URL}/sitemap.xml"
    closed = [line.removeprefix("Disallow: ") for line in lines[1:-1]]
    assert {"/results", "/search", "/staff", "/request"} <= set(closed)
    assert [one for one in listed if one.startswith(tuple(closed))] == []
