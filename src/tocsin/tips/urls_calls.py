"""The call-taker's form, in the console."""

from __future__ import annotations

from django.urls import path

from tocsin.tips import views_calls

app_name = "calls"
urlpatterns = [path("calls/", views_calls.call, name="take")]
