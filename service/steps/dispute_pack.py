"""A dispute pack: what was agreed to, what was done with it, and the proof, in one signed file."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from io import BytesIO
from typing import Any
from uuid import UUID

from models.domain.chain import Chain
from models.domain.dispute import Disputed
from models.domain.errors import SchoolmatchError
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.proof.pack import pack_comment, pack_message
from models.proof.signing import Signer, signer_of
from service.steps.explain_slate import OpenEngine, explain, find_slate

# What the pack checks itself with: these files of ours, as they are.
_CHECKER = ("__init__", "chain", "ed25519", "pack")
_MAIN = "from models.proof.pack import main\n\nmain()\n"
_README = """\
Dispute pack of {lead_id}, made by schoolmatch at {at}.

It holds personal data of one student. Give it to nobody who does not need it for this dispute.

lead.json          the lead: school, search, publisher, landing page, creative, campaign, price
consents/          each text as the student saw it, with who agreed, to what contact point, when
consents.json      the same as the bytes that were committed to at that moment, salt inside
evidence.json      the address, browser and page that the request came from
timeline.json      what happened, in order
deliveries.json    what was sent to whom, and when; the student's answers to questions and what
                   the receiver answered of them are masked
explanation.json   why each chosen listing stood where it stood
proof.json         the consents' places in the chain of all consents; others' rows are hashes

To check it, offline, with nothing but Python 3.11 or newer:

    python3 THIS-FILE.zip --key PUBLIC

or with schoolmatch: schoolmatch dispute verify THIS-FILE.zip --key PUBLIC
PUBLIC is the service's public key, which you had before the dispute ({keys}).
Without --key the pack is checked against the key that is in it.

The check finds any changed byte of this file. It proves that these consents, and no others in
their place, were in the chain when its head was signed, and that each is what was committed to.
Times are UTC.
"""


def make_dispute_pack(
    unit_of_work: UnitOfWorkFactory,
    lead_id: UUID,
    open_engine: OpenEngine,
    signers: Sequence[Signer],
    at: str,
) -> bytes:
    """Gather all that is kept of a lead into a zip that is signed whole and checks itself.

    Args:
        unit_of_work: opens a transaction.
        lead_id: the lead.
        open_engine: opens a catalog and a ranker by their versions, to say why.
        signers: the keys that sign chains; the one that signs for consents now signs the pack.
        at: this moment, ISO 8601.

    Raises:
        NotFoundError: when there is no such lead.
    """
    with unit_of_work() as work:
        disputed = work.disputes.gather(lead_id)
        signer = signer_of(signers, work.chains.tip(Chain.CONSENT).keys)
    readme = _README.format(
        lead_id=disputed.lead["lead_id"],
        at=at,
        keys=", ".join(key["row"]["public_key"] for key in disputed.proof["keys"]) or "none yet",
    )
    documents: dict[str, Any] = {
        "lead.json": {
            **disputed.lead,
            "student": disputed.student,
            "listings": disputed.listings,
            "campaign": disputed.campaign,
        },
        "consents.json": disputed.consents,
        "evidence.json": disputed.evidence,
        "timeline.json": sorted(
            (each for each in _happened(disputed) if each["at"]), key=lambda each: str(each["at"])
        ),
        "deliveries.json": _masked(disputed),
        "explanation.json": _explanations(unit_of_work, disputed, open_engine),
        "proof.json": disputed.proof,
    }
    texts = {
        name: json.dumps(what, indent=1, ensure_ascii=False) for name, what in documents.items()
    }
    return _signed({"README.txt": readme, **_rendered(disputed), **texts, **_checker()}, signer)


def _rendered(disputed: Disputed) -> dict[str, str]:
    """Write each consent as the student saw it."""
    return {
        f"consents/{each['channel']}.txt": "\n".join(_lines(each)) + "\n"
        for each in disputed.consents
    }


def _lines(consent: Mapping[str, Any]) -> Iterator[str]:
    yield f"[x] {consent['text']}"
    yield ""
    yield f"text version {consent['version']}, {consent['locale']}, {consent['jurisdiction']}"
    yield f"agreed at {consent['agreed_at']} ({consent['consent_id']})"
    if consent["canonical"] is None:
        yield "who agreed was erased"
        return
    said = json.loads(consent["canonical"])
    yield f"by {' '.join(said['name'])}, for {said['contact']}"
    yield f"from {said['address']}, on {said['page']}"


def _happened(disputed: Disputed) -> Iterator[dict[str, Any]]:
    lead = disputed.lead
    for at, what in (
        ("created_at", "request accepted"),
        ("email_confirmed_at", "e-mail address confirmed"),
        ("erased_at", "student erased"),
    ):
        yield {"at": lead[at], "what": what}
    for each in disputed.consents:
        yield {"at": each["agreed_at"], "what": "agreed", "channel": each["channel"]}
    for each in disputed.messages:
        mail = {"template": each["template"], "status": each["status"]}
        yield {"at": each["created_at"], "what": "mail to the student written", **mail}
        yield {"at": each["settled_at"], "what": "mail to the student settled", **mail}
    for each in disputed.deliveries:
        yield from _delivered(each)
    for each in disputed.dispositions:
        told = {"status": each["status"], "reason": each["reason"], "verdict": each["verdict"]}
        yield {"at": each["received_at"], "what": "the school said", **told}


def _delivered(delivery: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    of = {"delivery_id": delivery["delivery_id"], "purpose": delivery["purpose"]}
    yield {"at": delivery["created_at"], "what": "delivery made", **of}
    for each in delivery["attempts"]:
        told = {"n": each["n"], "outcome": each["outcome"], "code": each["code"]}
        yield {"at": each["started_at"], "what": "attempt", **told, **of}
    yield {"at": delivery["settled_at"], "what": f"delivery {delivery['status']}", **of}


def _masked(disputed: Disputed) -> list[dict[str, Any]]:
    """Deliveries, with the student's answers to questions masked wherever they stand."""
    answers = _values(disputed.answers)
    everything = answers + _values(disputed.student)
    return [
        {
            **each,
            "body": _mask(each["body"], answers),
            "attempts": [
                {**attempt, "answer": _mask(attempt["answer"], everything)}
                for attempt in each["attempts"]
            ],
        }
        for each in disputed.deliveries
    ]


