"""The demonstration's cases follow from shared identifiers alone: extraction, union, no database."""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tocsin.identifiers.extract import Found, extract

ROOT = Path(__file__).resolve().parent.parent
Triple = tuple[str, str, str]


def named(entry: dict[str, str]) -> Triple:
    """The triple of an entry of a data file."""
    return entry["kind"], entry["platform"], entry["canonical"]


def triple(found: Found) -> Triple:
    """The triple of something found in a text."""
    return found.kind, found.platform, found.canonical


@cache
def expected() -> dict[str, Any]:
    """What a reader of the demonstration expects of it."""
    loaded: dict[str, Any] = json.loads((ROOT / "examples" / "scenario.expected.json").read_text("utf-8"))
    return loaded


@cache
def found_in_tips() -> dict[str, tuple[Found, ...]]:
    """What the text of each tip names, by tip id."""
    lines = (ROOT / "examples" / "scenario.jsonl").read_text("utf-8").splitlines()
    tips = [json.loads(line) for line in lines]
    return {tip["id"]: extract(tip["text"]).identifiers for tip in tips}


def joining() -> dict[str, set[Triple]]:
    """What each tip can be joined by: strong or handle, no bystander, not the reporter's own."""
    path = ROOT / "src" / "tocsin" / "identifiers" / "data" / "bystanders.toml"
    bystanders = {named(entry) for entry in tomllib.loads(path.read_text("utf-8"))["bystander"]}
    return {
        tip: {
            triple(found)
            for found in identifiers
            if found.strength in {"strong", "handle"}
            and found.cue != "self"
            and triple(found) not in bystanders
        }
        for tip, identifiers in found_in_tips().items()
    }


def groups(names: dict[str, set[Triple]]) -> list[list[str]]:
    """The connected components of tips with a joining identifier, each sorted, in order."""
    merged: list[tuple[set[str], set[Triple]]] = []
    for tip, triples in names.items():
        if not triples:
            continue
        touching = [group for group in merged if group[1] & triples]
        merged = [group for group in merged if not group[1] & triples]
        tips = {tip}.union(*(group[0] for group in touching))
        merged.append((tips, triples.union(*(group[1] for group in touching))))
    return sorted(sorted(tips) for tips, _ in merged)


def test_the_expected_cases_follow_from_shared_identifiers() -> None:
    assert groups(joining()) == sorted(case["tips"] for case in expected()["cases"])


def test_noise_and_empty_tips_name_nothing_that_could_join() -> None:
    loose = sorted(tip for tip, triples in joining().items() if not triples)
    assert loose == sorted(expected()["noise"] + expected()["empty"])


def test_every_case_names_its_identifiers() -> None:
    found = found_in_tips()
    for case in expected()["cases"]:
        in_case = {triple(one) for tip in case["tips"] for one in found[tip]}
        assert {named(entry) for entry in case["identifiers"]} <= in_case, case["name"]


def test_the_campaigner_is_named_in_several_cases_and_in_noise() -> None:
    campaigner = {named(entry) for entry in expected()["campaigner"]}
    naming = {tip for tip, found in found_in_tips().items() if campaigner & {triple(one) for one in found}}
    cases = [case["name"] for case in expected()["cases"] if naming & set(case["tips"])]
    assert len(cases) >= 4
    assert naming & set(expected()["noise"])


def test_reporters_own_numbers_are_said_to_be_theirs() -> None:
    own = {triple(one) for found in found_in_tips().values() for one in found if one.cue == "self"}
    assert {named(entry) for entry in expected()["reporter_owned"]} <= own
