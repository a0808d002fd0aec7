"""Which tips belong together, by hand: merge, split, move, detach, cut, undo. Each view calls one writer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tocsin.accounts import policy
from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import changes, cutting, evidence, flag_words, flags, panels, proposals, queries
from tocsin.cases.forms_changes import DetachForm, MergeForm, MoveForm, ReasonForm, choices
from tocsin.cases.models import Case, Change, MergeProposal
from tocsin.tips.models import Tip

PAGE = 100  # tips on one page of a split


@require_GET
@needs("case.read")
def panel(request: StaffRequest, number: str) -> HttpResponse:
    """What was done to the case, whether it can be undone, and what waits for a person."""
    case = queries.case_for(request.user, number)
    lines = changes.of_case(case)
    context = {
        "lines": lines,
        "actors": evidence.actors(line.change.actor for line in lines),
        "proposals": proposals.of_case(case),
        "flags": flag_words.lines(f for f in flags.of_case(case) if f.kind in flag_words.HERE),
        "may_work": policy.allowed(request.user, "case.work", case),
    }
    return panels.answer(request, case, _("What belongs together"), "cases/changes_panel.html", context)


@require_http_methods(["GET", "POST"])
@needs("case.work")
def merge(request: StaffRequest, number: str) -> HttpResponse:
    """Look at two cases side by side, then make them one."""
    case = queries.case_for(request.user, number)
    asked = request.POST if request.method == "POST" else request.GET
    other = _other(request, asked.get("other", ""))
    form = (
        MergeForm(request.POST)
        if request.method == "POST"
        else MergeForm(initial={"other": asked.get("other", "")})
    )
    if request.method == "POST" and other is not None and form.is_valid():
        reason = form.cleaned_data["reason"]
        if done := _try(form, lambda: changes.merge(case, other, request.user, reason)):
            return _merged(request, done)
    if other is None and asked.get("other"):
        messages.error(request, _("There is no case of this number."))
    context = {"form": form, "other": other, "found": evidence.compare(case, other) if other else None}
    return _page(request, case, "merge", context)


def _merged(request: StaffRequest, done: Change | MergeProposal) -> HttpResponse:
    if isinstance(done, MergeProposal):
        messages.success(request, _("Proposed: they become one case as soon as another person approves it."))
        return redirect("cases:proposals")
    messages.success(request, _("They are one case. It can be undone."))
    return redirect("cases:case", done.case.number)


@require_http_methods(["GET", "POST"])
@needs("case.work")
def split(request: StaffRequest, number: str) -> HttpResponse:
    """Tick the tips that become a case of their own."""
    case, form = queries.case_for(request.user, number), ReasonForm(request.POST or None)
    ticked = request.POST.getlist("tip")
    if whole := request.POST.get("all_naming", ""):
        ticked = list(evidence.places(case, whole).values_list("tip__public_id", flat=True))
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if done := _try(form, lambda: changes.split(case, ticked, request.user, reason)):
            messages.success(request, _("The tips are a case of their own. It can be undone."))
            return redirect("cases:case", done.other.number)
    naming = request.GET.get("naming", "")
    page: Any = Paginator(evidence.places(case, naming), PAGE).get_page(request.GET.get("page"))
    names = evidence.named_by(place.tip for place in page)
    context = {
        "form": form,
        "page": page,
        "rows": [(place.tip, names[place.tip_id]) for place in page],
        "ticked": ticked,
        "naming": naming,
        "choices": choices(case),
    }
    return _page(request, case, "split", context)


@require_http_methods(["GET", "POST"])
@needs("case.work")
def move(request: StaffRequest, number: str, public_id: str) -> HttpResponse:
    """One tip goes to another case."""
    case = queries.case_for(request.user, number)
    tip = get_object_or_404(Tip, case_tip__case=case, public_id=public_id)
    form = MoveForm(request.POST or None)
    if form.is_valid():
        to, reason = _other(request, form.cleaned_data["to"]), form.cleaned_data["reason"]
        if to is None:
            form.add_error("to", _("There is no case of this number."))
        elif done := _try(form, lambda: changes.move(case, public_id, to, request.user, reason)):
            messages.success(request, _("The tip is in the other case. It can be undone."))
            return redirect("cases:case", done.other.number)
    return _page(request, case, "move", {"form": form, "tip": tip})


@require_http_methods(["GET", "POST"])
@needs("case.work")
def detach(request: StaffRequest, number: str) -> HttpResponse:
    """An identifier joins nothing in this case from now on."""
    case = queries.case_for(request.user, number)
    form = DetachForm(
        request.POST or None, case=case, initial={"identifier": request.GET.get("identifier", "")}
    )
    if form.is_valid():
        asked = form.cleaned_data
        if _try(form, lambda: changes.detach(case, asked["identifier"], request.user, asked["reason"])):
            messages.success(
                request, _("It joins nothing in this case any more. Its tips stay until you cut the case.")
            )
            return redirect("cases:cut", case.number)
    return _page(request, case, "detach", {"form": form})


@require_http_methods(["GET", "POST"])
@needs("case.work")
def cut(request: StaffRequest, number: str) -> HttpResponse:
    """See how the case comes apart along its links as they are now, then part it."""
    case, form = queries.case_for(request.user, number), ReasonForm(request.POST or None)
    if form.is_valid():
        done = _try(form, lambda: changes.cut(case, request.user, form.cleaned_data["reason"]))
        if done:
            messages.success(request, _("The case is cut. Each part can be undone."))
            return redirect("cases:case", case.number)
        if done is not None:
            messages.info(request, _("Everything in this case still hangs together: nothing was cut."))
    apart = cutting.apart(case)
    sizes = Counter(len(tips) for tips in apart.pieces)
    total = case.case_tips.count()
    context = {
        "form": form,
        "pieces": sorted(sizes.items(), reverse=True),
        "loose": len(apart.loose),
        "stay": total - sum(map(len, apart.pieces)) - len(apart.loose),
    }
    return _page(request, case, "cut", context)


@require_POST
@needs("case.work")
def undo(request: StaffRequest, number: str, public_id: str) -> HttpResponse:
    """Take a change of this case back."""
    case = queries.case_for(request.user, number)
    mine = Change.objects.filter(Q(case=case) | Q(other=case))
    change = get_object_or_404(mine.select_related("case"), public_id=public_id)
    try:
        changes.undo(public_id, request.user)
        messages.success(request, _("It is undone."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("cases:case", change.case.number)


def _other(request: StaffRequest, number: str) -> Case | None:
    try:
        return queries.case_for(request.user, number.strip()) if number.strip() else None
    except Http404:
        return None


def _try(form: ReasonForm, act: Callable[[], Any]) -> Any:
    """What the writer gave; None, with its sentence in the form, where it refused."""
    try:
        return act()
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return None


TITLES = {
    "merge": lambda: _("Merge with another case"),
    "split": lambda: _("Split"),
    "move": lambda: _("Move a tip"),
    "detach": lambda: _("Detach an identifier"),
    "cut": lambda: _("Cut along the links"),
}


def _page(request: StaffRequest, case: Case, act: str, context: dict[str, Any]) -> HttpResponse:
    """The page of an act; 400 where a form came back."""
    shown = context | {"case": case, "title": TITLES[act]()}
    status = 400 if context["form"].is_bound else 200
    return render(request, f"cases/change_{act}.html", shown, status=status)
