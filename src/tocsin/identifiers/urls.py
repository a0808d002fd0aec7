"""Console pages of the identifiers room."""

from __future__ import annotations

from django.urls import path

from tocsin.identifiers import views

app_name = "identifiers"
urlpatterns = [
    path("identifiers/try/", views.try_a_text, name="try"),
    path("bystanders/", views.bystanders, name="bystanders"),
    path("bystanders/propose/", views.propose, name="propose_bystander"),
    path("bystanders/<str:key>/remove/", views.propose_removal, name="propose_removal"),
]
