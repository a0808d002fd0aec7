"""The public figures."""

from __future__ import annotations

from django.urls import path

from tocsin.statistics import views_door

app_name = "public_figures"
urlpatterns = [path("figures", views_door.public, name="public")]
