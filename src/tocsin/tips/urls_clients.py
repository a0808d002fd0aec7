"""The console's page of API keys."""

from __future__ import annotations

from django.urls import path

from tocsin.tips import views_clients

app_name = "clients"
urlpatterns = [
    path("clients/", views_clients.listing, name="list"),
    path("clients/new/", views_clients.create, name="create"),
    path("clients/<str:public_id>/revoke/", views_clients.revoke, name="revoke"),
]
