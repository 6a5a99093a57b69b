"""What must be asked before a request can be sent: consents, and schools' own questions."""

from uuid import UUID

from models.domain.consent import Channel, Seller, consent_text
from service.services import Services
from service.steps.choose_schools import choose_schools
from service.steps.outputs import Question, RequestForm
from service.steps.slates import draw_again


def request_form(
    services: Services,
    slate_id: UUID,
    listing_ids: tuple[str, ...],
    locale: str,
    *,
    chosen_before: bool = False,
) -> RequestForm:
    """Offer a consent text for each chosen school and channel, unless it takes no request now.

    Args:
        services: what the step leans on.
        slate_id: the slate the listings stand on.
        listing_ids: the ticked listings.
        locale: the language of the texts.
        chosen_before: whether a school that stopped taking requests is told as shut, not refused.

    Raises:
        InvalidInputError: naming what cannot be chosen.
    """
    drawn = draw_again(services, slate_id)
    state = services.serving.state()
    schools = choose_schools(state, drawn, listing_ids, chosen_before=chosen_before)
    consents = tuple(
        consent_text(Seller(school.unitid, school.name), channel, locale, drawn.slate.jurisdiction)
        for school in schools
        if school.shut is None
        for channel in Channel
    )
    questions = tuple(
        Question(school.unitid, question)
        for school in schools
        if school.shut is None
        for question in school.questions
    )
    return RequestForm(drawn.slate, schools, consents, questions)
