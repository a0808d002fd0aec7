"""Asking reporters back from the case page, unusable tips, marked senders: as people do it, and never under a hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tocsin.accounts.foureyes import NotAllowed
from tocsin.audit.models import AuditRow
from tocsin.cases.models import Case, Scored
from tocsin.dispatch.models import Hold, HoldIdentifier
from tocsin.identifiers.models import Identifier
from tocsin.lib import signing
from tocsin.tips import marks, messages, opening, unusable
from tocsin.tips.accept import Incoming, accept
from tocsin.tips.messages import TEXT, Box
from tocsin.tips.models import Mention, Message, SenderMark, Tip

pytestmark = pytest.mark.django_db
URL = "https://weibo.com/u/6660012345"
Sent = tuple[Case, list[str]]


@pytest.fixture
def sent(work: Callable[[], int]) -> Sent:
    """A case of two tips, and the receipts of both; the first left a contact."""
    items = [Incoming(text=f"Look at {URL}", contact="ada@example.org"), Incoming(text=f"Also {URL}")]
    found = [one.receipt for one in accept(items)]
    work()
    return Case.objects.get(), found


def hold(user: Any) -> None:
    """Police asked for silence about everything, in no case that the tips are in."""
    now = timezone.now()
    row = Hold.objects.create(until=now + timedelta(days=1), recorded_by=user, set_at=now)
    for identifier in Identifier.objects.all():
        HoldIdentifier.objects.create(hold=row, identifier=identifier)


def panel(client: Client, case: Case) -> str:
    return str(client.get(f"/console/cases/{case.number}/messages").content.decode())


def reply(receipt: str, text: str) -> None:
    messages.write_in(receipt, signing.form_token(), TEXT, text)


def test_a_question_to_all_reporters_is_answered_by_one_and_read(
    sent: Sent, analyst_client: Any, work: Callable[[], int]
) -> None:
    case, found = sent
    assert "Message to 2 mailboxes" in panel(analyst_client, case)
    ask = f"/console/cases/{case.number}/messages/ask"
    analyst_client.post(ask, {"text": "Which street?", "kind": "text", "token": "one"})
    analyst_client.post(ask, {"text": "Which street?", "kind": "text", "token": "one"})
    assert Message.objects.filter(outward=True).count() == 2
    assert case.events.filter(kind="reporters_asked").count() == 1
    assert "Which street?" in Client().post("/status", {"receipt": found[1]}).content.decode()
    reply(found[1], "The blue door, see kiln.example.org")
    work()
    assert "1 answer" in analyst_client.get("/console/cases/").content.decode()
    before = panel(analyst_client, case)
    assert "1 answer is not read yet" in before and "blue door" not in before, "opened only on purpose"
    assert not AuditRow.objects.filter(action="messages.read").exists()
    tip = Tip.objects.order_by("pk")[1]
    page = analyst_client.get(f"/console/tips/{tip.public_id}/").content.decode()
    assert "The blue door, see kiln[.]example[.]org" in page and "kiln.example.org" not in page
    read = AuditRow.objects.get(action="messages.read")
    assert (read.object, read.detail) == (f"tip:{tip.public_id}", {"messages": 2, "new": 1})
    assert Message.objects.get(outward=False).read_at is not None
    assert "Every answer was read." in panel(analyst_client, case)
    assert "1 answer" not in analyst_client.get("/console/cases/").content.decode()


def test_an_answer_to_a_tip_in_no_case_waits_in_the_list_of_answers(
    analyst_client: Any, work: Callable[[], int]
) -> None:
    (accepted,) = accept([Incoming(text="Somebody sells pots on the square")])
    work()
    tip = Tip.objects.get()
    assert "Every answer was read." in analyst_client.get("/console/answers/").content.decode()
    reply(accepted.receipt, "The blue door")
    page = analyst_client.get("/console/answers/").content.decode()
    assert f"/console/tips/{tip.public_id}/" in page and "blue door" not in page
    assert "The blue door" in analyst_client.get(f"/console/tips/{tip.public_id}/").content.decode()
    assert "Every answer was read." in analyst_client.get("/console/answers/").content.decode()


def test_the_case_page_names_the_panel_and_opening_it_reads_nothing(sent: Sent, analyst_client: Any) -> None:
    case, found = sent
    reply(found[0], "The blue door")
    page = analyst_client.get(f"/console/cases/{case.number}/").content.decode()
    assert f"/console/cases/{case.number}/messages" in page
    assert "blue door" not in page and Message.objects.get().read_at is None


def test_the_panel_asks_the_same_number_of_questions_for_one_and_for_ten_answers(
    sent: Sent, analyst_client: Any
) -> None:
    case, found = sent
    reply(found[0], "One")
    panel(analyst_client, case)
    with CaptureQueriesContext(connection) as few:
        panel(analyst_client, case)
    for number in range(9):
        reply(found[1], f"Word {number}")
    with CaptureQueriesContext(connection) as many:
        assert "10 answers are not read yet" in panel(analyst_client, case)
    assert len(few) == len(many)


def test_one_reporter_is_asked_from_the_tip_and_about_the_contact(sent: Sent, analyst_client: Any) -> None:
    first, second = Tip.objects.order_by("pk")
    url = f"/console/tips/{first.public_id}/write/"
    back = f"/console/cases/{sent[0].number}/"
    answer = analyst_client.post(url, {"text": "", "kind": "consent", "back": back})
    assert answer["Location"] == back
    first.refresh_from_db()
    assert (
        first.contact_consent == "asked" and AuditRow.objects.filter(action="tip.consent_asked").count() == 1
    )
    page = analyst_client.get(f"/console/tips/{second.public_id}/").content.decode()
    assert "Ask whether the contact" not in page
    away = analyst_client.post(url, {"text": "Hello", "back": "//kiln.example.org/"})
    assert away["Location"] == f"/console/tips/{first.public_id}/"


def test_under_a_hold_nothing_is_written_asked_answered_or_announced(
    sent: Sent, analyst: Any, analyst_client: Any, work: Callable[[], int]
) -> None:
    from tocsin.post.models import Message as Mail

    case, _found = sent
    tip = Tip.objects.order_by("pk").first()
    assert tip is not None
    messages.send([Box.of(tip)], "Sent a moment before the hold", analyst)
    hold(analyst)
    for act in (
        lambda: messages.send([Box.of(tip)], "Which street?", analyst),
        lambda: messages.ask_consent([tip], "", analyst),
        lambda: opening.mark_not_actionable([tip], "not_found", analyst),
    ):
        with pytest.raises(NotAllowed, match="asked for silence"):
            act()
    analyst_client.post(f"/console/cases/{case.number}/messages/ask", {"text": "Which street?"})
    work()
    assert Message.objects.count() == 1 and not Mail.objects.exists()
    tip.refresh_from_db()
    assert tip.state != "not_actionable" and tip.contact_consent == ""
    assert "asked for silence" in panel(analyst_client, case)
    assert "asked for silence" in analyst_client.get(f"/console/tips/{tip.public_id}/").content.decode()


def test_a_hold_on_one_tip_silences_the_other_tip_of_the_same_mailbox(
    sent: Sent, analyst: Any, work: Callable[[], int]
) -> None:
    accept([Incoming(text="Another thing: oven.example.net", box=sent[1][0])])
    work()
    other = Tip.objects.latest("pk")
    Mention.objects.filter(tip=other).delete()
    hold(analyst)
    with pytest.raises(NotAllowed, match="asked for silence"):
        messages.send([Box.of(other)], "Which street?", analyst)


def test_an_unusable_tip_is_kept_and_its_reporter_reads_why_in_the_tips_language(
    analyst_client: Any, work: Callable[[], int]
) -> None:
    (accepted,) = accept([Incoming(text="Il y a un homme sur la place, je ne sais pas où il est")])
    work()
    tip = Tip.objects.get()
    assert tip.language == "fr"
    assert tip.public_id in analyst_client.get("/console/loose/").content.decode()
    analyst_client.post(f"/console/tips/{tip.public_id}/unusable/", {"why": "nothing_named"})
    analyst_client.post(f"/console/tips/{tip.public_id}/unusable/", {"why": "nothing_named"})
    tip.refresh_from_db()
    assert (tip.state, tip.not_actionable_why) == ("not_actionable", "nothing_named")
    box = Client().post("/status", {"receipt": accepted.receipt}).content.decode()
    assert unusable.reasons()["nothing_named"].answers["fr"].replace("'", "&#x27;") in box
    assert Message.objects.count() == 1
    assert "names no address" in analyst_client.get(f"/console/tips/{tip.public_id}/").content.decode()


def test_a_reason_without_an_answer_tells_nothing_and_an_unknown_one_is_refused(
    analyst: Any, tip: Any
) -> None:
    one = tip("Buy vases now")
    with pytest.raises(NotAllowed):
        opening.mark_not_actionable([one], "whatever", analyst)
    assert opening.mark_not_actionable([one], "advert", analyst) == (1, 0)
    assert not Message.objects.exists()


def test_a_tip_that_is_usable_after_all_loses_the_reason(analyst: Any, tip: Any) -> None:
    one = tip("Buy vases now")
    opening.mark_not_actionable([one], "advert", analyst)
    opening.mark_actionable([one], analyst)
    one.refresh_from_db()
    assert (one.state, one.not_actionable_why) == ("actionable", "")


def test_every_reason_has_words_in_our_languages_and_says_nothing_of_others() -> None:
    for reason in unusable.reasons().values():
        assert len(reason.code) <= 20
        for words in (reason.label, reason.answers):
            assert not words or words.keys() >= {"en", "fr", "zh", "ar"}
        assert reason.answer("de") == reason.answers.get("en", "")


def test_tips_of_a_marked_sender_go_into_the_low_lane_with_the_reason(
    tip: Any, analyst_client: Any, work: Callable[[], int]
) -> None:
    first = tip("Look at weibo.com/u/6660012301", contact="ada@example.org")
    work()
    analyst_client.post(f"/console/tips/{first.public_id}/mark/", {"why": "invented"})
    assert AuditRow.objects.get(action="sender.marked").detail == {"why": "invented", "tags": 1}
    calm = tip("Look at weibo.com/u/6660012302", contact="ADA@example.org")
    loud = tip("Look at weibo.com/u/6660012303", contact="ada@example.org", danger="yes")
    other = tip("Look at weibo.com/u/6660012304", contact="ravi@example.org")
    tip("Somebody sells pots on the square", contact="ada@example.org")
    work()
    found = {
        row.tip_id: (row.lane, [name for name in row.signals if not name.startswith("has:")])
        for row in Scored.objects.all()
    }
    assert found[calm.pk] == ("low", ["sender_marked"])
    assert found[loud.pk] == ("low", ["sender_marked", "sender_marked_danger"])
    assert found[other.pk][0] != "low" and found[first.pk][0] != "low"
    assert "A person marked this sender" in analyst_client.get("/console/loose/").content.decode()
    queue = analyst_client.get("/console/cases/", {"lane": "low"}).content.decode()
    assert "A person marked this sender" in queue
    assert "A marked sender says that a child is in danger" in queue
    assert "sends invented tips" in analyst_client.get("/console/senders/").content.decode()


def test_a_marked_sender_does_not_lower_a_case_that_others_raised(
    tip: Any, analyst: Any, work: Callable[[], int]
) -> None:
    first = tip(f"Look at {URL}", contact="ada@example.org")
    work()
    first.refresh_from_db()
    marks.mark(first, "threats", analyst)
    tip(f"Look at {URL}", danger="yes")
    tip(f"Look at {URL}", contact="ada@example.org")
    work()
    case = Case.objects.get()
    assert case.lane == "immediate"
    assert {"signal": "sender_marked", "tips": 1} in case.lane_reasons


def test_a_case_of_marked_senders_only_is_low_until_somebody_else_joins(
    tip: Any, analyst: Any, work: Callable[[], int]
) -> None:
    first = tip("Look at weibo.com/u/6660012301", contact="ada@example.org")
    work()
    first.refresh_from_db()
    marks.mark(first, "invented", analyst)
    tip(f"Look at {URL}", contact="ada@example.org")
    tip(f"See {URL} again", contact="ada@example.org", danger="yes")
    work()
    case = Case.objects.get(case_tips__tip=Tip.objects.latest("pk"))
    assert (case.lane, case.lane_rank) == ("low", 3)
    tip(f"Look at {URL}")
    work()
    case.refresh_from_db()
    assert (case.lane, case.lane_rank) == ("normal", 2)


def test_a_mark_is_lifted_and_made_again(tip: Any, analyst: Any, analyst_client: Any, work: Any) -> None:
    one = tip("Look at weibo.com/u/6660012301", contact="ada@example.org", sender="@ada")
    work()
    one.refresh_from_db()
    assert marks.mark(one, "other", analyst) == 2 and marks.mark(one, "other", analyst) == 0
    analyst_client.post(f"/console/senders/{one.contact_tag}/lift/")
    assert SenderMark.objects.get(lifted_at__isnull=True).tag == one.sender_tag
    assert marks.mark(one, "other", analyst) == 1
    assert AuditRow.objects.filter(action="sender.mark_lifted").count() == 1


def test_a_sender_of_whom_nothing_is_known_cannot_be_marked(tip: Any, analyst: Any, work: Any) -> None:
    one = tip("Look at weibo.com/u/6660012301")
    work()
    with pytest.raises(NotAllowed, match="Nothing tells who sent"):
        marks.mark(Tip.objects.get(pk=one.pk), "other", analyst)
    with pytest.raises(NotAllowed, match="Choose a reason"):
        marks.mark(one, "whatever", analyst)


@pytest.mark.parametrize("role", ["administrator", "auditor", "campaigner"])
def test_who_does_no_casework_writes_to_nobody(
    sent: Sent, analyst: Any, analyst_client: Any, role: str
) -> None:
    analyst.role = role
    analyst.save(update_fields=["role"])
    tip = Tip.objects.first()
    assert tip is not None
    assert analyst_client.get(f"/console/tips/{tip.public_id}/").status_code == 404
    assert analyst_client.post(f"/console/tips/{tip.public_id}/write/", {"text": "Hello"}).status_code == 404
    assert analyst_client.get("/console/senders/").status_code == 404
    assert not Message.objects.exists()
