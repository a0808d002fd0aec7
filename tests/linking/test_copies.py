"""Tips that forward one message are marked as copies of the first one; everything else is not."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from read_tips import read_tip

from tocsin.lib import keys
from tocsin.lib.models import StepFailure
from tocsin.linking import copies as room
from tocsin.linking import minhash
from tocsin.linking.copies import copies, mark, roots
from tocsin.linking.models import Band, Copy, Linked, Sketch
from tocsin.linking.steps import link
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same key in every run: which runs of a text a sketch keeps follows from it."""
    raw = keys.raw
    monkeypatch.setattr(keys, "raw", lambda name: bytes(range(32)) if name == "text.key" else raw(name))


ENGLISH = (
    "A potter on the old market square sells vases that he says were painted by the children of the village."
)
FRENCH = (
    "Un potier de la place du vieux marché vend des vases peints, dit-il, par les enfants du village voisin."
)
CHINESE = "老集市广场上的一位陶匠出售花瓶，他说这些花瓶是村里的孩子们在冬天的傍晚亲手画的，价格很便宜。"
LONG = " ".join(
    f"On day {n} the {colour} lantern stood beside the {thing} near the bridge, and nobody had moved it."
    for n, (colour, thing) in enumerate(
        (colour, thing)
        for colour in ("yellow", "copper", "broken", "painted")
        for thing in ("mill", "orchard", "chapel", "harbour", "garden")
    )
)


def _marked() -> dict[int, int]:
    return dict(Copy.objects.values_list("tip_id", "of_id"))


def _walk(limit: int = 500) -> None:
    while copies(limit):
        pass


def _tips(*texts: str, names: tuple[str, ...] = ()) -> list[Any]:
    return [read_tip(*names, text=text, day=day) for day, text in enumerate(texts)]


CHANGED = [
    ("---------- Forwarded message ---------\nFrom: Ada <ada@example.org>\nSubject: vases\n\n{}", ENGLISH),
    ("Begin forwarded message:\n\nFrom: Ben\n\n{}", ENGLISH),
    ("Fwd: Fwd: {}", ENGLISH),
    ("🙏🙏 {} 😡‼️", ENGLISH),
    ("{} Please share!!!", ENGLISH),
    ("{}\n\npls forward this to everyone 🙏🏽", ENGLISH),
    ("> {}", LONG),
    ("My sister sent me this, I do not know more about it. {}", LONG),
    ("---------- Message transféré ---------\nDe : Ada <ada@example.org>\nObjet : vases\n\n{}", FRENCH),
    ("Tr : {} Merci de partager !", FRENCH),
    ("{} Faites tourner autour de vous !!!", FRENCH),
    ("转发：{}", CHINESE),
    ("---------- 转发邮件 ---------\n发件人：小安 <an@example.org>\n\n{}请大家转发扩散一下", CHINESE),
    ("⚠️{}🏺🏺", CHINESE),
]


@pytest.mark.parametrize(("around", "text"), CHANGED)
def test_what_forwarding_puts_around_a_message_leaves_it_a_copy(around: str, text: str) -> None:
    first, second = _tips(text, around.format(text))
    _walk()
    assert _marked() == {second.pk: first.pk}


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (ENGLISH, "potter", "weaver"),
        (ENGLISH, "vases", "bowls"),
        (FRENCH, "potier", "tisserand"),
        (CHINESE, "陶匠", "织工"),
        (LONG, "lantern", "basket"),
        (ENGLISH, ".", " !!! …"),
        (CHINESE, "，", "！！ "),
        (ENGLISH, " ", "  \n"),
        (FRENCH, "é", "e\u0301"),
        (CHINESE, "", ""),
    ],
)
def test_a_changed_word_or_punctuation_leaves_it_a_copy(text: str, old: str, new: str) -> None:
    first, second = _tips(text, text.replace(old, new, 1) if old.isalpha() else text.replace(old, new))
    _walk()
    assert _marked() == {second.pk: first.pk}
    assert Copy.objects.get().likeness >= 60


def test_capitals_and_full_width_letters_are_the_same_letters() -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in ENGLISH)
    first, second, third = _tips(ENGLISH, ENGLISH.upper(), wide)
    _walk()
    assert _marked() == {second.pk: first.pk, third.pk: first.pk}


