"""A bare Django view that writes a tip and three links, and nothing else: the reference of `intake.py` (`_bare.py`).

No sealing, no receipt of the reporter's own, no audit, no throttle, no worker: what a quick hand would write first.
Measured by the same load generator in the same run, it says what this machine can do just now. SQLite is as Django
opens it, in WAL, with a lock around the writer (without it the bare view's latency is seven times as long).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import uuid
from collections.abc import Iterator
from typing import Any

import django
from django.conf import settings
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

LINKS = 3


def _database() -> dict[str, Any]:
    url = os.environ.get("BARE_DATABASE", "")
    if url.startswith("postgresql"):
        rest = url.partition("@")[2]
        place, _, name = rest.partition("/")
        host, _, port = place.partition(":")
        return {
            "ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": "tocsin", "HOST": host, "PORT": port,
            "CONN_MAX_AGE": None,
        }  # fmt: skip
    return {
        "ENGINE": "django.db.backends.sqlite3", "NAME": url, "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
    }  # fmt: skip


if not settings.configured:
    settings.configure(
        SECRET_KEY="bare",  # noqa: S106 - signs nothing
        ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, DATABASES={"default": _database()},
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"], DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )  # fmt: skip
    django.setup()


class Tip(models.Model):
    """A text."""

    receipt = models.CharField(max_length=32, unique=True)
    text = models.TextField()
    danger = models.CharField(max_length=10)
    where = models.CharField(max_length=20)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "bare"


class Link(models.Model):
    """What a text names."""

    tip = models.ForeignKey(Tip, models.CASCADE)
    value = models.CharField(max_length=200, db_index=True)

    class Meta:
        app_label = "bare"


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    if connection.vendor != "sqlite":
        yield
        return
    with open(os.environ["BARE_DATABASE"] + ".lock", "w") as lock:  # noqa: PTH123 - a reference, as quick as it goes
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def take(request: HttpRequest) -> HttpResponse:
    """Write one and show its receipt."""
    text = request.POST.get("text", "")
    with _turn(), transaction.atomic():
        tip = Tip.objects.create(
            receipt=uuid.uuid4().hex,
            text=text,
            danger=request.POST.get("danger", ""),
            where=request.POST.get("where", ""),
        )
        Link.objects.bulk_create([Link(tip=tip, value=word[:200]) for word in text.split()[-LINKS:]])
    return HttpResponse(f'<p class="receipt">{tip.receipt}</p>')


urlpatterns = [path("", take)]


def application() -> Any:
    """For gunicorn."""
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


if __name__ == "__main__":
    with connection.schema_editor() as editor:
        editor.create_model(Tip)
        editor.create_model(Link)
