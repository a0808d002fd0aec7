"""Console pages of the linking room."""

from __future__ import annotations

from django.urls import path

from tocsin.linking import views_hubs

app_name = "hubs"
urlpatterns = [
    path("hubs/", views_hubs.listing, name="list"),
    path("hubs/threshold/", views_hubs.threshold, name="threshold"),
    path("hubs/apply/", views_hubs.apply, name="apply"),
    path("hubs/propose/", views_hubs.propose, name="propose"),
    path("hubs/<str:public_id>/reverse/", views_hubs.reverse, name="reverse"),
]