PHRASE = "I want to report this account, please look at it as soon as you can."
OTHERS = [
    f"{PHRASE} It shows a lantern on the bridge and asks for yellow carpets from the mountain.",
    f"{PHRASE} My neighbour met the weaver at the station and never saw the copper ladder again.",
    f"Somebody repaired the violin behind the chapel, then left the harbour in the morning. {PHRASE}",
    "我想举报这个账号，请你们尽快看一下。桥上有一盏灯笼，旁边的人在买黄色的地毯和铜器。",
    "我想举报这个账号，请你们尽快看一下。邻居在车站见到了织工，后来再也没有看见那把梯子。",
    "Je veux signaler ce compte, merci de regarder. La lanterne du pont est jaune et le tapis rouge.",
    "Je veux signaler ce compte, merci de regarder. Le voisin a vu le tisserand à la gare hier soir.",
]


def test_different_tips_that_share_phrases_are_no_copies() -> None:
    _tips(*OTHERS, ENGLISH, FRENCH, CHINESE, LONG)
    _walk()
    assert not _marked()
    assert Sketch.objects.count() == 11


@pytest.mark.parametrize(
    "text",
    [
        "https://clay.example/vases/1234567890/a-very-long-address-that-says-nothing-by-itself?x=1",
        "look! https://clay.example/vases/1234567890/a-very-long-address-that-says-nothing",
        "@clay_and_glaze_and_kiln_and_wheel_of_the_village please share",
        "+1 555 0100 200 300",
        "",
        "   \n\t ",
        "🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏🙏",
        "\u200b\u200d\ufeff" * 50,
        "请看这个花瓶",
        "----- Forwarded message -----",
        "Subject: " + "vase " * 50,
    ],
)
def test_a_bare_link_or_too_little_text_is_no_copy(text: str) -> None:
    _tips(text, text)
    _walk()
    assert not _marked()
    assert [bytes(row) for row in Sketch.objects.values_list("signature", flat=True)] == [b"", b""]
    assert not Band.objects.exists()


def test_runs_that_are_met_again_and_again_are_not_forgotten_with_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(minhash, "_REMEMBERED", 50)
    runs = minhash._Runs(bytes(32))
    values = {f"{number:05}": runs[f"{number:05}"] for number in range(500)}
    assert len(runs) + len(runs._before) <= 100
    assert all(runs[run] == minhash._Runs(bytes(32))[run] == said for run, said in values.items())
    often = runs["often"]
    for number in range(200):
        runs[f"{number:05}"]
        assert runs["often"] is often, "remembered, not computed again"


def test_the_text_of_an_identifier_does_not_count() -> None:
    text = "the kiln of the village and its old potter and the square"
    assert minhash.sketch(text).signature
    assert minhash.sketch(text, [(0, 40)]) == minhash.NOTHING
    assert minhash.plain("vase kiln vase", [(5, 9), (6, 8), (0, 4)]) == "vase"


def test_the_same_words_about_another_account_are_another_message() -> None:
    texts = [read_tip(name, text=ENGLISH) for name in ("strong:kiln", "strong:clay", "strong:kiln")]
    _walk()
    assert _marked() == {texts[2].pk: texts[0].pk}


def test_a_forward_that_leaves_the_account_away_or_names_one_more_is_a_copy() -> None:
    first = read_tip("strong:kiln", text=ENGLISH)
    less, more = read_tip(text=ENGLISH), read_tip("strong:kiln", "strong:clay", text=ENGLISH)
    _walk()
    assert set(_marked()) == {less.pk, more.pk}
    assert set(_marked().values()) == {first.pk}


def test_unusual_characters_are_text_like_any_other() -> None:
    arabic = "بائع الفخار في ساحة السوق القديم يبيع مزهريات قال إن أطفال القرية رسموها في الشتاء"
    odd = "\ud800 " + ENGLISH + " \udfff \x07"
    tips = _tips(arabic, f"🙏 {arabic}!", odd, ENGLISH)
    _walk()
    assert _marked() == {tips[1].pk: tips[0].pk, tips[3].pk: tips[2].pk}


def test_the_first_that_was_received_is_the_message_in_whatever_order_they_came() -> None:
    late, early, later = (read_tip(text=ENGLISH, day=day) for day in (5, 1, 9))
    mark([late])
    mark([later])
    assert _marked() == {later.pk: late.pk}
    mark([early])
    assert _marked() == {late.pk: early.pk, later.pk: early.pk}


