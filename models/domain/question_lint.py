"""What a school may not ask a student: what the form asks already, and what nobody here may ask.

A school's questions go with the student's answers to a stranger's system; what could be used to
steal from somebody, or to turn them away for who they are, is not collected here at all. Sources:
shared/law.md; Title VI, Title IX, Section 504 and ADA on inquiries before admission; COPPA;
GLBA for bank data. English, Spanish and French.
"""

import re
import unicodedata
from collections.abc import Mapping

_ASKED: Mapping[str, str] = {
    r"\b(?:first|last|full|your|legal|middle) names?\b|\bsurname\b"
    r"|\b(?:su|tu) (?:nombre|apellido)|\b(?:votre|ton) (?:nom|prenom)": "the name",
    r"\be ?mails?\b|\bcorreo(?: electronico)?\b|\bcourriels?\b": "the email address",
    r"\b(?:phone|cell|mobile|telephone)\b|\btelefono|\bcelular\b|\bportable\b": (
        "the telephone number"
    ),
    r"\b(?:zip|postal)(?: ?code)?\b|\bcodigo postal\b|\bcode postal\b": "the ZIP or postal code",
    r"\bwhen (?:do you want to|would you like to"
    r"|will you|can you) (?:start|begin)\b|\bstart date\b|\bcuando quier\w+ (?:empezar|comenzar)\b"
    r"|\bquand (?:voulez|souhaitez) vous commencer\b": ("when the student wants to start"),
    r"\b(?:are you|at least|over) (?:18|eighteen)\b|\b18 (?:or (?:over|older)|years)\b"
    r"|\btiene 18\b|\bavez vous 18\b": "whether the student is 18 or over",
}
_NEVER: Mapping[str, str] = {
    r"\bssn\b|\bsocial security\b|\bsocial insurance\b|\bsin number\b|\bitin\b|\bseguro social\b"
    r"|\bassurance sociale\b|\btax(?:payer)? (?:id|number)\b": (
        "a Social Security, insurance or tax number opens accounts in a person's name"
    ),
    r"\bdate of birth\b|\bbirth ?(?:date|day)\b|\bdob\b|\bwhen were you born\b|\bborn (?:on|in)\b"
    r"|\bfecha de nacimiento\b|\bdate de naissance\b|\bhow old\b|\byour age\b|\bcuantos anos\b"
    r"|\bquel age\b": "a birth date or age identifies and excludes; the form asks who is 18",
    r"\bimmigra\w*|\bcitizen\w*|\bvisa status\b|\bgreen card\b|\bundocumented\b|\bdaca\b"
    r"|\bresidency status\b|\binmigra\w*|\bciudadan\w*|\bindocumentad\w*|\bcitoyen\w*"
    r"|\bcountry of birth\b|\bnational origin\b|\bnationalit\w+|\bnacionalidad\b"
    r"|\bwhere .*born\b": (
        "citizenship, origin and immigration status are asked at admission, by the school itself"
    ),
    r"\bhealth\b|\bmedical (?:condition|history|record)|\bdisab\w+|\bdiagnos\w+|\bpregnan\w+"
    r"|\bmedication|\bmental\b|\bvaccin\w+|\bhiv\b|\bsalud\b|\bdiscapacidad\b|\bembaraz\w+"
    r"|\benfermedad|\bsante\b|\bhandicap\w*|\benceinte\b|\bmaladie": (
        "health, disability and pregnancy must not decide who is answered"
    ),
    r"\breligio\w*|\bfaith\b|\bchurch\b|\bbaptis\w+|\biglesia\b|\beglise\b|\bcreencias?\b": (
        "religion must not decide who is answered"
    ),
    r"\brac(?:e|ial)\b|\bethnic\w*|\bhispanic\b|\btribe\b|\bskin colou?r\b|\braza\b|\betni\w+"
    r"|\bethni\w+|\bcolor de piel\b": "race and ethnicity must not decide who is answered",
    r"\bgender\b|\bsex(?:ual)?\b|\borientation\b(?! (?:day|week))|\bpronouns?\b|\btransgender\b"
    r"|\bgenero\b|\bsexo\b|\bgenre\b|\bsexe\b|\bmarital\b|\bmarried\b|\bcasad[oa]\b"
    r"|\bestado civil\b|\betat civil\b|\bmarie[e]?\b": (
        "sex, gender and family status must not decide who is answered"
    ),
    r"\barrest\w*|\bconvict\w*|\bcriminal\b|\bfelon\w*|\bantecedentes penales\b|\bcasier\b": (
        "a criminal record is asked at admission, by the school itself, if at all"
    ),
    r"\bbank\b|\bcredit (?:card|score)\b|\baccount number\b|\brouting\b|\bpassport\b"
    r"|\bdriver'?s? licen\w+|\bpasswords?\b|\bpin\b|\bcuenta bancaria\b|\btarjeta de credito\b"
    r"|\bcontrasena\b|\bcarte de credit\b|\bmot de passe\b|\bpasaporte\b|\bpasseport\b": (
        "bank data, passwords and numbers of documents are never asked in a form like this"
    ),
    r"\b(?:household|family|annual|your) income\b|\bhow much (?:do )?you earn\b|\bsalary\b"
    r"|\bingresos\b|\brevenus?\b": "income is asked with the application for aid, not here",
    r"\bpolitic\w*|\bvot(?:e|ed|ing)\b|\bunion member\b|\bpartido\b|\bparti politique\b": (
        "opinions and memberships must not decide who is answered"
    ),
}
# What is allowed though a word of it is not: fields of study, and people met at work.
_FINE = (
    r"\b(?:public health|health (?:care|sciences?|information|program|field)\w*|mental health "
    r"(?:field|program|counsel\w*)|criminal justice|religious studies|gender studies|political "
    r"science|race (?:car|engineering)|course names?|name of (?:your|the) (?:high )?"
    r"(?:school|employer|college))\b"
)


def refused(label: str) -> str | None:
    """Say why a question must not be asked; None when it may.

    Args:
        label: the question, and its answers' labels after it.
    """
    plain = re.sub(_FINE, " ", _plain(label))
    # Compiled when first asked, and kept by re: not when a server starts.
    for pattern, why in _NEVER.items():
        if re.search(pattern, plain):
            return f"This cannot be asked here: {why}. Take it out."
    for pattern, what in _ASKED.items():
        if re.search(pattern, plain):
            return f"The form asks for {what} already, and you get it. Take this question out."
    return None


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.replace("\u2019", "'")).casefold()
    kept = "".join(
        each
        for each in folded
        if not unicodedata.combining(each) and unicodedata.category(each) != "Cf"
    )
    return re.sub(r"[\s\-\u2010-\u2015_]+", " ", kept)
