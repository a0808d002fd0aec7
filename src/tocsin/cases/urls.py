"""Console pages of the cases room."""

from __future__ import annotations

from django.urls import path

from tocsin.cases import (
    urls_changes,
    views,
    views_alarm,
    views_duty,
    views_facts,
    views_graph,
    views_living,
    views_work,
)

app_name = "cases"
urlpatterns = [
    path("", views.home, name="home"),
    path("cases/", views.queue, name="queue"),
    path("duty/", views_duty.rota, name="duty"),
    path("duty/plan/", views_duty.plan, name="duty_plan"),
    path("duty/address/", views_duty.address, name="duty_address"),
    path("duty/<str:public_id>/remove/", views_duty.remove, name="duty_remove"),
    path("alarms/", views_alarm.listing, name="alarms"),
    path("take/<str:token>/", views_alarm.take, name="take"),
    path("cases/<str:number>/take/", views_alarm.take_case, name="take_case"),
    path("cases/<str:number>/police/", views_alarm.called_police, name="called_police"),
    path("loose/", views.loose, name="loose"),
    path("loose/<str:public_id>/", views.loose_text, name="loose_text"),
    path("loose/<str:public_id>/open/", views_work.open_loose, name="open_loose"),
    path("cases/<str:number>/", views.case, name="case"),
    path("cases/<str:number>/graph/", views_graph.picture, name="graph"),
    path("cases/<str:number>/graph.json", views_graph.data, name="graph_data"),
    path("cases/<str:number>/tips/<str:public_id>/", views.tip_text, name="tip_text"),
    path("cases/<str:number>/tips/<str:public_id>/contact/", views_work.contact, name="contact"),
    path("cases/<str:number>/roles/", views_work.roles, name="roles"),
    path("cases/<str:number>/reveal/", views_work.reveal, name="reveal"),
    path("cases/<str:number>/finding/", views_work.finding, name="finding"),
    path("cases/<str:number>/note/", views_work.note, name="note"),
    path("cases/<str:number>/subject/", views_work.subject, name="subject"),
    path("cases/<str:number>/state/", views_work.state, name="state"),
    path("tasks/", views_facts.waiting, name="waiting"),
    path("cases/<str:number>/known/", views_facts.known_panel, name="known_panel"),
    path("cases/<str:number>/observe/", views_facts.observe, name="observe"),
    path(
        "cases/<str:number>/observe/<str:public_id>/back/",
        views_facts.observation_gone,
        name="observation_gone",
    ),
    path("cases/<str:number>/tasks/", views_facts.tasks_panel, name="tasks_panel"),
    path("cases/<str:number>/tasks/add/", views_facts.task, name="task"),
    path("cases/<str:number>/tasks/<str:public_id>/done/", views_facts.task_done, name="task_done"),
    path("cases/<str:number>/subject/kept/", views_facts.subject_kept, name="subject_kept"),
    path("cases/<str:number>/tips/<str:public_id>/translate/", views_facts.translate, name="translate"),
    path("cases/<str:number>/decide/", views_living.panel, name="living_panel"),
    path("cases/<str:number>/decide/answer/", views_living.answer, name="answer"),
    path("cases/<str:number>/decide/number/", views_living.account_number, name="account_number"),
    *urls_changes.urlpatterns,
]
