"""The made-up world of the benchmarks: the same every time, and its truth is what its texts say."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from _world import EARLY, LATE, Name, World

from tocsin.identifiers.extract import extract
from tocsin.linking.rules import HANDLE_REACH, LONG_LIST

WORLD = World(20_000)


def test_the_same_seed_gives_the_same_tips_wherever_one_begins() -> None:
    whole = list(World(500).items())
    assert whole[123:130] == list(World(500).items(123, 7))
    assert whole != list(World(500, seed=6).items())
    assert [item.text() for item in whole[:50]] == [item.text() for item in World(500).items(0, 50)]


def test_texts_say_exactly_the_names_of_their_tips() -> None:
    for item in WORLD.items(0, 4000):
        if item.number % 40:
            continue
        found = {(one.kind, one.platform, one.canonical): one for one in extract(item.text()).identifiers}
        named = {name.triple: name for name in item.names if name.role != "child"}
        assert found.keys() == named.keys(), item.text()
        assert all(found[key].strength == name.strength for key, name in named.items())
        assert all((found[key].cue == "self") == (name.role == "reporter") for key, name in named.items())


def test_trouble_comes_in_the_shares_that_the_contract_names() -> None:
    tips = Counter(why for item in WORLD.items() for why in {name.why for name in item.names})
    share = {why: count / WORLD.size for why, count in tips.items()}
    assert 0.017 < share["hub"] + share["known_hub"] < 0.023
    assert 0.008 < share["late_hub"] < 0.012
    assert 0.18 < share["bystander"] + share["unlisted"] < 0.22
    assert share["unlisted"] < 0.002
    assert all(share[why] > 0.002 for why in ("self", "child", "reused", "weak", "alike", "list"))


def test_a_reused_handle_changes_hands_after_more_than_its_reach() -> None:
    by_owner: dict[str, dict[int, list[float]]] = {}
    for item in WORLD.items():
        for name in item.names:
            if name.why == "reused":
                owner = by_owner.setdefault(name.canonical, {}).setdefault(item.cluster, [])
                owner.append(item.at.timestamp())
    shared = [owners for owners in by_owner.values() if len(owners) > 1]
    assert len(shared) > 5
    for owners in shared:
        first, second = sorted(owners.values(), key=min)
        assert min(second) - max(first) > HANDLE_REACH.total_seconds()
    assert HANDLE_REACH.days < (LATE - EARLY) * 730


def test_no_cluster_is_over_half_a_percent_and_own_names_belong_to_one() -> None:
    owner: dict[tuple[str, str, str], int] = {}
    sizes = Counter[int]()
    for item in WORLD.items():
        sizes[item.cluster] += 1
        for name in item.names:
            if name.why == "own":
                assert owner.setdefault(name.triple, item.cluster) == item.cluster
    assert sizes.most_common(1)[0][1] < WORLD.size * 0.005
    assert sum(size > 10 for size in sizes.values()) > 100


def test_a_pasted_list_is_long_and_belongs_to_nobody() -> None:
    lists = [item for item in WORLD.items() if any(name.why == "list" for name in item.names)]
    assert lists
    assert all(item.cluster < 0 and len(item.names) > LONG_LIST for item in lists)


def test_hubs_are_named_by_many_clusters() -> None:
    clusters: dict[Name, set[int]] = {}
    for item in WORLD.items():
        for name in item.names:
            if name.why in ("hub", "late_hub") and name.kind == "site":
                clusters.setdefault(name, set()).add(item.cluster)
    assert len(clusters) >= 4
    assert all(len(some) > 60 for some in clusters.values())