CHAIN = [
    ENGLISH,
    ENGLISH.replace("potter", "weaver"),
    ENGLISH.replace("potter", "weaver").replace("painted", "repaired"),
    f"Fwd: {ENGLISH}",
]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_any_order_of_arrival_gives_the_same_messages(order: tuple[int, ...]) -> None:
    tips = {place: read_tip(text=CHAIN[place], day=place) for place in order}
    tips |= {10 + place: read_tip(text=OTHERS[place], day=place) for place in range(3)}
    for place in order:
        mark([tips[place]])
    mark([tips[place] for place in (10, 11, 12)])
    assert _marked() == {tips[place].pk: tips[0].pk for place in (1, 2, 3)}


def test_in_batches_or_one_by_one_is_the_same() -> None:
    texts = [*CHAIN, *OTHERS, *CHAIN, FRENCH, f"Tr : {FRENCH}"]
    tips = [read_tip(text=text, day=day) for day, text in enumerate(texts)]
    for tip in tips:
        mark([tip])
    alone = _marked()
    for model in (Copy, Band, Sketch):
        model.objects.all().delete()
    mark(tips)
    assert _marked() == alone
    assert len(alone) == 8


def test_two_messages_that_turn_out_to_be_one_are_one() -> None:
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(200)]
    one, other = _tips(" ".join(words[:150]), " ".join(words[50:]))
    mark([one])
    mark([other])
    apart = not _marked()
    between = read_tip(text=" ".join(words[25:175]), day=7)
    mark([between])
    assert apart
    assert _marked() == {other.pk: one.pk, between.pk: one.pk}


def test_marking_twice_changes_nothing() -> None:
    tips = _tips(ENGLISH, ENGLISH)
    mark(tips)
    before = list(Copy.objects.values()), Band.objects.count(), Sketch.objects.count()
    mark(tips)
    assert (list(Copy.objects.values()), Band.objects.count(), Sketch.objects.count()) == before


def test_a_tip_has_at_most_eight_rows_and_one_equal_to_another_none() -> None:
    _tips(LONG, LONG)
    _walk()
    assert Band.objects.count() == 8


def test_after_thirty_days_a_text_is_a_message_of_its_own() -> None:
    first = read_tip(text=ENGLISH)
    _walk()
    Sketch.objects.update(at=timezone.now() - timedelta(days=31))
    second = read_tip(text=ENGLISH)
    mark([second])
    assert not _marked(), "what is too old is not found, also before its rows are gone"
    _walk()
    assert set(Band.objects.values_list("tip_id", flat=True)) == {second.pk}
    assert Sketch.objects.filter(tip=first).exists(), "it is not sketched again"


def test_old_rows_go_in_batches() -> None:
    _tips(*OTHERS)
    _walk()
    Sketch.objects.update(at=timezone.now() - timedelta(days=31))
    counts = []
    while done := room.forget(3):
        counts.append(done)
    assert counts == [3, 3, 1]
    assert not Band.objects.exists()


def test_a_message_that_goes_round_for_months_stays_one() -> None:
    first = read_tip(text=ENGLISH)
    for _ in range(4):
        _walk()
        Sketch.objects.update(at=F("at") - timedelta(days=20))
        read_tip(text=ENGLISH)
    _walk()
    assert set(_marked().values()) == {first.pk}
    assert len(_marked()) == 4


def test_a_storm_of_a_thousand_equal_texts_is_one_message_in_linear_work() -> None:
    _fill(1_000, lambda _n: ENGLISH)
    _walk(200)
    first = Tip.objects.order_by("received_at", "pk").values_list("pk", flat=True)[0]
    assert Copy.objects.count() == 999
    assert set(_marked().values()) == {first}
    assert Band.objects.count() == 8
    assert Copy.objects.filter(likeness=100).count() == 999


def test_a_storm_of_texts_that_differ_a_little_keeps_the_rows_of_a_key_few() -> None:
    chance = random.Random(3)
    words = ENGLISH.split()
    _fill(
        300, lambda n: " ".join(w if w != "village" else f"village{chance.randrange(10**6)}" for w in words)
    )
    _walk(100)
    assert Copy.objects.count() == 299
    assert len(set(_marked().values())) == 1
    per_key: dict[int, int] = {}
    for key in Band.objects.values_list("key", flat=True):
        per_key[key] = per_key.get(key, 0) + 1
    assert max(per_key.values()) <= room.HITS


