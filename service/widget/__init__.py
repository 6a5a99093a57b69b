"""Our questions in a publisher's page: a frame that cannot see the page, and the line that puts it.

The frame is a page of ours without anything of ``service.web``'s frame: small, in the publisher's
colours, and framed only by the publisher's own site. Its form works without a script; with one it
says how tall it is, and takes the field from the text that the publisher names, and no other text.
"""

from flask import Blueprint, Response

from service.widget import files, frame

blueprint = Blueprint("widget", __name__, template_folder="templates")
blueprint.add_url_rule("/widget", "frame", frame.frame)
blueprint.add_url_rule("/widget.js", "loader", files.loader)
blueprint.add_url_rule("/widget/<name>", "file", files.file)

_ELSEWHERE = {"Cross-Origin-Resource-Policy": "cross-origin"}
_OF_FILES = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"


@blueprint.after_request
def for_elsewhere(response: Response) -> Response:
    """Say that other sites may use this; what a page may do, each page says itself."""
    response.headers.extend(_ELSEWHERE)
    if "Content-Security-Policy" not in response.headers:
        response.headers["Content-Security-Policy"] = _OF_FILES
    return response
