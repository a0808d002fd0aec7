"""Campaigns, in the console."""

from __future__ import annotations

from django.urls import path

from tocsin.tips import views_campaigns

app_name = "campaigns"
urlpatterns = [
    path("campaigns/", views_campaigns.listing, name="list"),
    path("campaigns/new/", views_campaigns.create, name="create"),
    path("campaigns/<slug:name>/", views_campaigns.one, name="one"),
    path("campaigns/<slug:name>/switch/", views_campaigns.switch, name="switch"),
    path("campaigns/<slug:name>/poster/", views_campaigns.poster, name="poster"),
    path("campaigns/<slug:name>/qr.png", views_campaigns.qr, name="qr"),
    path("campaigns/<slug:name>/pass-on/", views_campaigns.pass_on, name="pass_on"),
    path("campaigns/<slug:name>/import/", views_campaigns.bring, name="import"),
]
