"""The quiet pages; `urls_door.py` takes them in."""

from __future__ import annotations

from django.urls import path

from tocsin.tips import views_door_info as views

patterns = [
    path("about/<slug:name>", views.page, name="info"),
    path("helplines", views.helplines, name="helplines"),
    *(
        path(name, views.statement, {"name": name}, name=name)
        for name in ("privacy", "imprint", "accessibility")
    ),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("security.txt", views.security_txt),
    path("theme.css", views.theme, name="theme"),
    path("logo", views.logo, name="logo"),
]
