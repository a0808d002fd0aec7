"""The subject: sealed, graded, with a legal basis and a day on which a person is asked again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from read_tips import read_tip, walk

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.cases import subject
from tocsin.cases.models import Case, CaseTip
from tocsin.lib import sealing

pytestmark = pytest.mark.django_db


@pytest.fixture
def outsider(db: None) -> User:
    """Somebody who passes tips on and sees no case."""
    return User.objects.create_user(username="cam", password="x", role="campaigner")


@pytest.fixture
def case(db: None) -> Case:
    """A case of one tip."""
    tip = read_tip("strong:vase")
    walk()
    return CaseTip.objects.get(tip=tip).case


def test_everything_known_of_a_subject_is_sealed_and_comes_back(case: Case, analyst: User) -> None:
    day = timezone.localdate() + timedelta(days=30)
    found = subject.set_subject(
        case, analyst, "Potter", "harbin", grade="confirmed", aliases=["Clay ", "", "Clay", "Kiln"], role="seller",
        basis="asked_by_police", review_on=day,
    )  # fmt: skip
    assert found is not None and found.aliases == ("Clay", "Kiln")
    assert (found.role, found.basis, found.grade, found.country, found.person) == (
        "seller", "asked_by_police", "confirmed", "CN", "ada",
    )  # fmt: skip
    case.refresh_from_db()
    assert case.subject_review_on == day and b"Kiln" not in bytes(case.subject_sealed or b"")


def test_where_nobody_chose_the_data_says_the_ground_and_the_day(case: Case, analyst: User) -> None:
    found = subject.set_subject(case, analyst, "Potter")
    assert found is not None and found.basis == "public_interest"
    assert case.subject_review_on == subject.default_review()
    subject.set_subject(case, analyst, "")
    case.refresh_from_db()
    assert (case.subject_sealed, case.subject_review_on) == (None, None)


def test_a_subject_sealed_before_there_were_grounds_still_opens(case: Case, analyst: User) -> None:
    at = timezone.now().isoformat()
    old = {"name": "Potter", "city": "", "country": "CN", "grade": "said", "by": analyst.pk, "at": at}
    case.subject_sealed = sealing.seal_json(old)
    found = subject.subject(case)
    assert found is not None and (found.name, found.aliases, found.basis) == ("Potter", (), "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"basis": "because"},
        {"basis": ""},
        {"role": "king"},
        {"grade": "guessed"},
        {"days": 0},
        {"days": 3000},
    ],
)
def test_a_subject_without_ground_or_day_is_refused(case: Case, analyst: User, wrong: dict[str, Any]) -> None:
    if "days" in wrong:
        wrong = {"review_on": timezone.localdate() + timedelta(days=wrong["days"])}
    with pytest.raises(NotAllowed):
        subject.set_subject(case, analyst, "Potter", **wrong)
    case.refresh_from_db()
    assert case.subject_sealed is None


def test_cases_whose_day_has_come_are_listed_until_a_person_says_that_it_is_needed(
    case: Case, analyst: User, analyst_client: Client, outsider: User
) -> None:
    subject.set_subject(case, analyst, "Potter")
    assert not subject.due(analyst)
    Case.objects.filter(pk=case.pk).update(subject_review_on=timezone.localdate())
    assert list(subject.due(analyst)) == [case] and not subject.due(outsider)
    assert case.number in analyst_client.get("/console/tasks/").content.decode()
    assert "Must it still be kept?" in analyst_client.get(f"/console/cases/{case.number}/").content.decode()
    analyst_client.post(f"/console/cases/{case.number}/subject/kept/")
    assert not subject.due(analyst)
    subject.set_subject(case, analyst, "")
    with pytest.raises(NotAllowed):
        subject.keep(case, analyst)


def test_the_form_keeps_all_of_it_and_shows_it_in_words(case: Case, analyst_client: Client) -> None:
    url = f"/console/cases/{case.number}/subject/"
    sent = {
        "name": "Potter",
        "aliases": "Clay\nKiln",
        "role": "owner",
        "grade": "seen",
        "basis": "vital_interest",
    }
    analyst_client.post(url, sent)
    page = analyst_client.get(f"/console/cases/{case.number}/").content.decode()
    for words in (
        "Clay · Kiln",
        "owns the group or the site",
        "a person&#x27;s life or safety",
        "seen by us: ada",
    ):
        assert words in page, words
    assert analyst_client.post(url, sent | {"review_on": "2001-01-01"}).status_code == 400
