"""The console: for people of the hotline only, never needed from outside."""

from __future__ import annotations

from django.urls import include, path

from tocsin.server.health import health

urlpatterns = [
    path("console/", include("tocsin.accounts.urls")),
    path("console/", include("tocsin.cases.urls")),
    path("console/", include("tocsin.review.urls")),
    path("console/", include("tocsin.directory.urls")),
    path("console/", include("tocsin.dispatch.urls")),
    path("console/", include("tocsin.outcomes.urls")),
    path("console/", include("tocsin.statistics.urls")),
    path("console/", include("tocsin.linking.urls")),
    path("console/", include("tocsin.identifiers.urls")),
    path("console/", include("tocsin.post.urls")),
    path("console/", include("tocsin.tips.urls_switches")),
    path("console/", include("tocsin.tips.urls_clients")),
    path("console/", include("tocsin.tips.urls")),
    path("console/", include("tocsin.tips.urls_calls")),
    path("console/", include("tocsin.tips.urls_campaigns")),
    path("console/", include("tocsin.server.urls_health")),
    path("api/", include("tocsin.cases.api.urls")),
    path("health", health, name="health"),
]
handler404 = "tocsin.server.errors.not_found"
handler400 = "tocsin.server.errors.bad_request"
handler403 = "tocsin.server.errors.forbidden"
handler500 = "tocsin.server.errors.broken"
