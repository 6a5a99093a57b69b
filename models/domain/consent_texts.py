"""The words of consents, by version. Samples: production refuses them until an operator approves.

Sources of the form: TCPA prior express written consent (47 CFR 64.1200(f)(9): seller named, not a
condition), CASL (S.C. 2010, c. 23, s. 10: who asks, for what, how to withdraw).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

LOCALES = ("en", "es", "fr")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of all texts: ``texts[country, locale, channel]``, in force from ``since``."""

    name: str
    since: datetime
    texts: Mapping[tuple[str, str, str], str]


_FIRST: dict[tuple[str, str, str], str] = {
    ("US", "en", "email"): (
        "{school} may email me about its programs at the email address I gave. "
        "Agreeing is not a condition of enrolling or of buying anything. "
        "I can stop the emails at any time."
    ),
    ("US", "en", "call"): (
        "{school} may call me about its programs at the phone number I gave, also with automated "
        "technology or a recorded voice. Agreeing is not a condition of enrolling or of buying "
        "anything. I can stop the calls at any time."
    ),
    ("US", "en", "text"): (
        "{school} may send text messages about its programs to the phone number I gave, also with "
        "automated technology. Message and data rates may apply. Agreeing is not a condition of "
        "enrolling or of buying anything. I can reply STOP at any time."
    ),
    ("US", "es", "email"): (
        "{school} puede enviarme correos electrónicos sobre sus programas a la dirección que di. "
        "Aceptar no es una condición para inscribirme ni para comprar nada. "
        "Puedo detener los correos en cualquier momento."
    ),
    ("US", "es", "call"): (
        "{school} puede llamarme sobre sus programas al número de teléfono que di, también con "
        "tecnología automatizada o una voz grabada. Aceptar no es una condición para inscribirme "
        "ni para comprar nada. Puedo detener las llamadas en cualquier momento."
    ),
    ("US", "es", "text"): (
        "{school} puede enviar mensajes de texto sobre sus programas al número de teléfono que di, "
        "también con tecnología automatizada. Pueden aplicarse tarifas de mensajes y datos. "
        "Aceptar no es una condición para inscribirme ni para comprar nada. "
        "Puedo responder STOP en cualquier momento."
    ),
    ("US", "fr", "email"): (
        "{school} peut m'écrire au sujet de ses programmes à l'adresse courriel que j'ai donnée. "
        "Accepter n'est pas une condition d'inscription ni d'achat. "
        "Je peux arrêter ces courriels à tout moment."
    ),
    ("US", "fr", "call"): (
        "{school} peut m'appeler au sujet de ses programmes au numéro de téléphone que j'ai donné, "
        "y compris par un système automatisé ou une voix enregistrée. Accepter n'est pas une "
        "condition d'inscription ni d'achat. Je peux arrêter ces appels à tout moment."
    ),
    ("US", "fr", "text"): (
        "{school} peut envoyer des messages texte au sujet de ses programmes au numéro de "
        "téléphone que j'ai donné, y compris par un système automatisé. Des frais de messages et "
        "de données peuvent s'appliquer. Accepter n'est pas une condition d'inscription ni "
        "d'achat. Je peux répondre STOP à tout moment."
    ),
    ("CA", "en", "email"): (
        "I ask {school} to send me electronic messages about its programs at the email address I "
        "gave. I can withdraw this consent at any time, with {school} or here. "
        "It is not a condition of enrolling or of buying anything."
    ),
    ("CA", "en", "call"): (
        "I ask {school} to call me about its programs at the phone number I gave. I can withdraw "
        "this consent at any time, with {school} or here. "
        "It is not a condition of enrolling or of buying anything."
    ),
    ("CA", "en", "text"): (
        "I ask {school} to send text messages about its programs to the phone number I gave. "
        "Message and data rates may apply. I can withdraw this consent at any time, by replying "
        "STOP, with {school} or here. It is not a condition of enrolling or of buying anything."
    ),
    ("CA", "es", "email"): (
        "Pido a {school} que me envíe mensajes electrónicos sobre sus programas a la dirección que "
        "di. Puedo retirar este consentimiento en cualquier momento, con {school} o aquí. "
        "No es una condición para inscribirme ni para comprar nada."
    ),
    ("CA", "es", "call"): (
        "Pido a {school} que me llame sobre sus programas al número de teléfono que di. Puedo "
        "retirar este consentimiento en cualquier momento, con {school} o aquí. "
        "No es una condición para inscribirme ni para comprar nada."
    ),
    ("CA", "es", "text"): (
        "Pido a {school} que envíe mensajes de texto sobre sus programas al número de teléfono que "
        "di. Pueden aplicarse tarifas de mensajes y datos. Puedo retirar este consentimiento en "
        "cualquier momento, respondiendo STOP, con {school} o aquí. "
        "No es una condición para inscribirme ni para comprar nada."
    ),
    ("CA", "fr", "email"): (
        "Je demande à {school} de m'envoyer des messages électroniques au sujet de ses programmes "
        "à l'adresse courriel que j'ai donnée. Je peux retirer ce consentement à tout moment, "
        "auprès de {school} ou ici. Ce n'est pas une condition d'inscription ni d'achat."
    ),
    ("CA", "fr", "call"): (
        "Je demande à {school} de m'appeler au sujet de ses programmes au numéro de téléphone que "
        "j'ai donné. Je peux retirer ce consentement à tout moment, auprès de {school} ou ici. "
        "Ce n'est pas une condition d'inscription ni d'achat."
    ),
    ("CA", "fr", "text"): (
        "Je demande à {school} d'envoyer des messages texte au sujet de ses programmes au numéro "
        "de téléphone que j'ai donné. Des frais de messages et de données peuvent s'appliquer. Je "
        "peux retirer ce consentement à tout moment, en répondant STOP, auprès de {school} ou ici. "
        "Ce n'est pas une condition d'inscription ni d'achat."
    ),
}

# Oldest first; a new version is appended, an old one is never changed.
VERSIONS: tuple[Version, ...] = (
    Version("2026-11-sample", datetime(2026, 11, 1, tzinfo=UTC), _FIRST),
)


def since(moment: datetime, versions: tuple[Version, ...] = VERSIONS) -> tuple[Version, ...]:
    """List the versions that were in force at a moment or later, oldest first."""
    before = [version for version in versions if version.since <= moment]
    after = [version for version in versions if version.since > moment]
    return (*before[-1:], *after)


def texts_mark(versions: tuple[Version, ...] = VERSIONS) -> str:
    """Name the texts as they are, for who approves them: other words, another mark."""
    written = [
        [one.name, one.since.isoformat(), sorted([*key, words] for key, words in one.texts.items())]
        for one in versions
    ]
    document = json.dumps(written, ensure_ascii=False, separators=(",", ":"))
    return f"texts-{hashlib.sha256(document.encode()).hexdigest()[:32]}"
