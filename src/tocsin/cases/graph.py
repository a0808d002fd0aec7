"""The link graph of a case: its tips, what they name, who owns whom, and which other cases name the same.

Read-only: one `Graph` of at most `MOST_NODES` nodes. What would be more is grouped: tips by identifier and day. A
child's or a reporter's identifier is sealed and has no row here; nothing here opens a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Q

from tocsin.accounts import policy
from tocsin.accounts.models import User
from tocsin.cases import graph_groups, graph_roles
from tocsin.cases import graph_words as say
from tocsin.cases.graph_parts import (
    ELSEWHERE,
    HERE,
    MOST_NODES,
    NAMED,
    OWNERS,
    TIPS,
    TIPS_ELSEWHERE,
    Edge,
    Graph,
    Named,
    Node,
)
from tocsin.cases.models import Case, CaseTip, Detached, Finding, Observation
from tocsin.identifiers.models import Identifier
from tocsin.linking.models import Copy, Link
from tocsin.linking.rules import BYSTANDER, HUB
from tocsin.tips.models import Tip

MOST_IDENTIFIERS = 40  # the most shared ones, before anybody asks for more; the case lists all of them
MOST_IDENTIFIERS_BIG = 10  # the same where tips are grouped: the shape of the case, not its list
MOST_IDENTIFIERS_ASKED = 150
MOST_CASES = 12  # other cases in the picture before anybody asks for more
MOST_CASES_ASKED = 60
MOST_GROUPS = 36  # more are no picture: the least named are told by month, then altogether
KINDS = ("case", "tip", "identifier", "group", "more")  # what can be opened
MOST_EXPANDED = 8  # nodes opened at once; the newest wishes count
FOLLOWED = 4000  # rows read in search of other cases: what half the world shares is not followed to its end
NOT_FOLLOWED = (HUB, BYSTANDER)  # by these the case touches half the world: shown when asked for


def of(case: Case, user: User, expand: Sequence[str] = ()) -> Graph:
    """The picture around a case that this user may read; `expand` names nodes that are opened.

    A number of queries that does not grow with the case: see tests/cases/test_graph.py.
    """
    asked = _asked(expand)
    graph = Graph(case, expanded=[f"{kind}:{name}" for kind, name in asked])
    cases = _opened_cases(case, user, asked)
    for one in cases:
        graph.add(_case_node(one, HERE if one == case else ELSEWHERE, opened=True))
    graph.tips = CaseTip.objects.filter(case__in=cases).count()
    named = _named(graph, cases, asked)
    owned = _owners(cases, named)
    _identifier_nodes(graph, cases, named, owned)
    _owns(graph, owned)
    _elsewhere(graph, cases, user, named, {name for kind, name in asked if kind == "identifier"})
    _tips(graph, cases, named, [name for kind, name in asked if kind == "group"])
    for key in graph.expanded:  # what is open can be folded again
        if key in graph.nodes and key != f"case:{case.number}":
            graph.nodes[key].expands = graph.nodes[key].opened = True
    return graph


def _asked(expand: Sequence[str]) -> list[tuple[str, str]]:
    """What is to be opened: kind and name, once each; anything else is passed over."""
    pairs = [text.partition(":")[::2] for text in dict.fromkeys(expand) if len(text) <= 80]
    return [pair for pair in pairs if pair[0] in KINDS][-MOST_EXPANDED:]


def _opened_cases(case: Case, user: User, asked: Iterable[tuple[str, str]]) -> list[Case]:
    numbers = [name for kind, name in asked if kind == "case" and name != case.number]
    others = (
        Case.objects.filter(number__in=numbers, merged_into__isnull=True).order_by("pk") if numbers else ()
    )
    return [case, *(one for one in others if policy.allowed(user, "case.read", one))]


# --- what is named -------------------------------------------------------------------------------------------


def _named(graph: Graph, cases: list[Case], asked: list[tuple[str, str]]) -> dict[int, Named]:
    """The most shared identifiers of the opened cases, then those that analysts found."""
    tips = [name for kind, name in asked if kind == "tip"]
    links = Link.objects.filter(tip__case_tip__case__in=cases)
    counted = links.values("identifier_id").annotate(n=Count("pk"), joined=Count("pk", filter=Q(joins=True)))
    most = MOST_IDENTIFIERS_BIG if graph.tips > MOST_NODES - MOST_IDENTIFIERS else MOST_IDENTIFIERS
    if ("more", "identifiers") in asked:
        most = MOST_IDENTIFIERS_ASKED
    ids = [row["identifier_id"] for row in counted.order_by("-joined", "-n", "identifier_id")[:most]]
    if tips:  # a tip that was opened shows everything that it names
        theirs = links.filter(tip__public_id__in=tips).order_by("pk").values_list("identifier_id", flat=True)
        ids += [pk for pk in theirs[:MOST_IDENTIFIERS_ASKED] if pk not in ids]
    findings = Finding.objects.filter(case__in=cases, identifier__isnull=False).order_by("pk")
    found = list(findings.values_list("identifier_id", flat=True)[:MOST_IDENTIFIERS])
    known = Identifier.objects.in_bulk({*ids, *found})
    hidden = graph_roles.sealed_keys(cases) if len(cases) > 1 else set()
    named = {pk: Named(known[pk]) for pk in [*ids, *found] if known[pk].key not in hidden}
    for pk in found:
        if pk in named:
            named[pk].found = True
    rules = (
        links.filter(identifier_id__in=named).values("identifier_id", "rule", "joins").annotate(n=Count("pk"))
    )
    for row in rules.order_by("identifier_id", "rule", "joins"):
        one = named[row["identifier_id"]]
        one.tips += row["n"]
        one.joined += row["n"] if row["joins"] else 0
        one.rules[row["rule"]] += row["n"]
    if len(ids) >= most:
        every = links.aggregate(n=Count("identifier_id", distinct=True))["n"]
        graph.more_identifiers = every - sum(1 for one in named.values() if one.tips)
    return named


def _owners(cases: list[Case], named: dict[int, Named]) -> list[Observation]:
    """Who owns what, the newest word on each pair; owners that no tip names join what is named."""
    owned = Observation.objects.filter(kind="owner", identifier__isnull=False, owner__isnull=False)
    owned = owned.select_related("identifier", "owner").order_by("observed_at", "pk")
    seen, said = owned.filter(case__in=cases), owned.filter(tip__case_tip__case__in=cases)
    rows = [*said[:MOST_IDENTIFIERS], *seen[:MOST_IDENTIFIERS]]
    newest = {(row.identifier_id, row.owner_id): row for row in sorted(rows, key=lambda row: row.observed_at)}
    if newest:
        hidden = graph_roles.sealed_keys(cases, proposed=True)
        ends = [end for row in newest.values() for end in (row.identifier, row.owner) if end is not None]
        for end in ends:
            if end.key not in hidden:
                named.setdefault(end.pk, Named(end))
    return [row for row in newest.values() if row.identifier_id in named and row.owner_id in named]


def _identifier_nodes(
    graph: Graph, cases: list[Case], named: dict[int, Named], owned: list[Observation]
) -> None:
    roles = graph_roles.roles(cases, list(named))
    detached = set(
        Detached.objects.filter(case__in=cases).values_list("identifier_id", flat=True)[:MOST_NODES]
    )
    owners = {row.owner_id for row in owned} - {row.identifier_id for row in owned}
    for pk, one in named.items():
        role = roles.get(pk, "unknown")
        node = Node(
            id=_key(one),
            kind="identifier",
            label=say.shown(one.identifier),
            detail=say.what(one.identifier),
            column=OWNERS if pk in owners else NAMED,
            words=say.identifier(
                one.identifier, role, one.tips, one.joined, one.rules, one.found, pk in detached
            ),
            tips=one.tips,
            mark=role,
        )
        graph.add(node)
    wish = Node("more:identifiers", "more", say.more(graph.more_identifiers), "", NAMED, expands=True)
    if graph.more_identifiers or wish.id in graph.expanded:
        graph.add(wish)


def _owns(graph: Graph, owned: list[Observation]) -> None:
    for row in owned:
        if row.identifier is not None and row.owner is not None:
            source, target = f"identifier:{row.owner.public_id}", f"identifier:{row.identifier.public_id}"
            graph.connect(Edge(source, target, "owns", say.ownership(row), label=say.owns()))


# --- other cases that name the same --------------------------------------------------------------------------


def _elsewhere(graph: Graph, cases: list[Case], user: User, named: dict[int, Named], asked: set[str]) -> None:
    """Other cases in which the same is named; the ones that share most first. Two queries."""
    wished = {pk for pk, one in named.items() if one.identifier.public_id in asked}
    followed = {pk for pk, one in named.items() if not set(one.rules) & set(NOT_FOLLOWED)} | wished
    links = Link.objects.filter(identifier_id__in=followed).exclude(tip__case_tip__case__in=cases)
    pairs = Counter(links.values_list("identifier_id", "tip__case_tip__case_id")[:FOLLOWED])
    shares: Counter[int] = Counter()
    for (pk, case_id), n in pairs.items():
        if case_id is not None:
            shares[case_id] += n + (FOLLOWED if pk in wished else 0)
    others = Case.objects.in_bulk([pk for pk, _n in shares.most_common(MOST_CASES_ASKED)])
    seen = [others[pk] for pk, _n in shares.most_common() if pk in others]
    allowed = [one for one in seen if policy.allowed(user, "case.read", one)]
    chosen = allowed[: MOST_CASES_ASKED if wished else MOST_CASES]
    graph.more_cases = len(allowed) - len(chosen) + max(0, len(shares) - MOST_CASES_ASKED)
    for other in chosen:
        graph.add(_case_node(other, ELSEWHERE, opened=False))
    numbers = {one.pk: one.number for one in chosen}
    for (pk, case_id), n in sorted(pairs.items(), key=lambda pair: (pair[0][0], pair[0][1] or 0)):
        source = _key(named[pk])
        if case_id in numbers:
            words = say.touches(n, numbers[case_id])
            graph.connect(Edge(source, f"case:{numbers[case_id]}", "touches", words, label=say.n_tips(n)))
    for pk, one in named.items():
        node = graph.nodes.get(_key(one))
        if node is not None and pk not in wished:
            node.expands = pk not in followed or graph.more_cases > 0


def _case_node(case: Case, column: int, opened: bool) -> Node:
    return Node(
        id=f"case:{case.number}",
        kind="case",
        label=case.number,
        detail=say.lane(case.lane),
        column=column,
        words=say.case(case, opened),
        expands=not opened,
        mark=case.lane,
    )


# --- the tips, one by one or in groups -----------------------------------------------------------------------


def _tips(graph: Graph, cases: list[Case], named: dict[int, Named], opened: list[str]) -> None:
    """All tips where they fit, else groups by identifier and day; groups that were opened show theirs."""
    placed = CaseTip.objects.filter(case__in=cases)
    graph.copies = Copy.objects.filter(tip__case_tip__case__in=cases).count()
    if graph.tips <= graph.room:
        _single(graph, placed, named)
        return
    singles: list[int] = []
    for group in opened:  # what is opened leaves room for the other groups
        share = min(graph_groups.OPENED, (graph.room - MOST_GROUPS) // len(opened))
        singles += graph_groups.tips_of(group, cases, named, share)
    _single(graph, placed.filter(tip_id__in=singles), named)
    _groups(graph, cases, named, opened)


def _single(graph: Graph, placed: Any, named: dict[int, Named]) -> None:
    """One node a tip, its links, and of which tip it is a copy. Three queries."""
    rows = list(placed.select_related("tip", "case").order_by("tip__received_at", "tip_id")[: graph.room])
    names = {one.identifier.public_id: say.shown(one.identifier) for one in named.values()}
    ids = {row.tip_id: f"tip:{row.tip.public_id}" for row in rows}
    for row in rows:
        graph.add(_tip_node(row.tip, TIPS if row.case_id == graph.case.pk else TIPS_ELSEWHERE))
        words = say.in_case(row.because, names)
        graph.connect(Edge(ids[row.tip_id], f"case:{row.case.number}", "in_case", words))
    links = Link.objects.filter(tip_id__in=ids, identifier_id__in=named).order_by("tip_id", "pk")
    for link in links:
        one = named[link.identifier_id].identifier
        words = say.link(link.rule, link.strength, link.joins, link.at)
        target = f"identifier:{one.public_id}"
        graph.connect(Edge(ids[link.tip_id], target, "names", words, joins=link.joins))
    for copy in Copy.objects.filter(tip_id__in=ids, of_id__in=ids).order_by("pk"):
        words = say.copy(copy.likeness)
        graph.connect(Edge(ids[copy.tip_id], ids[copy.of_id], "copy_of", words, label=say.copy_label()))
    if graph.more_identifiers:
        beyond = Link.objects.filter(tip_id__in=ids).exclude(identifier_id__in=named)
        for pk in beyond.order_by("tip_id").values_list("tip_id", flat=True).distinct():
            graph.nodes[ids[pk]].expands = True


def _tip_node(tip: Tip, column: int) -> Node:
    return Node(
        id=f"tip:{tip.public_id}",
        kind="tip",
        label=say.short(tip.public_id),
        detail=say.tip_line(tip),
        column=column,
        words=say.tip(tip),
        mark=tip.danger,
    )


def _groups(graph: Graph, cases: list[Case], named: dict[int, Named], opened: list[str]) -> None:
    """Groups by identifier and day (month, all, where even those are too many)."""
    by_pk = {case.pk: case for case in cases}
    shown = {pk: one for pk, one in named.items() if _key(one) in graph.nodes}
    for group in graph_groups.groups(cases, shown, min(MOST_GROUPS, graph.room - len(cases))):
        case, target = by_pk[group.case_id], _key(named[group.identifier_id])
        key = f"group:{case.number}:{target.partition(':')[2]}:{group.days}"
        is_open = key.partition(":")[2] in opened
        node = _group_node(graph, key, case, group.tips, say.days(group.days))
        node.expands, node.words = True, say.group(group.tips, group.joined, group.days, is_open)
        words = say.group_link(group.tips, group.joined)
        graph.connect(Edge(key, target, "names", words, joins=group.joined > 0))
    for case in cases:
        if alone := graph_groups.unnamed(case, shown):
            node = _group_node(graph, f"group:{case.number}:none:all", case, alone, say.nothing_shown())
            node.words = [say.group_of_nothing(alone)]
    graph.grouped = graph.tips - sum(1 for node in graph.nodes.values() if node.kind == "tip")


def _group_node(graph: Graph, key: str, case: Case, tips: int, detail: str) -> Node:
    column = TIPS if case == graph.case else TIPS_ELSEWHERE
    node = Node(key, "group", say.n_tips(tips), detail, column, tips=tips)
    graph.add(node)
    graph.connect(Edge(key, f"case:{case.number}", "in_case", say.group_in_case(tips)))
    return node


def _key(one: Named) -> str:
    return f"identifier:{one.identifier.public_id}"
