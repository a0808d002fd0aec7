"""The mailbox and its forms, and objections; `urls_door.py` takes them in."""

from __future__ import annotations

from django.urls import path

from tocsin.tips import views_mailbox, views_objection

patterns = [
    path("status", views_mailbox.status, name="status"),
    path("status/write", views_mailbox.write, name="mailbox_write"),
    path("status/consent", views_mailbox.consent, name="mailbox_consent"),
    path("status/tip", views_mailbox.add, name="mailbox_add"),
    path("status/receipt", views_mailbox.receipt, name="mailbox_receipt"),
    path("status/check", views_mailbox.check, name="receipt_check"),
    path("objection", views_objection.objection, name="objection"),
]
