"""A case that becomes immediate calls somebody until a person takes it: once a case, nothing twice, nobody forgotten."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from read_tips import read_tip, walk

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.models import AuditRow
from tocsin.cases import alarm_page, alarms, flags, police, states
from tocsin.cases.models import Alarm, AlarmCall, Case, CaseEvent, CaseState, CaseTip, Duty, Flag
from tocsin.lib import sealing
from tocsin.lib.writing import write
from tocsin.post.models import Message
from tocsin.server.health import facts
from tocsin.tips.models import Campaign, Tip

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 3, 2, 2, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NIGHT + timedelta(minutes=minutes)


def person(name: str, role: str = "analyst") -> User:
    return User.objects.create_user(username=name, role=role, email=f"{name}@hotline.example")


def on_duty(user: User, place: int = 1, begins: float = -60, ends: float = 600) -> Duty:
    return Duty.objects.create(
        user=user, begins=at(begins), ends=at(ends), place=place, made_by=user, made_at=at(begins)
    )


@pytest.fixture
def ada(db: None) -> User:
    """Ada, on duty first."""
    user = person("ada")
    on_duty(user, 1)
    return user


@pytest.fixture
def ravi(db: None) -> User:
    """Ravi, on duty second."""
    user = person("ravi", "reviewer")
    on_duty(user, 2)
    return user


@pytest.fixture
def coco(db: None) -> User:
    """Coco, who coordinates and is asleep."""
    return person("coco", "coordinator")


def immediate(*names: str, tips: int = 1) -> Case:
    """A case with a child in danger."""
    rows = [read_tip(*(names or ("strong:vase",)), danger="yes") for _ in range(tips)]
    walk()
    return CaseTip.objects.get(tip=rows[0]).case


def mails() -> list[tuple[str, EmailMessage]]:
    """(address, mail) of everything in the outbox, in order."""
    rows = Message.objects.order_by("pk")
    return [
        (
            sealing.unseal(row.address_sealed),
            message_from_bytes(sealing.open_bytes(row.content_sealed), policy=SMTP),
        )  # type: ignore[misc]
        for row in rows
    ]


def to() -> list[str]:
    return [address.partition("@")[0] for address, _mail in mails()]


def link_of(number: int = -1) -> str:
    found = re.search(r"(/console/take/\w+/)", mails()[number][1].get_content())
    assert found
    return found[1]


def test_a_storm_on_one_account_calls_once(ada: User) -> None:
    case = immediate("strong:vase", tips=60)
    assert alarms.work(10, at(0)) > 0
    read_tip("strong:vase", danger="yes"), walk()
    assert alarms.work(10, at(1)) == 0
    assert to() == ["ada"]
    assert list(Alarm.objects.values_list("case", flat=True)) == [case.pk]


def test_the_mail_says_the_case_number_and_nothing_of_the_case(ada: User) -> None:
    case = immediate("strong:vase")
    alarms.work(10, at(0))
    ((_address, mail),) = mails()
    assert case.number in str(mail["Subject"]) and case.number in mail.get_content()
    assert "vase" not in mail.as_string().lower() and "square" not in mail.as_string().lower()
    assert Message.objects.get().urgent


def test_the_mail_is_in_the_persons_language(ada: User) -> None:
    User.objects.update(language="fr")
    immediate()
    alarms.work(10, at(0))
    assert mails()[0][1]["Content-Language"] == "fr"


def test_it_calls_again_every_five_minutes_and_the_next_person_too(ada: User, ravi: User, coco: User) -> None:
    immediate()
    for minute in (0, 1, 4.9, 5, 6, 10):
        alarms.work(10, at(minute))
    assert to() == ["ada", "ada", "ravi", "ada", "ravi"]
    assert len({row.key for row in Message.objects.all()}) == 5


def test_whoever_takes_it_by_the_link_ends_the_calls(ada: User, ravi: User) -> None:
    case = immediate()
    alarms.work(10, at(0))
    page = Client().post(link_of())
    assert page.status_code == 200 and case.number in page.content.decode()
    alarm = Alarm.objects.get()
    assert (alarm.taken_by, alarm.next_call_at) == (ada, None) and alarm.over_at
    assert alarms.work(10, at(30)) == 0
    assert CaseEvent.objects.get(kind="alarm_taken").actor == ada.actor
    assert AuditRow.objects.get(action="alarm.taken").actor == ada.actor


def test_looking_at_the_link_takes_nothing_and_shows_only_the_number(ada: User) -> None:
    case = immediate("strong:vase")
    alarms.work(10, at(0))
    page = Client().get(link_of())
    assert page.status_code == 200 and case.number in page.content.decode()
    assert "vase" not in page.content.decode() and "ada" not in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert not Alarm.objects.filter(taken_at__isnull=False).exists()


def test_the_link_needs_no_cookie(ada: User) -> None:
    immediate()
    alarms.work(10, at(0))
    assert Client(enforce_csrf_checks=True).post(link_of()).status_code == 200
    assert Alarm.objects.get().taken_by == ada


def test_reading_the_case_after_taking_it_needs_a_sign_in(ada: User) -> None:
    case = immediate()
    alarms.work(10, at(0))
    visitor = Client()
    visitor.post(link_of())
    assert visitor.get(f"/console/cases/{case.number}/").status_code == 302


def test_the_second_one_reads_that_it_is_taken(ada: User, ravi: User) -> None:
    immediate()
    alarms.work(10, at(0)), alarms.work(10, at(5))
    Client().post(link_of(0))
    late = Client().post(link_of(-1)).content.decode()
    assert "Somebody else took it" in late
    assert Alarm.objects.get().taken_by == ada


@pytest.mark.parametrize("change", ["unknown", "left", "old"])
def test_a_link_that_is_unknown_too_old_or_of_somebody_who_left_opens_nothing(ada: User, change: str) -> None:
    immediate()
    alarms.work(10, at(0))
    link = link_of()
    if change == "unknown":
        link = "/console/take/forged/"
    elif change == "left":
        User.objects.update(is_active=False)
    else:
        Alarm.objects.update(over_at=at(0) - timedelta(days=300))
    assert Client().post(link).status_code == 404
    assert not Alarm.objects.filter(taken_at__isnull=False).exists()


def test_nobody_on_duty_tells_the_coordinators_at_once_and_health_turns_red(coco: User) -> None:
    immediate()
    assert facts()["ok"]
    alarms.work(10, at(0))
    assert to() == ["coco"]
    assert (facts()["ok"], facts()["alarms_unheard"]) == (False, 1)
    Client().post(link_of())
    assert facts()["ok"]


def test_nobody_took_it_in_time_tells_the_coordinators_too_and_hourly_again(ada: User, coco: User) -> None:
    immediate()
    for minute in range(0, 80, 5):
        alarms.work(10, at(minute))
    assert to()[:4] == ["ada", "ada", "ada", "ada"] and "coco" not in to()[:4]
    assert to().count("coco") == 2  # after 15 minutes, and an hour later
    assert to().count("ada") == 16
    assert CaseEvent.objects.filter(kind="alarm_unheard").count() == 1


def test_somebody_who_comes_on_duty_later_is_called(coco: User) -> None:
    immediate()
    alarms.work(10, at(0))
    on_duty(person("ada"), begins=7)
    alarms.work(10, at(5)), alarms.work(10, at(10))
    assert to() == ["coco", "ada"]


def test_without_anybody_to_call_health_is_red_all_the_same(db: None) -> None:
    immediate()
    alarms.work(10, at(0))
    assert to() == [] and not facts()["ok"]


def test_a_case_that_is_immediate_no_more_calls_nobody_and_rings_again_when_it_is(ada: User) -> None:
    case = immediate()
    alarms.work(10, at(0))
    Case.objects.filter(pk=case.pk).update(lane="high", lane_rank=1)
    alarms.work(10, at(1))
    assert Alarm.objects.get().over_at == at(1) and alarms.work(10, at(9)) == 0
    Case.objects.filter(pk=case.pk).update(lane="immediate", lane_rank=0)
    alarms.work(10, at(20))
    assert to() == ["ada", "ada"]


def test_a_closed_case_calls_nobody_and_a_reopened_one_does(ada: User) -> None:
    case = immediate()
    alarms.work(10, at(0))
    states.set_state(case, CaseState.CLOSED, ada.actor)
    alarms.work(10, at(1))
    assert alarms.work(10, at(10)) == 0 and Alarm.objects.get().over_at
    states.set_state(case, CaseState.REOPENED, ada.actor)
    alarms.work(10, at(20))
    assert to() == ["ada", "ada"]


def test_a_taken_alarm_is_not_begun_again_by_further_tips(ada: User) -> None:
    case = immediate("strong:vase")
    alarms.work(10, at(0))
    alarms.take(case, ada, at(1))
    immediate("strong:vase")
    assert alarms.work(10, at(2)) == 0
    with pytest.raises(NotAllowed):
        alarms.take(case, ada, at(3))


def of_campaign(campaign: Campaign, name: str) -> Case:
    tip = read_tip(f"strong:{name}", danger="yes")
    Tip.objects.filter(pk=tip.pk).update(campaign=campaign)
    walk()
    return CaseTip.objects.get(tip=tip).case


def test_the_cases_of_a_campaign_share_a_mail(ada: User) -> None:
    campaign = Campaign.objects.create(name="pots", title="Pots and pans", created_by=ada, created_at=at(0))
    of_campaign(campaign, "first")
    alarms.work(10, at(0))
    for number in range(30):
        of_campaign(campaign, f"pot{number}")
        alarms.work(10, at(1 + number / 10))
    assert to() == ["ada"]
    alarms.work(10, at(5))
    assert to() == ["ada", "ada"]
    assert mails()[-1][1]["Subject"] == "Immediate: 31 cases"
    (group,) = alarm_page.open_alarms()
    assert group.title == "31 tips in campaign Pots and pans"
    Client().post(link_of())
    assert Alarm.objects.filter(taken_by=ada).count() == 31


def test_another_case_in_the_same_minute_waits_for_its_end_and_not_longer(ada: User) -> None:
    immediate("strong:vase")
    alarms.work(10, at(0))
    immediate("strong:jar"), immediate("strong:pot")
    assert to() == ["ada"]
    alarms.work(10, at(0.5)), alarms.work(10, at(0.9))
    assert to() == ["ada"]
    alarms.work(10, at(1))
    assert mails()[-1][1]["Subject"] == "Immediate: 2 cases"


def test_killed_between_the_rows_nothing_is_sent_and_nothing_is_lost(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    immediate()
    with monkeypatch.context() as patched:
        patched.setattr(AlarmCall.objects, "bulk_create", _killed)
        with pytest.raises(KeyboardInterrupt):
            alarms.work(10, at(0))
    assert to() == [] and not AlarmCall.objects.exists()
    alarms.work(10, at(0))
    assert to() == ["ada"]


def _killed(*_args: Any, **_kwargs: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_call_once() -> None:
    ada = person("ada")
    on_duty(ada)
    for name in range(6):
        immediate(f"strong:{name}")
    _at_once(*[lambda: alarms.work(10, at(0))] * 3)
    assert to() == ["ada"] and Alarm.objects.count() == AlarmCall.objects.count() == 6
    _at_once(*[lambda: alarms.work(10, at(5))] * 3)
    assert to() == ["ada", "ada"]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_press_at_once_do_not_both_have_it() -> None:
    ada, ravi = person("ada"), person("ravi", "reviewer")
    on_duty(ada, 1), on_duty(ravi, 2)
    immediate()
    alarms.work(10, at(0)), alarms.work(10, at(5))
    links = [link_of(0), link_of(-1)]
    _at_once(*[lambda link=link: Client().post(link) for link in links])  # type: ignore[misc]
    assert CaseEvent.objects.filter(kind="alarm_taken").count() == 1
    assert AuditRow.objects.filter(action="alarm.taken").count() == 1


def _at_once(*works: Callable[[], object]) -> None:
    broken: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait(10)
            work()
        except BaseException as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert broken == []


def merged(heir: Case, other: Case, minute: float) -> None:
    with write():
        Case.objects.filter(pk=other.pk).update(state="merged", merged_into=heir)
        heir.refresh_from_db(), other.refresh_from_db()
        alarms.after_merge([(heir, other)], at(minute))


def test_of_two_alarms_the_heirs_stays(ada: User) -> None:
    heir, other = immediate("strong:vase"), immediate("strong:jar")
    alarms.work(10, at(0))
    merged(heir, other, 1)
    assert Alarm.objects.get(over_at__isnull=True).case == heir
    alarms.work(10, at(5))
    assert mails()[-1][1]["Subject"] == f"Immediate: case {heir.number}"


def test_an_alarm_that_only_the_other_has_goes_on_for_the_heir(ada: User) -> None:
    heir, other = immediate("strong:vase"), immediate("strong:jar")
    Case.objects.filter(pk=heir.pk).update(lane="high", lane_rank=1)
    alarms.work(10, at(0))
    Case.objects.filter(pk=heir.pk).update(lane="immediate", lane_rank=0)
    merged(heir, other, 1)
    assert alarms.work(10, at(2)) == 0
    Client().post(link_of())
    assert Alarm.objects.get().case == heir and Alarm.objects.get().taken_by == ada


def test_an_alarm_of_a_case_that_was_merged_without_a_word_ends_by_itself(ada: User) -> None:
    heir, other = immediate("strong:vase"), immediate("strong:jar")
    alarms.work(10, at(0))
    Case.objects.filter(pk=other.pk).update(state="merged", merged_into=heir)
    alarms.work(10, at(1))
    assert list(Alarm.objects.filter(over_at__isnull=True).values_list("case", flat=True)) == [heir.pk]


def test_a_walk_without_news_asks_little_and_no_more_for_many_cases(ada: User) -> None:
    asked = []
    for size in (1, 30):
        for number in range(size):
            immediate(f"strong:{size}-{number}")
        alarms.work(10, at(size)), alarms.work(10, at(size + 2))
        Alarm.objects.update(next_call_at=at(600))
        with CaptureQueriesContext(connection) as seen:
            assert alarms.work(10, at(size + 2)) == 0
        asked.append(len(seen))
    assert asked[0] == asked[1] == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what it has counted")
def test_a_walk_without_news_reads_no_calm_case_and_no_closed_one(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + alarms._NEWS, [str(at(0))])
        plan = [row[3] for row in cursor.fetchall()]
    cases = [line for line in plan if "cases_case" in line or " c " in line]
    assert len(cases) == 4
    assert all("alarm_" in line or "PRIMARY KEY" in line for line in cases), plan


# --- police --------------------------------------------------------------------------------------------------


def test_a_call_to_police_is_an_act_sealed_and_needs_no_second_person(ada: User) -> None:
    case = immediate()
    alarms.work(10, at(0))
    note = police.record_call(case, ada, "Sergeant Lin, duty desk", "They send a car.", "K-77", "cn")
    assert b"Sergeant" not in bytes(note.text_sealed)
    assert "Sergeant Lin" in sealing.unseal(note.text_sealed) and "K-77" in sealing.unseal(note.text_sealed)
    event = CaseEvent.objects.get(kind="police_called")
    assert (event.actor, event.facts) == (ada.actor, {"police_of": "CN"})
    assert AuditRow.objects.get(action="police.called").detail == {"country": "CN", "reference": True}
    assert Alarm.objects.get().taken_by == ada
    case.refresh_from_db()
    assert case.worked_on


@pytest.mark.parametrize(("reached", "said"), [("", "words"), ("somebody", " ")])
def test_a_call_in_which_nothing_was_said_is_refused(ada: User, reached: str, said: str) -> None:
    with pytest.raises(NotAllowed):
        police.record_call(immediate(), ada, reached, said)


def test_the_case_page_shows_police_of_the_place_the_script_and_the_form(ada: User) -> None:
    tip = read_tip("strong:vase", danger="yes", text="Two vases in Harbin.")
    Tip.objects.filter(pk=tip.pk).update(place="FR")
    walk()
    case = CaseTip.objects.get(tip=tip).case
    alarms.work(10, at(0))
    client = Client()
    client.force_login(ada)
    page = client.get(f"/console/cases/{case.number}/").content.decode()
    assert "France" in page and ">17<" in page
    assert "We were told that a child may be in danger now" in page
    assert "Somebody on duty is being called" in page
    asked = {"country": "FR", "reached": "Duty desk", "said": "They go there.", "reference": ""}
    assert client.post(f"/console/cases/{case.number}/police/", asked).status_code == 302
    assert "Police were called (FR)" in client.get(f"/console/cases/{case.number}/").content.decode()
    again = client.post(f"/console/cases/{case.number}/police/", {"reached": "", "said": "Kept words."})
    assert again.status_code == 400 and "Kept words." in again.content.decode()


def test_without_a_place_the_page_says_so(ada: User) -> None:
    case = immediate()
    client = Client()
    client.force_login(ada)
    assert "No place is known" in client.get(f"/console/cases/{case.number}/").content.decode()


def test_a_calm_case_shows_nothing_of_it(ada: User) -> None:
    tip = read_tip("strong:vase")
    walk()
    client = Client()
    client.force_login(ada)
    page = client.get(f"/console/cases/{CaseTip.objects.get(tip=tip).case.number}/").content.decode()
    assert 'id="danger"' not in page


def test_every_line_of_the_script_is_there_in_three_languages() -> None:
    for line in [*police._data()["line"], police._data()["abroad"]]:
        assert set(line) == {"en", "fr", "zh"} and all(line.values())
    assert police.script("zh-hans") != police.script("en") != police.script("fr")


def test_the_list_of_calls_has_a_button_for_each(ada: User) -> None:
    case = immediate()
    alarms.work(10, at(0))
    client = Client()
    client.force_login(ada)
    assert case.number in client.get("/console/alarms/").content.decode()
    assert client.post(f"/console/cases/{case.number}/take/").status_code == 302
    assert Alarm.objects.get().taken_by == ada
    assert "Nobody is waited for" in client.get("/console/alarms/").content.decode()


@pytest.mark.parametrize("closed_for_long", [True, False])
def test_new_tips_on_a_closed_case_call_until_somebody_takes_it(ada: User, closed_for_long: bool) -> None:
    case = immediate()
    alarms.work(10, at(0))
    states.set_state(case, CaseState.CLOSED, ada.actor)
    if closed_for_long:
        alarms.work(10, at(1))
        assert Alarm.objects.get().over_at == at(1)
    with write():
        flags.raise_flag(case, flags.REOPEN)
    Flag.objects.update(at=at(2))
    alarms.work(10, at(3))
    assert Alarm.objects.filter(over_at__isnull=True).count() == 1
    assert alarms.work(10, at(3)) == 0
    alarms.take(case, ada, at(4))
    assert alarms.work(10, at(60)) == 0
