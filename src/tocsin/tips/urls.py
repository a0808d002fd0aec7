"""Console pages of this room: one tip's reporter, marked senders, objections."""

from __future__ import annotations

from django.urls import path

from tocsin.tips import views, views_objections

app_name = "reporters"
urlpatterns = [
    path("tips/<str:public_id>/", views.tip, name="tip"),
    path("tips/<str:public_id>/write/", views.write, name="write"),
    path("tips/<str:public_id>/unusable/", views.unusable, name="unusable"),
    path("tips/<str:public_id>/mark/", views.mark, name="mark"),
    path("answers/", views.answers, name="answers"),
    path("senders/", views.senders, name="senders"),
    path("senders/<str:tag>/lift/", views.lift, name="lift"),
    path("objections/", views_objections.listed, name="objections"),
    path("objections/<str:public_id>/", views_objections.page, name="objection"),
    path("objections/<str:public_id>/take/", views_objections.take, name="objection_take"),
    path("objections/<str:public_id>/answer/", views_objections.answer, name="objection_answer"),
    path("objections/<str:public_id>/close/", views_objections.close, name="objection_close"),
]
