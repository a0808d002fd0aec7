"""How an identifier leaves, and how an analyst types one."""

import re

import pytest

from tocsin.identifiers.extract import canonical_from, display, extract, load_catalogue, location

LINK = re.compile(r"https?://|www\.|[\w-]\.(?:com|org|net|me|example|io)\b")


def test_nothing_that_is_shown_can_be_clicked() -> None:
    for platform in load_catalogue().platforms.values():
        for text, _ in platform.examples:
            for item in extract(text).identifiers:
                shown = display(item.kind, item.platform, item.canonical)
                assert not LINK.search(shown), shown
                assert item.kind != "email" or "@" not in shown


@pytest.mark.parametrize(
    ("kind", "platform", "canonical", "shown"),
    [
        ("site", "web", "a.example.com", "a[.]example[.]com"),
        ("url", "web", "a.example.com/b?x=1", "a[.]example[.]com/b?x=1"),
        ("email", "email", "a@example.org", "a[at]example[.]org"),
        ("account", "x", "copper_finch01", "copper_finch01"),
        ("account", "line", "@copperfinch", "@copperfinch"),
        ("account", "fediverse", "finch@pottery.example.org", "finch@pottery[.]example[.]org"),
    ],
)
def test_an_identifier_is_shown_inert(kind: str, platform: str, canonical: str, shown: str) -> None:
    assert display(kind, platform, canonical) == shown


@pytest.mark.parametrize(
    ("kind", "platform", "canonical", "address"),
    [
        ("account", "weibo", "uid:6660012345", "https://weibo.com/u/6660012345"),
        ("account", "weibo", "name:木工", "https://weibo.com/n/%E6%9C%A8%E5%B7%A5"),
        ("account", "telegram", "copper_finch01", "https://t.me/copper_finch01"),
        ("account", "instagram", "copper.finch01", "https://www.instagram.com/copper.finch01/"),
        ("site", "web", "a.example.com", "https://a.example.com/"),
        ("url", "shortlink", "bit.ly/aB", "https://bit.ly/aB"),
        ("account", "wechat", "copper_finch01", None),
        ("email", "email", "a@example.org", None),
        ("account", "nowhere", "a", None),
    ],
)
def test_a_notice_gets_the_exact_address(
    kind: str, platform: str, canonical: str, address: str | None
) -> None:
    assert location(kind, platform, canonical) == address


@pytest.mark.parametrize(
    ("typed", "kind", "platform", "canonical"),
    [
        ("weibo: 木工板凳", "account", "weibo", "name:木工板凳"),
        ("weibo: uid:6660012345", "account", "weibo", "uid:6660012345"),
        ("QQ群：512340099", "group", "qq", "512340099"),
        ("instagram: copper", "account", "instagram", "copper"),
        ("x: @copper", "account", "x", "copper"),
        ("discord: invite:Vq3Lm81a", "group", "discord", "invite:Vq3Lm81a"),
        ("https://t.me/copper_finch01", "account", "telegram", "copper_finch01"),
    ],
)
def test_an_analyst_may_type_an_address_or_a_platform_and_a_name(
    typed: str, kind: str, platform: str, canonical: str
) -> None:
    (item,) = canonical_from(typed)
    assert (item.kind, item.platform, item.canonical) == (kind, platform, canonical)
    assert typed[item.start : item.end] == item.raw


def test_words_that_name_nothing_give_nothing() -> None:
    assert canonical_from("nothing here") == []
