"""Tasks, translations and the languages of tips."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.models import AuditRow
from tocsin.cases import queries, tasks, translations
from tocsin.cases.models import Case, CaseTip, Task, Translation
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db
Send = Callable[..., Tip]


@pytest.fixture
def outsider(db: None) -> User:
    """Somebody who passes tips on and sees no case."""
    return User.objects.create_user(username="cam", password="x", role="campaigner")


@pytest.fixture
def chinese(tip: Send, work: Callable[[], int]) -> Tip:
    """A tip in Chinese, in a case."""
    one = tip("这个人在哈尔滨卖花瓶，微博 https://weibo.com/u/6660077001 请您看看")
    work()
    one.refresh_from_db()
    return one


@pytest.fixture
def case(chinese: Tip) -> Case:
    """Its case."""
    return CaseTip.objects.get(tip=chinese).case


def sentences(case: Case) -> list[str]:
    return [line.sentence for line in queries.timeline(case)]


def test_a_task_is_sealed_given_to_somebody_and_done_once(case: Case, analyst: User, reviewer: User) -> None:
    task = tasks.add(case, analyst, "ask the potter", reviewer, timezone.localdate() - timedelta(days=1))
    assert b"potter" not in bytes(Task.objects.get().text_sealed or b"")
    (line,) = tasks.of_case(case)
    assert (line.text, line.late, line.task.assigned_to) == ("ask the potter", True, reviewer)
    assert [one.task for one in tasks.waiting(reviewer, mine=True)] == [task] and not tasks.waiting(
        analyst, mine=True
    )
    tasks.assign(case, task.public_id, analyst, analyst)
    tasks.done(case, task.public_id, analyst)
    assert not tasks.waiting(analyst) and not tasks.of_case(case)[0].late
    with pytest.raises(NotAllowed):
        tasks.done(case, task.public_id, reviewer)
    assert {"A task was written down", "A task was given to somebody else", "A task was done"} <= set(
        sentences(case)
    )
    assert "potter" not in str(list(AuditRow.objects.values("detail", "object")))


def test_a_blank_task_and_one_for_somebody_outside_are_refused(
    case: Case, analyst: User, outsider: User
) -> None:
    for text, person in ((" ", None), ("ask", outsider)):
        with pytest.raises(NotAllowed):
            tasks.add(case, analyst, text, person)
    assert not Task.objects.exists()


def test_a_translation_is_a_task_that_is_done_by_keeping_it(case: Case, chinese: Tip, analyst: User) -> None:
    asked = tasks.ask_translation(case, analyst, chinese, "fr")
    assert tasks.ask_translation(case, analyst, chinese, "fr") == asked
    other = tasks.ask_translation(case, analyst, chinese, "en")
    translations.add(case, chinese, analyst, "fr", "Cette personne vend des vases à Harbin")
    assert b"vases" not in bytes(Translation.objects.get().text_sealed)
    assert [line.task for line in tasks.waiting(analyst)] == [other]
    (one,) = translations.of_tip(chinese, analyst)
    assert (one.text, one.language, one.by) == ("Cette personne vend des vases à Harbin", "fr", "ada")
    assert AuditRow.objects.filter(action="tip.translation_read").count() == 1
    assert "A tip was translated into French" in sentences(case)


@pytest.mark.parametrize(("language", "text"), [("xx", "words"), ("fr", " "), ("fr", "x" * 70_000)])
def test_a_translation_without_words_or_language_is_refused(
    case: Case, chinese: Tip, analyst: User, language: str, text: str
) -> None:
    with pytest.raises(NotAllowed):
        translations.add(case, chinese, analyst, language, text)
    assert not Translation.objects.exists()


def test_the_pages_take_a_task_and_a_translation_and_show_them(
    case: Case, chinese: Tip, analyst_client: Client, analyst: User
) -> None:
    base = f"/console/cases/{case.number}/"
    assert analyst_client.post(f"{base}tasks/add/", {"text": "", "due_on": "soon"}).status_code == 400
    analyst_client.post(f"{base}tasks/add/", {"text": "ask the potter", "assigned_to": str(analyst.pk)})
    assert "ask the potter" in analyst_client.get(f"{base}tasks/").content.decode()
    assert "ask the potter" in analyst_client.get("/console/tasks/?mine=1").content.decode()
    analyst_client.post(f"{base}tasks/{Task.objects.get().public_id}/done/")
    assert "done by ada" in analyst_client.get(f"{base}tasks/").content.decode()
    page = f"{base}tips/{chinese.public_id}/translate/"
    assert analyst_client.post(page, {"language": "fr", "text": ""}).status_code == 400
    analyst_client.post(page, {"ask": "1", "language": "fr"})
    assert "Translate a tip into French" in analyst_client.get(f"{base}tasks/").content.decode()
    analyst_client.post(page, {"language": "fr", "text": "Il vend des vases"})
    shown = analyst_client.get(f"{base}tips/{chinese.public_id}/").content.decode()
    assert shown.index("哈尔滨") < shown.index("Il vend des vases") and "translated by ada" in shown


def test_tips_and_cases_are_found_by_language(
    case: Case, chinese: Tip, tip: Send, work: Callable[[], int], analyst: User, analyst_client: Client
) -> None:
    french = tip("Cette personne vend des vases, https://weibo.com/u/6660077001", language="")
    other = tip("The same shop is at https://kiln.example.org/list again")
    work()
    assert queries.languages_of(case) == [("fr", 1), ("zh", 1)]
    assert [line.tip for line in queries.tips_of(case, "fr")] == [french]
    Tip.objects.filter(pk=chinese.pk).update(language="zh-hans")
    assert [line.tip.pk for line in queries.tips_of(case, "zh")] == [chinese.pk]
    assert list(queries.queue(analyst, language="en")) == [CaseTip.objects.get(tip=other).case]
    page = analyst_client.get(f"/console/cases/{case.number}/?language=fr").content.decode()
    assert french.public_id in page and chinese.public_id not in page
    queue = analyst_client.get("/console/cases/?language=zh").content.decode()
    assert case.number in queue and CaseTip.objects.get(tip=other).case.number not in queue
    assert case.number in analyst_client.get("/console/cases/?language=colour").content.decode()


def test_the_panels_need_a_rule(case: Case, client: Any) -> None:
    for path in ("known", "tasks"):
        assert client.get(f"/console/cases/{case.number}/{path}/").status_code == 302
