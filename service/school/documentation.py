"""Documentation with the organization's own addresses, made from what the code declares.

Which calls there are stands in ``service.access``; their words, bodies and scopes in the OpenAPI
document; how a webhook is checked in a script that runs as it stands.
"""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import getsource
from typing import Any

from flask import Response, current_app, url_for

from models.exchange.lead_export import EXPORT_COLUMNS
from service.access import ACCESS, Who
from service.school import schoolmatch_webhooks as script
from service.school.reports import CSV_COLUMNS
from service.staff.guard import membership
from service.staff.pages import room
from service.steps import staff_documentation as step
from service.web.pages import services

_KEY = "$SCHOOLMATCH_KEY"
_SCRIPT = "schoolmatch_webhooks.py"
_CALLS = {Who.API_KEY, Who.SIGNATURE}


@dataclass(frozen=True, slots=True)
class Call:
    """A call that an organization's systems may make, with an example for a shell."""

    method: str
    url: str
    summary: str
    description: str
    scopes: tuple[str, ...]
    example: str


def documentation() -> Response:
    """Show ids, calls, webhooks and tables."""
    ids = step.own_ids(services(), membership().organization_id)
    signed = step.signed_example(services())
    message = (step.EXAMPLE_KEY, step.EXAMPLE_ID, str(signed.timestamp), signed.body)
    return room(
        "school/documentation.html",
        ids=ids,
        base=services().public_url,
        calls=list(_calls(ids)),
        openapi=services().public_url + url_for("api-docs.openapi_json"),
        signed=signed,
        example_key=step.EXAMPLE_KEY,
        example_id=step.EXAMPLE_ID,
        checked=script.check(*message, signed.signature),
        script=getsource(script),
        script_name=_SCRIPT,
        tables={**step.tables(), "export": EXPORT_COLUMNS, "reports": CSV_COLUMNS},
        following=step.following(),
    )


def _calls(ids: step.OwnIds) -> Iterator[Call]:
    document = _openapi()
    known = {"lead_id": ids.lead, "destination_id": ids.signing}
    for rule in current_app.url_map.iter_rules():
        who = ACCESS.get(rule.endpoint)
        if who not in _CALLS:
            continue
        method = min((rule.methods or set()) - {"HEAD", "OPTIONS"})
        path = rule.rule.replace("<", "{").replace(">", "}")
        operation = document["paths"][path][method.lower()]
        url = services().public_url + path.format(**known)
        body = _body(operation, document, known)
        yield Call(
            method,
            url,
            operation.get("summary", ""),
            operation.get("description", "").replace("``", ""),
            tuple(scope for one in operation.get("security", ()) for scope in one["api_key"]),
            _shell(method, url, body, signed=who is Who.SIGNATURE),
        )


def _openapi() -> Mapping[str, Any]:
    [api] = current_app.extensions["flask-smorest"]["apis"].values()
    found: Mapping[str, Any] = api["ext_obj"].spec.to_dict()
    return found


def _body(
    operation: Mapping[str, Any], document: Mapping[str, Any], known: Mapping[str, str]
) -> str | None:
    """An example of what is sent: what must be there, with the organization's own ids."""
    if "requestBody" not in operation:
        return None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return json.dumps(_example(schema, document["components"]["schemas"], known))


def _example(
    schema: Mapping[str, Any], schemas: Mapping[str, Any], known: Mapping[str, str]
) -> Any:
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].rpartition("/")[2]], schemas, known)
    if "properties" in schema:
        return {
            name: known.get(name) or _example(schema["properties"][name], schemas, known)
            for name in schema.get("required", ())
        }
    return schema["enum"][0] if "enum" in schema else "…"


def _shell(method: str, url: str, body: str | None, *, signed: bool) -> str:
    lines = [f"curl -X {method} {shlex.quote(url)}"]
    if not signed:
        lines.append(f'  -H "Authorization: Bearer {_KEY}"')
    if body is not None:
        lines.append("  -H 'Content-Type: application/json'")
    if not signed:
        return _joined([*lines, *([f"  -d {shlex.quote(body)}"] if body else [])])
    sign = f'python3 {_SCRIPT} sign signing_key.txt "$ID" "$NOW" < body.json'
    lines += ['  -H "webhook-id: $ID"', '  -H "webhook-timestamp: $NOW"']
    lines += [f'  -H "webhook-signature: $({sign})"', "  --data-binary @body.json"]
    first = [f"printf '%s' {shlex.quote(body or '')} > body.json", 'ID="msg_1"; NOW="$(date +%s)"']
    return "\n".join([*first, _joined(lines)])


def _joined(lines: list[str]) -> str:
    return " \\\n".join(lines)
