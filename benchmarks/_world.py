"""A made-up world of tips whose clusters are known: what linking should find, and everything that misleads it.

A tip is drawn from a seed, in order of time, without keeping the ones before it: a million need no more memory than
a thousand. Clusters have heavy-tailed popularity, identifiers of their own, and sites that move. What misleads:
hubs (2 % of tips), hubs that become popular only later (1 %), bystanders (20 %), reporters' own accounts, handles
that belong to somebody else half a year later, pasted lists, names that many share, children's accounts.
Everything is invented: pottery, lakes, `example` domains.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import log

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 730
MESSAGE_DAYS = 20  # a forwarded message makes its round within these days
EARLY, LATE = 0.35, 0.65  # of the whole time: clusters that end before, and that begin after (219 days apart)
LISTED, UNLISTED_TIPS = (
    12,
    100,
)  # bystanders on the list; tips that name one popular account which is on no list
_WORDS = (
    "lake", "kiln", "clay", "glaze", "vase", "bowl", "hill", "pine", "reed", "moss", "fern", "dune", "quay", "barn",
    "gate", "well",
)  # fmt: skip
_SAID = (
    "sells pictures of", "shows a new series of", "collects photographs of", "invites everybody to", "writes about",
    "has moved and offers", "asks a fee for", "describes", "exchanges", "advertises",
)  # fmt: skip
_THINGS = (
    "old bridges", "tea bowls", "market squares", "mountain lakes", "glazed tiles", "harbour views", "garden walls",
    "wood kilns", "river stones", "winter fields", "blue vases", "terraced hills", "clay whistles", "painted doors",
)  # fmt: skip
_ALIKE = (
    "湖边陶艺小屋",
    "青瓷工作室",
    "山谷陶艺社",
    "古镇风景馆",
    "瓷器收藏馆",
    "田园陶艺坊",
    "江南水乡馆",
    "老窑风景社",
)


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier as a tip names it: the triple that extraction gives, and what it is in this world."""

    kind: str
    platform: str
    canonical: str
    strength: str
    text: str  # what the tip says, inert words of its own ("" where another name of the tip says it)
    why: str = (
        "own"  # own, reused, weak, alike, hub, known_hub, late_hub, bystander, unlisted, self, child, list
    )
    role: str = ""  # that software proposes, or a person set

    @property
    def triple(self) -> tuple[str, str, str]:
        """Kind, platform, canonical."""
        return self.kind, self.platform, self.canonical


@dataclass(frozen=True, slots=True)
class Item:
    """A tip of the world. `cluster` is the truth; tips that belong to nobody have one of their own (negative)."""

    number: int
    cluster: int
    at: datetime
    reporter: int
    names: tuple[Name, ...]
    danger: str = ""
    message: int | None = None  # tips with the same one forward the same message
    words: int = 0  # decides what the text says beside the names

    def text(self) -> str:
        """A text from which exactly these names are read, but for children's: those a person marks."""
        draw = random.Random(self.words)
        said = [
            f"{name.text} {draw.choice(_SAID)} {draw.choice(_THINGS)}" for name in self.names if name.text
        ]
        opening = f"{draw.choice(_THINGS).capitalize()} and {draw.choice(_THINGS)}, as they say."
        closing = (
            f"Seen with {draw.choice(_THINGS)} near {draw.choice(_THINGS)}, then {draw.choice(_THINGS)}."
        )
        ending = f" Forwarded {self.number}." if self.message is not None else f" No {self.number}."
        return f"{opening} {'; '.join(said)}. {closing}{ending}"


