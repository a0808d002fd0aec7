"""The link graph of a case: the page with its tables, and the picture's data as JSON."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tocsin.accounts.policy import StaffRequest, needs
from tocsin.cases import graph, graph_words, panels, queries
from tocsin.cases.graph_parts import Graph, Node
from tocsin.cases.models import Case
from tocsin.linking.models import Link

LINKS = 50  # a page


@dataclass(frozen=True, slots=True)
class Row:
    """A node in the table: what it is, and everything it is connected with, in words."""

    node: Node
    edges: list[tuple[str, str]]  # to what, and how
    url: str  # where asking for more, or for less, leads; empty: nothing to ask


@require_GET
@needs("case.read")
def picture(request: StaffRequest, number: str) -> HttpResponse:
    """The picture and its tables; asked by the page's script, the tables alone."""
    case = queries.case_for(request.user, number)
    if case.number != number:
        return redirect("cases:graph", case.number)
    found = graph.of(case, request.user, request.GET.getlist("expand"))
    rows = _rows(found)
    context = {
        "case": case,
        "graph": found,
        "summary": graph_words.summary(found),
        "limits": graph_words.limits(found),
        "tables": [(title, rows[kind]) for kind, title in _tables() if rows[kind]],
        "links": _links(case, request.GET.get("links")),
        "query": urlencode([("expand", key) for key in found.expanded]),
        "rules": graph_words.RULES,
    }
    template = "cases/_graph_tables.html" if panels.is_fragment(request) else "cases/graph.html"
    return render(request, template, context)


@require_GET
@needs("case.read")
def data(request: StaffRequest, number: str) -> HttpResponse:
    """The same picture for a script: nodes, edges, and the words of both."""
    case = queries.case_for(request.user, number)
    found = graph.of(case, request.user, request.GET.getlist("expand"))
    return JsonResponse(
        {
            "schema": "tocsin/case-graph",
            "version": 1,
            "case": case.number,
            "summary": graph_words.summary(found),
            "limits": graph_words.limits(found),
            "columns": graph_words.columns(),
            "expanded": found.expanded,
            "tips": found.tips,
            "grouped": found.grouped,
            "more_identifiers": found.more_identifiers,
            "more_cases": found.more_cases,
            "nodes": [asdict(node) for node in found.nodes.values()],
            "edges": [asdict(edge) for edge in found.edges],
        }
    )


def _tables() -> list[tuple[str, str]]:
    return [("identifier", _("Identifiers")), ("tip", _("Tips")), ("case", _("Cases"))]


def _rows(found: Graph) -> dict[str, list[Row]]:
    """The nodes by table; a group stands among the tips, what is not drawn among the identifiers."""
    edges: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for edge in found.edges:
        source, target = found.nodes[edge.source], found.nodes[edge.target]
        edges[source.id].append((graph_words.forward(edge.kind, target), edge.words))
        if edge.kind in ("owns", "touches", "copy_of"):  # the others would repeat each tip at what it names
            edges[target.id].append((graph_words.backward(edge.kind, source), edge.words))
    rows: dict[str, list[Row]] = defaultdict(list)
    into = {"group": "tip", "more": "identifier"}
    for node in found.nodes.values():
        rows[into.get(node.kind, node.kind)].append(Row(node, edges[node.id], _toggle(found, node)))
    return rows


def _toggle(found: Graph, node: Node) -> str:
    """The address of the picture in which this node is opened, or folded again."""
    if not node.expands:
        return ""
    wished = [key for key in found.expanded if key != node.id]
    wished += [] if node.opened else [node.id]
    return (
        f"?{urlencode([('expand', key) for key in wished])}"
        if wished
        else reverse("cases:graph", args=[found.case.number])
    )


def _links(case: Case, page: str | None) -> Any:
    """Every link of the case, a page of them, in the order in which the tips came."""
    links = Link.objects.filter(tip__case_tip__case=case).select_related("tip", "identifier")
    return Paginator(links.order_by("tip__received_at", "tip_id", "pk"), LINKS).get_page(page)
