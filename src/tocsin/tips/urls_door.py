"""The reporter's pages."""

from __future__ import annotations

from django.urls import path

from tocsin.tips import views_door
from tocsin.tips.urls_door_phone import patterns as phone

app_name = "tips"
urlpatterns = [
    path("", views_door.form, name="form"),
    path("status", views_door.status, name="status"),
    *phone,
]
