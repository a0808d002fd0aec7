"""Figures in the console."""

from __future__ import annotations

from django.urls import path

from tocsin.statistics import views

app_name = "statistics"
urlpatterns = [
    path("figures/", views.figures, name="figures"),
    path("figures/campaigns/<slug:name>/", views.campaign, name="campaign"),
]
