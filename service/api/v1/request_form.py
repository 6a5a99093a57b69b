"""GET /api/v1/request-form: what must be asked before a request can be sent."""

from typing import Any

from flask import Response

from models.domain.school_id import show_school
from service.api.v1.answers import FormSchema
from service.api.v1.endpoints import Answer, Endpoints, answer, services, visitor
from service.api.v1.schemas_request import RequestFormSchema
from service.steps.outputs import Question, RequestForm
from service.steps.record_events import record_started
from service.steps.request_form import request_form as prepare

endpoints = Endpoints("request_form", __name__, description="Prepare a request")


@endpoints.endpoint(
    "GET",
    "/request-form",
    Answer(200, "Consents and questions", FormSchema),
    takes=RequestFormSchema,
    location="query",
)
def request_form(asked: dict[str, Any]) -> Response:
    """Fetch the consent texts to show, and the schools' own questions.

    Each consent stands beside an unticked box of its own. Schools in `not_taken` take none now.
    """
    services().slates.admit(visitor().address)
    form = prepare(services(), asked["slate_id"], tuple(asked["listing_ids"]), asked["locale"])
    chosen = [one for school in form.schools for one in school.listings]
    record_started(services(), asked["slate_id"], chosen, clicked=False)
    return answer(_show(form))


def _show(form: RequestForm) -> dict[str, Any]:
    return {
        "consents": [
            {
                "school_id": show_school(text.unitid),
                "channel": text.channel.value,
                "text_id": text.text_id,
                "text": text.text,
            }
            for text in form.consents
        ],
        "questions": [_show_question(question) for question in form.questions],
        "not_taken": [
            {"school_id": show_school(school.unitid), "reason": school.shut.value}
            for school in form.schools
            if school.shut is not None
        ],
    }


def _show_question(question: Question) -> dict[str, Any]:
    return {
        "school_id": show_school(question.unitid),
        "question_id": question.asked.question_id,
        "label": question.asked.label,
        "type": question.asked.kind.value,
        "required": question.asked.required,
        "options": [{"value": one.value, "label": one.label} for one in question.asked.options],
    }