def _fill(count: int, text: Any) -> None:
    """Tips in bulk, received one minute after another."""
    from tocsin.lib import sealing
    from tocsin.lib.ids import public_id
    from tocsin.tips import bodies
    from tocsin.tips.models import Reading

    now, texts = timezone.now(), [text(n) for n in range(count)]
    tips = Tip.objects.bulk_create(
        Tip(
            source="web",
            mailbox_tag=public_id() + public_id(),
            mailbox_key=bytes(32),
            text_tag=bodies.text_tag(said),
            narrative_sealed=sealing.seal(said),
            received_at=now + timedelta(minutes=n),
            recorded_at=now,
        )
        for n, said in enumerate(texts)
    )
    Reading.objects.bulk_create(Reading(tip=tip, data_version="1", found=0, at=now) for tip in tips)


def test_a_batch_asks_the_same_number_of_queries_whatever_it_holds() -> None:
    _fill(2, lambda n: OTHERS[n])
    _fill(40, lambda n: f"{LONG} {n}")
    tips = list(Tip.objects.select_related("body").order_by("pk"))
    mark(tips[:1])
    mark(tips[2:3])
    asked = []
    for part in (tips[1:2], tips[3:]):
        with CaptureQueriesContext(connection) as queries:
            mark(part)
        asked.append(len(queries))
    assert (
        asked[1] <= asked[0] + 6
    )  # what the second one found: sketches, roots, times, copies, rows pushed out


def test_a_tip_that_breaks_is_linked_all_the_same() -> None:
    good, broken = _tips(ENGLISH, ENGLISH)
    Tip.objects.filter(pk=broken.pk).update(narrative_sealed=b"damaged")
    _walk()
    assert Sketch.objects.get().tip == good
    assert StepFailure.objects.get().source_id == broken.pk
    link(500)
    assert Linked.objects.count() == 2


def test_a_child_in_danger_comes_first_and_an_unread_tip_waits() -> None:
    unread = read_tip(text=ENGLISH)
    unread.reading.delete()
    read_tip(text=ENGLISH)
    urgent = read_tip(text=FRENCH, danger="yes")
    copies(1)
    assert Sketch.objects.get().tip == urgent
    _walk()
    assert not Sketch.objects.filter(tip=unread).exists()


def test_killed_in_the_middle_nothing_is_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    tips = _tips(ENGLISH, ENGLISH, FRENCH)

    class Killed(BaseException):
        """As a signal: nothing catches it."""

    def killed(*_args: Any) -> None:
        raise Killed

    monkeypatch.setattr(room, "_join", killed)
    with pytest.raises(Killed):
        copies(500)
    assert (Sketch.objects.count(), Band.objects.count(), Copy.objects.count()) == (0, 0, 0)
    monkeypatch.undo()
    _walk()
    assert _marked() == {tips[1].pk: tips[0].pk}


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_find_one_message() -> None:
    _fill(60, lambda n: f"{ENGLISH} {'🙏' * (n % 3)}" if n % 2 else f"Fwd: {FRENCH}")
    tips = list(Tip.objects.select_related("body").order_by("pk"))

    def work(mine: list[Tip]) -> None:
        try:
            for start in range(0, len(mine), 10):
                mark(mine[start : start + 10])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, (tips[:40], tips[20:], tips[::-1])))
    assert Sketch.objects.count() == 60
    assert set(_marked().values()) == {tips[0].pk, tips[1].pk}
    assert Copy.objects.count() == 58


def test_roots_gives_the_message_of_each_copy() -> None:
    first, second, other = _tips(ENGLISH, ENGLISH, FRENCH)
    _walk()
    assert roots([first.pk, second.pk, other.pk]) == {second.pk: first.pk}


def test_without_the_key_a_text_cannot_be_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    here = minhash.sketch(ENGLISH)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(keys, "raw", lambda _name: bytes(range(1, 33)))
        there = minhash.sketch(ENGLISH)
    assert minhash.sketch(ENGLISH) == here
    assert not set(there.bands) & set(here.bands)
    assert minhash.likeness(there.signature, here.signature) < 0.1


@given(
    st.text(alphabet=st.characters(), max_size=300),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300))),
)
def test_any_text_gives_a_sketch_or_nothing(text: str, spans: list[tuple[int, int]]) -> None:
    found = minhash.sketch(text, spans)
    assert (len(found.signature), len(found.bands)) in {(0, 0), (minhash.SLOTS, minhash.BANDS)}
    assert all(0 <= key < 2**63 for key in found.bands)
    assert minhash.sketch(text, spans) == found
