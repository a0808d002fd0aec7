"""The reporter's pages."""

from __future__ import annotations

from django.urls import path

from tocsin.tips import views_door, views_door_campaign
from tocsin.tips.urls_door_info import patterns as info
from tocsin.tips.urls_door_mailbox import patterns as mailbox
from tocsin.tips.urls_door_phone import patterns as phone

app_name = "tips"
urlpatterns = [
    path("", views_door.form, name="form"),
    *mailbox,
    path("c/<slug:name>", views_door_campaign.campaign, name="campaign"),
    path("h/<str:token>", views_door_campaign.hand_over, name="hand_over"),
    *phone,
    *info,
]
