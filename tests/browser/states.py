"""Every state of every page of a student: how to get there, and what its first heading says."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from tests.browser.prepared import ADDRESS_WITH_NOTHING_LEFT, ADDRESSES, ASKING_SCHOOL
from tests.support.chromium import ChromiumBrowser

RESULTS = "/results?education_level=high_school&postal_code=10940&query=medical+records+technician"

Step = Callable[[ChromiumBrowser], None]


def _open(address: str) -> Step:
    return lambda student: student.open(address)


def _asking(student: ChromiumBrowser) -> None:
    student.open(RESULTS)
    student.follow(student.say("results.request.here"))
    assert student.heading == student.say("request.title"), student.text


def _asking_wrong(student: ChromiumBrowser) -> None:
    _asking(student)
    student.fill(student.say("request.email"), "nonsense")
    student.press(student.say("request.continue"))


def _fill_in(student: ChromiumBrowser) -> None:
    student.fill(student.say("request.first_name"), "Zo\u00eb")
    student.fill(student.say("request.last_name"), "Example")
    student.fill(student.say("request.email"), "zoe@example.com")
    student.fill(student.say("request.phone"), "404 555 0123")
    student.choose(student.say("request.yes"))


def _checking(student: ChromiumBrowser) -> None:
    _asking(student)
    _fill_in(student)
    student.press(student.say("request.continue"))


def _checking_wrong(student: ChromiumBrowser) -> None:
    _checking(student)
    student.press(student.say("check.send", n=1))


def _planning(student: ChromiumBrowser) -> None:
    student.open(RESULTS.replace("high_school", "still_in_high_school"))
    student.follow(student.say("results.request.here"))


def _under_18(student: ChromiumBrowser) -> None:
    _planning(student)
    student.choose(student.say("request.no"))
    student.press(student.say("request.continue"))


def _age_empty(student: ChromiumBrowser) -> None:
    _planning(student)
    student.press(student.say("request.continue"))


def _made(name: str) -> Step:
    return lambda student: student.open(ADDRESSES[name])


def _too_many(student: ChromiumBrowser) -> None:
    student.page.set_extra_http_headers({"X-Forwarded-For": ADDRESS_WITH_NOTHING_LEFT})
    student.open(RESULTS)


def _saving_too_often(student: ChromiumBrowser) -> None:
    _asking(student)
    _fill_in(student)
    student.page.set_extra_http_headers({"X-Forwarded-For": ADDRESS_WITH_NOTHING_LEFT})
    student.press(student.say("saving.button"))


def _saved(student: ChromiumBrowser) -> None:
    _asking(student)
    _fill_in(student)
    student.press(student.say("saving.button"))


def _coming_back(student: ChromiumBrowser) -> None:
    _saved(student)
    student.open("/")


def _stopping_mail(name: str, *states: str) -> Step:
    """The page that stops mail, after its buttons; some were pressed on an earlier visit."""

    def go(student: ChromiumBrowser) -> None:
        student.open(ADDRESSES[name])
        for state in states:
            if student.heading == student.say(f"unsubscribe.{state}.title"):
                student.press(student.say(f"unsubscribe.{state}.button"))

    return go


def _questions(student: ChromiumBrowser) -> None:
    student.open(f"/results?{urlencode(ASKING_SCHOOL)}")
    student.follow(student.say("results.request.here"))
    _fill_in(student)
    student.press(student.say("request.continue"))


def _questions_wrong(student: ChromiumBrowser) -> None:
    _questions(student)
    student.fill("What is your grade point average?", "2.1")
    student.press(student.say("request.continue"))


def _a_program_with_a_warning(student: ChromiumBrowser) -> None:
    student.open("/schools/ny/190053")
    warned = student.page.locator("article.card", has=student.page.locator(".label.warning"))
    with student.page.expect_navigation():
        warned.locator("h4 a").first.click()


def _a_school(student: ChromiumBrowser) -> None:
    student.open("/fields/51.07/ny")
    with student.page.expect_navigation():
        student.page.locator("ul.entries a").first.click()


def _a_program(student: ChromiumBrowser) -> None:
    _a_school(student)
    with student.page.expect_navigation():
        student.page.locator("h4 a").first.click()


def _compared(student: ChromiumBrowser) -> None:
    student.open(RESULTS)
    for box in student.page.locator("input[name=listing_id]").all()[:4]:
        box.check()
    student.press(student.say("compare.submit"))


def _shared(student: ChromiumBrowser) -> None:
    student.open(RESULTS)
    student.follow(student.say("share.link"))


def _sent(student: ChromiumBrowser) -> None:
    _checking(student)
    student.choose(f"{student.say('channel.email')}.")
    student.press(student.say("check.send", n=1))


def _after_sending(name: str, press: str = "", fill: tuple[str, str] = ("", "")) -> Step:
    """A page on which a student changes their mind, with its button pressed or not."""

    def go(student: ChromiumBrowser) -> None:
        _sent(student)
        student.open(f"{student.address.partition('?')[0]}/{name}")
        if fill[0]:
            student.fill(student.say(fill[0]), fill[1])
        if press:
            student.press(student.say(press))

    return go


def _nothing_ticked(student: ChromiumBrowser) -> None:
    _after_sending("withdraw")(student)
    student.page.locator("input[name=school_id]").uncheck()
    student.press(student.say("afterwards.withdraw.button"))


# Every template, clean, with errors and empty; and the words its first heading must say.
STATES: dict[str, tuple[Step, str]] = {
    "start": (_open("/"), "Find college programs"),
    "start with errors": (
        _open("/results?education_level=&postal_code=1"),
        "Find college programs",
    ),
    "results": (_open(RESULTS), "Programs for you"),
    "results narrowed": (_open(f"{RESULTS}&control=public&state=NY"), "Programs for you"),
    "results empty": (_open(f"{RESULTS}&state=GU"), "Programs for you"),
    "results with warnings": (
        _open(RESULTS.replace("medical+records+technician", "cosmetology")),
        "Programs for you",
    ),
    "results without a diploma": (
        _open("/results?education_level=no_diploma&postal_code=10940"),
        "Programs for you",
    ),
    "education": (_open("/steps/education"), "What is your highest level of education?"),
    "education empty": (
        _open("/steps/education?sent=1"),
        "What is your highest level of education?",
    ),
    "place": (_open("/steps/place"), "What is your ZIP or postal code?"),
    "place with errors": (
        _open("/steps/place?sent=1&postal_code=10940&region=CA"),
        "What is your ZIP or postal code?",
    ),
    "study": (_open("/steps/study"), "What do you want to study?"),
    "study with choices": (_open("/steps/study?words=medical+coding"), "What do you want to study"),
    "study not found": (_open("/steps/study?words=zzqqxx"), "What do you want to study?"),
    "study nothing chosen": (
        _open("/steps/study?words=nursing&sent=1"),
        "What do you want to study?",
    ),
    "study fields": (_open("/steps/fields"), "All fields of study"),
    "format": (
        _open("/steps/format?education_level=high_school&postal_code=10940&format=campus"),
        "How do you want to study?",
    ),
    "format empty": (_open("/steps/format?sent=1"), "How do you want to study?"),
    "answers": (
        _open("/steps/check?education_level=high_school&postal_code=10940&field=51.07"),
        "Check your answers",
    ),
    "states": (_open("/schools"), "Schools by state"),
    "schools of a state": (_open("/schools/ny"), "Schools in New York"),
    "schools of no state": (_open("/schools/not-published"), "Schools whose state"),
    "schools of a province": (_open("/schools/on"), "Schools in Ontario"),
    "school": (_a_school, ""),
    "fields": (_open("/fields"), "All fields of study"),
    "field": (_open("/fields/51.07"), "Health and medical administration"),
    "field in a state": (_open("/fields/51.07/ny"), "in New York"),
    "program": (_a_program, ""),
    "program with a warning": (_a_program_with_a_warning, ""),
    "careers": (_open("/careers"), "All occupations"),
    "career": (_open("/careers/29-2072"), "Medical Records Specialists"),
    "compare": (_compared, "Compare programs"),
    "compare nothing": (_open("/compare"), "Compare programs"),
    "search": (_open("/search?q=middlesex+comunity"), "Search: middlesex"),
    "search nothing found": (_open("/search?q=zzqqxxjjkk"), "Search: zzqqxxjjkk"),
    "search nothing typed": (_open("/search"), "Search this site"),
    "share": (_shared, "Share this search"),
    "age": (_planning, "Are you 18 or over?"),
    "age empty": (_age_empty, "Are you 18 or over?"),
    "under 18": (_under_18, "You cannot send a request yet"),
    "request": (_asking, "Ask schools for information"),
    "request with errors": (_asking_wrong, "Ask schools for information"),
    "questions": (_questions, "Questions from"),
    "questions with errors": (_questions_wrong, "Questions from"),
    "check": (_checking, "Check and agree"),
    "check with errors": (_checking_wrong, "Check and agree"),
    "confirmation": (_sent, "Your request is on its way"),
    "withdraw": (_after_sending("withdraw"), "Take your request back"),
    "withdraw with errors": (_nothing_ticked, "Take your request back"),
    "withdrawn": (
        _after_sending("withdraw", "afterwards.withdraw.button"),
        "You took this request back",
    ),
    "correct": (_after_sending("correct"), "Correct a mistake"),
    "correct with errors": (
        _after_sending("correct", "afterwards.correct.button", ("request.email", "nonsense")),
        "Correct a mistake",
    ),
    "delete": (_after_sending("delete"), "Delete everything about me"),
    "deleted": (
        _after_sending("delete", "afterwards.delete.button"),
        "What you told us is deleted",
    ),
    "confirm": (_made("confirm"), "Confirm"),
    "confirmed": (_made("confirmed"), ""),
    "confirm too late": (_made("too-late"), ""),
    "unsubscribe": (_stopping_mail("unsubscribe"), ""),
    "unsubscribed": (_stopping_mail("unsubscribed", "ask"), ""),
    "subscribed again": (_stopping_mail("subscribed-again", "ask", "stopped"), ""),
    "saved": (_saved, "Your request is saved"),
    "saved nothing": (_open("/saved"), "Nothing is saved here"),
    "start after saving": (_coming_back, "Find college programs"),
    "how we rank": (_open("/how-we-rank"), "How we rank"),
    "sources": (_open("/sources"), "Sources"),
    "privacy": (_open("/privacy"), "Privacy"),
    "not found": (_open("/nowhere"), "Page not found"),
    "results not kept": (_open("/results?slate_id=slt_01m81z83bre00sqqw1q7xp7d4p"), ""),
    "request of another": (_open("/requests/req_01m81z83bre00sqqw1q7xp7d4p"), "This request"),
    "expired": (_open("/request/check"), "Your time ran out"),
    "too many": (_too_many, "Wait a minute"),
    "too many while saving": (_saving_too_often, "Wait a minute"),
}

# States that the running system must be prepared for, see prepared.py.
PREPARED = frozenset(
    {"questions", "questions with errors", "careers", "career"}
    | {"confirm", "confirmed", "confirm too late"}
    | {"unsubscribe", "unsubscribed", "subscribed again"}
    | {"too many", "too many while saving"}
)

# Which states show a template: all that a student can be shown must have one.
SHOWN_BY: Mapping[str, tuple[str, ...]] = {
    "ask_age.html": ("age", "age empty"),
    "cannot_ask.html": ("under 18",),
    "career.html": ("career",),
    "careers.html": ("careers",),
    "check.html": ("check", "check with errors"),
    "compare.html": ("compare", "compare nothing"),
    "confirm.html": ("confirm", "confirmed", "confirm too late"),
    "correct.html": ("correct", "correct with errors"),
    "delete.html": ("delete",),
    "failure.html": (
        "not found",
        "expired",
        "results not kept",
        "request of another",
        "too many",
        "too many while saving",
    ),
    "field.html": ("field",),
    "field_in.html": ("field in a state",),
    "fields.html": ("fields", "study fields"),
    "how_we_rank.html": ("how we rank",),
    "privacy.html": ("privacy",),
    "program.html": ("program", "program with a warning"),
    "questions.html": ("questions", "questions with errors"),
    "regions.html": ("states",),
    "request.html": ("request", "request with errors"),
    "results.html": (
        "results",
        "results narrowed",
        "results empty",
        "results with warnings",
        "results without a diploma",
    ),
    "saved.html": ("saved", "saved nothing"),
    "school.html": ("school",),
    "schools.html": ("schools of a state", "schools of no state", "schools of a province"),
    "search.html": ("search", "search nothing found", "search nothing typed"),
    "sent.html": ("confirmation", "withdrawn", "deleted"),
    "share.html": ("share",),
    "sources.html": ("sources",),
    "start.html": ("start", "start with errors", "start after saving"),
    "step_check.html": ("answers",),
    "step_education.html": ("education", "education empty"),
    "step_format.html": ("format", "format empty"),
    "step_place.html": ("place", "place with errors"),
    "step_study.html": (
        "study",
        "study with choices",
        "study not found",
        "study nothing chosen",
    ),
    "unsubscribe.html": ("unsubscribe", "unsubscribed", "subscribed again"),
    "withdraw.html": ("withdraw", "withdraw with errors"),
}
