"""What is known in a case and what is to be done: observations, earnings, tasks, translations, subjects to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import earnings, earnings_words, observations, panels, queries, tasks, translations
from tocsin.cases import subject as subjects
from tocsin.cases.contents import identifiers_of, listing
from tocsin.cases.forms_facts import ObservationForm, TaskForm, TranslationForm, TranslationTaskForm
from tocsin.cases.models import Case
from tocsin.tips.models import Tip

KNOWN, TASKS = "cases/_known.html", "cases/_tasks.html"
# of a storm that states something else in every tip
LINES_SHOWN, SOURCES_SHOWN, GROUPS_SHOWN = 100, 20, 8


@require_GET
@needs("case.read")
def known_panel(request: StaffRequest, number: str) -> HttpResponse:
    """What is known over time, and what it may earn."""
    case = queries.case_for(request.user, number)
    return panels.answer(request, case, _("Known over time"), KNOWN, _known(request, case))


def _known(request: StaffRequest, case: Case, form: Form | None = None) -> dict[str, Any]:
    known = observations.read(case)
    lines, live = known.lines, observations.live_now(known.lines)
    groups = earnings.of(case, lines)
    return {
        "lines": [
            (line, earnings_words.fee(line), earnings_words.source(line)) for line in lines[:LINES_SHOWN]
        ],
        "lines_count": len(lines) + known.more,
        "lines_more": max(len(lines) - LINES_SHOWN, 0) + known.more,
        "unread": known.more,
        "live": live[:SOURCES_SHOWN],
        "live_more": max(len(live) - SOURCES_SHOWN, 0),
        "earnings": [_earning(one) for one in groups[:GROUPS_SHOWN]],
        "earnings_more": max(len(groups) - GROUPS_SHOWN, 0),
        "observation_form": form or ObservationForm(identifiers=listing(case)[:LINES_SHOWN]),
        "came_back": form is not None,
        "may_work": policy.allowed(request.user, "case.work", case),
    }


def _earning(one: earnings.Earning) -> dict[str, Any]:
    members, tiers, others = _most_said(one.members), one.tiers, (*one.once, *one.unclear)
    shown = {id(line) for line in _most_said([tier.line for tier in tiers])}
    once, unclear = _most_said(one.once), _most_said(one.unclear)
    left = len(one.members) - len(members) + len(tiers) - len(shown) + len(others) - len(once) - len(unclear)
    return {
        "about": one.about,
        "sentences": earnings_words.sentences(one),
        "tiers": [
            (tier, earnings_words.fee(tier.line), earnings_words.source(tier.line))
            for tier in tiers
            if id(tier.line) in shown
        ],
        "once": [(earnings_words.fee(line), earnings_words.source(line)) for line in once],
        "unclear": [(earnings_words.fee(line), earnings_words.source(line)) for line in unclear],
        "members": [
            (earnings_words.number(line.amount or 0), earnings_words.source(line)) for line in members
        ],
        "sources_more": left,
        "months": [
            (
                month.first_day,
                earnings_words.between(month.low, month.high),
                [earnings_words.income(income) for income in month.incomes],
            )
            for month in one.months
        ],
        "picture": earnings_words.picture(one.counts),
    }


def _most_said(lines: list[observations.Line]) -> list[observations.Line]:
    """In their order, those that stand on the page: all that people say, then what most tips say."""
    weight = sorted(lines, key=lambda line: (line.by is None, -line.tips))[:SOURCES_SHOWN]
    kept = {id(line) for line in weight}
    return [line for line in lines if id(line) in kept]


@require_POST
@needs("case.work")
def observe(request: StaffRequest, number: str) -> HttpResponse:
    """Add what a person saw or had confirmed."""
    case = queries.case_for(request.user, number)
    form = ObservationForm(request.POST, identifiers=identifiers_of(case))
    if form.is_valid():
        try:
            observations.add(case, request.user, **form.asked())
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
    if form.errors:
        return _page(request, case, _("Known over time"), KNOWN, _known(request, case, form))
    messages.success(request, _("The observation is kept."))
    return _back(case, "known")


@require_POST
@needs("case.work")
def observation_gone(request: StaffRequest, number: str, public_id: str) -> HttpResponse:
    """Take back what a person added by mistake."""
    case = queries.case_for(request.user, number)
    try:
        observations.take_back(case, public_id, request.user)
        messages.success(request, _("The observation is gone."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return _back(case, "known")


@require_GET
@needs("case.read")
def tasks_panel(request: StaffRequest, number: str) -> HttpResponse:
    """What is to be done on the case."""
    case = queries.case_for(request.user, number)
    return panels.answer(request, case, _("Tasks"), TASKS, _tasks(request, case))


def _tasks(request: StaffRequest, case: Case, form: Form | None = None) -> dict[str, Any]:
    return {
        "tasks": tasks.of_case(case),
        "task_form": form or TaskForm(),
        "came_back": form is not None,
        "may_work": policy.allowed(request.user, "case.work", case),
    }


@require_POST
@needs("case.work")
def task(request: StaffRequest, number: str) -> HttpResponse:
    """Write a task down."""
    case, form = queries.case_for(request.user, number), TaskForm(request.POST)
    if form.is_valid():
        try:
            asked = form.cleaned_data
            tasks.add(case, request.user, asked["text"], form.person(), asked["due_on"])
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
    if form.errors:
        return _page(request, case, _("Tasks"), TASKS, _tasks(request, case, form))
    messages.success(request, _("The task is kept."))
    return _back(case, "tasks")


@require_POST
@needs("case.work")
def task_done(request: StaffRequest, number: str, public_id: str) -> HttpResponse:
    """A task is done, or somebody takes it (`take`)."""
    case = queries.case_for(request.user, number)
    try:
        if "take" in request.POST:
            tasks.assign(case, public_id, request.user, request.user)
            messages.success(request, _("The task is yours."))
        else:
            tasks.done(case, public_id, request.user)
            messages.success(request, _("The task is done."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return _back(case, "tasks")


@require_GET
@needs("case.read")
def waiting(request: StaffRequest) -> HttpResponse:
    """Open tasks of all cases, or one's own (`?mine=1`); and subjects that a person must look at again."""
    mine = request.GET.get("mine") == "1"
    context = {
        "tasks": tasks.waiting(request.user, mine),
        "mine": mine,
        "reviews": subjects.due(request.user)[:200],
    }
    return render(request, "cases/waiting.html", context)


