"""Tips come in: sealed, once, with a receipt."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, connections
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.audit.models import AuditRow
from tocsin.lib import mailbox, receipts, sealing, signing
from tocsin.tips.accept import MAX_BYTES, Incoming, Refused, accept
from tocsin.tips.languages import known
from tocsin.tips.models import ReporterCopy, Tip
from tocsin.tips.text import encodable, is_blank, language, shown

pytestmark = pytest.mark.django_db

SHOP = "The pottery shop at kiln.example.org asks for home addresses"


def test_a_tip_is_stored_sealed_with_its_copy_and_one_audit_row() -> None:
    (accepted,) = accept([Incoming(text=SHOP, contact="lucie@reporter.example.com", city="Harbin")])
    tip = Tip.objects.get()
    assert accepted.new and accepted.public_id == tip.public_id
    assert tip.mailbox_tag == mailbox.tag(accepted.receipt)
    assert sealing.unseal(tip.narrative_sealed) == SHOP
    assert sealing.unseal(tip.contact_sealed) == "lucie@reporter.example.com"
    assert sealing.unseal(tip.city_sealed) == "Harbin"
    for sealed in (tip.narrative_sealed, tip.contact_sealed, tip.city_sealed):
        assert (
            b"kiln" not in bytes(sealed) and b"lucie" not in bytes(sealed) and b"Harbin" not in bytes(sealed)
        )
    assert ReporterCopy.objects.get().tag == tip.mailbox_tag
    row = AuditRow.objects.get()
    assert (row.actor, row.action, row.object) == ("door", "tip.received", f"tip:{tip.public_id}")


def test_the_same_token_gives_one_tip_and_the_same_receipt() -> None:
    token = signing.form_token()
    first = accept([Incoming(text=SHOP, token=token)])[0]
    again = accept([Incoming(text=SHOP, token=token)])[0]
    assert first.new and not again.new and again.same
    assert first.receipt == again.receipt == receipts.from_token(token)
    assert Tip.objects.count() == AuditRow.objects.count() == ReporterCopy.objects.count() == 1


def test_the_same_token_twice_in_one_batch_gives_one_tip() -> None:
    token = signing.form_token()
    first, again = accept([Incoming(text=SHOP, token=token), Incoming(text=SHOP, token=token)])
    assert (first.new, again.new) == (True, False)
    assert first.receipt == again.receipt
    assert Tip.objects.count() == 1


def test_a_changed_text_under_a_used_token_is_told_apart_from_a_retry() -> None:
    token = signing.form_token()
    accept([Incoming(text=SHOP, token=token)])
    assert accept([Incoming(text=SHOP, token=token)])[0].same
    assert not accept([Incoming(text=SHOP + " again", token=token)])[0].same
    assert not accept([Incoming(text=SHOP, token=token, danger="yes")])[0].same


def test_tips_without_a_token_are_each_their_own() -> None:
    accepted = accept([Incoming(text=SHOP), Incoming(text=SHOP)])
    assert len({one.receipt for one in accepted}) == 2
    assert Tip.objects.count() == 2


def test_a_batch_keeps_its_order() -> None:
    accepted = accept([Incoming(text=f"album {number}") for number in range(30)])
    texts = {tip.public_id: sealing.unseal(tip.narrative_sealed) for tip in Tip.objects.all()}
    assert [texts[one.public_id] for one in accepted] == [f"album {number}" for number in range(30)]


@pytest.mark.parametrize("text", ["", "   \n\t ", "\x00\x00", "\u200b\u202e\ufeff", "\u3000"])
def test_a_text_in_which_nothing_can_be_seen_is_refused_and_nothing_of_the_batch_is_kept(text: str) -> None:
    with pytest.raises(Refused) as refused:
        accept([Incoming(text=SHOP), Incoming(text=text)])
    assert (refused.value.reason, refused.value.index) == ("blank", 1)
    assert Tip.objects.count() == 0


def test_the_limit_counts_bytes_and_its_last_byte_is_accepted() -> None:
    accept([Incoming(text="哈" * (MAX_BYTES // 3) + "a" * (MAX_BYTES % 3))])
    with pytest.raises(Refused) as refused:
        accept([Incoming(text="哈" * (MAX_BYTES // 3) + "a" * (MAX_BYTES % 3 + 1))])
    assert (refused.value.reason, refused.value.size) == ("too_long", MAX_BYTES + 1)
    assert Tip.objects.count() == 1


@pytest.mark.parametrize(
    "text", ["a\x07b\x1b[2J", "lone \ud83d half", "\u202egnp.moc\u202c", "line\r\nline", " x "]
)
def test_odd_characters_are_stored_as_sent(text: str) -> None:
    accept([Incoming(text=text)])
    assert sealing.unseal(Tip.objects.get().narrative_sealed) == text


def test_only_nul_is_taken_out() -> None:
    accept([Incoming(text="a\x00b\x01c")])
    assert sealing.unseal(Tip.objects.get().narrative_sealed) == "ab\x01c"


def test_codes_that_the_form_does_not_have_count_as_not_answered() -> None:
    odd = Incoming(
        text=SHOP,
        where="x" * 90,
        what="contact",
        danger="maybe",
        about="all",
        place="china",
        language="z" * 30,
    )
    accept([odd])
    tip = Tip.objects.get()
    assert (tip.where, tip.what, tip.danger, tip.about, tip.place) == ("", "contact", "", "", "")
    assert len(tip.language) == 10


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_by_eight_threads_at_once_gives_one_tip() -> None:
    token, answers = signing.form_token(), list[Any]()
    ready = threading.Barrier(8)

    def send() -> None:
        try:
            ready.wait()
            answers.append(accept([Incoming(text=SHOP, token=token)])[0])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len({answer.receipt for answer in answers}) == 1
    assert sum(answer.new for answer in answers) == 1
    assert all(answer.same for answer in answers)
    assert Tip.objects.count() == ReporterCopy.objects.count() == AuditRow.objects.count() == 1


def test_no_readable_column_holds_a_word_of_the_tip() -> None:
    accept([Incoming(text="zebrafinch", contact="okapi", sender="quokka", city="narwhal")])
    with connection.cursor() as cursor:
        for table in ("tips_tip", "tips_reportercopy", "audit_auditrow"):
            cursor.execute(f"SELECT * FROM {table}")
            for row in cursor.fetchall():
                everything = b" ".join(
                    bytes(v) if isinstance(v, bytes | memoryview) else repr(v).encode() for v in row
                )
                assert not any(
                    word in everything for word in (b"zebrafinch", b"okapi", b"quokka", b"narwhal")
                )


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(categories=None)))
def test_any_text_can_be_judged_and_shown(text: str) -> None:
    visible = shown(text)
    visible.encode("utf-8")
    encodable(text).encode("utf-8")
    assert not set(visible) & set("\x00\x07\x1b\x7f\u202e\u2066")
    assert is_blank(text) in (True, False)
    assert language(text) in ("", *known())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("有人在群里招小模特", "zh"),
        ("QQ群 718820333 在卖旧照片 https://example.org/a/b", "zh"),
        ("Le site a déménagé, il est maintenant chez un autre", "fr"),
        ("The forum asks for the address of the school", "en"),
        ("kiln.example.org", ""),
        ("12345", ""),
    ],
)
def test_the_language_of_a_text_is_told_by_script_and_common_words(text: str, code: str) -> None:
    assert language(text) == code
    assert language("kiln.example.org", "fr") == "fr"
