"""The way from the start page to the confirmation, step by step, as a student goes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from playwright.sync_api import Page

from tests.support.asking import Asker, askable
from tests.support.chromium import ChromiumBrowser
from tests.support.running import RunningSystem, eventually

QUESTION = "What is your highest level of education completed?"
ANSWER = "High school diploma or GED"


@dataclass(frozen=True)
class AskingSchool:
    """A school that takes requests here and asks a question of its own."""

    id: str
    name: str


@contextmanager
def asking_school(system: RunningSystem) -> Iterator[AskingSchool]:
    """Let the last school of a search that takes requests here ask a question, for a while."""
    asker = Asker(system.port)
    found = asker.search()
    listing = askable(found)[-1]
    school = AskingSchool(listing["school"]["id"], listing["school"]["name"])
    asked = ("school", "question", "add", school.id, "done", QUESTION, "--kind", "choice")
    system.run(*asked, "--option", "ninth=Ninth grade", "--option", f"diploma={ANSWER}")
    ids = f"slate_id={found['slate_id']}&listing_ids={listing['listing_id']}"
    eventually(lambda: asker.ask("GET", f"/api/v1/request-form?{ids}")["questions"])
    yield school
    system.run("school", "question", "remove", school.id, "done")


@dataclass
class Journey:
    """One student on the way; each step begins where the one before ended."""

    student: ChromiumBrowser
    school: AskingSchool
    email: str = field(default_factory=lambda: f"{uuid4().hex}@example.com")

    @property
    def page(self) -> Page:
        return self.student.page

    def answer(self) -> None:
        say = self.student.say
        self.student.open("/")
        self.student.choose(say("education_level.high_school.label"))
        self.student.fill(say("start.place.postal_code"), "10940")
        self.student.fill(say("start.study.query"), "medical records technician")

    def to_results(self) -> None:
        self.answer()
        self.student.press(self.student.say("start.submit.find"))
        assert self.student.heading == self.student.say("results.title")

    def to_request(self) -> None:
        self.to_results()
        self.ask(self.school.name)

    def ask(self, school: str) -> None:
        card = self.page.locator("article.card", has_text=school)
        with self.page.expect_navigation():
            card.get_by_role("link", name=self.student.say("results.request.here")).first.click()
        assert self.student.heading == self.student.say("request.title")

    def fill_in(self) -> None:
        say = self.student.say
        self.student.fill(say("request.first_name"), "Zo\u00eb")
        self.student.fill(say("request.last_name"), "Example")
        self.student.fill(say("request.email"), self.email)
        self.student.choose(say("request.yes"))

    def to_questions(self) -> None:
        self.to_request()
        self.fill_in()
        self.go_on()
        title = self.student.say("questions.title", school=self.school.name)
        assert self.student.heading == title, self.student.text

    def to_check(self) -> None:
        self.to_questions()
        self.student.choose(ANSWER)
        self.go_on()
        assert self.student.heading == self.student.say("check.title"), self.student.text

    def go_on(self) -> None:
        self.student.press(self.student.say("request.continue"))

    def agree(self) -> None:
        self.student.choose(f"{self.student.say('channel.email')}.")

    def send(self) -> str:
        """Agree and send; the reference."""
        self.agree()
        self.student.press(self.student.say("check.send", n=1))
        assert self.student.heading == self.student.say("sent.title"), self.student.text
        return self.reference

    @property
    def reference(self) -> str:
        return self.page.locator("#reference").inner_text()

    @property
    def too_wide(self) -> bool:
        """Whether the page must be scrolled sideways."""
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        return bool(self.page.evaluate(wide))


def throttle(student: ChromiumBrowser) -> None:
    """Make it an old phone: a quarter of the processor, 400 kbit/s, 300 ms to the server."""
    devtools = student.page.context.new_cdp_session(student.page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    devtools.send("Network.enable")
    a_second = 400_000 / 8
    line = {"latency": 300, "downloadThroughput": a_second, "uploadThroughput": a_second}
    devtools.send("Network.emulateNetworkConditions", {"offline": False, **line})
