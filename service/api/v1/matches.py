"""POST /api/v1/matches: answers in, a page of a slate out."""

from flask import Response

from service.api.v1.answers import MatchesSchema
from service.api.v1.endpoints import Answer, Endpoints, answer, services, visitor
from service.api.v1.schemas import SearchSchema
from service.api.v1.show_matches import show_matches
from service.steps.find_matches import find_matches
from service.steps.inputs import SearchInput

endpoints = Endpoints("matches", __name__, description="Search for programs")


@endpoints.endpoint(
    "POST", "/matches", Answer(200, "A page of the slate", MatchesSchema), takes=SearchSchema
)
def matches(asked: SearchInput) -> Response:
    """Search, or read one more page of a slate.

    Sponsored listings say so; `organic_position` is the place a listing has without any campaign.
    With `slate_id` and `page` alone the next pages of the same draw are read.
    """
    return find_matches(
        services(), asked, visitor(), lambda found: answer(show_matches(found, asked.locale))
    )
