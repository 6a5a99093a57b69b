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
    channels: tuple[Channel, ...] = tuple(Channel),
) -> RequestForm:
    """Offer a consent text for each chosen school and channel, unless it takes no request now.

    Args:
        services: what the step leans on.
        slate_id: the slate the listings stand on.
        listing_ids: the ticked listings.
        locale: the language of the texts.
        channels: which ways of contact to offer; without a phone number only email makes sense.

    Raises:
        InvalidInputError: naming what cannot be chosen.
    """
    drawn = draw_again(services, slate_id)
    schools = choose_schools(services.serving.state(), drawn, listing_ids)
    consents = tuple(
        consent_text(Seller(school.unitid, school.name), channel, locale, drawn.slate.jurisdiction)
        for school in schools
        if school.shut is None
        for channel in channels
    )
    questions = tuple(
        Question(school.unitid, question)
        for school in schools
        if school.shut is None
        for question in school.questions
    )
    return RequestForm(drawn.slate, schools, consents, questions)
