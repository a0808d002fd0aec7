"""The link graph: what it shows and never shows, at most 300 nodes, a number of queries that does not grow."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from read_tips import read_tip, walk

from tocsin.accounts.models import User
from tocsin.cases import findings, graph, graph_words
from tocsin.cases.graph_parts import MOST_NODES, Edge, Graph
from tocsin.cases.models import Case, CaseTip, Detached, Observation
from tocsin.cases.roles import set_role
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import MentionRole
from tocsin.linking.models import Copy, Link

pytestmark = pytest.mark.django_db


def case_of(tip: Any) -> Case:
    return CaseTip.objects.get(tip=tip).case


def named(name: str) -> Identifier:
    return Identifier.objects.get(canonical=name)


def key(name: str) -> str:
    return f"identifier:{named(name).public_id}"


def edges(found: Graph, kind: str) -> list[Edge]:
    return [edge for edge in found.edges if edge.kind == kind]


def labels(found: Graph, kind: str) -> set[str]:
    return {node.label for node in found.nodes.values() if node.kind == kind}


def test_a_small_case_shows_each_tip_what_it_names_and_by_which_rule(analyst: User) -> None:
    tips = [read_tip("strong:kiln", "weak:clay"), read_tip("strong:kiln", "handle:glaze")]
    walk()
    case = case_of(tips[0])
    found = graph.of(case, analyst)
    assert labels(found, "tip") == {tip.public_id[:6] for tip in tips}
    assert labels(found, "identifier") == {"strong:kiln", "weak:clay", "handle:glaze"}
    joins = {(edge.source, edge.target): edge.joins for edge in edges(found, "names")}
    assert joins == {
        (f"tip:{tips[0].public_id}", key("strong:kiln")): True,
        (f"tip:{tips[0].public_id}", key("weak:clay")): False,
        (f"tip:{tips[1].public_id}", key("strong:kiln")): True,
        (f"tip:{tips[1].public_id}", key("handle:glaze")): True,
    }
    weak = next(edge for edge in edges(found, "names") if edge.target == key("weak:clay"))
    assert weak.words.startswith("weak; does not join by itself: too weak; linked 20")
    assert {edge.words for edge in edges(found, "in_case")} == {"opened the case", "joined by strong:kiln"}
    assert found.grouped == 0


def test_every_rule_has_words() -> None:
    from tocsin.linking import rules

    names = {
        rules.STRONG, rules.HANDLE, rules.HUB, rules.WEAK, rules.LIST, rules.BYSTANDER, rules.ROLE,
    }  # fmt: skip
    assert names <= graph_words.RULES.keys()


def test_a_case_that_names_the_same_is_shown_and_opens_when_asked(analyst: User) -> None:
    mine = read_tip("strong:kiln", "weak:clay")
    other = read_tip("strong:wheel", "weak:clay")
    walk()
    case, far = case_of(mine), case_of(other)
    found = graph.of(case, analyst)
    (touch,) = edges(found, "touches")
    assert (touch.source, touch.target, touch.label) == (key("weak:clay"), f"case:{far.number}", "1 tip")
    assert labels(found, "tip") == {mine.public_id[:6]}
    opened = graph.of(case, analyst, [f"case:{far.number}"])
    assert labels(opened, "tip") == {mine.public_id[:6], other.public_id[:6]}
    assert "strong:wheel" in labels(opened, "identifier")
    assert edges(opened, "touches") == []
    assert opened.nodes[f"case:{far.number}"].opened


def test_by_what_is_shared_by_many_nothing_is_followed_until_somebody_asks(analyst: User) -> None:
    mine, other = read_tip("strong:kiln", "hub:square"), read_tip("strong:wheel", "hub:square")
    walk()
    case = case_of(mine)
    found = graph.of(case, analyst)
    assert edges(found, "touches") == []
    assert found.nodes[key("hub:square")].expands
    asked = graph.of(case, analyst, [key("hub:square")])
    assert [edge.target for edge in edges(asked, "touches")] == [f"case:{case_of(other).number}"]


def test_owner_copy_finding_and_detachment_are_told(analyst: User) -> None:
    first, second = read_tip("strong:kiln"), read_tip("strong:kiln")
    stranger = read_tip("strong:potter")
    walk()
    case = case_of(first)
    Copy.objects.create(tip=second, of=first, likeness=97, at=first.received_at)
    Observation.objects.create(
        case=case, identifier=named("strong:kiln"), owner=named("strong:potter"), kind="owner", grade="seen",
        by=analyst, observed_at=first.received_at, recorded_at=first.received_at,
    )  # fmt: skip
    findings.add(case, analyst, "kiln-two.example", "seen beside it")
    found = graph.of(case, analyst)
    (owns,) = edges(found, "owns")
    assert (owns.source, owns.target) == (key("strong:potter"), key("strong:kiln"))
    assert owns.words.startswith("seen by us, ")
    (copy,) = edges(found, "copy_of")
    assert (copy.source, copy.target) == (f"tip:{second.public_id}", f"tip:{first.public_id}")
    assert any("found by us" in node.words for node in found.nodes.values())
    assert stranger.public_id[:6] not in labels(found, "tip")


def test_a_childs_or_reporters_identifier_is_nowhere_in_the_picture(
    analyst: User, analyst_client: Any
) -> None:
    mine = read_tip("strong:kiln", "handle:small_vase")
    other = read_tip("strong:wheel", "handle:small_vase", day=400)
    walk()
    case, far = case_of(mine), case_of(other)
    assert case != far
    Observation.objects.create(
        case=case, identifier=named("strong:kiln"), owner=named("handle:small_vase"), kind="owner", grade="seen",
        by=analyst, observed_at=mine.received_at, recorded_at=mine.received_at,
    )  # fmt: skip
    before = key("handle:small_vase")
    assert before in graph.of(case, analyst).nodes
    set_role(case, named("handle:small_vase").public_id, MentionRole.CHILD, analyst)
    for expand in ([], [f"case:{far.number}"], [before], [f"tip:{mine.public_id}"]):
        assert before not in graph.of(case, analyst, expand).nodes
        for name in ("graph/", "graph.json"):
            answer = analyst_client.get(f"/console/cases/{case.number}/{name}", {"expand": expand})
            assert answer.status_code == 200
            assert "small_vase" not in answer.content.decode()


def storm(tips: int, identifiers: int = 1, days: int = 5) -> Case:
    """A case with many tips, written as the worker leaves it."""
    made = [read_tip("strong:kiln", *[f"handle:n{n}" for n in range(identifiers)])]
    walk()
    case = case_of(made[0])
    made += [read_tip("strong:kiln", *([f"handle:n{n % 7}"]), day=n % days) for n in range(tips - 1)]
    walk()
    return case


def test_more_than_300_nodes_become_groups_by_identifier_and_day(analyst: User) -> None:
    case = storm(301)
    found = graph.of(case, analyst)
    assert len(found.nodes) <= MOST_NODES
    assert labels(found, "tip") == set()
    assert found.grouped == found.tips == 301
    groups = [node for node in found.nodes.values() if node.kind == "group"]
    kiln = [edge.source for edge in edges(found, "names") if edge.target == key("strong:kiln")]
    assert sum(found.nodes[group].tips for group in kiln) == 301
    assert {node.detail for node in groups if node.id in kiln} >= {graph_words.days("2026-03-01")}
    assert "301 of 301 tips stand in" in " ".join(graph_words.limits(found))


def test_a_group_opens_into_its_tips_and_the_picture_stays_small(analyst: User) -> None:
    case = storm(301)
    group = next(node for node in graph.of(case, analyst).nodes.values() if node.kind == "group")
    opened = graph.of(case, analyst, [group.id])
    tips = [node for node in opened.nodes.values() if node.kind == "tip"]
    assert 0 < len(tips) <= 60
    assert len(opened.nodes) <= MOST_NODES
    assert opened.nodes[group.id].opened
    assert opened.grouped == 301 - len(tips)


def test_a_pasted_list_does_not_fill_the_picture(analyst: User) -> None:
    tip = read_tip("strong:kiln", *[f"strong:list{n}" for n in range(500)])
    other = read_tip("strong:kiln")
    case = Case.objects.create(number="2026-900001", opened_at=tip.received_at, first_received_at=tip.received_at,
                               last_received_at=tip.received_at)  # fmt: skip
    walk()
    CaseTip.objects.filter(tip=tip).delete()
    CaseTip.objects.update_or_create(tip=tip, defaults={"case": case, "at": tip.received_at})
    found = graph.of(case, analyst)
    assert len(labels(found, "identifier")) == graph.MOST_IDENTIFIERS
    assert found.more_identifiers == 501 - graph.MOST_IDENTIFIERS
    assert "more:identifiers" in found.nodes
    more = graph.of(case, analyst, ["more:identifiers", f"tip:{tip.public_id}", f"tip:{other.public_id}"])
    assert len(labels(more, "identifier")) > graph.MOST_IDENTIFIERS
    assert len(more.nodes) <= MOST_NODES


@pytest.mark.parametrize(
    "wish", ["", "case:", "case:2026-999999", "tip:none", "group:x", "group:a:b:c", "group::none:2026-13-40", "node:1",
             "identifier:" + "x" * 200, "more:"],
)  # fmt: skip
def test_a_wish_for_something_strange_changes_nothing(analyst: User, wish: str) -> None:
    tip = read_tip("strong:kiln")
    walk()
    found = graph.of(case_of(tip), analyst, [wish])
    assert len(found.nodes) == 3
    assert not any(node.opened for node in found.nodes.values())


def test_the_number_of_queries_does_not_grow_with_the_case(analyst_client: Any) -> None:
    counts = {}
    for tips in (3, 301):
        case = storm(tips)
        for name in ("graph.json", "graph/"):
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert analyst_client.get(f"/console/cases/{case.number}/{name}").status_code == 200
            counts[tips, name] = len(seen)
    assert max(counts.values()) <= 30, counts


def test_the_page_says_in_words_what_the_picture_shows(analyst: User, analyst_client: Any) -> None:
    mine, other = read_tip("strong:kiln", "weak:clay"), read_tip("weak:clay", "strong:wheel")
    walk()
    case = case_of(mine)
    page = analyst_client.get(f"/console/cases/{case.number}/graph/").content.decode()
    assert "does not join by itself: too weak" in page
    assert "joins: it names one thing in the world" in page
    assert case_of(other).number in page
    assert f"?expand=case%3A{case_of(other).number}" in page  # opens without a script
    assert "style=" not in page
    assert page.count("Every link of this case") == 1
    for link in Link.objects.filter(tip=mine):
        assert link.identifier.canonical in page
    case_page = analyst_client.get(f"/console/cases/{case.number}/").content.decode()
    assert f"/console/cases/{case.number}/graph/" in case_page


def test_the_data_has_a_schema_and_no_row_numbers(analyst_client: Any) -> None:
    tip = read_tip("strong:kiln")
    walk()
    answer = analyst_client.get(f"/console/cases/{case_of(tip).number}/graph.json").json()
    assert (answer["schema"], answer["version"]) == ("tocsin/case-graph", 1)
    assert {node["kind"] for node in answer["nodes"]} == {"case", "tip", "identifier"}
    ids = {node["id"] for node in answer["nodes"]}
    assert {edge["source"] for edge in answer["edges"]} | {edge["target"] for edge in answer["edges"]} <= ids


def test_who_may_not_read_cases_sees_no_picture(client: Any) -> None:
    tip = read_tip("strong:kiln")
    walk()
    client.force_login(User.objects.create_user(username="adam", password="x", role="administrator"))
    for name in ("graph/", "graph.json"):
        assert client.get(f"/console/cases/{case_of(tip).number}/{name}").status_code == 404


def test_a_person_who_detached_an_identifier_sees_it_said(analyst: User) -> None:
    from tocsin.cases import changes

    first, second = read_tip("strong:kiln", "strong:wheel"), read_tip("strong:kiln", "strong:wheel")
    walk()
    case = case_of(first)
    assert case == case_of(second)
    changes.detach(case, named("strong:wheel").public_id, analyst, "another potter's")
    assert Detached.objects.filter(case=case).exists()
    words = graph.of(case, analyst).nodes[key("strong:wheel")].words
    assert "detached by a person: joins nothing in this case" in words
