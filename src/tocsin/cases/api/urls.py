"""`/api/v1/cases` of the console; the door does not have it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, re_path
from django.views.decorators.http import require_safe

from tocsin.cases.api.routes import api
from tocsin.tips.api.openapi import ERRORS, Described, page_of
from tocsin.tips.api.problems import Problem
from tocsin.tips.api.urls import problems_only

READS = ["list_cases", "read_case", "read_tips", "read_timeline", "read_changes"]
ACTS = ["merge_cases", "split_case", "move_tip", "detach_identifier", "cut_case", "undo_change"]
SCOPES = dict.fromkeys(READS, "cases:read") | dict.fromkeys(ACTS, "cases:write")
ANSWERS = {"200": "It is done.", "202": "It is proposed: another person decides."}
OURS = ERRORS | {
    "403": "The key lacks the scope, or its person may not do this any more.",
    "404": "There is no such case.",
    "409": "This cannot be done with the cases as they are: the detail says why.",
}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The description of this API, as JSON values."""
    found = Described(api, "/api/v1", SCOPES, ANSWERS, OURS).document()
    for path_, methods in found["paths"].items():
        if path_.endswith("/undo"):
            # it has no body, and still it can be refused
            methods["post"]["responses"]["409"] = _conflict()
    return found


def _conflict() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": OURS["409"], "content": {"application/problem+json": {"schema": schema}}}


@problems_only
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """`/api/v1/cases/openapi.json`."""
    return JsonResponse(document())


@problems_only
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """`/api/v1/cases/docs`: the same for people, without a script."""
    return render(request, "tips/api.html", page_of(document()) | {"heading": "Cases API"})


@problems_only
def nothing(request: HttpRequest) -> HttpResponse:
    """Everything else below `/api/v1/cases`."""
    return Problem(404, "There is nothing here. /api/v1/cases/docs describes what there is.").answer()


def _routes() -> list[URLPattern]:
    found = [one for one in api.urls[0] if isinstance(one, URLPattern) and one.name != "api-root"]
    return [path(f"v1/{one.pattern}", problems_only(one.callback), name=one.name) for one in found]


app_name = "cases_api"
urlpatterns = [
    path("v1/cases/openapi.json", openapi, name="openapi"),
    path("v1/cases/docs", docs, name="docs"),
    *_routes(),
    re_path(r"^v1/cases(?:/.*)?$", nothing, name="nothing"),
]
