"""Identifiers are stored once; the bystander list changes by two people."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.identifiers import bystanders
from tocsin.identifiers.extract import canonical_from
from tocsin.identifiers.models import Bystander, BystanderChange, Identifier, key_of
from tocsin.identifiers.store import key_for, store, store_ids

pytestmark = pytest.mark.django_db
HANDLE = ("account", "weibo", "name:clay_square")


def test_storing_twice_gives_the_same_row() -> None:
    found = canonical_from("weibo: clay_square")
    first, second = store(found), store([*found, *found])
    assert first[key_for(found[0])] == second[key_of(*HANDLE)]
    assert Identifier.objects.count() == 1


def test_storing_many_takes_few_queries() -> None:
    found = [one for n in range(300) for one in canonical_from(f"weibo: clay_square{n}")]
    with CaptureQueriesContext(connection) as seen:
        assert len(store(found)) == 300
    assert len(seen) <= 6
    with CaptureQueriesContext(connection) as again:
        ids = store_ids(found)
    assert len(again) == 1 and ids == {key: row.pk for key, row in store(found).items()}


def test_nobody_changes_the_list_alone(analyst: User, reviewer: User) -> None:
    change = bystanders.propose(reviewer, HANDLE, "A museum", "news", "its page")
    for user in (analyst, reviewer):
        with pytest.raises(NotAllowed):
            bystanders.approve(change, user, change.digest)
    assert not bystanders.is_bystander(key_of(*HANDLE))


def test_what_was_approved_is_exactly_what_was_shown(analyst: User, reviewer: User) -> None:
    change = bystanders.propose(analyst, HANDLE, "A museum", "news", "its page")
    seen = change.digest
    BystanderChange.objects.update(canonical="name:another_square")
    with pytest.raises(NotAllowed):
        bystanders.approve(change, reviewer, seen)
    assert not Bystander.objects.exists()


def test_the_list_is_read_again_when_it_changed(analyst: User, reviewer: User) -> None:
    assert not bystanders.is_bystander(key_of(*HANDLE))
    change = bystanders.propose(analyst, HANDLE, "A museum", "news", "its page")
    bystanders.approve(change, reviewer, change.digest)
    assert bystanders.is_bystander(key_of(*HANDLE))
    with CaptureQueriesContext(connection) as seen:
        bystanders.is_bystander(key_of(*HANDLE))
    assert len(seen) == 1, "only its version is asked for"


def test_a_listed_site_covers_its_pages_and_not_its_neighbours(analyst: User, reviewer: User) -> None:
    change = bystanders.propose(analyst, ("site", "web", "news.example.org"), "News", "news", "its page")
    bystanders.approve(change, reviewer, change.digest)
    assert bystanders.covers("url", "web", "news.example.org/2026/kiln")
    assert not bystanders.covers("url", "web", "news.example.org.example.net/kiln")


def test_the_data_is_loaded_once_and_what_was_removed_stays_away(analyst: User, reviewer: User) -> None:
    assert bystanders.load_data(demonstration=True) > 0
    assert bystanders.load_data(demonstration=True) == 0
    entry = Bystander.objects.first()
    assert entry is not None
    triple = (entry.kind, entry.platform, entry.canonical)
    change = bystanders.propose(analyst, triple, entry.label, entry.why, remove=True)
    bystanders.approve(change, reviewer, change.digest)
    assert bystanders.load_data(demonstration=True) == 0
    assert not bystanders.is_bystander(key_of(*triple))


def test_invented_entries_are_for_demonstrations_only() -> None:
    bystanders.load_data(demonstration=False)
    assert not Bystander.objects.filter(label__contains="demonstration").exists()


def test_the_page_proposes_and_the_approvals_page_decides(
    analyst_client: Any, reviewer_client: Any, reviewer: User
) -> None:
    form = {"text": "weibo: clay_square", "label": "A museum", "why": "news", "source": "its own page"}
    analyst_client.post("/console/bystanders/propose/", form)
    change = BystanderChange.objects.get()
    page = analyst_client.get("/console/bystanders/").content.decode()
    assert "Waiting for a second person" in page and "A museum" in page
    shown = reviewer_client.get(f"/console/approvals/bystander/{change.public_id}/").content.decode()
    assert "clay_square" in shown and "its own page" in shown
    reviewer_client.post(
        f"/console/approvals/bystander/{change.public_id}/approve/", {"digest": change.digest}
    )
    assert Bystander.objects.get().label == "A museum"


def test_the_proposer_reads_why_it_was_not_approved(
    analyst_client: Any, analyst: User, reviewer: User
) -> None:
    change = bystanders.propose(analyst, HANDLE, "A museum", "news")
    bystanders.reject(change, reviewer, "It is a private person.")
    change.refresh_from_db()
    assert b"private" not in bytes(change.rejection_sealed or b"")
    assert "It is a private person." in analyst_client.get("/console/bystanders/").content.decode()


@pytest.mark.parametrize("text", ["nothing at all", "https://a.example.com/b https://c.example.com/d"])
def test_what_names_nothing_or_several_things_comes_back_with_a_sentence(
    analyst_client: Any, text: str
) -> None:
    answer = analyst_client.post(
        "/console/bystanders/propose/", {"text": text, "label": "A museum", "why": "news", "source": "x"}
    )
    assert answer.status_code == 400 and "A museum" in answer.content.decode()
    assert not BystanderChange.objects.exists()
