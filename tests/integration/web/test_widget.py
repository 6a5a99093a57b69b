"""Our questions in a publisher's page, from the frame to what its publisher is told of."""

from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import pytest
import redis

from models.db.repositories.delivery_opening import open_deliveries
from models.domain.ids import Prefix, read, show
from models.domain.publisher import Publisher, Traffic
from models.domain.sending import LeadFacts
from tests.support.browser import PlainBrowser
from tests.support.world import World
from workers.maintenance.slate_log import RedisSlateStream, drain_slate_log

SITE = "https://careers.example"
PAGE = f"{SITE}/records"
MOST_BYTES = 10_000


@pytest.fixture
def publisher(world: World) -> Publisher:
    with world.work() as work:
        made = work.publishers.add("Careers Daily", SITE, world.clock.now())
    world.serving.poll()
    return made


def framed(publisher: Publisher, **more: str) -> str:
    told = {
        "publisher_id": show(Prefix.PUBLISHER, publisher.id),
        "landing_page": f"{PAGE}?who=zoe",
        "creative": "end",
        **more,
    }
    return "/widget?" + "&".join(f"{name}={quote(value)}" for name, value in told.items())


def test_the_questions_are_checked_where_they_stand_and_lead_on(
    browser: PlainBrowser, publisher: Publisher
) -> None:
    browser.open(framed(publisher, field="51.07"))
    assert browser.heading == "Find programs you can enter"
    assert "their listings say “Sponsored”" in browser.text
    browser.press("Continue")
    assert browser.reply.status == 400
    assert "Select your highest level of education" in browser.text
    browser.choose("High school diploma or GED")
    browser.fill("ZIP or postal code", "00001")
    browser.press("Continue")
    assert "We cannot find 00001" in browser.text
    browser.fill("ZIP or postal code", "10940")
    browser.press("Continue")
    assert browser.heading == "What is open to you"
    assert "Certificates, associate and bachelor\u2019s degrees" in browser.text
    assert "Health and medical administration" in browser.text
    browser.follow("See programs")
    assert browser.heading == "Programs for you"
    assert "Health and medical administration" in browser.text


@pytest.mark.parametrize(
    ("level", "words"),
    [
        ("No diploma", "Finish high school first"),
        ("Still in high school", "Plan ahead"),
        ("Some college", "Finish a degree you started"),
        ("Bachelor\u2019s degree", "master\u2019s"),
    ],
)
def test_each_answer_leads_on_to_what_it_opens(
    browser: PlainBrowser, publisher: Publisher, level: str, words: str
) -> None:
    browser.open(framed(publisher))
    browser.choose(level)
    browser.fill("ZIP or postal code", "k1a 0b1")
    browser.fill("Field of study", "not sure yet")
    browser.press("Continue")
    assert words in browser.text
    assert "near K1A 0B1" in browser.text
    browser.follow("Change answers")
    assert browser.reply.status == 200


def test_only_the_publishers_site_frames_it_and_it_runs_only_our_script(
    browser: PlainBrowser, publisher: Publisher
) -> None:
    browser.open(framed(publisher))
    policy = dict(
        rule.split(" ", 1) for rule in browser.reply.header("content-security-policy").split("; ")
    )
    assert policy["frame-ancestors"] == f"{SITE} https://www.careers.example"
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "set-cookie" not in browser.reply.headers
    assert len(browser.reply.headers["content-security-policy"]) == 1


def test_no_other_page_may_be_framed(browser: PlainBrowser, publisher: Publisher) -> None:
    browser.open(framed(publisher).replace("/widget?", "/?"))
    assert "frame-ancestors 'none'" in browser.reply.header("content-security-policy")


@pytest.mark.parametrize("paused", [True, False])
def test_where_there_is_no_such_publisher_nothing_is_asked(
    world: World, browser: PlainBrowser, publisher: Publisher, *, paused: bool
) -> None:
    address = framed(publisher) if paused else "/widget?publisher_id=pub_nonsense"
    if paused:
        with world.work() as work:
            work.publishers.set_active(publisher.id, active=False)
        world.serving.poll()
    browser.open(address)
    assert browser.reply.status == 404
    assert browser.heading == "This form is not in use now."
    browser.follow("Find programs at schoolmatch")
    assert browser.heading == "Find college programs that fit you"


def test_all_of_it_is_small_and_named_by_its_content(
    browser: PlainBrowser, publisher: Publisher
) -> None:
    browser.open(framed(publisher, accent="7a1f5c", lang="en"))
    page = browser.page
    files = [page.one("script").attributes["src"], page.one("link").attributes["href"]]
    size = 0
    for address in (*files, "/widget.js"):
        browser.open(address)
        assert browser.reply.status == 200, address
        assert browser.reply.header("cross-origin-resource-policy") == "cross-origin"
        assert ("immutable" in browser.reply.header("cache-control")) == (address in files)
        size += len(browser.reply.body.encode())
    assert "#7a1f5c" in _body(browser, files[1])
    assert size < MOST_BYTES
    browser.open(files[1].replace("7a1f5c", "ffe600"))
    assert browser.reply.status == 404, "a colour that cannot be seen has no style sheet"


def test_a_lead_says_whose_page_the_student_came_from(
    world: World, publisher: Publisher, redis_url: str
) -> None:
    valkey = redis.Redis.from_url(redis_url)
    world.search()
    told = {
        "publisher_id": show(Prefix.PUBLISHER, publisher.id),
        "landing_page": f"{PAGE}?who=zoe#here",
        "creative": "end",
    }
    matches = world.search(**told)
    listing = matches["results"][0]
    world.takes_requests(int(listing["school"]["id"].split("_")[1]))
    matches = world.search(**told)
    sent = world.send(world.body(matches, matches["results"][0]))
    assert sent.status_code == 202, sent.text
    kept = world.rows("SELECT publisher_id, landing_page, creative FROM request")
    assert [tuple(row) for row in kept] == [(publisher.id, PAGE, "end")]
    assert drain_slate_log(RedisSlateStream(valkey, "test"), world.work) == 3
    with world.work() as work:
        now = world.clock.now()
        traffic = work.publishers.traffic(now - timedelta(hours=1), now + timedelta(hours=1))
    assert traffic == [
        Traffic(publisher.id, PAGE, "end", 2, 1, 1),
        Traffic(None, None, None, 1, 0, 0),
    ]
    with world.engine.connect() as connection:
        delivery = world.rows("SELECT id FROM delivery")[0].id
        opened = open_deliveries(connection, world.keyring, [delivery], facts=True)[delivery]
    assert isinstance(opened.facts, LeadFacts)
    assert opened.facts.source == {
        "publisher": show(Prefix.PUBLISHER, publisher.id),
        "landing_page": PAGE,
        "creative": "end",
    }


def test_a_publisher_nobody_knows_is_left_out(world: World) -> None:
    unknown = show(Prefix.PUBLISHER, UUID(int=7))
    found = world.search(publisher_id=unknown, landing_page=PAGE, creative="end")
    slate = world.app.extensions["schoolmatch"].slates.find(read(Prefix.SLATE, found["slate_id"]))
    assert (slate.publisher_id, slate.landing_page, slate.creative) == (None, None, None)


def _body(browser: PlainBrowser, address: str) -> str:
    browser.open(address)
    return browser.reply.body
