"""Word lists that belong to no single platform: connectors, stop words, roles, web rules (data/*.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)  # one object a catalogue: hashed by identity
class Words:
    """The tables of data/web.toml, data/words.toml and data/money.toml."""

    reserved: frozenset[str]
    stop: frozenset[str]
    nouns: tuple[str, ...]
    joins: tuple[str, ...]
    tracking: frozenset[str]
    tracking_prefixes: tuple[str, ...]
    file_endings: frozenset[str]
    not_sites: frozenset[str]
    hubs: frozenset[str]
    shorteners: frozenset[str]
    roles: dict[str, dict[str, list[str]]]
    money: dict[str, Any]
    iban_lengths: dict[str, int]


@lru_cache(maxsize=4)
def load_words(directory: Path) -> Words:
    """Read the three files."""
    web, words, money = (
        tomllib.loads((directory / f"{name}.toml").read_text("utf-8")) for name in ("web", "words", "money")
    )
    return Words(
        reserved=frozenset(web["reserved"]),
        stop=frozenset(words["stop"]),
        nouns=tuple(words["nouns"]),
        joins=tuple(words["joins"]),
        tracking=frozenset(web["tracking"]),
        tracking_prefixes=tuple(web["tracking_prefixes"]),
        file_endings=frozenset(web["file_endings"]),
        not_sites=frozenset(web["not_sites"]),
        hubs=frozenset(web["hubs"]),
        shorteners=frozenset(web["shorteners"]),
        roles=words["roles"],
        money=money,
        iban_lengths=money["iban_lengths"],
    )


@lru_cache(maxsize=1)
def top_level_domains() -> frozenset[str]:
    """Real top-level domains (ICANN part of the Public Suffix List, A- and U-labels) and `example`, `onion`."""
    names = {"example", "onion"}
    text = files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")
    for line in text.partition("===END ICANN DOMAINS===")[0].splitlines():
        label = line.strip().lstrip("*!.").rpartition(".")[2].lower()
        if not line or line.startswith("//") or not label:
            continue
        names.add(label)
        if not label.isascii():
            names.add("xn--" + label.encode("punycode").decode("ascii"))
    return frozenset(names)
