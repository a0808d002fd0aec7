"""Console pages of the review room."""

from __future__ import annotations

from django.urls import path

from tocsin.review import views

app_name = "review"
urlpatterns = [
    path("cases/<str:number>/assessment/", views.assess_panel, name="assess_panel"),
    path("cases/<str:number>/assess/", views.assess, name="assess"),
    path("approvals/", views.approvals, name="approvals"),
    path("approvals/approve/", views.approve_several, name="approve_several"),
    path("approvals/<str:kind>/<str:public_id>/", views.approval, name="approval"),
    path("approvals/<str:kind>/<str:public_id>/approve/", views.approve, name="approve"),
    path("approvals/<str:kind>/<str:public_id>/reject/", views.reject, name="reject"),
]
