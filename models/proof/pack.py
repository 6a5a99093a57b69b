"""Dispute packs: a zip that is signed whole, and a program that checks itself.

python3 PACK.zip [OTHER-PACK.zip] [--key PUBLIC]
"""

import argparse
import hashlib
import json
import sys
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from models.proof.chain import (
    Check,
    Document,
    Report,
    canonical_json,
    head_message,
    leaf,
    link,
    unhex,
)
from models.proof.ed25519 import is_signature

_FORMAT = "schoolmatch-dispute-1"


def verify_pack(whole: bytes, trusted: bytes | None, check: Check) -> Report:
    """Check a dispute pack: every byte, the proof, and that what was agreed to is what it says.

    Args:
        whole: the file.
        trusted: a public key known to be the service's; without one, the pack's own is used.
        check: checks a signature.
    """
    report = Report()
    try:
        _verify_pack(whole, trusted, check, report)
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile, EOFError) as error:
        report.wrong(f"the file is not a dispute pack ({type(error).__name__})")
    return report


def pack_comment(public: bytes, signature: bytes) -> bytes:
    """Write what ends a pack: who signed all bytes before."""
    return f"{_FORMAT} {public.hex()} {signature.hex()}".encode()


def pack_message(digest: bytes) -> bytes:
    """Write what is signed of a pack, from the SHA-256 of all bytes before its comment."""
    return canonical_json({"digest": digest.hex(), "format": _FORMAT})


def _verify_pack(whole: bytes, trusted: bytes | None, check: Check, report: Report) -> None:
    length = len(pack_comment(bytes(32), bytes(64)))
    body, comment = whole[:-length], whole[-length:]
    _, public, signature = comment.decode().split(" ")
    key, made = unhex(public), unhex(signature)
    message = pack_message(hashlib.sha256(body).digest())
    if comment != pack_comment(key, made) or not check(key, message, made):
        report.wrong("the pack is not as it was signed: bytes were changed or are missing")
        return
    with zipfile.ZipFile(BytesIO(whole)) as pack:
        proof = json.loads(pack.read("proof.json"))
        consents = json.loads(pack.read("consents.json"))
    rows = _verify_proof(proof, trusted, key, check, report)
    for consent in consents:
        _verify_opened(consent, rows, report)


def _verify_proof(
    proof: Document, trusted: bytes | None, signer: bytes, check: Check, report: Report
) -> dict[str, Document]:
    """Follow the keys and the stretches of the chain; return the rows told, by their ids."""
    publics: list[bytes] = []
    for at, key in enumerate(proof["keys"]):
        public = unhex(key["row"]["public_key"])
        sequence = key["row"]["sequence"]
        head = link(unhex(key["before"]), leaf(key["row"]))
        message = head_message(proof["chain"], sequence, head)
        endorsed = at == 0 or (
            "endorsement" in key and check(publics[-1], message, unhex(key["endorsement"]))
        )
        if not check(public, message, unhex(key["signature"])) or not endorsed:
            report.wrong(f"the key in row {sequence} is not what the chain says")
        publics.append(public)
    report.keys = [public.hex() for public in publics]
    if trusted is not None and trusted not in publics:
        report.wrong("the key given signs nothing of this chain")
    if trusted is None:
        report.notes.append("no key was given: whether this is the service's key is not checked")
    if publics and signer != publics[-1]:
        report.wrong("the pack was not signed by the chain's newest key")
    rows = {row["consent_id"]: row for row in proof["unsealed"]}
    report.chain, report.unsealed = proof["chain"], len(rows)
    for part in proof["parts"]:
        _verify_part(proof["chain"], part, publics, check, report)
        told = (one["row"] for one in part["links"] if "row" in one)
        rows |= {row["consent_id"]: row for row in told}
    return rows


def _verify_part(
    chain: str, part: Document, publics: list[bytes], check: Check, report: Report
) -> None:
    """Follow a stretch from a link to a signed head; other people's rows are hashes only."""
    sequence, head = part["after"]["sequence"], unhex(part["after"]["hash"])
    for one in part["links"]:
        sequence += 1
        if "row" in one:
            report.sealed += 1
            if one["row"]["sequence"] != sequence:
                report.wrong(f"row {sequence} is not where it was")
        head = link(head, leaf(one["row"]) if "row" in one else unhex(one["leaf"]))
    message, signature = head_message(chain, sequence, head), unhex(part["signature"])
    if not any(check(public, message, signature) for public in publics):
        report.wrong(f"the signature of row {sequence} is wrong")
    report.heads += 1


def _verify_opened(consent: Document, rows: Mapping[str, Document], report: Report) -> None:
    """Compare what was agreed to with its commitment in the chain, and the text with its id."""
    row = rows.get(consent["consent_id"])
    if row is None:
        report.wrong(f"{consent['consent_id']} is not in the chain")
    if row is None or consent["canonical"] is None:
        return
    opened = consent["canonical"].encode()
    said = json.loads(opened)
    if hashlib.sha256(opened).hexdigest() != row["commitment"]:
        report.wrong(f"{row['consent_id']} is not what was committed to")
    for name in ("consent_id", "lead_id", "request_id", "channel", "text_id"):
        if said[name] != row[name]:
            report.wrong(f"{row['consent_id']}: {name} differs from the chain")


def main() -> None:
    """Check a pack from the command line: the one that this lies in, or another."""
    parser = argparse.ArgumentParser(description="Check a dispute pack of schoolmatch, offline.")
    parser.add_argument("pack", nargs="?", default=sys.argv[0], type=Path)
    parser.add_argument("--key", type=bytes.fromhex, help="the service's public key, 64 hex digits")
    asked = parser.parse_args()
    report = verify_pack(asked.pack.read_bytes(), asked.key, is_signature)
    for line in (*report.problems, *report.notes):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write("This pack holds.\n" if report.holds else "THIS PACK DOES NOT HOLD.\n")
    sys.exit(0 if report.holds else 1)
