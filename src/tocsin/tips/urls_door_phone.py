"""The reporter's pages for a phone, and those about files; `urls_door.py` takes them in."""

from __future__ import annotations

from django.urls import path

from tocsin.tips import views_door_files, views_door_phone

patterns = [
    path("share", views_door_phone.share, name="share"),
    path("app", views_door_phone.app, name="app"),
    path("offline", views_door_phone.offline, name="offline"),
    path("worker.js", views_door_phone.worker, name="worker"),
    path("manifest.webmanifest", views_door_phone.manifest, name="manifest"),
    path("screenshot", views_door_files.screenshot, name="screenshot"),
    path("no-pictures", views_door_files.no_pictures, name="no_pictures"),
    path("fingerprint", views_door_files.fingerprint, name="fingerprint"),
]
