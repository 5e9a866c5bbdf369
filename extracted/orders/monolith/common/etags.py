"""Strong ETags over an API answer, and the conditional requests they allow.

Rules: https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

import hashlib
from datetime import datetime
from typing import Any

from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_etags
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from monolith.common.errors import PreconditionFailed


def strong_etag(data: Any) -> str:
    """Return the quoted ETag of an answer: equal exactly when its JSON bytes are equal."""
    return f'"{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32]}"'


def conditional_response(
    request: Request, data: Any, *, last_modified: datetime
) -> HttpResponseBase:
    """Answer 200 with ETag and Last-Modified, or 304 when the client has this answer already."""
    etag = strong_etag(data)
    modified_s = int(last_modified.timestamp())
    response = Response(data, headers={"ETag": etag, "Last-Modified": http_date(modified_s)})
    return get_conditional_response(request, etag=etag, last_modified=modified_s, response=response)


def require_match(request: Request, data: Any) -> None:
    """Check If-Match, when it is sent, against the object's current answer.

    Raises:
        PreconditionFailed: the client saw another version of the object.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return
    allowed = parse_etags(header)
    if allowed != ["*"] and strong_etag(data) not in allowed:
        raise PreconditionFailed
