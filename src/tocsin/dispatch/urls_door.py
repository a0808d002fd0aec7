"""Where recipients answer."""

from __future__ import annotations

from django.urls import path

from tocsin.dispatch import views_door

app_name = "reply"
urlpatterns = [path("r/<str:link>", views_door.reply, name="page")]
