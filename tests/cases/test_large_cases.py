"""However many tips a case has: what people look at asks as many questions, opens a bounded part, and says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tocsin.accounts.models import User
from tocsin.cases import contents, earnings, earnings_words, listing, observations, queries, roles, rows
from tocsin.cases.contents import identifiers_of
from tocsin.cases.earnings import Count
from tocsin.cases.models import Case, CaseTip
from tocsin.lib import sealing
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db
Send = Callable[..., Tip]
Work = Callable[[], int]
THREE = "QQ群 718820333 群里有1927人，初级333元、中级666元、高级999元一个月。"
QUEUE = "/console/cases/"


def storm(tip: Send, work: Work, tips: int, start: int = 0) -> Case:
    """Tips on one group; each names an account and a reporter's own of its own, and asks another fee."""
    for n in range(start, start + tips):
        own = f"weibo.com/u/66600{n:05} 我的微信号：glaze_{n:04}"
        sent = tip(f"{THREE} {own} QQ群 718820333 卖花瓶 {20 + n}元", received_at=datetime.now(UTC))
    work()
    case = CaseTip.objects.get(tip=sent).case
    assert case.case_tips.count() >= tips
    return case


def looks(case: Case) -> list[str]:
    own = f"{QUEUE}{case.number}/"
    return [own, f"{own}known/", f"{own}clock/", f"{own}plan/", QUEUE, f"{QUEUE}?q=718820333"]


