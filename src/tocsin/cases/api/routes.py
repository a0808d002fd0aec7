"""The routes of `/api/v1/cases`: guard, schema, one call, answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from ninja import NinjaAPI, Status

from tocsin.accounts.foureyes import NotAllowed
from tocsin.cases import acts, changes, export, queries
from tocsin.cases.api import schemas as s
from tocsin.cases.api.keys import PersonKey, acting
from tocsin.cases.models import Case
from tocsin.tips.api import problems
from tocsin.tips.api.problems import Problem
from tocsin.tips.api.reading import StrictJson

api = NinjaAPI(
    title="Tocsin cases API",
    version="1",
    description="Cases for other systems of the hotline, at the console only. A key acts as a person: it may what "
    "that person may, and what needs a second person is only proposed.",
    openapi_url=None,
    docs_url=None,
    parser=StrictJson(),
    urls_namespace="cases_api",
)
problems.register(api)
read, work = PersonKey("cases:read"), PersonKey("cases:write")
PAGING = ("page", "size")
ACT: dict[int, Any] = {200: s.DoneOut, 202: s.DoneOut}


@api.get("/cases", auth=read, response=s.CasesOut, by_alias=True, operation_id="list_cases")
def list_cases(
    request: HttpRequest,
    lane: s.LaneCode = "",
    state: s.StateCode = "",
    q: s.Search = "",
    page: s.PageNumber = 1,
    size: s.PageSize = 50,
) -> Any:
    """The queue, immediate first, then the newest tip first; filtered and in pages."""
    _only(request, "lane", "state", "q", *PAGING)
    found = export.listed(acting(request).user, lane, state, q)
    paged, rows = _page(found, page, size)
    return _document("cases", **paged, cases=export.lines(rows))


@api.get("/cases/{number}", auth=read, response=s.CaseOut, by_alias=True, operation_id="read_case")
def read_case(request: HttpRequest, number: s.Number) -> Any:
    """One case with its identifiers and what waits for a person. An old number gives the case that lives on."""
    return _document("case", case=export.whole(_case(request, number)))


@api.get("/cases/{number}/tips", auth=read, response=s.TipsOut, by_alias=True, operation_id="read_tips")
def read_tips(request: HttpRequest, number: s.Number, page: s.PageNumber = 1, size: s.PageSize = 50) -> Any:
    """The tips of a case and why each is there, oldest first."""
    paged, rows = _page(queries.places_of(_case(request, number, *PAGING)), page, size)
    return _document("tips", **paged, tips=[export.tip(row) for row in queries.lines_of(rows)])


@api.get(
    "/cases/{number}/timeline", auth=read, response=s.TimelineOut, by_alias=True, operation_id="read_timeline"
)
def read_timeline(
    request: HttpRequest, number: s.Number, page: s.PageNumber = 1, size: s.PageSize = 50
) -> Any:
    """What happened to a case, newest first."""
    paged, rows = _page(queries.events_of(_case(request, number, *PAGING)), page, size)
    return _document("timeline", **paged, events=[export.event(row) for row in queries.event_lines(rows)])


@api.get(
    "/cases/{number}/changes", auth=read, response=s.ChangesOut, by_alias=True, operation_id="read_changes"
)
def read_changes(request: HttpRequest, number: s.Number) -> Any:
    """Merges, splits and the like, newest first, and whether each can be undone now."""
    rows = changes.of_case(_case(request, number))
    return _document("case-changes", changes=[export.change_line(row) for row in rows])


@api.post("/cases/{number}/merge", auth=work, response=ACT, by_alias=True, operation_id="merge_cases")
def merge_cases(request: HttpRequest, number: s.Number, asked: s.MergeIn) -> Any:
    """Two cases become one. 202: people worked on both, so the merge waits for another person."""
    case, other, user = _case(request, number), _case(request, asked.other), acting(request).user
    return _act(request, case, "merge", lambda: changes.merge(case, other, user, asked.reason))


@api.post("/cases/{number}/split", auth=work, response=ACT, by_alias=True, operation_id="split_case")
def split_case(request: HttpRequest, number: s.Number, asked: s.SplitIn) -> Any:
    """Tips of a case become a case of their own: `other` of the change."""
    case, user = _case(request, number), acting(request).user
    return _act(request, case, "split", lambda: changes.split(case, asked.tips, user, asked.reason))


@api.post("/cases/{number}/move", auth=work, response=ACT, by_alias=True, operation_id="move_tip")
def move_tip(request: HttpRequest, number: s.Number, asked: s.MoveIn) -> Any:
    """One tip goes to another case."""
    case, to, user = _case(request, number), _case(request, asked.to), acting(request).user
    return _act(request, case, "move", lambda: changes.move(case, asked.tip, to, user, asked.reason))


@api.post("/cases/{number}/detach", auth=work, response=ACT, by_alias=True, operation_id="detach_identifier")
def detach_identifier(request: HttpRequest, number: s.Number, asked: s.DetachIn) -> Any:
    """An identifier joins nothing in this case from now on; its tips stay until the case is cut."""
    case, user = _case(request, number), acting(request).user
    return _act(request, case, "detach", lambda: changes.detach(case, asked.identifier, user, asked.reason))


@api.post("/cases/{number}/cut", auth=work, response=ACT, by_alias=True, operation_id="cut_case")
def cut_case(request: HttpRequest, number: s.Number, asked: s.CutIn) -> Any:
    """Part a case along its links as they are now; no change where everything still hangs together."""
    case, user = _case(request, number), acting(request).user
    return _act(request, case, "cut", lambda: changes.cut(case, user, asked.reason))


@api.post(
    "/cases/{number}/changes/{change}/undo",
    auth=work,
    response=ACT,
    by_alias=True,
    operation_id="undo_change",
)
def undo_change(request: HttpRequest, number: s.Number, change: s.ChangeId) -> Any:
    """Take a change of this case back. 409 with a sentence where something was built upon it."""
    case, who = _case(request, number), acting(request)
    try:
        return _document("case-change", **export.done(acts.undo(who.via, who.user, change, case)))
    except NotAllowed as refusal:
        raise Problem(409, str(refusal)) from None


def _case(request: HttpRequest, number: str, *known: str) -> Case:
    """The case that lives on under this number. `known`: the query parameters that the route has."""
    _only(request, *known)
    try:
        return queries.case_for(acting(request).user, number)
    except Http404:
        raise Problem(404, "There is no such case.") from None


def _only(request: HttpRequest, *known: str) -> None:
    """A misspelt filter must not be lost in silence."""
    if set(request.GET) - set(known):
        raise Problem(422, f"This path has these query parameters: {', '.join(known) or 'none'}.")


def _act(request: HttpRequest, case: Case, verb: str, act: Callable[[], Any]) -> Any:
    """Do it as the key's person; a refusal is a conflict with what is there, told in its own sentence."""
    who = acting(request)
    try:
        answer = export.done(acts.through(who.via, who.user, case, verb, act))
    except NotAllowed as refusal:
        raise Problem(409, str(refusal)) from None
    return Status(202 if answer["proposed"] else 200, _document("case-change", **answer))


def _page(rows: Any, page: int, size: int) -> tuple[dict[str, int], Any]:
    """The rows of a page; one beyond the last is empty."""
    paginator = Paginator(rows, size)
    found = paginator.page(page).object_list if page <= paginator.num_pages else []
    return {"total": paginator.count, "page": page, "pages": paginator.num_pages}, found


def _document(name: str, **values: Any) -> dict[str, Any]:
    return {"schema": f"tocsin.{name}", "version": 1, **values}
