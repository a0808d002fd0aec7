"""Who is on duty: planned by a coordinator, read as a week in words, and known to the public form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.models import AuditRow
from tocsin.cases import duty, duty_week, steps
from tocsin.cases.models import Duty
from tocsin.tips import staffing, switches

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NOW = MONDAY - timedelta(days=1)


def at(day: int, hour: float) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


def person(name: str, role: str = "analyst", email: str = "?") -> User:
    return User.objects.create_user(
        username=name, role=role, email=email.replace("?", f"{name}@hotline.example")
    )


@pytest.fixture(autouse=True)
def _the_form_asks_again() -> Iterator[None]:
    staffing.forget()
    yield
    staffing.forget()


@pytest.fixture
def coco(db: None) -> User:
    """Coco, who coordinates."""
    return person("coco", "coordinator")


@pytest.fixture
def ada(db: None) -> User:
    """Ada, who analyses."""
    return person("ada")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_duty_is_planned_for_several_weeks_and_recorded(coco: User, ada: User) -> None:
    made = duty.plan(coco, ada, at(0, 8), at(0, 16), weeks=3, now=NOW)
    assert [row.begins for row in Duty.objects.order_by("begins")] == [at(0, 8), at(7, 8), at(14, 8)]
    assert AuditRow.objects.filter(action="duty.planned", actor=coco.actor).count() == len(made) == 3


def test_weeks_repeat_by_the_wall_clock_where_clocks_change(
    coco: User, ada: User, settings: LazySettings
) -> None:
    settings.DUTY_ZONE = "Europe/Paris"
    begins = datetime(2026, 3, 23, 22, tzinfo=duty_week.zone())  # clocks change on the 29th
    duty.plan(coco, ada, begins, begins + timedelta(hours=8), weeks=2, now=NOW)
    hours = [row.begins.astimezone(UTC).hour for row in Duty.objects.order_by("begins")]
    assert hours == [21, 20]


@pytest.mark.parametrize(
    ("begins", "ends", "email", "role"),
    [
        (at(0, 8), at(0, 8), "?", "analyst"),
        (at(0, 8), at(20, 8), "?", "analyst"),
        (at(-9, 8), at(-8, 8), "?", "analyst"),
        (at(0, 8), at(0, 16), "", "analyst"),
        (at(0, 8), at(0, 16), "?", "administrator"),
    ],
    ids=["no time", "too long", "past", "no address", "reads no case"],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    coco: User, begins: datetime, ends: datetime, email: str, role: str
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        duty.plan(coco, person("bo", role, email), begins, ends, now=NOW)
    assert str(refusal.value).endswith(".") and not Duty.objects.exists()


def test_the_same_person_twice_at_once_is_refused_whole(coco: User, ada: User) -> None:
    duty.plan(coco, ada, at(7, 8), at(7, 16), now=NOW)
    with pytest.raises(NotAllowed):
        duty.plan(coco, ada, at(0, 15), at(0, 20), weeks=2, now=NOW)
    assert Duty.objects.count() == 1


def test_who_is_called_first_follows_the_place_and_leaves_out_who_cannot_be_called(
    coco: User, ada: User
) -> None:
    bo, left = person("bo"), person("left")
    for user, place in ((ada, 2), (bo, 1), (left, 1), (coco, 3)):
        duty.plan(coco, user, at(0, 8), at(0, 16), place, now=NOW)
    User.objects.filter(pk=left.pk).update(is_active=False)
    assert duty.on_duty(at(0, 8)) == [bo, ada, coco]
    assert duty.on_duty(at(0, 16)) == [] == duty.on_duty(at(0, 7.99))


def test_a_running_duty_ends_now_a_coming_one_goes_a_past_one_stays(coco: User, ada: User) -> None:
    past, running, coming = [duty.plan(coco, ada, at(day, 8), at(day, 16), now=NOW)[0] for day in (0, 1, 2)]
    duty.remove(coco, running.public_id, at(1, 9))
    duty.remove(coco, coming.public_id, at(1, 9))
    with pytest.raises(NotAllowed):
        duty.remove(coco, past.public_id, at(1, 9))
    with pytest.raises(NotAllowed):
        duty.remove(coco, coming.public_id, at(1, 9))
    assert [(row.begins, row.ends) for row in Duty.objects.order_by("begins")] == [
        (at(0, 8), at(0, 16)),
        (at(1, 8), at(1, 9)),
    ]


def test_a_week_reads_as_stretches_with_gaps_and_overlaps(coco: User, ada: User) -> None:
    bo = person("bo")
    duty.plan(coco, ada, at(0, 8), at(0, 16), 1, now=NOW)
    duty.plan(coco, bo, at(0, 14), at(1, 2), 1, now=NOW)
    duty.plan(coco, coco, at(0, 20), at(0, 22), 2, now=NOW)
    week = duty_week.week(date(2026, 3, 4))
    assert week.monday == date(2026, 3, 2) and len(week.days) == 7
    said = [(span.hours, span.names, span.unsettled) for span in week.days[0].spans]
    assert said == [
        ("00:00 to 08:00", [], False),
        ("08:00 to 14:00", ["ada"], False),
        ("14:00 to 16:00", ["ada", "bo"], True),
        ("16:00 to 20:00", ["bo"], False),
        ("20:00 to 22:00", ["bo", "coco"], False),
        ("22:00 to 24:00", ["bo"], False),
    ]
    assert week.gap_hours == 7 * 24 - 18


def test_the_week_is_read_in_the_rotas_zone(coco: User, ada: User, settings: LazySettings) -> None:
    duty.plan(coco, ada, at(0, 8), at(0, 16), now=NOW)
    settings.DUTY_ZONE = "Asia/Shanghai"
    assert [span.hours for span in duty_week.week(date(2026, 3, 2)).days[0].spans if span.names] == [
        "16:00 to 24:00"
    ]


def test_a_coordinator_plans_on_the_page_and_an_analyst_reads_it(
    coco: User, ada: User, settings: LazySettings
) -> None:
    settings.DUTY_ZONE = "Europe/Paris"
    day = timezone.localdate() + timedelta(days=3)
    asked = {"person": ada.pk, "begins": f"{day}T08:00", "ends": f"{day}T16:00", "place": 1, "weeks": 1}
    assert signed_in(ada).post("/console/duty/plan/", asked).status_code == 404
    answer = signed_in(coco).post("/console/duty/plan/", asked)
    assert answer.status_code == 302
    page = signed_in(ada).get(answer["Location"]).content.decode()
    assert "08:00 to 16:00" in page and "gap: nobody" in page and "Plan a duty" not in page
    row = Duty.objects.get()
    assert row.begins.astimezone(duty_week.zone()).hour == 8
    assert signed_in(ada).post(f"/console/duty/{row.public_id}/remove/").status_code == 404
    assert (
        signed_in(coco).post(f"/console/duty/{row.public_id}/remove/", {"week": "nonsense"}).status_code
        == 302
    )
    assert not Duty.objects.exists()


def test_a_form_that_lacks_something_comes_back_as_it_was(coco: User, ada: User) -> None:
    asked = {
        "person": ada.pk,
        "begins": "2026-03-02T09:30",
        "ends": "2026-03-02T08:00",
        "place": 4,
        "weeks": 1,
    }
    page = signed_in(coco).post("/console/duty/plan/", asked)
    assert page.status_code == 400
    assert "must end after" in page.content.decode() and 'value="2026-03-02T09:30"' in page.content.decode()


def test_people_leave_their_own_address(ada: User) -> None:
    signed_in(ada).post("/console/duty/address/", {"address": "ada.night@hotline.example"})
    ada.refresh_from_db()
    assert ada.email == "ada.night@hotline.example"
    assert AuditRow.objects.get(action="user.address").detail == {"given": True}
    signed_in(ada).post("/console/duty/address/", {"address": "two@hotline.example, three@hotline.example"})
    ada.refresh_from_db()
    assert ada.email == "ada.night@hotline.example"


def test_an_address_that_is_needed_tonight_is_not_taken_away(coco: User, ada: User) -> None:
    now = timezone.now()
    duty.plan(coco, ada, now, now + timedelta(hours=8))
    with pytest.raises(NotAllowed):
        duty.set_address(ada, "")


def form(**headers: Any) -> str:
    staffing.forget()
    return Client().get("/", headers=headers).content.decode()


def test_the_public_form_says_nothing_while_no_rota_is_kept() -> None:
    steps.alarms(100)
    assert staffing.shown() is None and "on duty" not in form()


def test_outside_duty_the_public_form_shows_the_emergency_number_first(
    coco: User, ada: User, settings: LazySettings
) -> None:
    settings.HOTLINE_COUNTRY = "FR"
    now = timezone.now()
    (row,) = duty.plan(coco, ada, now - timedelta(hours=1), now + timedelta(hours=1))
    steps.alarms(100)
    assert staffing.shown() is True and "Nobody of the hotline is on duty" not in form()
    duty.remove(coco, row.public_id, timezone.now())
    assert steps.alarms(100) == 1 and steps.alarms(100) == 0
    page = form()
    assert "Nobody of the hotline is on duty" in page
    assert page.index('href="tel:17"') < page.index("<h1>")


def test_what_the_form_reads_is_no_switch_that_somebody_flips(coco: User, ada: User) -> None:
    duty.plan(coco, ada, at(0, 8), at(0, 16), now=NOW)
    steps.alarms(100)
    assert staffing.NAME not in {known.name for known, _row in switches.standing()}
    with pytest.raises(NotAllowed):
        switches.flip(coco, staffing.NAME, True, "why not")
