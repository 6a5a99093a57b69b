"""``schoolmatch school question``: what a school asks each student, in its own words."""

from collections.abc import Sequence
from typing import Any

import click

from commands.changes import as_json_option, show_json
from commands.doors import door, whoami
from models.domain.question import Option, OwnQuestion, QuestionKind
from models.domain.school_id import read_school
from service.steps.own_questions import put_question, remove_question


@click.group()
def question() -> None:
    """What a school asks each student, on a page of its own."""


@question.command("list")
@click.argument("school_id", metavar="SCHOOL")
@as_json_option
def list_questions(school_id: str, *, as_json: bool) -> None:
    """List what SCHOOL (sch_194240) asks."""
    with door() as opened, opened.unit_of_work() as work:
        asked = work.destinations.intake(read_school(school_id)).questions
    if as_json:
        show_json({"questions": [each.document() for each in asked]})
        return
    for each in asked:
        click.echo(_in_words(each))
    if not asked:
        click.echo(f"{school_id} asks nothing of its own.")


@question.command("add")
@click.argument("school_id", metavar="SCHOOL")
@click.argument("question_id", metavar="ID")
@click.argument("label")
@click.option("--kind", type=click.Choice([one.value for one in QuestionKind]), default="text")
@click.option("--option", "options", multiple=True, metavar="VALUE=LABEL", help="One choice.")
@click.option("--refuse", multiple=True, metavar="VALUE", help="A choice the school does not take.")
@click.option("--least", type=float, help="The least number the school takes.")
@click.option("--most", type=float, help="The most it takes.")
@click.option("--optional", is_flag=True, help="It may be left empty.")
def add(school_id: str, question_id: str, label: str, **how: Any) -> None:
    """Let SCHOOL ask a question: LABEL, known as ID (gpa); the same ID puts it in its place."""
    made = _question(question_id, label, **how)
    with door() as opened, opened.unit_of_work() as work:
        put_question(work, whoami(), read_school(school_id), made, opened.clock.now())
    click.echo(_in_words(made))


@question.command("remove")
@click.argument("school_id", metavar="SCHOOL")
@click.argument("question_id", metavar="ID")
def remove(school_id: str, question_id: str) -> None:
    """Let SCHOOL ask the question ID no more."""
    with door() as opened, opened.unit_of_work() as work:
        remove_question(work, whoami(), read_school(school_id), question_id, opened.clock.now())
    click.echo(f"{school_id} does not ask {question_id} any more")


def _question(  # noqa: PLR0913 - what a question is made of
    question_id: str,
    label: str,
    *,
    kind: str,
    options: Sequence[str],
    refuse: Sequence[str],
    least: float | None,
    most: float | None,
    optional: bool,
) -> OwnQuestion:
    offered = [each.partition("=") for each in options]
    unknown = set(refuse) - {value for value, _, _ in offered}
    if unknown:
        raise click.UsageError(f"“{min(unknown)}” is refused, but is no option.")
    return OwnQuestion(
        question_id,
        label,
        QuestionKind(kind),
        required=not optional,
        options=tuple(
            Option(value, words or value, value not in refuse) for value, _, words in offered
        ),
        least=least,
        most=most,
    )


def _in_words(each: OwnQuestion) -> str:
    parts = [f"{each.question_id} ({each.kind})", each.label]
    if each.options:
        parts.append(
            ", ".join(f"{o.label}{'' if o.accepted else ' (refused)'}" for o in each.options)
        )
    bounds = [
        f"{name} {value:g}"
        for name, value in (("least", each.least), ("most", each.most))
        if value is not None
    ]
    parts += [*bounds, *([] if each.required else ["optional"])]
    return ": ".join(parts[:2]) + "".join(f"; {part}" for part in parts[2:])
