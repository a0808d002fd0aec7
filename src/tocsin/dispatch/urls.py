"""Console pages of dispatch."""

from __future__ import annotations

from django.urls import path

from tocsin.dispatch import urls_holds, views, views_supplement

app_name = "dispatch"
urlpatterns = [
    path("cases/<str:number>/plan/", views.plan_panel, name="plan_panel"),
    path("cases/<str:number>/plan/make/", views.plan, name="plan"),
    path("plans/<str:public_id>/propose/", views.propose, name="propose"),
    path("cases/<str:number>/supplement/", views_supplement.panel, name="supplement_panel"),
    path("plans/<str:public_id>/supplement/", views_supplement.take_up, name="supplement"),
    path("plans/<str:public_id>/release/", views.release, name="release"),
    path("dispatches/<str:public_id>/", views.dispatch, name="dispatch"),
    *urls_holds.urlpatterns,
]
