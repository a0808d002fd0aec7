"""Pages of the holds."""

from __future__ import annotations

from django.urls import path

from tocsin.dispatch import views_holds

urlpatterns = [
    path("holds/", views_holds.hold_list, name="holds"),
    path("cases/<str:number>/holds", views_holds.record, name="hold_record"),
    path("holds/<str:public_id>/confirm", views_holds.confirm, name="hold_confirm"),
    path("holds/<str:public_id>/lift", views_holds.lift, name="hold_lift"),
]
