"""Something in every room of staff: leads, destinations, a question, highlights, a claim."""

import json
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser as Chromium

from tests.support.asking import STUDENT, Asker
from tests.support.chromium import ChromiumBrowser
from tests.support.installation import eventually
from tests.support.running import RunningSystem

# The demonstration's first organization pays for its school there; no other test comes from there.
HERE = {"education_level": "high_school", "postal_code": "70118", "query": "business"}
_SPONSORED = "sch_160755"
ROE = {**STUDENT, "last_name": "Roe", "email": "rooms@example.com"}
# A school of the same organization that no other test asks: its own questions meet nobody.
ASKING = "sch_243638"
# A port that nothing answers at: what is sent there does not arrive.
_NOBODY = "http://127.0.0.1:9/leads"


@dataclass(frozen=True)
class Insider:
    """Somebody of the staff who is in, and where their rooms begin."""

    person: ChromiumBrowser
    base: str

    def open(self, path: str) -> ChromiumBrowser:
        """Open a page of their rooms."""
        self.person.open(f"{self.base}/{path}")
        return self.person

    def send(self, page: str, action: str, **form: str) -> str:
        """Send a form of a page without drawing what comes; the address it leads to."""
        self.open(page)
        token = self.person.page.locator("input[name=csrf_token]").first.input_value()
        address = f"{self.base}/{action}"
        sent: dict[str, Any] = {"csrf_token": token, **form}
        answer = self.person.page.request.post(address, form=sent)
        assert answer.ok, f"{address}: {answer.status}"
        return answer.url

    def seen(self, page: str) -> str:
        """The version of what a page shows, which its forms send along."""
        self.open(page)
        return self.person.page.locator("input[name=version]").first.input_value()

    def linked(self, page: str, start: str) -> str:
        """The id of the first thing that a page links to; ``start`` says of which kind."""
        self.open(page)
        link = self.person.page.locator(f"main a[href*='/{start}']").first
        return start + id_in(link.get_attribute("href") or "", start)


def id_in(address: str, start: str) -> str:
    """What follows ``start`` in an address, to the end of its part."""
    return address.partition(f"/{start}")[2].partition("/")[0].partition("?")[0]


def code(system: RunningSystem, email: str) -> str:
    """The present code, as the command line tells it in a demonstration."""
    return system.run("staff", "code", email).strip()


def log_in(browser: Chromium, system: RunningSystem, email: str) -> Insider:
    """Come in through the page; their rooms are where it leads."""
    # axe is a script that the pages' own policy would not let in.
    person = ChromiumBrowser(browser, system.url, java_script_enabled=True, bypass_csp=True)
    passwords = json.loads((system.folder / "school" / "staff.json").read_text())
    person.open("/staff/login")
    person.fill("Email address", email)
    person.fill("Password", passwords[email])
    person.fill("One-time code", code(system, email))
    person.press("Log in")
    return Insider(person, person.address.rpartition("/")[0])


def furnish(system: RunningSystem, admin: Insider, operator: Insider) -> dict[str, str]:
    """Put something in every room; what of it stands in addresses, by name."""
    made = {"organization": admin.base.rpartition("/")[2], "asking": ASKING}
    made |= _leads(system, admin) | _destinations(admin) | _highlights(admin, operator)
    _more(admin)
    made["campaign"] = admin.linked("campaigns", "cmp_")
    made["change"] = admin.linked("history?kind=destination", "chg_")
    site = {"name": "A newspaper", "site": "https://news.example"}
    operator.send("publishers", "publishers", **site)
    operator.open("rankers")
    versions = operator.person.page.locator("main a[href*='/operator/rankers/']")
    hrefs = [each.get_attribute("href") or "" for each in versions.all()]
    made["ranker"] = next(one for each in hrefs if "?" not in (one := each.rpartition("/")[2]))
    return made


def _ask(system: RunningSystem) -> tuple[str, str]:
    """Let a student ask where the organization pays to stand; the ids of the lead and its slate."""
    asker = Asker(system.port, timeout=30)
    matches = asker.search(**HERE)
    [ours] = [
        each
        for each in matches["results"]
        if each["sponsored"] and each["school"]["id"] == _SPONSORED
    ]
    slate = str(matches["slate_id"])
    sent = asker.send({**asker.body(matches, ours), "student": ROE}, f"rooms-{slate}")
    return str(sent["leads"][0]["lead_id"]), slate


def _leads(system: RunningSystem, admin: Insider) -> dict[str, str]:
    """One lead that the school took and one that it returned, both on a statement."""
    (lead, _), (returned, slate) = _ask(system), _ask(system)

    def settled() -> bool:
        admin.open(f"leads/{returned}")
        return "Return this lead" in admin.person.text

    eventually(settled)
    admin.send(f"leads/{returned}", f"leads/{returned}/return", return_reason="Cannot be reached")
    destination = admin.linked("destinations", "dst_")
    return {
        "lead": lead,
        "returned": returned,
        "slate": slate,
        "month": admin.linked("statements", "statements/2").rpartition("/")[2],
        "destination": destination,
        "delivery": admin.linked(f"destinations/{destination}/log", "dlv_"),
    }


def _destinations(admin: Insider) -> dict[str, str]:
    """A draft of a kind with fields and rules of its own, whose test did not arrive."""
    page = "destinations/new?made_from=form_post"
    contact = "buyer@schoolmatch.example"
    url = admin.send(
        page,
        "destinations/new",
        made_from="form_post",
        name="A buyer",
        url=_NOBODY,
        format="form",
        auth="none",
        contact=contact,
    )
    draft = "dst_" + id_in(url, "dst_")
    admin.send(f"destinations/{draft}", f"destinations/{draft}/test")
    return {"draft": draft, "tested": admin.linked(f"destinations/{draft}/log", "dlv_")}


def _highlights(admin: Insider, operator: Insider) -> dict[str, str]:
    """One that students see and one that waits for an operator."""
    about = {"unitid": ASKING.removeprefix("sch_"), "kind": "statement"}
    admin.send("highlights", "highlights", **about, statement="Labs open late")
    operator.open("approvals")
    form = operator.person.page.locator("form[action*='/highlights/hlt_']").first
    shown = "hlt_" + id_in(form.get_attribute("action") or "", "hlt_")
    operator.send("approvals", f"highlights/{shown}", decision="approve")
    admin.send("highlights", "highlights", **about, statement="Small classes in Spanish")
    return {"highlight": shown}


def _more(admin: Insider) -> None:
    """Questions of its own, a claim and a colleague."""
    page = f"questions/{ASKING}"
    grade = {"label": "What is your grade point average?", "kind": "number", "least": "2.5"}
    admin.send(page, page, **grade, required="yes", version=admin.seen(page))
    answers = {"taken": "Mornings\nEvenings", "refused": "Never"}
    when = {"label": "When can you come?", "kind": "choice", "version": admin.seen(page)}
    admin.send(page, page, **when, **answers)
    admin.open("listings?q=college+of")
    school = admin.person.page.locator("input[name=school]").first.input_value()
    admin.send("listings?q=college+of", "listings/claims", school=school)
    admin.send("members", "members", email="colleague@schoolmatch.example", role="member")
