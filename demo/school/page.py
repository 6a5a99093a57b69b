"""The school's page: what it received, newest first."""

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from demo.school.mail import Message, articles

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Demonstration school: {title}</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem;
  padding: 0 1rem; color: #1b1b1b; background: #fff }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; vertical-align: top; padding: .5rem; border-bottom: 1px solid #767676 }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font-size: .9rem }}
</style>
</head>
<body>
<main>
<h1>Demonstration school</h1>
<p>This fictional school shows what schools receive from schoolmatch. Nobody real reads it.</p>
{content}
</main>
</body>
</html>
"""
_HEAD = """<table>
<caption>Leads received, newest first</caption>
<thead><tr><th scope="col">When</th><th scope="col">School</th><th scope="col">Signature</th>
<th scope="col">Repeats</th><th scope="col">Our answer</th>
<th scope="col">What came</th></tr></thead>
<tbody>
"""


def page(records: Sequence[Mapping[str, Any]]) -> str:
    """Write the page of what came by webhook."""
    rows = "".join(_row(record) for record in reversed(records))
    table = f"{_HEAD}{rows}</tbody></table>" if records else "<p>Nothing was received yet.</p>"
    links = '<a href="/received">The same as JSON</a> · <a href="/mail">Mail</a>'
    content = f"<p>{len(records)} received. {links}</p>\n{table}"
    return _PAGE.format(title="leads received", content=content)


def mail_page(messages: Sequence[Message]) -> str:
    """Write the page of what came by mail."""
    content = f'<p>{len(messages)} by mail. <a href="/">By webhook</a></p>\n{articles(messages)}'
    return _PAGE.format(title="mail received", content=content)


def _row(record: Mapping[str, Any]) -> str:
    signature = "verified" if record["verified"] else "not verified"
    cells = (
        record["received_at"][:19].replace("T", " "),
        record["organization"],
        signature,
        str(record["duplicates"]),
        record["disposition"] or "not yet",
    )
    shown = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
    body = html.escape(_pretty(record["body"]))
    details = f"<details><summary>{html.escape(record['id'])}</summary><pre>{body}</pre></details>"
    return f"<tr>{shown}<td>{details}</td></tr>\n"


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body
