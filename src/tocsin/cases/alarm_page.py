"""What the pages show of alarms: the list of all that nobody took, and the part of one case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count
from django.forms import Form
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.cases import alarms, duty, police, words
from tocsin.cases.forms_paging import PoliceForm
from tocsin.cases.models import Alarm, AlarmCall, Case, CaseTip, Lane
from tocsin.cases.subject import Subject
from tocsin.tips.models import Campaign


@dataclass(frozen=True, slots=True)
class Group:
    """Alarms that belong together: of one campaign, or of none."""

    title: str
    alarms: list[Alarm]


def open_alarms() -> list[Group]:
    """Alarms that nobody took, a group a campaign ("214 tips in campaign X"), the oldest first. Four queries."""
    rows = list(Alarm.objects.filter(over_at__isnull=True).select_related("case").order_by("begun_at", "pk"))
    by_case = alarms.campaigns_of([row.case_id for row in rows])
    grouped: dict[int, list[Alarm]] = {}
    for row in rows:
        grouped.setdefault(min(by_case.get(row.case_id, {0})), []).append(row)
    titles = _titles(key for key in grouped if key)
    tips = _tips([row.case_id for row in rows])
    return [
        Group(_title(titles.get(key, ""), sum(tips[row.case_id] for row in found)), found)
        for key, found in grouped.items()
    ]


def _titles(ids: Iterable[int]) -> dict[int, str]:
    rows = Campaign.objects.filter(pk__in=list(ids)).values_list("pk", "title", "name")
    return {pk: title or name for pk, title, name in rows}


def _tips(cases: list[int]) -> Counter[int]:
    rows = CaseTip.objects.filter(case__in=cases).order_by().values_list("case_id").annotate(n=Count("pk"))
    return Counter(dict(rows))


def _title(campaign: str, tips: int) -> str:
    said = ngettext("%(n)d tip", "%(n)d tips", tips) % {"n": tips}
    return _("%(tips)s in campaign %(campaign)s") % {"tips": said, "campaign": campaign} if campaign else said


@dataclass(frozen=True, slots=True)
class Danger:
    """The part of the case page about a child in danger: who is called, whom to call, what to say."""

    alarm: Alarm | None  # the newest one
    calls: list[AlarmCall]
    campaigns: list[str]  # "214 tips in campaign X"
    whom: list[police.Whom]
    script: list[str]
    abroad: str
    form: Form

    @property
    def waits(self) -> bool:
        """Whether somebody is being called."""
        return self.alarm is not None and self.alarm.over_at is None

    @property
    def names(self) -> list[str]:
        """Who was called, in the order of calling, each once."""
        return list(dict.fromkeys(duty.named(call.user) for call in self.calls))

    @property
    def taken_by(self) -> str:
        """Who took it."""
        return duty.named(self.alarm.taken_by) if self.alarm and self.alarm.taken_by else ""


def of(
    case: Case, subject: Subject | None, cities: Iterable[tuple[str, int]], form: Form | None = None
) -> Danger | None:
    """The part of this case; None where it is not immediate. A fixed number of queries."""
    if case.lane != Lane.IMMEDIATE:
        return None
    alarm = case.alarms.select_related("taken_by").order_by("-begun_at", "-pk").first()
    calls = list(alarm.calls.select_related("user").order_by("at", "pk")) if alarm else []
    places = police.whom(case, subject, cities)
    language = words.language()
    return Danger(
        alarm=alarm,
        calls=calls,
        campaigns=_campaigns(case),
        whom=places,
        script=police.script(language),
        abroad=police.abroad(language) if any(one.abroad for one in places) else "",
        form=form or PoliceForm(first=[one.code for one in places]),
    )


def _campaigns(case: Case) -> list[str]:
    rows = CaseTip.objects.filter(case=case, tip__campaign__isnull=False).order_by()
    named = rows.values_list("tip__campaign__title", "tip__campaign__name").annotate(n=Count("pk"))
    return [_title(title or name, n) for title, name, n in named]
