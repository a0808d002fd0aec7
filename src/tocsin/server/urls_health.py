"""The health page of the console."""

from __future__ import annotations

from django.urls import path

from tocsin.server import health

app_name = "server"
urlpatterns = [path("health/", health.health_page, name="health_page")]
