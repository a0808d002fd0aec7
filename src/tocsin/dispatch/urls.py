"""Console pages of dispatch."""

from __future__ import annotations

from django.urls import path

from tocsin.dispatch import urls_holds, views

app_name = "dispatch"
urlpatterns = [
    path("cases/<str:number>/plan/", views.plan_panel, name="plan_panel"),
    path("cases/<str:number>/plan/make/", views.plan, name="plan"),
    path("plans/<str:public_id>/propose/", views.propose, name="propose"),
    path("plans/<str:public_id>/release/", views.release, name="release"),
    path("dispatches/<str:public_id>/", views.dispatch, name="dispatch"),
    *urls_holds.urlpatterns,
]
