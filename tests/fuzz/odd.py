"""Odd values for fields: what people, programs and attackers type where something else belongs."""

import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

_FUZZ = "FUZZ_EXAMPLES"
# So many odd versions of each form in `make test`; `make fuzz` asks for more.
EXAMPLES = int(os.getenv(_FUZZ, "1"))  # noqa: TID251 - how long to search is no setting of ours


def search(times: int = 1) -> settings:
    """How long to look: ``times`` as many examples where one takes milliseconds."""
    return settings(
        max_examples=times * EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


NASTY = (
    "",
    " ",
    "\x00",
    "\ud7ff\uffff",
    "a\r\nSet-Cookie: planted=1",
    "=1+1|cmd' /C calc'!A0",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}%s%n",
    "../../../../etc/passwd",
    "https://evil.example/",
    "//evil.example",
    "javascript:alert(1)",
    "-1",
    "0",
    "1e309",
    "NaN",
    "9" * 400,
    "١٢٣٤٥",
    "\uff12\uff10\uff12\uff16-02-30",
    "0000-00-00",
    "2026-11-22T25:61:61+99:99",
    "\u202e\u0301" * 40,
    "İ" * 300,
    "x" * 5000,
    "a@b",
    "lead_x",
    "org_01a20320a20074c695185d70c434ec0d",
    "sch_-1",
    "sch_99999999999999999999",
    "null",
    "[]",
    '{"a": {"a": 1}}',
    "true",
    "on",
)
# What nobody may set by naming it: each is a column of ours.
EXTRA = (
    "is_operator",
    "role",
    "organization_id",
    "status",
    "id",
    "fictional",
    "price_minor",
    "__class__",
)

odd_text = st.one_of(st.sampled_from(NASTY), st.text(max_size=60))
rows = st.lists(st.lists(odd_text, max_size=6), max_size=6)
# What a program may send where another kind of value belongs; some of it only JSON can write.
odd_json: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.sampled_from([0, -1, 2**31, 2**63, 2**64, 10**400, 1e308, -0.0, 0.5]),
        st.integers(),
        st.floats(),
        odd_text,
        st.just("\ud800"),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_text, inner, max_size=3),
    max_leaves=4,
)


@st.composite
def odd_bytes(draw: st.DrawFn, right: bytes) -> bytes:
    """Draw what may become of bytes on their way: cut, changed, put in twice, or as they were."""
    changed = right
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(changed)))
        some = draw(st.binary(max_size=8))
        changed = draw(
            st.sampled_from(
                [
                    changed[:at],
                    changed[:at] + some + changed[at:],
                    changed[:at] + some + changed[at + len(some) :],
                    changed + changed[at : at + 1000],
                ]
            )
        )
    return changed


@st.composite
def odd_table(draw: st.DrawFn) -> str:
    """Draw a CSV file, or what somebody took for one."""
    mark = draw(st.sampled_from([",", ";", "\t", "|"]))
    head = draw(
        st.sampled_from(
            ["lead_id,status", "lead_id,status,reason,at", "status", "LEAD_ID , Status", ""]
        )
    )
    body = "\n".join(mark.join(row) for row in draw(rows))
    quotes = draw(st.sampled_from(["", '"', '""', "\ufeff"]))
    return f"{quotes}{head.replace(',', mark)}\n{body}{quotes}"
