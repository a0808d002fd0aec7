"""What one person proposed waits for another one on the approvals page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tocsin.accounts.foureyes import NotAllowed
from tocsin.identifiers import bystanders
from tocsin.identifiers.models import Bystander, BystanderChange

LIST = "/console/approvals/"


def propose(user: Any, number: int = 0) -> BystanderChange:
    handle = f"quiet_kiln_{number}"
    return bystanders.propose(user, ("account", "weibo", f"nick:{handle}"), f"Kiln {number}", "campaigner")


def page_of(change: BystanderChange) -> str:
    return f"{LIST}bystander/{change.public_id}/"


def test_a_proposal_of_somebody_else_is_read_and_approved(
    analyst: Any, reviewer_client: Any, reviewer: Any
) -> None:
    change = propose(analyst)
    assert "Kiln 0" in reviewer_client.get(LIST).content.decode()
    page = reviewer_client.get(page_of(change)).content.decode()
    assert "quiet_kiln_0" in page
    assert change.digest in page
    answer = reviewer_client.post(f"{page_of(change)}approve/", {"digest": change.digest}, follow=True)
    assert "Approved" in answer.content.decode()
    change.refresh_from_db()
    assert (change.state, change.approved_by) == ("approved", reviewer)
    assert Bystander.objects.filter(canonical="nick:quiet_kiln_0").exists()


def test_ones_own_proposal_is_shown_but_cannot_be_approved(reviewer: Any, reviewer_client: Any) -> None:
    change = propose(reviewer)
    listed = reviewer_client.get(LIST).content.decode()
    assert "you proposed this yourself" in listed
    assert 'name="item"' not in listed
    page = reviewer_client.get(page_of(change)).content.decode()
    assert "You proposed this yourself" in page
    assert f"{page_of(change)}approve/" not in page
    refused = reviewer_client.post(f"{page_of(change)}approve/", {"digest": change.digest}, follow=True)
    assert "another person has to approve it" in refused.content.decode()
    change.refresh_from_db()
    assert change.state == "proposed"


def test_a_refusal_speaks_the_readers_language(analyst: Any) -> None:
    change = propose(analyst)
    with translation.override("fr"), pytest.raises(NotAllowed, match="vous"):
        change.mark_approved(analyst, change.digest)


@pytest.mark.parametrize("digest", ["", "0" * 64])
def test_what_changed_after_it_was_shown_is_refused_and_stays(
    analyst: Any, reviewer_client: Any, digest: str
) -> None:
    change = propose(analyst)
    answer = reviewer_client.post(f"{page_of(change)}approve/", {"digest": digest}, follow=True)
    assert "Read it again" in answer.content.decode()
    change.refresh_from_db()
    assert change.state == "proposed"


def test_an_analyst_reads_but_does_not_decide(analyst: Any, coordinator: Any, analyst_client: Any) -> None:
    change = propose(coordinator)
    page = analyst_client.get(page_of(change)).content.decode()
    assert "A reviewer or a coordinator decides this." in page
    assert analyst_client.post(f"{page_of(change)}approve/", {"digest": change.digest}).status_code == 404
    assert analyst_client.post(f"{page_of(change)}reject/", {"reason": "no"}).status_code == 404
    assert (
        analyst_client.post(
            f"{LIST}approve/", {"item": f"bystander:{change.public_id}:{change.digest}"}
        ).status_code
        == 404
    )
    change.refresh_from_db()
    assert change.state == "proposed"


def test_a_rejection_needs_a_reason(analyst: Any, reviewer_client: Any) -> None:
    change = propose(analyst)
    again = reviewer_client.post(f"{page_of(change)}reject/", {"reason": " "})
    assert "This field is required" in again.content.decode()
    change.refresh_from_db()
    assert change.state == "proposed"
    reviewer_client.post(f"{page_of(change)}reject/", {"reason": "It is a shop, not a campaigner."})
    change.refresh_from_db()
    assert change.state == "rejected"
    assert "no longer waiting" in reviewer_client.get(page_of(change)).content.decode()


def test_ticked_ones_are_approved_each_by_itself_and_one_refusal_stops_no_other(
    analyst: Any, reviewer: Any, reviewer_client: Any
) -> None:
    good, own, stale = propose(analyst, 1), propose(reviewer, 2), propose(analyst, 3)
    ticks = [f"bystander:{row.public_id}:{row.digest}" for row in (good, own)]
    ticks += [f"bystander:{stale.public_id}:{'0' * 64}", "bystander:nothing:0", "nonsense"]
    answer = reviewer_client.post(f"{LIST}approve/", {"item": ticks}, follow=True).content.decode()
    states = {row.label: row.state for row in BystanderChange.objects.all()}
    assert states == {"Kiln 1": "approved", "Kiln 2": "proposed", "Kiln 3": "proposed"}
    assert "1 approved." in answer
    assert "another person has to approve it" in answer
    assert "Read it again" in answer


def test_an_unknown_kind_or_number_is_not_found(reviewer_client: Any) -> None:
    assert reviewer_client.get(f"{LIST}bystander/000000000000/").status_code == 404
    assert reviewer_client.get(f"{LIST}nothing/000000000000/").status_code == 404


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_thirty(
    analyst: Any, reviewer_client: Any
) -> None:
    from django.db import connection

    propose(analyst)
    reviewer_client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        reviewer_client.get(LIST)
    for number in range(1, 30):
        propose(analyst, number)
    with CaptureQueriesContext(connection) as thirty:
        page = reviewer_client.get(LIST).content.decode()
    assert page.count('name="item"') == 30
    assert len(thirty) == len(one)
