"""Panels of the case page."""

from __future__ import annotations

from django.urls import path

from tocsin.outcomes import views, views_messages

app_name = "outcomes"
urlpatterns = [
    path("cases/<str:number>/clock", views.clock_panel, name="clock_panel"),
    path("cases/<str:number>/reporters", views.reporter_panel, name="reporter_panel"),
    path("cases/<str:number>/reporters/release", views.release, name="release"),
    path("cases/<str:number>/messages", views_messages.panel, name="messages_panel"),
    path("cases/<str:number>/messages/ask", views_messages.ask, name="ask"),
]