def questions(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code in (200, 404), url
    return len(seen)


def test_no_look_asks_more_of_forty_tips_than_of_four(tip: Send, work: Work, analyst_client: Client) -> None:
    case = storm(tip, work, 4)
    pages = looks(case)
    for url in pages:
        analyst_client.get(url)  # the first look opens tips
    few = {url: questions(analyst_client, url) for url in pages}
    storm(tip, work, 36, start=4)
    analyst_client.get(pages[0])
    assert {url: questions(analyst_client, url) for url in pages} == few


def test_a_page_opens_a_bounded_number_of_sealed_mentions_and_says_so(
    tip: Send, work: Work, analyst_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = storm(tip, work, 8)
    sealed = [one for one in identifiers_of(case) if one.sealed]
    assert len(sealed) == 8
    monkeypatch.setattr(contents, "SEALED_READ", 3)
    shown = contents.listing(case)
    assert len([one for one in shown if one.sealed]) == 3 and shown.unopened == 5
    assert {one.public_id for one in shown if one.sealed} < {one.public_id for one in sealed}
    page = analyst_client.get(f"{QUEUE}{case.number}/").content.decode()
    assert "5 older sealed mentions are not opened for this list." in page


def test_a_part_of_the_identifiers_is_what_all_of_them_begin_with(
    tip: Send, work: Work, analyst: User
) -> None:
    case = storm(tip, work, 6)
    chosen = next(one for one in identifiers_of(case) if one.platform == "weibo")
    roles.set_role(case, chosen.public_id, "reported", analyst)
    every, shown = identifiers_of(case), contents.listing(case)
    assert [*shown[0:3], *shown[3:100]] == every and len(shown) == len(every)
    assert every[0].public_id == chosen.public_id and every[0].confirmed_by == analyst
    assert shown.any_reported and shown.most_named()[0] == every[0]
    group = next(one for one in every if one.shown == "718820333")
    assert group.tips == 6


def test_the_three_tiers_and_the_income_of_a_storm_are_those_of_one_tip(
    tip: Send, work: Work, analyst_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = storm(tip, work, 12)
    monkeypatch.setattr(observations, "LINES_READ", 5)
    known = observations.read(case)
    assert known.more == 10  # of 15 fees the five that most tips say are read: first of all the three tiers
    (group,) = [one for one in earnings.of(case, known.lines) if one.about == "718820333"]
    assert [(tier.number, int(tier.monthly), tier.line.tips) for tier in group.tiers] == [
        (1, 333, 12), (2, 666, 12), (3, 999, 12),
    ]  # fmt: skip
    page = analyst_client.get(f"{QUEUE}{case.number}/known/").content.decode()
    assert "641,691 to 1,925,073 a month" in page
    assert "The figures leave out 10 statements that few tips make." in page


def test_a_picture_of_many_counts_keeps_its_ends_and_its_extremes() -> None:
    first = datetime(2026, 9, 1, tzinfo=UTC)
    counts = [Count(first + timedelta(hours=n), 100 + n % 7) for n in range(3000)]
    counts[1234] = Count(counts[1234].at, 900)
    few = earnings_words.thinned(counts)
    assert len(few) <= earnings_words.MOST_DOTS and few == sorted(few, key=lambda one: one.at)
    assert (few[0], few[-1]) == (counts[0], counts[-1]) and counts[1234] in few
    assert earnings_words.thinned(counts[:20]) == counts[:20]


def test_a_row_of_the_queue_reads_both_ends_of_a_big_case(
    tip: Send, work: Work, analyst: User, analyst_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = storm(tip, work, 6)
    first = next(one for one in identifiers_of(case) if one.shown.endswith("6660000000"))
    roles.set_role(case, first.public_id, "reported", analyst)
    (whole,) = rows.rows(queries.queue(analyst))
    monkeypatch.setattr(rows, "ENDS_READ", 1)
    (part,) = rows.rows(queries.queue(analyst))
    assert part.identifiers == whole.identifiers == [first.identifier, part.identifiers[1]]
    assert not whole.at_least and part.at_least and part.more < whole.more
    assert f"and at least {part.more} more" in analyst_client.get(QUEUE).content.decode()


def test_cases_are_counted_as_far_as_anybody_pages(
    tip: Send, work: Work, analyst_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        tip(f"weibo.com/u/666001230{n}"), tip(f"weibo.com/u/666001230{n}")
    work()
    assert "There are more than the pages show" not in analyst_client.get(QUEUE).content.decode()
    monkeypatch.setattr(listing, "MOST", 2)
    page = analyst_client.get(QUEUE).content.decode()
    assert "2+ cases" in page and "There are more than the pages show (2+)" in page
    assert len(re.findall(r'href="/console/cases/\d{4}-\d{6}/" data-open', page)) == 2


def test_what_very_many_tips_name_is_searched_in_the_newest_and_the_page_says_so(
    tip: Send, work: Work, analyst: User, analyst_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = storm(tip, work, 4)
    assert list(queries.queue(analyst, q="718820333")) == [case]
    assert "Very many tips" not in analyst_client.get(QUEUE, {"q": "718820333"}).content.decode()
    monkeypatch.setattr(queries, "NAMED_READ", 3)
    found = analyst_client.get(QUEUE, {"q": "718820333"}).content.decode()
    assert (
        case.number in found and "Very many tips name this: the list shows the cases of the newest 3" in found
    )


def test_the_beginning_of_a_number_finds_its_cases_by_an_index(tip: Send, work: Work, analyst: User) -> None:
    case = storm(tip, work, 2)
    for q in (case.number, case.number[:4], case.number[:9]):
        assert list(queries.queue(analyst, q=q)) == [case]
    if connection.vendor == "sqlite":  # PostgreSQL has few rows here and reads them all
        assert "number>" in queries.queue(analyst, q=case.number[:9]).explain()
        assert "queue_of_a_state" in queries.queue(analyst, state="held").explain()
        assert "queue_order (lane_rank=?" in queries.queue(analyst, lane="normal").explain()


def test_what_is_sealed_is_not_opened_where_nothing_is_reported(
    tip: Send, work: Work, analyst_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = storm(tip, work, 8)
    monkeypatch.setattr(queries, "FACTS_READ", 1)
    opened: list[bytes] = []
    whole = sealing.open_bytes

    def counted(sealed: Any, private: bytes | None = None) -> bytes:
        opened.append(bytes(sealed))
        return whole(sealed, private)

    monkeypatch.setattr(sealing, "open_bytes", counted)
    analyst_client.get(f"{QUEUE}{case.number}/plan/")
    assert len(opened) <= 1


def test_what_police_may_ask_silence_about_is_offered_in_part(
    tip: Send, work: Work, analyst: User, analyst_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.dispatch import hold_pages

    User.objects.filter(pk=analyst.pk).update(role="lead")
    case = storm(tip, work, 6)
    analyst.refresh_from_db()
    assert hold_pages.panel(case, analyst)["holdable_more"] == 0
    monkeypatch.setattr(hold_pages, "SHOWN", 3)
    found = hold_pages.panel(case, analyst)
    assert len(found["holdable"]) == 3 and found["holdable_more"] > 0
    assert "718820333" in [shown for _name, shown in found["holdable"]]
