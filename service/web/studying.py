"""Screen 3, what to study: words, then the fields and specialties they may mean."""

from dataclasses import dataclass

from flask import Response, redirect, request
from werkzeug.wrappers import Response as Redirect

from matcher.fields import FieldMatch
from service.messages.names import series_name
from service.steps.browse import list_fields
from service.steps.read_answers import best_of, knows_no_field
from service.web.browse import Entry
from service.web.names import plain_name
from service.web.pages import locale, page, services, t
from service.web.problems import Problems
from service.web.query import Query, is_field
from service.web.stepping import STUDY, Asked, problems_with, step_after, step_url


@dataclass(frozen=True, slots=True)
class Meaning:
    """Something that the words may mean; ``value`` is a field or words that find it.

    ``english``: its label is of our data, which speak English.
    """

    value: str
    label: str
    hint: str
    english: bool = False


def study_step() -> Response | Redirect:
    """Ask in words, offer what they may mean, take a choice."""
    asked, problems = Asked.now(STUDY), Problems()
    chosen = request.args.get("study", "").strip()
    words = request.args.get("words", "").strip()
    if asked.sent and chosen:
        answers, name = _with_choice(asked.query, chosen)
        problems = problems_with(answers, (name,))
        if not problems:
            return asked.way_on(answers)
        problems = Problems(words=next(iter(problems.values())))
        words = chosen
    if not words and "words" not in request.args:
        chosen = chosen or asked.query.get("field") or asked.query.get("query")
        words = _in_words(chosen)
    plain = asked.query.without("field", "query", "cip")
    if "words" in request.args and knows_no_field(words):
        return redirect(_unsure_url(asked, plain), 303)
    problems = problems or _wrong_words(words)
    meanings = [] if problems or not words else _meanings(words)
    # A field's name in another language need not be words that find it again.
    if meanings and is_field(chosen) and chosen not in {one.value for one in meanings}:
        meanings.insert(0, _field(chosen))
    if asked.sent and meanings and chosen not in {one.value for one in meanings}:
        problems = Problems(study=t("step.study.empty"))
    return asked.draw(
        "step_study.html",
        problems,
        words=words,
        meanings=meanings,
        chosen=chosen,
        unsure_url=_unsure_url(asked, plain),
        browse_url=step_url("web.fields_step", asked.query, **_change(asked)),
    )


def fields_step() -> Response:
    """Every field, each a link that answers the question."""
    asked = Asked.now(STUDY)
    series = [
        (
            series_name(locale(), one.name),
            [
                Entry(
                    plain_name(line.cip),
                    step_url(STUDY, asked.query, sent="1", study=line.cip, **_change(asked)),
                    t("browse.programs", n=line.programs),
                )
                for line in one.fields
            ],
        )
        for one in list_fields(services())
    ]
    back = step_url(STUDY, asked.query, **_change(asked))
    return page("fields.html", series=series, back_url=back)


def _with_choice(query: Query, chosen: str) -> tuple[Query, str]:
    plain = query.without("field", "query", "cip")
    name = "field" if is_field(chosen) else "query"
    return plain.setting(**{name: chosen}), name


def _in_words(chosen: str) -> str:
    return plain_name(chosen) if is_field(chosen) else chosen


def _wrong_words(words: str) -> Problems:
    """What keeps words from being searched; typing nothing is no answer."""
    if words:
        found = problems_with(Query([("query", words)]), ("query",))
        return Problems(words=found["query"]) if "query" in found else Problems()
    if "words" in request.args:
        return Problems(words=t("step.study.no_words"))
    return Problems()


def _meanings(words: str) -> list[Meaning]:
    """Specialties and fields, best first; and all of them together where there are several."""
    fields = services().fields
    found: dict[str, Meaning] = {}
    matches = fields.find(words)
    for match in matches:
        if match.specialty and _means(match.specialty, match.cip):
            found.setdefault(match.specialty, _specialty(match))
        found.setdefault(match.cip, _field(match.cip))
    meant = best_of(matches)
    if len(meant) > 1 and words not in found:
        titles = "; ".join(plain_name(match.cip) for match in meant)
        found[words] = Meaning(words, t("step.study.all", query=words), titles)
    return list(found.values())


def _field(cip: str) -> Meaning:
    return Meaning(cip, plain_name(cip), t("step.study.field"))


def _specialty(match: FieldMatch) -> Meaning:
    name, field = match.specialty or "", plain_name(match.cip)
    if match.credential is None:
        return Meaning(name, name, t("step.study.specialty", field=field), english=True)
    credential = t(f"credential_level.{match.credential}")
    hint = t("step.study.specialty_usual", field=field, credential=credential)
    return Meaning(name, name, hint, english=True)


def _means(specialty: str, cip: str) -> bool:
    """Whether a specialty's name alone finds it again: a choice must mean what it said."""
    best = services().fields.find(specialty, limit=1)
    return bool(best) and (best[0].cip, best[0].specialty) == (cip, specialty)


def _unsure_url(asked: Asked, plain: Query) -> str:
    return step_url("web.check_step" if asked.change else step_after(STUDY, plain), plain)


def _change(asked: Asked) -> dict[str, str]:
    return {"change": "1"} if asked.change else {}
