"""Signals say how soon a person must look, and why; software raises a lane and never lowers it."""

from __future__ import annotations

import random

import pytest
from django.utils import timezone, translation
from read_tips import read_tip, walk

from tocsin.accounts.models import User
from tocsin.cases import counting, opening, queries, score, signals
from tocsin.cases.models import Case, CaseEvent, Scored
from tocsin.lib.writing import write
from tocsin.tips.models import SenderMark, Tip

NO_ANSWERS = {"danger": ""}


def found(text: str, identifiers: int = 1, **answers: str) -> list[str]:
    return signals.in_tip(text, NO_ANSWERS | answers, identifiers)


def test_every_signal_has_a_sentence_in_three_languages_and_a_way_to_speak() -> None:
    for one in signals.load().by_name.values():
        assert set(one.sentences) == {"en", "fr", "zh"}, one.name
        assert one.words or one.answers or one.computed, one.name


def test_the_reporters_own_answer_weighs_most() -> None:
    assert signals.lane_of(found("A square.", danger="yes")) == "immediate"
    assert signals.lane_of(found("A square.", danger="unsure")) == "high"
    assert signals.lane_of(found("A square.", danger="no")) == "normal"
    heaviest = max(signals.load().by_name.values(), key=lambda one: one.weight)
    assert heaviest.answers == (("danger", "yes"),)


@pytest.mark.parametrize(
    "text", ["A CHILD IS IN DANGER", "ａ child is in ｄａｎｇｅｒ", "Le garçon est en danger", "孩子有危险"]
)
def test_words_are_found_in_any_case_width_and_language(text: str) -> None:
    assert "child_in_danger" in found(text)


def test_a_latin_word_must_stand_alone_and_a_chinese_one_need_not() -> None:
    assert "private_contact" not in found("The children said it unprivately.")
    assert "offer_or_sale" in found("每月九百元的陶艺课")


@pytest.mark.parametrize(
    "text",
    [
        "有人出价3000元，说孩子现在就在他那里",
        "He offers 3,000 yuan and says a child is with him right now",
        "Il propose 3000 yuans et dit qu'un enfant est chez lui en ce moment",
    ],
)
def test_a_child_who_is_with_the_person_now_is_immediate(text: str) -> None:
    assert signals.lane_of(found(text)) == "immediate"


@pytest.mark.parametrize(
    "text", ["小朋友们，他现在在他直播间", "Il est chez lui et vend des jouets pour enfants"]
)
def test_being_at_home_or_on_air_is_no_danger_by_itself(text: str) -> None:
    assert signals.lane_of(found(text)) != "immediate"


def test_what_a_text_says_is_what_each_list_of_phrases_finds_in_it() -> None:
    known = signals.load()
    rows = known.by_name.values()
    lists = {some for one in rows if one.words and not one.computed for some in (one.words, *one.beside)}
    phrases = sorted({phrase for some in lists for phrase in some.every})
    draw = random.Random(5)
    beside = ["", " ", " ", "-", "x", "é", "了", "'", ". ", "_", "3", "\u0301"]
    said = 0
    for _n in range(3000):
        parts = [draw.choice(beside) + draw.choice([*phrases, "bowl"]) for _m in range(draw.randint(1, 4))]
        text = signals.prepared("".join(parts) + draw.choice(beside))
        found = known.finder.said(text)
        assert found == {some for some in lists if some.search(text)}, text
        said += bool(found)
    assert said > 1000


def test_a_negation_does_not_count() -> None:
    assert "child_in_danger" not in found("No child is in danger here.")


def test_words_that_need_a_child_beside_them_do_not_count_alone() -> None:
    assert "meeting_planned" not in found("We meet at the pottery.")
    assert "meeting_planned" in found("He wants to meet the pupils at the pottery.")


def test_a_tip_without_identifiers_is_low() -> None:
    assert signals.lane_of(found("A square.", identifiers=0)) == "low"
    assert signals.lane_of(found("A square.", identifiers=0, danger="yes")) == "immediate"


@pytest.mark.django_db
def test_the_case_takes_the_most_urgent_lane_and_counts_the_tips_of_each_reason() -> None:
    read_tip("strong:vase", text="A vase for 50 yuan.")
    walk()
    case = Case.objects.get()
    assert case.lane == "normal"
    read_tip("strong:vase", text="Another vase for 20 yuan.", danger="yes")
    walk()
    read_tip("strong:vase", text="A quiet vase.")
    walk()
    case.refresh_from_db()
    assert (case.lane, case.lane_rank) == ("immediate", 0)
    assert queries.lane_sentences(case) == [
        "The reporter says that a child is in danger now",
        "Something is offered or sold (2 tips)",
    ]
    assert CaseEvent.objects.get(case=case, kind="lane_raised").facts == {"lane": "immediate"}


@pytest.mark.django_db
def test_reasons_stand_in_the_readers_language() -> None:
    read_tip("strong:vase", danger="yes")
    walk()
    for language, begins in (("fr", "Le signalant dit"), ("zh-hans", "举报人表示")):
        with translation.override(language):
            assert queries.lane_sentences(Case.objects.get())[0].startswith(begins)


@pytest.mark.django_db
def test_scoring_again_counts_nothing_twice() -> None:
    from tocsin.cases.score import score_tips

    tip = read_tip("strong:vase", danger="yes")
    walk()
    score_tips([tip])
    assert Case.objects.get().lane_reasons[0] == {"signal": "danger_answer_yes", "tips": 1}
    assert Scored.objects.count() == 1


@pytest.mark.django_db
def test_a_merged_case_brings_its_reasons_along() -> None:
    read_tip("strong:vase", text="A vase for 50 yuan.")
    read_tip("strong:bowl", text="A bowl for 50 yuan.", danger="yes")
    walk()
    read_tip("strong:vase", "strong:bowl")
    walk()
    case = Case.objects.get(merged_into__isnull=True)
    assert case.lane == "immediate"
    assert {"signal": "offer_or_sale", "tips": 2} in case.lane_reasons


@pytest.mark.django_db
def test_a_loose_tip_opened_by_hand_brings_its_urgency(analyst: User) -> None:
    tip = read_tip("weak:vase", danger="unsure")
    walk()
    case = opening.open_by_hand(tip, analyst)
    assert case.lane == "high"
    assert not queries.loose(analyst).exists()


@pytest.mark.django_db
def test_loose_tips_stand_in_the_order_of_their_urgency(analyst: User) -> None:
    read_tip()
    unsure = read_tip(danger="unsure")
    weak = read_tip("weak:vase", day=1)
    walk()
    assert [tip.pk for tip in queries.loose(analyst)][:2] == [unsure.pk, weak.pk]


def test_of_a_storm_no_more_tips_are_counted_than_matter_and_marked_senders_stay_low(
    analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LOOKED_AT", 3)
    SenderMark.objects.create(tag="loud", why="invented", marked_by=analyst, marked_at=timezone.now())

    def send(count: int, **fields: str) -> Case:
        for _n in range(count):
            Tip.objects.filter(pk=read_tip("strong:vase").pk).update(**fields)
        walk(limit=2)
        return Case.objects.get()

    case = send(9, contact_tag="loud")
    assert (case.lane, counting.sizes_up_to([case.pk], 6)) == ("low", {case.pk: 6})
    case = send(1)
    assert case.lane == "normal"
    before = (case.lane, case.lane_reasons, case.reporters, case.urgency, case.actionability_reasons)
    with write():
        score.recount([case.pk])
    case.refresh_from_db()
    assert before == (
        case.lane,
        case.lane_reasons,
        case.reporters,
        case.urgency,
        case.actionability_reasons,
    )
