"""Sharing a search: its address, which holds the answers and nothing of who gave them."""

from urllib.parse import quote

from flask import Response, request

from service.web.pages import page, services, t
from service.web.query import CAME_FROM, Query


def share() -> Response:
    """Show the address of a search, to copy, to print or to mail."""
    query = Query(request.args.items(multi=True)).anew.without(*CAME_FROM)
    results_url = query.url()
    address = f"{services().public_url}{results_url}"
    mail = f"mailto:?subject={quote(t('share.subject'))}&body={quote(address)}"
    return page("share.html", address=address, results_url=results_url, mail_url=mail)
