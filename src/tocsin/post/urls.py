"""Console pages of the outbox."""

from __future__ import annotations

from django.urls import path

from tocsin.post import views

app_name = "post"
urlpatterns = [
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<str:key>/", views.message, name="message"),
]
