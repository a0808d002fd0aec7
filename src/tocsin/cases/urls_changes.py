"""Pages by which people say which tips belong together, and what waits for them."""

from __future__ import annotations

from django.urls import path

from tocsin.cases import views_changes, views_waiting

urlpatterns = [
    path("merges/", views_waiting.merges, name="proposals"),
    path("merges/<str:public_id>/agree/", views_waiting.agree, name="agree"),
    path("merges/<str:public_id>/decline/", views_waiting.decline, name="decline"),
    path("flags/", views_waiting.flag_list, name="flags"),
    path("flags/<str:public_id>/settle/", views_waiting.settle, name="settle"),
    path("glued/<str:public_id>/", views_waiting.glued_cases, name="glued"),
    path("glued/<str:public_id>/cut/", views_waiting.cut_glued, name="cut_glued"),
    path("cases/<str:number>/changes/", views_changes.panel, name="changes_panel"),
    path("cases/<str:number>/changes/<str:public_id>/undo/", views_changes.undo, name="undo"),
    path("cases/<str:number>/merge/", views_changes.merge, name="merge"),
    path("cases/<str:number>/split/", views_changes.split, name="split"),
    path("cases/<str:number>/tips/<str:public_id>/move/", views_changes.move, name="move"),
    path("cases/<str:number>/detach/", views_changes.detach, name="detach"),
    path("cases/<str:number>/cut/", views_changes.cut, name="cut"),
]
