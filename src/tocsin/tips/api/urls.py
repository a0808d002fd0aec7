"""`/api/v1`: the routes, each answering with problems only; the OpenAPI document and its page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from tocsin.tips.api import describe
from tocsin.tips.api.problems import Problem, not_allowed
from tocsin.tips.api.routes import api


def problems_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """405 as a problem; nothing cached. No cookie is looked at, so no token against forged requests is needed."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            return not_allowed(response)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answered


@problems_only
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """`/api/v1/openapi.json`."""
    return JsonResponse(describe.document())


@problems_only
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """`/api/v1/docs`: the same for people, without a script."""
    return render(request, "tips/api.html", describe.page())


@problems_only
def nothing(request: HttpRequest) -> HttpResponse:
    """Everything else below `/api/`."""
    return Problem(404, "There is nothing here. /api/v1/docs describes what there is.").answer()


def _routes() -> list[URLPattern]:
    found = [one for one in api.urls[0] if isinstance(one, URLPattern) and one.name != "api-root"]
    return [path(f"v1/{one.pattern}", problems_only(one.callback), name=one.name) for one in found]


app_name = "api"
urlpatterns = [
    *_routes(),
    path("v1/openapi.json", openapi, name="openapi"),
    path("v1/docs", docs, name="docs"),
    re_path("", nothing, name="nothing"),
]
