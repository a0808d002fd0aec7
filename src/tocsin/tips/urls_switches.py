"""The console's page of switches."""

from __future__ import annotations

from django.urls import path

from tocsin.tips import views_switches

app_name = "switches"
urlpatterns = [
    path("switches/", views_switches.page, name="page"),
    path("switches/<str:name>/", views_switches.flip, name="flip"),
]
