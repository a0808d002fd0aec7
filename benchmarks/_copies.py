"""Copies of a forwarded message: how fast they are marked, how many are found, how many of those marked are some.

`measure(count, seed)` fills an empty database with `count` generated tips (English, French, Chinese; 60 to 200
characters and long ones; families of near-identical texts among texts that share words and phrases), runs the step
`linking.copies` over them, and gives copies_per_second, recall and precision over pairs.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import NamedTuple

WORDS: dict[str, list[str]] = {
    "en": ["vase", "kiln", "clay", "glaze", "potter", "square", "market", "bowl", "jug", "painter", "landscape", "river", "bridge", "meadow", "harvest", "garden", "window", "copper", "basket", "ladder", "mountain", "valley", "harbour", "lantern", "carpet", "weaver", "violin", "orchard", "chapel", "mill", "stone", "village", "teacher", "neighbour", "evening", "morning", "winter", "summer", "station", "gallery", "letter", "picture", "colour", "frame", "museum", "yesterday", "street", "corner", "shop", "plate", "handle", "wheel", "oven", "fire", "ashes", "water", "bucket", "brush", "canvas", "curtain", "wooden", "painted", "broken", "small", "heavy", "ancient", "narrow", "quiet", "bright", "yellow", "crimson", "walked", "carried", "showed", "bought", "offered", "described", "noticed", "repaired", "borrowed", "arranged", "watched", "gathered"],
    "fr": ["vase", "four", "argile", "émail", "potier", "place", "marché", "bol", "cruche", "peintre", "paysage", "rivière", "pont", "prairie", "récolte", "jardin", "fenêtre", "cuivre", "panier", "échelle", "montagne", "vallée", "port", "lanterne", "tapis", "tisserand", "violon", "verger", "chapelle", "moulin", "pierre", "village", "professeur", "voisin", "soirée", "matin", "hiver", "été", "gare", "galerie", "lettre", "image", "couleur", "cadre", "musée", "hier", "rue", "coin", "boutique", "assiette", "poignée", "roue", "fourneau", "cendres", "seau", "pinceau", "toile", "rideau", "peint", "cassé", "petit", "lourd", "ancien", "étroit", "calme", "jaune", "cramoisi", "marchait", "portait", "montrait", "achetait", "offrait", "décrivait", "remarquait", "réparait", "empruntait", "rangeait", "regardait", "ramassait"],
    "zh": ["花瓶", "陶窑", "黏土", "釉彩", "陶匠", "广场", "集市", "大碗", "水壶", "画家", "风景", "河流", "石桥", "草地", "收成", "花园", "窗户", "铜器", "篮子", "梯子", "高山", "山谷", "港口", "灯笼", "地毯", "织工", "提琴", "果园", "教堂", "磨坊", "石头", "村庄", "老师", "邻居", "傍晚", "早晨", "冬天", "夏天", "车站", "画廊", "书信", "图画", "颜色", "画框", "博物馆", "昨天", "街道", "拐角", "商店", "盘子", "把手", "轮子", "炉火", "灰烬", "水桶", "画笔", "帆布", "窗帘", "木制", "彩绘", "破损", "小巧", "沉重", "古老", "狭窄", "安静", "明亮", "黄色", "走过", "搬运", "展示", "买下", "出售", "描述", "注意到", "修理", "借用", "整理", "观看", "收集"],
}  # fmt: skip
JOINS = {
    "en": ["the", "a", "and then", "with the", "near the", "in the old", "who", "and", "of a", "to the"],
    "fr": ["le", "une", "et puis", "avec la", "près du", "dans le vieux", "qui", "et", "d'un", "vers la"],
    "zh": ["的", "在", "然后", "和", "旁边的", "里面", "有人", "把", "一个", "到了"],
}
PHRASES = {  # what many people write, each in a tip of their own
    "en": ["I want to report this account.", "Please look at it as soon as you can.", "It was on my screen this morning.", "I do not know who is behind it.", "My neighbour told me about it."],
    "fr": ["Je veux signaler ce compte.", "Merci de regarder dès que possible.", "Je l'ai vu ce matin sur mon écran.", "Je ne sais pas qui est derrière.", "Mon voisin m'en a parlé."],
    "zh": ["我想举报这个账号。", "请你们尽快看一下。", "今天早上我在屏幕上看到的。", "我不知道背后是谁。", "是邻居告诉我的。"],
}  # fmt: skip
HEADERS = {
    "en": ["---------- Forwarded message ---------\nFrom: Ada <ada@example.org>\nDate: Tue, 3 Mar 2026 at 09:14\nSubject: vases\nTo: list@example.org\n\n", "Begin forwarded message:\n\nFrom: Ben\nSubject: Fwd: look\n\n", "Fwd: ", "FW: ", "> ", "Forwarded from Pottery news\n", "From my sister:\n", "[Forwarded]\n"],
    "fr": ["---------- Message transféré ---------\nDe : Ada <ada@example.org>\nDate : mar. 3 mars 2026\nObjet : vases\nÀ : liste@example.org\n\n", "Début du message réexpédié :\n\nDe: Benoît\nObjet: Tr: regardez\n\n", "Tr : ", "TR: ", "> ", "Transféré par Ada\n", "De ma sœur :\n"],
    "zh": ["---------- 转发邮件 ---------\n发件人：小安 <an@example.org>\n日期：2026年3月3日\n主题：花瓶\n收件人：list@example.org\n\n", "转发：", "【转发】", "转发自陶器新闻\n", "Fwd: ", "我姐姐发来的：\n"],
}  # fmt: skip
PLEAS = {
    "en": ["Please share!", "pls forward this to everyone", "PLEASE PASS IT ON!!!", "Share this widely.", "Spread the word", "please send it to all you know"],
    "fr": ["Merci de partager !", "À partager svp", "Faites tourner autour de vous !!!", "partagez", "envoyez-le à vos amis"],
    "zh": ["请转发！", "请大家转发扩散一下", "求扩散！！！", "麻烦转发给更多人", "让更多人看到"],
}  # fmt: skip
EMOJI = ["🙏", "❗❗", "😡", "👇👇👇", "⚠️", "🏺", "🙏🏽", "👨‍👩‍👧"]


class Text(NamedTuple):
    """A generated text and the number of the message that it forwards; every other text has a number of its own."""

    text: str
    message: int
    names: str  # a handle that it names


def texts(count: int, seed: int) -> list[Text]:
    """`count` texts, a third of them forwarded from some message, shuffled."""
    chance = random.Random(seed)
    made: list[Text] = []
    message = 0
    while len(made) < count:
        language = chance.choice(["en", "fr", "zh"])
        text, names, message = (
            _original(chance, language, message),
            f"@clay_{chance.randrange(count)}",
            message + 1,
        )
        copies = chance.choice([0, 0, 0, 0, 0, 0, 1, 1, 2, 5])
        made.append(Text(_named(text, names), message, names))
        made += [
            Text(_forwarded(chance, language, _named(text, names)), message, names) for _ in range(copies)
        ]
    chance.shuffle(made)
    return made[:count]


def _named(text: str, names: str) -> str:
    return f"{text} {names}"


def _original(chance: random.Random, language: str, message: int) -> str:
    """60 to 200 characters, or one in three long (to 2,500); one in two has phrases that others write as well."""
    size = chance.randint(60, 200) if message % 3 else int(chance.lognormvariate(6.4, 0.5)) + 200
    size = min(size, 2_500)
    parts = (
        chance.sample(PHRASES[language], chance.randint(0, 2) if size < 120 else chance.randint(0, 4))
        if chance.random() < 0.5
        else []
    )
    space = "" if language == "zh" else " "
    need, said = size - sum(map(len, parts)), []
    while sum(len(part) + len(space) for part in said) < max(need, 45):
        said += [chance.choice(WORDS[language]), chance.choice(JOINS[language])]
        if chance.random() < 0.15:
            said[-1] += "。" if language == "zh" else "."
    own = space.join(said)
    chance.shuffle(parts)
    return space.join([*parts[:1], own, *parts[1:]]) if chance.random() < 0.5 else space.join([own, *parts])


def _forwarded(chance: random.Random, language: str, text: str) -> str:
    """One or two of what happens to a message on its way."""
    for change in chance.sample(range(6), chance.choice([1, 1, 2])):
        if change == 0:
            text = chance.choice(HEADERS[language]) + text
        elif change == 1:
            text = f"{chance.choice(EMOJI)} {text} {chance.choice(EMOJI)}"
        elif change == 2:
            text = text.replace(".", "!!!").replace("。", "！").replace(",", " -")
        elif change == 3:
            text = _other_word(chance, language, text)
        elif change == 4:
            text = f"{text}\n{chance.choice(PLEAS[language])}"
        else:
            text = text.upper() if chance.random() < 0.5 else text.replace(" ", "  ").replace("。", "。\n")
    return text


def _other_word(chance: random.Random, language: str, text: str) -> str:
    there = [word for word in WORDS[language] if word in text]
    return text.replace(chance.choice(there), chance.choice(WORDS[language]), 1) if there else text


def pairs(groups: Sequence[Sequence[int]]) -> set[tuple[int, int]]:
    """All pairs of members of one group."""
    return {(a, b) for group in groups for a in group for b in group if a < b}


def groups(marks: Sequence[object]) -> list[list[int]]:
    """The places of equal marks."""
    found: dict[object, list[int]] = {}
    for place, mark in enumerate(marks):
        found.setdefault(mark, []).append(place)
    return list(found.values())


def measure(count: int, seed: int) -> dict[str, float]:
    """Fill the (empty) database with tips that were read, run the step until nothing is left, and count pairs.

    `copies_per_second` is the step alone, opening the seal, sketching, looking up and writing included.
    """
    made = texts(count, seed)
    ids = _stored(made)
    from _reference import Pace

    from tocsin.linking.copies import copies, roots
    from tocsin.linking.models import Copy

    began, pace, aside = time.monotonic(), Pace(), 0.0
    while copies(500):
        aside += pace.look()
    took = time.monotonic() - began - aside
    first = roots(ids)
    truth = pairs(groups([text.message for text in made]))
    marked = pairs(groups([first.get(pk, pk) for pk in ids]))
    return {
        "copies_per_second": count / took,
        "copies_of_seals": count / took / pace.per_second,
        "recall": len(truth & marked) / max(1, len(truth)),
        "precision": len(truth & marked) / max(1, len(marked)),
        "copies": float(Copy.objects.count()),
        "characters": sum(len(text.text) for text in made) / count,
    }


def _stored(made: Sequence[Text]) -> list[int]:
    """The texts as tips that the step `tips.read` has left, in bulk."""
    from django.utils import timezone

    from tocsin.identifiers.extract import Found
    from tocsin.identifiers.store import store
    from tocsin.lib import sealing
    from tocsin.lib.ids import public_id
    from tocsin.lib.writing import write
    from tocsin.tips import bodies
    from tocsin.tips.models import Mention, Reading, Tip

    now, ids = timezone.now(), list[int]()
    for start in range(0, len(made), 1000):
        part = made[start : start + 1000]
        with write():
            tips = Tip.objects.bulk_create(
                [
                    Tip(
                        source="web",
                        mailbox_tag=public_id() + public_id(),
                        mailbox_key=bytes(32),
                        text_tag=bodies.text_tag(text.text),
                        narrative_sealed=sealing.seal(text.text),
                        received_at=now,
                        recorded_at=now,
                    )
                    for text in part
                ],
                batch_size=500,
            )
            Reading.objects.bulk_create([Reading(tip=tip, data_version="1", found=1, at=now) for tip in tips])
            found = {
                text.names: Found(
                    "account", "test", text.names, "handle", text.names, 0, 1, None, False, "test"
                )
                for text in part
            }
            names = {row.canonical: row for row in store(list(found.values())).values()}
            Mention.objects.bulk_create(
                Mention(
                    tip=tip,
                    identifier=names[text.names],
                    strength="handle",
                    data_version="1",
                    rule="test",
                    start=max(0, text.text.find(text.names)),
                    end=max(0, text.text.find(text.names)) + len(text.names),
                )
                for tip, text in zip(tips, part, strict=True)
            )
        ids += [tip.pk for tip in tips]
    return ids


def main() -> None:
    """Measure on a database of its own (SQLite, or the test database of DATABASE_URL) and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(TOCSIN_HOME=home, TOCSIN_DEMONSTRATION="yes")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.server.settings")
        from tocsin.lib import keys

        keys.make()
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        on_postgresql = connection.vendor == "postgresql"
        kept = connection.settings_dict["NAME"]
        if on_postgresql:
            connection.creation.create_test_db(verbosity=0, autoclobber=True)
        else:
            call_command("migrate", verbosity=0)
        try:
            for name, value in measure(count, seed=5).items():
                print(f"{connection.vendor:<12} {count:>8,} tips  {name:<20} {value:>12,.4f}")
        finally:
            if on_postgresql:
                connection.creation.destroy_test_db(kept, verbosity=0)


if __name__ == "__main__":
    main()
