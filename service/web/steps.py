"""The questions one by one: education, place, how to study; then the answers to check."""

from dataclasses import dataclass

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Redirect

from matcher.geography import read_postal_code
from matcher.regions import REGIONS
from models.domain.errors import InvalidInputError
from models.domain.levels import EducationLevel, Format
from models.domain.place import Region
from service.messages.lengths import unit_in
from service.messages.names import region_name
from service.steps.browse import formats_known
from service.web import distances
from service.web.asked import show_postal_code
from service.web.names import plain_name
from service.web.pages import locale, services, t
from service.web.problems import Problems
from service.web.query import Query
from service.web.start import region_groups
from service.web.stepping import (
    ASKS,
    CHECK,
    EDUCATION,
    FORMAT,
    PLACE,
    STUDY,
    Asked,
    problems_with,
    step_url,
    without_diploma,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A row of the check page."""

    question: str
    answer: str
    change_url: str


def first_step() -> Redirect:
    """Lead to the first question."""
    return redirect(url_for(EDUCATION))


def education_step() -> Response | Redirect:
    """Screen 1: the highest level of education."""
    asked, problems = Asked.now(EDUCATION), Problems()
    if asked.sent:
        problems = problems_with(asked.query, asked.mine)
        if not problems:
            return asked.way_on(asked.query)
    levels = [str(level) for level in EducationLevel]
    return asked.draw("step_education.html", problems, education_levels=levels)


def place_step() -> Response | Redirect:
    """Screen 2: a postal code, or a state or province."""
    asked, problems = Asked.now(PLACE), Problems()
    if asked.sent:
        answers = asked.query
        problems = problems_with(answers, asked.mine)
        if "postal_code" in problems and "region" in answers and "region" not in problems:
            # Who chose a state below a code that is not found goes by the state.
            answers, problems = answers.without("postal_code"), Problems()
        problems = problems or _two_places(answers)
        if not problems:
            return asked.way_on(_one_place(answers))
    return asked.draw("step_place.html", problems, region_groups=region_groups())


def format_step() -> Response | Redirect:
    """Screen 4: online, on campus or either; how far, where a campus is wanted."""
    asked, problems = Asked.now(FORMAT), Problems()
    chosen = asked.query.get("format")
    if asked.sent:
        problems = problems_with(asked.query, asked.mine)
        if chosen not in set(Format):
            problems = Problems(format=t("step.format.empty"))
        if not problems:
            campus = chosen == Format.CAMPUS and "postal_code" in asked.query
            spare = () if campus else ("max_distance_miles",)
            return asked.way_on(asked.query.without(*spare))
    known, programs = formats_known(services(), _fields_meant(asked.query))
    return asked.draw(
        "step_format.html",
        problems,
        formats=[str(one) for one in (Format.ONLINE, Format.CAMPUS, Format.EITHER)],
        distances=_distances(asked.query),
        known=known,
        programs=programs,
    )


def check_step() -> Response | Redirect:
    """Screen 5: all answers, each with a link to change it; what is missing is asked first."""
    asked = Asked.now(CHECK)
    query = asked.query
    for endpoint, names in ASKS.items():
        given = any(name in query for name in names)
        if given and problems_with(query, names):
            return redirect(step_url(endpoint, query, sent="1", change="1"))
        if not given and endpoint in {EDUCATION, PLACE}:
            return redirect(step_url(endpoint, query))
    return asked.draw("step_check.html", Problems(), answers=_rows(query), search_url=query.url())


def _rows(query: Query) -> list[Answer]:
    rows = [
        (EDUCATION, t("step.check.education"), t(_label(query.get("education_level")))),
        (PLACE, t("step.check.place"), _place(query)),
    ]
    if not without_diploma(query):
        rows += [
            (STUDY, t("step.check.study"), _study(query)),
            (FORMAT, t("step.check.format"), _format(query)),
        ]
    return [
        Answer(question, answer, step_url(endpoint, query, change="1"))
        for endpoint, question, answer in rows
    ]


def _label(level: str) -> str:
    return f"education_level.{level}.label"


def _place(query: Query) -> str:
    if "postal_code" in query:
        return show_postal_code(read_postal_code(query.get("postal_code")).text)
    return region_name(locale(), query.get("region").strip().upper())


def _study(query: Query) -> str:
    if "field" in query:
        return plain_name(query.get("field"))
    return query.get("query") or t("step.study.unsure")


def _format(query: Query) -> str:
    words = t(f"format.{query.get('format', str(Format.EITHER))}")
    if "max_distance_miles" not in query:
        return words
    within = distances.within(locale(), int(query.get("max_distance_miles")), unit_in(_land(query)))
    return f"{words}, {within}"


def _distances(query: Query) -> tuple[tuple[int, str], ...]:
    """How far can be asked of who told where they live, as people measure it there."""
    if "postal_code" not in query:
        return ()
    chosen = query.get("max_distance_miles")
    taken = chosen.isdecimal() and not problems_with(query, ("max_distance_miles",))
    return distances.choices(locale(), unit_in(_land(query)), int(chosen) if taken else 0)


def _land(query: Query) -> str:
    """The country of the postal code that was answered; nothing while that is none."""
    try:
        return read_postal_code(query.get("postal_code")).country
    except InvalidInputError:
        return ""


def _fields_meant(query: Query) -> list[str]:
    if "field" in query:
        return [query.get("field")]
    if "query" in query:
        return [match.cip for match in services().fields.find(query.get("query"), limit=1)]
    return []


def _two_places(answers: Query) -> Problems:
    """A code and a state that do not belong together: only the student knows which counts."""
    if not ("postal_code" in answers and "region" in answers):
        return Problems()
    place = _found(answers)
    if place is None or place.code == answers.get("region").upper():
        return Problems()
    return Problems(region=t("step.place.two", place=region_name(locale(), place.code)))


def _one_place(answers: Query) -> Query:
    """Leave out a state that the postal code says already."""
    return answers.without("region") if "postal_code" in answers else answers


def _found(answers: Query) -> Region | None:
    try:
        code = read_postal_code(answers.get("postal_code"))
    except InvalidInputError:
        return None
    place = services().serving.state().engine.places.find(code)
    return REGIONS.get(place.region or "") if place else None
