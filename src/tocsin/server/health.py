"""Health: for the supervisor and for people. No content, no addresses."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tocsin.accounts.policy import StaffRequest, needs
from tocsin.audit.chain import lag_seconds
from tocsin.cases import alarms, signals_file
from tocsin.lib import steps
from tocsin.post import queries as post


def facts() -> dict[str, Any]:
    """What matters at a glance: `ok` is False when a person must look."""
    aside = [{"step": row.step, "reason": row.reason} for row in steps.set_aside()[:20]]
    failed, unheard = post.failed_count(), alarms.unheard_count()
    problems = [str(one) for one in signals_file.in_force().problems]
    return {
        "schema": "tocsin.health",
        "version": 1,
        "ok": not aside and not failed and not unheard and not problems,
        "signals_problems": problems[:20],
        "audit_lag_seconds": round(lag_seconds(), 1),
        "set_aside": aside,
        "messages_failed": failed,
        "alarms_unheard": unheard,
        "messages_waiting": post.waiting_count(),
        "mail_server_set": bool(settings.SMTP_HOST),
    }


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """`/health`: JSON; 200 while the database answers, 503 otherwise. The door says only that much."""
    try:
        found = _answering() if settings.TOCSIN_ROLE == "door" else facts()
    except DatabaseError:
        return JsonResponse({"schema": "tocsin.health", "version": 1, "ok": False}, status=503)
    return JsonResponse(found)


def _answering() -> dict[str, Any]:
    """All that the door knows, and may say: the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"schema": "tocsin.health", "version": 1, "ok": True}


@needs("health.read")
def health_page(request: StaffRequest) -> HttpResponse:
    """The same, for people."""
    return render(request, "server/health.html", {"facts": facts()})
