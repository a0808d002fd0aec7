"""Console pages of the accounts room."""

from __future__ import annotations

from django.urls import path

from tocsin.accounts import views

app_name = "accounts"
urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("language/", views.language, name="language"),
]
