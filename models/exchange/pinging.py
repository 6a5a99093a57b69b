"""The two requests of a ping-post: what a buyer is asked, and what it gets if it says yes.

The ping says what a price depends on and nothing of who asks; ``check_ping`` keeps it so. The post
is the whole lead, with the buyer's own id of the ping, which stands in it as a credential would:
as a mark that is replaced as the bytes leave.
"""

from collections.abc import Mapping
from typing import Any

from models.exchange.mapping import Row, read_row, read_rows
from models.exchange.mapping_check import Problems
from models.exchange.paths import parse_path

# Marks in a post for what the ping's answer said; no credential may be called so.
REFERENCE, PRICE = "ping_reference", "ping_price"
# Nothing here tells one student from the next, nor a lead that was not sold from one that was.
_IMPERSONAL = frozenset(
    {
        *("student.education_level", "desired_start", "place.state", "place.country"),
        *("programs.cip", "programs.title", "programs.credential_level", "programs.format"),
        *("school.id", "school.name", "source.publisher"),
    }
)
_POSTAL = "student.postal_code"
_END = b"\n"


def join(ping: bytes, post: bytes) -> bytes:
    """Make one body of both, to be frozen as one."""
    return str(len(ping)).encode() + _END + ping + post


def split(body: bytes) -> tuple[bytes, bytes]:
    """Take the two apart again."""
    length, _, both = body.partition(_END)
    return both[: int(length)], both[int(length) :]


def check_ping(written: Any) -> Problems:
    """Find rows that would tell who asks; ``written`` passed ``check_mapping``."""
    problems: Problems = {}
    for row in read_rows(written):
        if said := _personal(row):
            problems[f"ping_fields.{row.to}"] = [said]
    return problems


def check_post(written: Any) -> Problems:
    """Find a post that does not say which ping it belongs to; ``written`` as above."""
    if any(read_row(each).secret == REFERENCE for each in written):
        return {}
    return {"fields": [f'Add the buyer\'s id of the ping: {{"to": …, "secret": "{REFERENCE}"}}.']}


def check_answer(written: Any) -> Problems:
    """Find ping rules without the buyer's id; ``written`` passed ``check_rules``."""
    yes = [rule for rule in written if rule["is"] == "delivered"]
    if yes and all("reference_path" in rule for rule in yes):
        return {}
    said = (
        "Say how a yes looks (is = delivered) and where the buyer's id of the ping stands "
        "(reference_path)."
    )
    return {"ping_outcomes": [said]}


def renamed(problems: Mapping[str, list[str]], old: str, new: str) -> Problems:
    """Say problems of one setting under another's name."""
    return {new + path.removeprefix(old): said for path, said in problems.items()}


def _personal(row: Row) -> str | None:
    for path in row.sources:
        name = ".".join(step for step in parse_path(path) if isinstance(step, str))
        if name == _POSTAL and "zip3" in row.formats:
            continue
        if name == _POSTAL:
            return 'Give its first three letters only: "format": ["zip3"].'
        if name not in _IMPERSONAL:
            return (
                f"Leave {path[:60]} for the post: a ping says nothing of who asks; it may say "
                f"{', '.join(sorted(_IMPERSONAL))}, and {_POSTAL} as zip3."
            )
    return None
