"""What a school may not ask."""

import pytest

from models.domain.question_lint import refused

NEVER = (
    "What is your Social Security number?",
    "SSN (last four digits)",
    "What is your date of birth?",
    "How old are you?",
    "What is your immigration status?",
    "Are you a U.S. citizen?",
    "Do you have a disability?",
    "Are you pregnant?",
    "What is your religion?",
    "Which church do you attend?",
    "What is your race?",
    "Are you Hispanic?",
    "What is your gender?",
    "Are you married?",
    "Have you ever been convicted of a crime?",
    "What is your household income?",
    "Your credit card number",
    "Driver\u2019s license number",
    "¿Cuál es su número de seguro social?",
    "¿Cuál es su fecha de nacimiento?",
    "¿Es usted ciudadano?",
    "¿Tiene alguna discapacidad?",
    "Quelle est votre date de naissance ?",
    "Quelle est votre nationalité ?",
    "Avez-vous un handicap ?",
    "Did you vote?",
)
ASKED = (
    "What is your full name?",
    "What is your email address?",
    "What is your cell phone number?",
    "What is your ZIP code?",
    "When do you want to start?",
    "Are you 18 or older?",
    "¿Cuál es su correo electrónico?",
    "Quel est votre code postal ?",
)
FINE = (
    "What is your grade point average?",
    "Why this field?",
    "What is your highest level of education completed?",
    "Do you work in health care now?",
    "Have you studied criminal justice before?",
    "Which campus do you prefer?",
    "Do you want day or evening classes?",
    "Have you taken college algebra?",
    "Which high school did you attend?",
    "How did you hear of us?",
    "Do you have credits to transfer?",
    "¿Prefiere clases de día o de noche?",
    "Quel campus préférez-vous ?",
)


@pytest.mark.parametrize("label", NEVER)
def test_what_must_not_be_asked_is_refused_with_the_reason(label: str) -> None:
    assert "cannot be asked here" in (refused(label) or "")


@pytest.mark.parametrize("label", ASKED)
def test_what_the_form_asks_is_not_asked_again(label: str) -> None:
    assert "The form asks for" in (refused(label) or "")


@pytest.mark.parametrize("label", FINE)
def test_what_a_school_may_ask_passes(label: str) -> None:
    assert refused(label) is None
