"""Console pages of the directory."""

from __future__ import annotations

from django.urls import path

from tocsin.directory import views

app_name = "directory"
urlpatterns = [
    path("recipients/", views.recipients, name="recipients"),
    path("recipients/<str:public_id>/", views.recipient, name="recipient"),
    path("routes/<str:public_id>/confirm/", views.confirm, name="confirm"),
]
