"""The door: what the internet may reach. No sign-in, no session, no cookie."""

from __future__ import annotations

from django.urls import include, path

from tocsin.server.health import health

urlpatterns = [
    path("", include("tocsin.tips.urls_door")),
    path("", include("tocsin.dispatch.urls_door")),
    path("", include("tocsin.statistics.urls_door")),
    path("api/", include("tocsin.tips.api.urls")),
    path("health", health, name="health"),
]
handler404 = "tocsin.server.errors.not_found"
handler400 = "tocsin.server.errors.bad_request"
handler403 = "tocsin.server.errors.forbidden"
handler500 = "tocsin.server.errors.broken"
