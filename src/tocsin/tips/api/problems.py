"""Every error of the API is a problem (RFC 9457): what is wrong, where, and never a word of what was sent."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


@dataclass
class Problem(Exception):
    """Raised anywhere below a route; `errors` are (JSON pointer, sentence)."""

    status: int
    detail: str
    errors: Sequence[tuple[str, str]] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self) -> HttpResponse:
        """The response."""
        body: dict[str, Any] = {
            "type": "about:blank",  # RFC 9457, 4.2.1: no more than the status says
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [{"pointer": pointer, "detail": sentence} for pointer, sentence in self.errors]
        response = HttpResponse(json.dumps(body), status=self.status, content_type=MEDIA_TYPE)
        for name, value in {"Cache-Control": "no-store", **self.headers}.items():
            response[name] = value
        return response


def too_large(most: int) -> Problem:
    """413: the body as a whole."""
    return Problem(413, f"A request may have {most:,} bytes. Nothing was stored: send it in parts.")


def too_many(seconds: float) -> Problem:
    """429 with the seconds to wait."""
    wait = max(1, math.ceil(seconds))
    sentence = f"This key sent too much just now. Nothing was stored: send it again in {wait} seconds."
    return Problem(429, sentence, headers={"Retry-After": str(wait)})


def not_allowed(response: HttpResponseBase) -> HttpResponse:
    """405 as a problem, with the methods that the path has."""
    allowed = response.headers.get("Allow", "")
    return Problem(405, f"This path takes {allowed}.", headers={"Allow": allowed}).answer()


# pydantic's error types -> our sentence; pydantic's own may repeat what was sent
SENTENCES = {
    "missing": "This is missing.",
    "int_parsing": "A whole number is wanted.",
    "greater_than_equal": "This number is too small.",
    "less_than_equal": "This number is too large.",
    "enum": "This is none of the codes that the description lists.",
    "literal_error": "This is none of the codes that the description lists.",
    "string_type": "A text is wanted.",
    "string_unicode": "This text has half of a surrogate pair.",
    "string_too_short": "This is empty.",
    "string_pattern_mismatch": "This has characters or a form that it may not have.",
    "list_type": "A list is wanted.",
    "extra_forbidden": "This object has a field that is not known; the description of the API lists all.",
    "model_type": "An object is wanted.",
    "model_attributes_type": "An object is wanted.",
    "dict_type": "An object is wanted.",
}


def from_validation(errors: Sequence[dict[str, Any]]) -> Problem:
    """422 for what the schemas refuse."""
    return Problem(
        422,
        "Nothing was stored: correct what the errors name, and send it again.",
        [(_pointer(one), _sentence(one)) for one in errors[:100]],
    )


def _sentence(error: dict[str, Any]) -> str:
    kind, context = str(error.get("type", "")), error.get("ctx") or {}
    if kind == "string_too_long":
        return f"This may have {context['max_length']:,} characters."
    if kind == "too_long":
        return f"This may have {context['max_length']:,} entries."
    if kind == "too_short":
        return f"At least {context['min_length']:,} entry is wanted."
    if kind == "value_error":
        return str(context.get("error", "This cannot be used."))  # a sentence of ours (schemas.py)
    return SENTENCES.get(kind, "This cannot be used.")


def _pointer(error: dict[str, Any]) -> str:
    """A JSON pointer as a fragment (`#/tips/3/text`), or `header:NAME`, `query:NAME`, `path:NAME`.

    Names that the sender chose are left out.
    """
    place = list(error.get("loc", ()))
    if place[0:1] and place[0] in ("header", "query", "path"):
        return f"{place[0]}:{place[-1]}"
    steps = place[2:]  # ("body", name of our parameter, …)
    if error.get("type") == "extra_forbidden":
        steps = steps[:-1]
    return "#" + "".join(f"/{step}" for step in steps)


def register(api: NinjaAPI) -> None:
    """Have the API answer with problems."""
    for kind, handler in _HANDLERS.items():
        api.add_exception_handler(kind, handler)


def _problem(request: HttpRequest, found: Any) -> HttpResponse:
    problem: Problem = found
    return problem.answer()


def _stranger(request: HttpRequest, found: Any) -> HttpResponse:
    sentence = "A valid key is wanted: Authorization: Bearer tocsin_…"
    return Problem(401, sentence, headers={"WWW-Authenticate": "Bearer"}).answer()


def _invalid(request: HttpRequest, found: Any) -> HttpResponse:
    return from_validation(found.errors).answer()


def _http(request: HttpRequest, found: Any) -> HttpResponse:
    # the framework wraps what our parser raised
    if isinstance(found.__cause__, Problem):
        return found.__cause__.answer()
    return Problem(found.status_code, "This request cannot be read.").answer()


def _too_large(request: HttpRequest, found: Any) -> HttpResponse:
    from django.conf import settings

    return too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE).answer()


def _broken_off(request: HttpRequest, found: Any) -> HttpResponse:
    return Problem(400, "The request broke off. Nothing was stored.").answer()


def _ours(request: HttpRequest, found: Any) -> HttpResponse:
    log.error("The API failed", exc_info=found)  # the filter of the log leaves class and place only
    return Problem(
        500, "This failed here, not at your end. Send it again with the same Idempotency-Key."
    ).answer()


_HANDLERS: dict[type[Exception], Any] = {
    Problem: _problem,
    AuthenticationError: _stranger,
    ValidationError: _invalid,
    HttpError: _http,
    RequestDataTooBig: _too_large,
    UnreadablePostError: _broken_off,
    Exception: _ours,
}