def _values(document: Mapping[str, Any] | None) -> list[str]:
    return [value for value in (document or {}).values() if isinstance(value, str) and value]


def _mask(text: str | None, values: Sequence[str]) -> str | None:
    # The longest first: one value may begin another.
    for value in sorted(values, key=len, reverse=True):
        text = text and text.replace(value, "…")
    return text


def _explanations(
    unit_of_work: UnitOfWorkFactory, disputed: Disputed, open_engine: OpenEngine
) -> list[dict[str, Any]]:
    """Say why each chosen listing stood where it stood, or why that cannot be said any more."""
    found: list[dict[str, Any]] = []
    for listing in disputed.listings:
        shown = {name: listing[name] for name in ("listing_id", "position", "organic_position")}
        try:
            kept = find_slate(unit_of_work, disputed.slate_id)
            found.append(shown | explain(open_engine, kept, listing["listing_id"]))
        except SchoolmatchError as error:
            found.append(shown | {"not_explained": str(error)})
    return found


def _checker() -> dict[str, str]:
    package = files("models.proof")
    told = {f"models/proof/{name}.py": (package / f"{name}.py").read_text() for name in _CHECKER}
    return {"__main__.py": _MAIN, "models/__init__.py": "", **told}


def _signed(contents: Mapping[str, str], signer: Signer) -> bytes:
    """Zip what is given, and sign all of it at its end; the same always gives the same bytes."""
    buffer = BytesIO()
    length = len(pack_comment(bytes(32), bytes(64)))
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, text in contents.items():
            pack.writestr(zipfile.ZipInfo(name), text.encode(), zipfile.ZIP_DEFLATED)
        pack.comment = b" " * length
    body = buffer.getvalue()[:-length]
    signature = signer.sign(pack_message(hashlib.sha256(body).digest()))
    return body + pack_comment(signer.public, signature)
