"""The console pages of the directory."""

from __future__ import annotations

from typing import Any

from tocsin.directory.models import Recipient, Route


def test_the_list_filters_by_kind_and_name(directory: None, analyst_client: Any) -> None:
    page = analyst_client.get("/console/recipients/", {"kind": "police", "q": "harbin"}).content.decode()
    assert "Harbin Public Security" in page
    assert "Zhengzhou Public Security" not in page


def test_an_analyst_reads_a_recipient_but_cannot_confirm_its_route(
    directory: None, analyst_client: Any
) -> None:
    recipient = Recipient.objects.get(key="x")
    route = Route.objects.create(recipient=recipient, address="desk@platform.example.com")
    page = analyst_client.get(f"/console/recipients/{recipient.public_id}/").content.decode()
    assert "Not confirmed" in page
    assert "Confirm this route" not in page
    assert (
        analyst_client.post(f"/console/routes/{route.public_id}/confirm/", {"note": "called"}).status_code
        == 404
    )
    route.refresh_from_db()
    assert route.confirmed_at is None


def test_a_reviewer_confirms_a_route_on_its_page(
    directory: None, reviewer_client: Any, reviewer: Any
) -> None:
    recipient = Recipient.objects.get(key="x")
    route = Route.objects.create(recipient=recipient, address="desk@platform.example.com")
    answer = reviewer_client.post(
        f"/console/routes/{route.public_id}/confirm/", {"note": "called their desk"}, follow=True
    )
    route.refresh_from_db()
    assert route.confirmed_by == reviewer
    assert "called their desk" in answer.content.decode()