@require_POST
@needs("case.work")
def subject_kept(request: StaffRequest, number: str) -> HttpResponse:
    """The subject is still needed: ask again later."""
    case = queries.case_for(request.user, number)
    try:
        subjects.keep(case, request.user)
        messages.success(request, _("The subject stays; you are asked again later."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return _back(case, "subject")


@needs("case.work")
def translate(request: StaffRequest, number: str, public_id: str) -> HttpResponse:
    """Keep a translation of a tip, or ask somebody for one (`ask`)."""
    case = queries.case_for(request.user, number)
    tip = get_object_or_404(Tip, case_tip__case=case, public_id=public_id)
    asking = "ask" in request.POST
    ask = TranslationTaskForm(request.POST if asking else None)
    form = TranslationForm(request.POST if request.method == "POST" and not asking else None)
    bound: Form = ask if asking else form
    if request.method == "POST" and bound.is_valid():
        values = bound.cleaned_data
        try:
            if asking:
                person, day = ask.person(), values["due_on"]
                tasks.ask_translation(case, request.user, tip, values["language"], person, day)
                messages.success(request, _("The translation is asked for."))
                return _back(case, "tasks")
            translations.add(case, tip, request.user, values["language"], values["text"])
            messages.success(request, _("The translation is kept beside the tip."))
            return redirect("cases:tip_text", case.number, tip.public_id)
        except NotAllowed as refusal:
            bound.add_error(None, str(refusal))
    context = {"case": case, "tip": tip, "form": form, "ask_form": ask}
    return render(request, "cases/translate.html", context, status=400 if bound.errors else 200)


def _page(
    request: StaffRequest, case: Case, title: str, template: str, context: dict[str, Any]
) -> HttpResponse:
    """The whole page around a panel whose form came back."""
    messages.error(request, _("Nothing was kept yet: see below what is missing."))
    whole = {**context, "case": case, "panel_title": title, "panel_template": template}
    return render(request, "cases/panel_page.html", whole, status=400)


def _back(case: Case, anchor: str) -> HttpResponse:
    return redirect(f"{reverse('cases:case', args=[case.number])}#{anchor}")