@dataclass(frozen=True)
class World:
    """`size` tips over two years. `without` leaves kinds of trouble out (names of `Name.why`)."""

    size: int
    seed: int = 5
    without: frozenset[str] = field(default_factory=frozenset)

    @property
    def clusters(self) -> int:
        """How many there are; most of them are named by a tip or two."""
        return max(50, self.size // 4)

    def items(self, first: int = 0, count: int | None = None) -> Iterator[Item]:
        """The tips, oldest first. The same `first` and `count` give the same tips."""
        last = self.size if count is None else min(self.size, first + count)
        for number in range(first, last):
            yield self.item(number)

    def item(self, number: int) -> Item:
        """One tip, which depends on its number and the seed only."""
        draw = random.Random(_mixed(self.seed, number))
        share = number / self.size
        at = START + timedelta(days=DAYS * share, seconds=draw.random())
        chance = draw.random()
        if chance < 0.005:
            return self._list(draw, number, at)
        if chance < 0.10:
            item = Item(
                number, -number - 1, at, self._reporter(draw), self._alone(draw, number), words=number
            )
        else:
            item = self._of_cluster(draw, number, at, share)
        names = [*item.names, *self._misleading(draw, share, item)]
        kept = {name.triple: name for name in reversed(names) if name.why not in self.without}
        return replace(item, names=tuple(reversed(kept.values())), danger=_danger(draw))

    def _of_cluster(self, draw: random.Random, number: int, at: datetime, share: float) -> Item:
        cluster = self._cluster(draw, share)
        reporter = self._reporter(draw)
        if draw.random() < 0.08:
            slot = int((at - START) / timedelta(days=MESSAGE_DAYS))
            message = _mixed(cluster, slot)
            names = tuple(self._said_of(random.Random(message), cluster, slot * MESSAGE_DAYS / DAYS))
            return Item(number, cluster, at, reporter, names, message=message, words=message)
        names = tuple(self._said_of(draw, cluster, share))
        return Item(number, cluster, at, reporter, names, words=_mixed(number, 7))

    def _cluster(self, draw: random.Random, share: float) -> int:
        """Heavy tail (the n-th is named in proportion to 1 / (n + 60)); the largest stays under 0.5 % of all."""
        grown = (self.clusters + 60) / 60
        while True:
            cluster = int(60 * grown ** draw.random() - 60)
            ends, begins = cluster % 20 == 1, cluster % 20 == 2
            if not (ends and share > EARLY) and not (begins and share < LATE):
                return cluster

    def expected(self, cluster: int) -> float:
        """About how many tips name it."""
        return 0.9 * self.size / log((self.clusters + 60) / 60) / (cluster + 60)

    def _said_of(self, draw: random.Random, cluster: int, share: float) -> list[Name]:
        """What one tip says of the cluster: one of its main names, often others, now and then only weak ones."""
        own = self.own(cluster, share)
        chance = draw.random()
        names = [*(own[0] if chance < 0.75 else own[int(draw.random() * len(own))])]
        while draw.random() < (0.42 if chance < 0.75 else 0.7):
            names += own[int(draw.random() * len(own))]
        if cluster % 20 in (1, 2) and draw.random() < 0.5:
            names.append(self.reused(cluster))
        if cluster % 3 == 0 and (hint := draw.random()) < 0.2:
            weak = self.weak(cluster)
            names = weak if hint < 0.02 else [*names, *weak]
        elif draw.random() < 0.03:
            names.append(_public_name(draw.choice(_ALIKE), "alike"))
        return names

    def own(self, cluster: int, share: float) -> tuple[tuple[Name, ...], ...]:
        """The cluster's identifiers at that time, the main one first; its site moves after some twenty tips."""
        return _own(cluster, int(share * self.expected(cluster) / 50))

    def reused(self, cluster: int) -> Name:
        """A handle that one cluster had in the first third of the time and its neighbour has in the last."""
        return _telegram(f"again_{_base(cluster // 20)}x", "reused")

    def weak(self, cluster: int) -> list[Name]:
        """Two public names of the cluster: each is weak, together they tell."""
        base = _base(cluster)
        return [_public_name(f"陶艺小屋{base}", "weak"), _public_name(f"风景小馆{base}", "weak")]

    def _alone(self, draw: random.Random, number: int) -> tuple[Name, ...]:
        if draw.random() < 0.3:
            return ()
        return (_telegram(f"only_{_base(number)}x", "own"),)

    def _misleading(self, draw: random.Random, share: float, item: Item) -> Iterator[Name]:
        if (chance := draw.random()) < 0.02:
            yield from _known_hub(draw) if chance < 0.006 else self._hub(draw, item.number)
        if draw.random() < (0.02 if share >= 0.5 else 0.0003):
            yield from self._late_hub(draw, item.number)
        if draw.random() < 0.199:
            which = draw.randrange(LISTED)
            yield _x(f"guard_{which}", "bystander", "bystander" if draw.random() < 0.5 else "")
        if draw.random() < 0.008 and item.cluster > self.clusters // 2:
            yield _telegram(
                f"news_{draw.randrange(max(1, self.size // (1000 * UNLISTED_TIPS)))}desk", "unlisted"
            )
        if draw.random() < 0.03:
            handle = f"me_{_base(item.reporter)}x"
            yield Name(
                "account",
                "telegram",
                handle,
                "handle",
                f"my account is t.me/{handle} and",
                "self",
                "reporter",
            )
        if draw.random() < 0.01:
            yield Name(
                "account", "weibo", f"uid:{7_000_000_000 + item.number // 50}", "strong", "", "child", "child"
            )

    def _hub(self, draw: random.Random, number: int) -> list[Name]:
        """A site where everybody puts something: the address is one's own, the site is everybody's."""
        hubs = max(2, int(self.size * 0.014) // 400)
        host = f"share-{int(hubs * draw.random() ** 1.5)}.example.net"
        return _address(host, _base(number), "hub")

    def _late_hub(self, draw: random.Random, number: int) -> list[Name]:
        host = f"later-{draw.randrange(max(2, int(self.size * 0.01) // 400))}.example.net"
        return _address(host, _base(number), "late_hub")

    def _list(self, draw: random.Random, number: int, at: datetime) -> Item:
        """Somebody pastes what he collected: names of many clusters, and it belongs to none of them."""
        most = 500 if draw.random() < 0.02 else 60
        share, names = number / self.size, dict[tuple[str, str, str], Name]()
        for _ in range(draw.randrange(25, most)):
            for name in draw.choice(self.own(self._cluster(draw, share), share)):
                names[name.triple] = replace(name, why="list")
        return Item(number, -number - 1, at, self._reporter(draw), tuple(names.values()), words=number)

    def _reporter(self, draw: random.Random) -> int:
        """A few write very often."""
        return int((self.size / 2) ** draw.random())

    def bystanders(self) -> list[Name]:
        """What the hotline has on its list."""
        return [_x(f"guard_{which}", "bystander") for which in range(LISTED)]


@lru_cache(maxsize=20_000)
def _own(cluster: int, moved: int) -> tuple[tuple[Name, ...], ...]:
    mixed = _mixed(cluster, 11)
    word, base = _WORDS[mixed % 16], _base(cluster)
    uid, host, box = (
        4_000_000_000 + cluster,
        f"{word}-{base}-{moved}.example.org",
        f"{word}.{base}@example.com",
    )
    kinds = [
        (Name("account", "weibo", f"uid:{uid}", "strong", f"weibo.com/u/{uid}"),),
        (_telegram(f"{word}_{base}x", "own"),),
        (Name("group", "qq", f"{300_000_000 + cluster}", "strong", f"QQ群 {300_000_000 + cluster}"),),
        (Name("email", "email", box, "strong", box),),
    ]
    turn = mixed // 16 % 4
    kinds = (kinds[turn:] + kinds[:turn])[: 2 + mixed // 64 % 3]
    return (*kinds, tuple(_address(host, "1", "own")))


def _danger(draw: random.Random) -> str:
    chance = draw.random()
    return "yes" if chance < 0.01 else "unsure" if chance < 0.05 else ""


def _telegram(handle: str, why: str) -> Name:
    return Name("account", "telegram", handle, "handle", f"t.me/{handle}", why)


def _x(handle: str, why: str, role: str = "") -> Name:
    return Name("account", "x", handle, "handle", f"x.com/{handle}", why, role)


def _public_name(name: str, why: str) -> Name:
    return Name("account", "wechat", f"mp:{name}", "weak", f"公众号：{name}", why)


def _address(host: str, path: str, why: str) -> list[Name]:
    return [
        Name("url", "web", f"{host}/f/{path}", "strong", f"https://{host}/f/{path}", why),
        Name("site", "web", host, "strong", "", why),
    ]


def _known_hub(draw: random.Random) -> list[Name]:
    """One that the data files know."""
    page = draw.choice(("Kiln", "Lake", "Pottery"))
    address = f"wikipedia.org/wiki/{page}"
    return [
        Name("url", "web", address, "hub", f"https://{address}", "known_hub"),
        Name("site", "web", "wikipedia.org", "hub", "", "known_hub"),
    ]


def _base(number: int) -> str:
    """Letters and digits for a number."""
    signs = "abcdefghijklmnopqrstuvwxyz0123456789"
    found = ""
    while True:
        number, rest = divmod(number, 36)
        found = signs[rest] + found
        if not number:
            return found


def _mixed(one: int, other: int) -> int:
    """A number that looks random and is always the same (splitmix64)."""
    mixed = (one * 0x9E3779B97F4A7C15 + other * 0xBF58476D1CE4E5B9 + 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return mixed ^ (mixed >> 31)
