"""Exports of a chain: JSON lines, checked offline from the first row to the signed end."""

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from models.proof.chain import FORMAT, ChainCheck, Check, Document, Report, canonical_json, unhex
from models.proof.signing import Signer

# A head: its sequence, and its link in hex.
Witness = tuple[int, str]


def read_lines(whole: bytes, report: Report) -> Iterator[tuple[bytes, Document]]:
    """Read canonical JSON, a document a line; anything else is a problem and ends it."""
    if not whole.endswith(b"\n"):
        report.wrong("the file does not end with a whole line")
    for n, line in enumerate(whole.split(b"\n")[:-1], start=1):
        try:
            said = json.loads(line)
            if canonical_json(said) != line or not isinstance(said, dict):
                raise ValueError
        except (ValueError, RecursionError):
            report.wrong(f"line {n} is not as it was written")
            return
        yield line, said


def verify_export(
    whole: bytes, trusted: bytes, check: Check, witness: Witness | None = None
) -> Report:
    """Check an export: every byte of it, from the first row to the signed end.

    Args:
        whole: the file.
        trusted: a public key that is known to be the service's, 32 bytes.
        check: checks a signature.
        witness: a head that was noted before, as its sequence and link, which must be there.
    """
    report = Report()
    try:
        lines = list(read_lines(whole, report))
        if report.problems or len(lines) < 2 or lines[0][1].get("format") != FORMAT:
            report.wrong("the file is not a whole export of a chain")
            return report
        following = ChainCheck(lines[0][1]["chain"], report, check, witness)
        _follow(following, (said for _, said in lines[1:-1]), report)
        following.end(trusted)
        _verify_end(lines, following.newest_key or trusted, check, report)
    except (KeyError, TypeError, ValueError) as error:
        report.wrong(f"the file is not an export of a chain ({type(error).__name__})")
    return report


def _verify_end(
    lines: Sequence[tuple[bytes, Document]], newest: bytes, check: Check, report: Report
) -> None:
    """Check the last line, which answers for each byte before it."""
    end = lines[-1][1]
    digest = hashlib.sha256(b"".join(line + b"\n" for line, _ in lines[:-1])).hexdigest()
    signed = {name: value for name, value in end.items() if name != "signature"}
    told = (end["kind"], end["digest"], end["sealed"], end["unsealed"])
    if told != ("end", digest, report.sealed, report.unsealed):
        report.wrong("the end does not fit what comes before it: lines were changed or are missing")
    if not check(newest, canonical_json(signed), unhex(end["signature"])):
        report.wrong("the signature of the export's end is wrong")


def verify_rows(
    chain: str,
    lines: Iterable[Document],
    trusted: bytes | None,
    check: Check,
    witness: Witness | None = None,
) -> Report:
    """Check a chain as its database tells it: rows without the lines around an export."""
    report = Report()
    following = ChainCheck(chain, report, check, witness)
    _follow(following, lines, report)
    following.end(trusted)
    return report


def _follow(following: ChainCheck, lines: Iterable[Document], report: Report) -> None:
    for said in lines:
        if said["kind"] == "unsealed":
            report.unsealed += 1
        elif said["kind"] != "row" or report.unsealed:
            report.wrong("a line stands where it does not belong")
        else:
            following.entry(said)


def write_export(
    chain: str, lines: Iterable[Document], signer: Signer, at: datetime
) -> Iterator[bytes]:
    """Write an export, a line at a time; the end is signed and answers for each byte before it.

    Args:
        chain: ``consent`` or ``audit``.
        lines: the rows in order, then what is not sealed yet.
        signer: the key that signs the end; the newest of the chain.
        at: when this is written.
    """
    digest, counts = hashlib.sha256(), {"start": 0, "row": 0, "unsealed": 0}
    start: Document = {"chain": chain, "format": FORMAT, "kind": "start"}
    for said in itertools.chain([start], lines):
        line = canonical_json(said) + b"\n"
        digest.update(line)
        counts[said["kind"]] += 1
        yield line
    end = {
        "at": at.isoformat(),
        "chain": chain,
        "digest": digest.hexdigest(),
        "kind": "end",
        "sealed": counts["row"],
        "unsealed": counts["unsealed"],
    }
    signature = signer.sign(canonical_json(end)).hex()
    yield canonical_json(end | {"signature": signature}) + b"\n"
