"""The worker reads a tip: identifiers, roles that protect somebody, and what else the text says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tocsin.identifiers.models import Bystander, Identifier, key_of
from tocsin.lib import sealing
from tocsin.lib.models import LowWater, StepFailure
from tocsin.lib.steps import start_over
from tocsin.tips import steps
from tocsin.tips.models import Mention, Reading, SharedBody, Tip
from tocsin.tips.queries import facts, marked, narrative
from tocsin.tips.sealed import open_identifier

pytestmark = pytest.mark.django_db
Send = Callable[..., Tip]


def read_all() -> int:
    return steps.read(500)


def names(tip: Tip) -> dict[str, str]:
    return {
        mention.identifier.canonical if mention.identifier else "sealed": mention.role
        for mention in tip.mentions.select_related("identifier")
    }


def test_identifiers_of_a_text_become_mentions_with_their_place_in_it(tip: Send) -> None:
    text = "看看 https://weibo.com/u/6660077001 这个人"
    one = tip(text)
    assert read_all() == 1
    mention = one.mentions.get()
    assert mention.identifier is not None
    assert (mention.identifier.platform, mention.role) == ("weibo", "unknown")
    assert text[mention.start : mention.end].endswith("weibo.com/u/6660077001")
    reading = Reading.objects.get(tip=one)
    assert reading.found == 1 and reading.data_version and not reading.truncated
    one.refresh_from_db()
    assert one.language == "zh"


def test_a_tip_without_any_identifier_is_read_once(tip: Send) -> None:
    one = tip("somebody waits near the school gate")
    assert read_all() == 1
    assert read_all() == 0
    assert Reading.objects.get(tip=one).found == 0


def test_two_tips_share_the_row_of_their_identifier(tip: Send) -> None:
    tip("the shop kiln.example.org again")
    tip("hxxps://kiln[.]example[.]org/ sells pots")
    read_all()
    assert Identifier.objects.filter(kind="site").count() == 1
    assert Identifier.objects.get(kind="site").mentions.count() == 2


def test_tips_with_a_child_in_danger_are_read_first(tip: Send) -> None:
    calm = tip("album-lake.example.com")
    urgent = tip("t.me/north_gallery88", danger="yes")
    assert steps.read(1) == 1
    assert [reading.tip_id for reading in Reading.objects.all()] == [urgent.pk]
    assert steps.read(1) == 1
    assert Reading.objects.filter(tip=calm).exists()


def test_a_reporters_own_number_is_kept_sealed_only(tip: Send) -> None:
    one = tip("Look at https://kiln.example.org . 我的电话 +86 13800138000")
    read_all()
    assert names(one) == {"kiln.example.org": "unknown", "sealed": "reporter"}
    sealed = one.mentions.get(role="reporter")
    assert "13800138000" in open_identifier(sealed.identifier_sealed or b"")[2]
    assert not Identifier.objects.filter(kind="phone").exists()


def test_an_address_that_is_the_reporters_contact_is_the_reporters(tip: Send) -> None:
    one = tip(
        "Write to lucie@reporter.example.com about kiln.example.org", contact="lucie@reporter.example.com"
    )
    read_all()
    assert names(one) == {"kiln.example.org": "unknown", "sealed": "reporter"}
    assert not Identifier.objects.filter(canonical__contains="lucie").exists()


def test_whoever_is_greeted_or_listed_is_proposed_as_bystander(tip: Send) -> None:
    triple = ("account", "x", "lanternwatch")
    Bystander.objects.create(
        key=key_of(*triple), kind=triple[0], platform=triple[1], canonical=triple[2], label="Lantern Watch",
        why="campaigner", source="own list", source_date=date(2026, 1, 1), added_at=timezone.now(),
    )  # fmt: skip
    one = tip("https://x.com/lanternwatch told me of https://x.com/binghua_studio")
    read_all()
    assert names(one) == {"lanternwatch": "bystander", "binghua_studio": "unknown"}


def test_a_victims_account_stays_unknown_and_keeps_its_cue(tip: Send) -> None:
    one = tip("受害者的微信：BingHua_2016")
    read_all()
    mention = one.mentions.get()
    assert (mention.role, mention.cue) == ("unknown", "victim")


def test_cities_and_fees_beside_the_text_are_kept_sealed(tip: Send) -> None:
    one = tip("群里有1927人，高级999元一个月。QQ群 718820333，在郑州", city="Harbin")
    read_all()
    reading = Reading.objects.get(tip=one)
    assert b"zhengzhou" not in bytes(reading.facts_sealed or b"")
    found = facts(one)
    assert found["cities"] == ["harbin", "zhengzhou"]
    assert "999" in {observation["value"] for observation in found["observations"]}


def test_the_same_contact_and_sender_have_the_same_look_up_tags(tip: Send) -> None:
    first = tip("album one", contact="Lucie@reporter.example.com", sender="follower-1")
    second = tip("album two", contact="lucie@reporter.example.com", sender="follower-1")
    third = tip("album three", sender="follower-2")
    read_all()
    for one in (first, second, third):
        one.refresh_from_db()
    assert first.contact_tag == second.contact_tag != ""
    assert first.sender_tag == second.sender_tag != third.sender_tag
    assert third.contact_tag == ""


def test_a_tip_that_cannot_be_opened_does_not_stop_the_others(tip: Send) -> None:
    good, broken = tip("album one"), tip("album two")
    Tip.objects.filter(pk=broken.pk).update(narrative_sealed=b"\x01damaged")
    assert read_all() == 1
    assert Reading.objects.get().tip_id == good.pk
    assert StepFailure.objects.get().source_id == broken.pk
    assert read_all() == 0


def test_a_batch_that_was_done_by_another_worker_is_left_alone(tip: Send) -> None:
    one = tip("kiln.example.org")
    again = Tip.objects.get(pk=one.pk)
    read_all()
    steps._read([again])
    assert Reading.objects.count() == 1 and Mention.objects.count() == 1


def test_the_low_water_mark_rises_only_past_what_is_read(tip: Send) -> None:
    from datetime import timedelta

    old = timezone.now() - timedelta(hours=1)
    for number in range(4):
        Tip.objects.filter(pk=tip(f"album {number}").pk).update(recorded_at=old)
    start_over()  # what an earlier test settled
    steps.read(3)
    last_read = Reading.objects.order_by("-tip_id").first()
    assert last_read is not None
    assert LowWater.objects.get(step="tips.read").below == last_read.tip_id
    steps.read(3)
    assert Reading.objects.count() == 4


def test_odd_characters_are_read_on_both_databases(tip: Send) -> None:
    tip("a\x01b kiln.example.org/\ud83d \u202ekiln.example.org\u202c \x7f")
    assert read_all() == 1
    assert Mention.objects.exists()


def test_a_narrative_is_shown_in_pieces_around_its_identifiers(tip: Send, analyst: Any) -> None:
    from tocsin.audit.models import AuditRow

    one = tip("go to\x07 kiln.example.org/pots\r\nnow \u202egnp")
    read_all()
    pieces = marked(one, analyst)
    assert "".join(text for text, _ in pieces) == "go to\u2407 kiln.example.org/pots\nnow [U+202E]gnp"
    assert [text for text, mention in pieces if mention] == ["kiln.example.org/pots"]
    assert (
        AuditRow.objects.filter(action="tip.read", actor=analyst.actor, object=f"tip:{one.public_id}").count()
        == 1
    )
    assert narrative(one) == "go to\x07 kiln.example.org/pots\r\nnow \u202egnp"
    assert AuditRow.objects.filter(action="tip.read").count() == 1


def test_the_database_refuses_a_readable_childs_identifier(tip: Send) -> None:
    one = tip("kiln.example.org")
    read_all()
    for wrong in ({"role": "child"}, {"identifier": None}, {"role": "reported"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Mention.objects.filter(tip=one).update(**wrong)


def test_reading_leaves_no_word_of_the_text_in_a_readable_column(tip: Send) -> None:
    from django.apps import apps

    one = tip("zebrafinch okapi kiln.example.org")
    read_all()
    for model in apps.get_models():
        for row in model._default_manager.values():
            assert "zebrafinch" not in repr(row)
    assert "zebrafinch" in sealing.unseal(one.narrative_sealed)


def test_many_tips_are_read_with_as_many_questions_as_few(tip: Send) -> None:
    counts = []
    for size in (4, 40):
        for number in range(size):
            tip(
                f"album {size}-{number}: kiln{number}.example.org, clay{size}x{number}.example.org",
                sender="s",
            )
        with CaptureQueriesContext(connection) as seen:
            assert read_all() == size
        counts.append(len(seen))
    assert counts[1] <= counts[0] < 25


def test_tips_that_share_a_sealed_text_keep_what_only_one_of_them_says(tip: Send) -> None:
    text = "Write to lucie@reporter.example.com about kiln.example.org in Lyon"
    body = SharedBody.objects.create(text_tag="shared", sealed=sealing.seal(text), at=timezone.now())
    own = tip(text, contact="lucie@reporter.example.com", city="Paris")
    plain = tip(text, language="de")
    Tip.objects.update(narrative_sealed=None, body=body)
    assert read_all() == 2
    assert names(own) == {"kiln.example.org": "unknown", "sealed": "reporter"}
    assert names(plain) == {"kiln.example.org": "unknown", "lucie@reporter.example.com": "unknown"}
    assert [facts(one)["cities"] for one in (own, plain)] == [["paris", "lyon"], ["lyon"]]
    own.refresh_from_db(), plain.refresh_from_db()
    assert (own.language, plain.language) == ("en", "de")
    assert own.contact_tag and not plain.contact_tag
