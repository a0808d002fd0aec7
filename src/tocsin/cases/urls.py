"""Console pages of the cases room."""

from __future__ import annotations

from django.urls import path

from tocsin.cases import views, views_work

app_name = "cases"
urlpatterns = [
    path("", views.home, name="home"),
    path("cases/", views.queue, name="queue"),
    path("loose/", views.loose, name="loose"),
    path("loose/<str:public_id>/", views.loose_text, name="loose_text"),
    path("loose/<str:public_id>/open/", views_work.open_loose, name="open_loose"),
    path("cases/<str:number>/", views.case, name="case"),
    path("cases/<str:number>/tips/<str:public_id>/", views.tip_text, name="tip_text"),
    path("cases/<str:number>/tips/<str:public_id>/contact/", views_work.contact, name="contact"),
    path("cases/<str:number>/roles/", views_work.roles, name="roles"),
    path("cases/<str:number>/reveal/", views_work.reveal, name="reveal"),
    path("cases/<str:number>/finding/", views_work.finding, name="finding"),
    path("cases/<str:number>/note/", views_work.note, name="note"),
    path("cases/<str:number>/subject/", views_work.subject, name="subject"),
    path("cases/<str:number>/state/", views_work.state, name="state"),
]
