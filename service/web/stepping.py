"""What the step pages share: the answers in the address, the way on, the way back.

Nothing is kept between steps: every page is a plain GET that carries what was answered before, so
going back, loading again and sharing an address always show the truth.
"""

from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError
from models.domain.levels import EducationLevel
from service.api.v1.schemas import SearchSchema
from service.steps.read_answers import read_answers
from service.web.pages import locale, page, services
from service.web.problems import Problems, messages_of, problems_of
from service.web.query import Query

EDUCATION, PLACE, STUDY, FORMAT, CHECK = (
    f"web.{name}_step" for name in ("education", "place", "study", "format", "check")
)
ORDER = (EDUCATION, PLACE, STUDY, FORMAT, CHECK)
# Which answers each step asks for.
ASKS = {
    EDUCATION: ("education_level",),
    PLACE: ("postal_code", "region"),
    STUDY: ("field", "query"),
    FORMAT: ("format", "max_distance_miles"),
}
# Stand in for answers that are not looked at.
_ANY = {"education_level": str(EducationLevel.HIGH_SCHOOL), "region": "NY"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A step as it was asked for: ``sent`` with its form, ``change`` from the check page."""

    endpoint: str
    query: Query
    sent: bool
    change: bool

    @classmethod
    def now(cls, endpoint: str) -> "Asked":
        """Read the request at hand."""
        query = Query(request.args.items(multi=True)).anew
        return cls(endpoint, query, request.args.get("sent") == "1", "change" in request.args)

    @property
    def mine(self) -> tuple[str, ...]:
        """The answers this step asks for."""
        return ASKS.get(self.endpoint, ())

    def way_on(self, answers: Query) -> Redirect:
        """Go to the next step, or back to the check page for a change."""
        following = CHECK if self.change else step_after(self.endpoint, answers)
        return redirect(step_url(following, answers), 303)

    @property
    def back_url(self) -> str:
        """Where "Back" leads."""
        if self.change:
            return step_url(CHECK, self.query)
        place = ORDER.index(self.endpoint)
        return step_url(ORDER[place - 1], self.query) if place else self.query.url("web.start")

    def draw(self, template: str, problems: Problems, **values: Any) -> Response:
        """Draw the step's page; what is wrong stands at the fields."""
        kept = [*self.query.without(*self.mine)]
        if self.change:
            kept.append(("change", "1"))
        return page(
            template,
            400 if problems else 200,
            problems=problems,
            kept=kept,
            back_url=self.back_url,
            action=url_for(self.endpoint),
            values={name: self.query.get(name) for name in self.mine},
            **values,
        )


def step_url(endpoint: str, answers: Query, **more: str) -> str:
    """A step's address with the answers so far."""
    url = answers.url(endpoint)
    extra = "&".join(f"{name}={value}" for name, value in more.items())
    return f"{url}{'&' if '?' in url else '?'}{extra}" if extra else url


def step_after(endpoint: str, answers: Query) -> str:
    """The next step; without a diploma neither field nor format matters: what is open is shown."""
    following = ORDER[ORDER.index(endpoint) + 1]
    return CHECK if following == STUDY and without_diploma(answers) else following


def without_diploma(answers: Query) -> bool:
    """Whether the student said to have no diploma."""
    return answers.get("education_level") == EducationLevel.NO_DIPLOMA


def problems_with(answers: Query, names: tuple[str, ...]) -> Problems:
    """What is wrong with some of the answers, by the rules of the search."""
    given = {name: answers.get(name) for name in names if name in answers}
    probe = {**given, "locale": locale()}
    if "education_level" not in names:
        probe["education_level"] = _ANY["education_level"]
    if "postal_code" not in names:
        probe["region"] = _ANY["region"]
    try:
        asked = SearchSchema().load(probe)
        read_answers(asked, services().fields, services().serving.state().engine.places)
    except (ValidationError, InvalidInputError) as error:
        return problems_of(messages_of(error))
    return Problems()
