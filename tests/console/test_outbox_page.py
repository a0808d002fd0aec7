"""The outbox page: what waits, what left, what failed, and one message exactly as it leaves."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tocsin.audit.models import AuditRow
from tocsin.lib.writing import write
from tocsin.post import outbox
from tocsin.post.models import Message, MessageState

LIST = "/console/outbox/"
CONTENT = b"""Message-ID: <kiln-%d@hotline.example>\r
From: notices@hotline.example\r
To: desk@platform.example\r
Subject: Notice K-%d\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: text/plain; charset=utf-8\r
\r
Please look at nick[.]example.\r
--b\r
Content-Type: application/json\r
Content-Disposition: attachment; filename=notice.json\r
\r
{"schema": "x"}\r
--b--\r
"""


def queue(number: int) -> Message:
    with write():
        return outbox.queue(f"test:{number}", f"desk-{number}@platform.example", CONTENT % (number, number))


def test_a_message_is_read_exactly_as_it_leaves_and_the_reading_is_recorded(
    db: None, analyst_client: Any, analyst: Any
) -> None:
    message = queue(1)
    assert "desk-1@platform.example" in analyst_client.get(LIST).content.decode()
    page = analyst_client.get(f"{LIST}{message.key}/").content.decode()
    assert "Please look at nick[.]example." in page
    assert "notice.json" in page
    assert "{&quot;schema&quot;: &quot;x&quot;}" in page
    assert "&lt;kiln-1@hotline.example&gt;" in page
    assert AuditRow.objects.filter(action="post.read", actor=analyst.actor).count() == 1


def test_the_list_filters_by_state_and_says_what_went_wrong(db: None, analyst_client: Any) -> None:
    queue(1)
    failed = queue(2)
    Message.objects.filter(pk=failed.pk).update(
        state=MessageState.FAILED, failure="The address was refused (550)."
    )
    page = analyst_client.get(LIST, {"state": "failed"}).content.decode()
    assert "The address was refused (550)." in page
    assert "desk-1@" not in page
    assert "desk-1@" in analyst_client.get(LIST, {"state": "nonsense"}).content.decode()


def test_without_a_mail_server_the_page_says_that_nothing_leaves(
    db: None, analyst_client: Any, settings: Any
) -> None:
    settings.SMTP_HOST = ""
    assert "No mail server is set" in analyst_client.get(LIST).content.decode()
    settings.SMTP_HOST = "127.0.0.1"
    assert "No mail server is set" not in analyst_client.get(LIST).content.decode()


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_who_does_no_casework_does_not_see_the_outbox(
    db: None, analyst: Any, analyst_client: Any, role: str
) -> None:
    message = queue(1)
    analyst.role = role
    analyst.save(update_fields=["role"])
    assert analyst_client.get(LIST).status_code == 404
    assert analyst_client.get(f"{LIST}{message.key}/").status_code == 404


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_thirty(
    db: None, analyst_client: Any
) -> None:
    queue(0)
    analyst_client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        analyst_client.get(LIST)
    for number in range(1, 30):
        queue(number)
    with CaptureQueriesContext(connection) as thirty:
        page = analyst_client.get(LIST).content.decode()
    assert page.count("@platform.example") == 30
    assert len(thirty) == len(one)
