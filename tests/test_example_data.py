"""The example and data files parse, agree with each other, and name no real person."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
ROOMS = ROOT / "src" / "tocsin"
BYSTANDERS = ROOMS / "identifiers" / "data" / "bystanders.toml"
PLACES = ROOMS / "lib" / "data" / "places.toml"
MENUS = ROOMS / "tips" / "data" / "menus.toml"
RECIPIENTS = ROOMS / "directory" / "data" / "demonstration.toml"
SIGNALS = ROOMS / "cases" / "data" / "signals.toml"
LANGUAGES = {"en", "fr", "zh"}
DOOR_LANGUAGES = LANGUAGES | {"ar"}  # public pages speak Arabic too

#: Hosts of platforms, which a locator has to name; every other host must be reserved (RFC 2606, RFC 6761).
PLATFORM_HOSTS = {
    "weibo.com",
    "www.instagram.com",
    "www.tiktok.com",
    "www.douyin.com",
    "x.com",
    "twitter.com",
    "t.me",
    "tinyurl.com",
}
RESERVED = re.compile(r"(^|\.)example(\.(com|org|net))?$")
FICTIONAL_PHONES = re.compile(
    r"^\+(86\s?13800138000|1 ?\(?202\)? ?555[ -]?01\d\d|33 ?6 ?39 ?98 ?\d\d ?\d\d)$"
)
HOST = re.compile(
    r"(?:https?://|@|(?<![\w.@/]))((?:[a-z0-9-]+\.)+[a-z]{2,}|example)(?![\w.]*\w@)", re.IGNORECASE
)


def scenario() -> list[dict[str, Any]]:
    """The lines of the demonstration, as dictionaries."""
    lines = (EXAMPLES / "scenario.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def expected() -> dict[str, Any]:
    """What a reader of the demonstration expects of it."""
    loaded: dict[str, Any] = json.loads((EXAMPLES / "scenario.expected.json").read_text(encoding="utf-8"))
    return loaded


def toml(path: Path) -> dict[str, Any]:
    """One parsed data file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def triple(entry: dict[str, str]) -> tuple[str, str, str]:
    """The identifier that an entry names."""
    return entry["kind"], entry["platform"], entry["canonical"]


def example_texts() -> list[str]:
    """Every text of the examples, refanged, one a string."""
    chat = (EXAMPLES / "forwarded_chat.txt").read_text(encoding="utf-8").splitlines()
    tips = [tip["text"] + "\n" + tip.get("contact", "") for tip in scenario()]
    return [text.replace("[.]", ".").replace("(at)", "@").replace("(dot)", ".") for text in tips + chat]


def test_scenario_ids_are_unique_and_run_without_gaps() -> None:
    ids = [tip["id"] for tip in scenario()]
    assert ids == [f"s{number:02d}" for number in range(1, len(ids) + 1)]
    assert 55 <= len(ids) <= 70


def test_scenario_lines_use_only_the_documented_keys() -> None:
    known = {
        "id",
        "text",
        "lang",
        "received_at",
        "source",
        "place",
        "city",
        "what",
        "danger",
        "contact",
        "sender",
    }
    for tip in scenario():
        assert set(tip) <= known, tip["id"]
        assert tip.get("danger") in {None, "yes", "unsure", "no"}
        assert tip["source"] in {"web", "chat", "email"}


def test_every_tip_is_expected_exactly_once() -> None:
    answer = expected()
    named = [tip for case in answer["cases"] for tip in case["tips"]] + answer["noise"] + answer["empty"]
    assert sorted(named) == [tip["id"] for tip in scenario()]


def test_empty_tips_are_blank_and_no_other_tip_is() -> None:
    assert [tip["id"] for tip in scenario() if not tip["text"].strip()] == expected()["empty"]


def test_no_identifier_is_expected_in_two_cases() -> None:
    triples = [triple(entry) for case in expected()["cases"] for entry in case["identifiers"]]
    assert len(triples) == len(set(triples))


def test_bystanders_and_reporters_are_in_no_expected_case() -> None:
    answer = expected()
    in_cases = {triple(entry) for case in answer["cases"] for entry in case["identifiers"]}
    others = answer["campaigner"] + answer["reporter_owned"] + answer["bystanders"]
    assert not in_cases & {triple(entry) for entry in others}


def test_the_campaigner_and_the_news_site_are_listed_as_bystanders() -> None:
    listed = {triple(entry) for entry in toml(BYSTANDERS)["bystander"]}
    answer = expected()
    assert {triple(entry) for entry in answer["campaigner"] + answer["bystanders"]} <= listed


def test_bystanders_are_unique_and_say_why_and_since_when() -> None:
    entries = toml(BYSTANDERS)["bystander"]
    assert len({triple(entry) for entry in entries}) == len(entries)
    for entry in entries:
        assert entry["why"] in {"own hotline", "campaigner", "police", "platform", "helpline", "news"}
        assert entry["source"] and entry["date"] and entry["label"]


@pytest.mark.parametrize("text", example_texts())
def test_hosts_in_the_examples_are_reserved_or_a_platform(text: str) -> None:
    hosts = {match.group(1).lower() for match in HOST.finditer(text)}
    # An account name with a dot looks like a host; those of the examples end in no real top-level domain.
    names = {"binghua.yichu", "little.atelier", "velours.bleu", "clay.otter"}
    assert {host for host in hosts if not RESERVED.search(host)} <= PLATFORM_HOSTS | names


@pytest.mark.parametrize("text", example_texts())
def test_phones_in_the_examples_come_from_fictional_ranges(text: str) -> None:
    for number in re.findall(r"\+\d[\d ()-]{7,}\d", text):
        assert FICTIONAL_PHONES.match(number), number


def test_countries_are_named_in_every_language_and_say_whom_to_call() -> None:
    countries = toml(PLACES)["country"]
    assert len({country["code"] for country in countries}) == len(countries) >= 45
    for country in countries:
        assert re.fullmatch(r"[A-Z]{2}", country["code"])
        assert set(country["names"]) == DOOR_LANGUAGES
        assert country["police"]["numbers"], country["code"]
        for fact in (country["police"], country["helpline"]):
            assert fact["source"] and fact["date"], country["code"]
        assert "/" not in country["helpline"]["host"]


def test_emergency_advice_names_the_number_in_every_language() -> None:
    advice = toml(PLACES)["advice"]
    assert {language for language in DOOR_LANGUAGES if "{police}" in advice[language]} == DOOR_LANGUAGES
    assert set(advice["unknown_country"]) == DOOR_LANGUAGES


def test_cities_of_the_demonstration_have_police_that_know_their_names() -> None:
    police = [row for row in toml(RECIPIENTS)["recipient"] if row["kind"] == "police" and row["city"]]
    for city in toml(PLACES)["city"]:
        mine = [row for row in police if city["key"] in row["cities"]]
        assert len(mine) == 1
        assert {city["names"]["en"], city["names"]["zh"]} <= set(mine[0]["city"])


@pytest.mark.parametrize("menu", ["where", "what"])
def test_menus_are_labelled_in_every_language_and_ordered(menu: str) -> None:
    options = toml(MENUS)[menu]["option"]
    assert len({option["code"] for option in options}) == len(options)
    assert [option["order"] for option in options] == sorted({option["order"] for option in options})
    assert all(set(option["label"]) == DOOR_LANGUAGES for option in options)


def test_the_scenario_uses_codes_of_the_menu_and_countries_of_the_list() -> None:
    codes = {option["code"] for option in toml(MENUS)["what"]["option"]}
    places = {country["code"] for country in toml(PLACES)["country"]}
    assert {tip["what"] for tip in scenario() if "what" in tip} <= codes
    assert {tip["place"] for tip in scenario() if "place" in tip} <= places


def test_demonstration_recipients_are_unique_and_can_be_reached_only_under_example() -> None:
    recipients = toml(RECIPIENTS)["recipient"]
    assert len({row["key"] for row in recipients}) == len(recipients)
    for row in recipients:
        assert row["route_email"].endswith(".example"), row["key"]
        assert row["demonstration"] is True
        assert row["kind"] in {"provider", "host", "payment", "police", "hotline", "protection", "regulator"}
        assert all(RESERVED.search(suffix) for suffix in row["host_suffixes"])


def test_a_platform_and_a_host_have_one_demonstration_recipient_each() -> None:
    recipients = toml(RECIPIENTS)["recipient"]
    for field in ("platforms", "host_suffixes"):
        named = [value for row in recipients for value in row[field]]
        assert len(named) == len(set(named)), field


def test_every_expected_account_and_site_has_a_demonstration_recipient() -> None:
    recipients = toml(RECIPIENTS)["recipient"]
    platforms = {platform for row in recipients for platform in row["platforms"]}
    suffixes = {suffix for row in recipients for suffix in row["host_suffixes"]}
    for case in expected()["cases"]:
        for kind, platform, canonical in map(triple, case["identifiers"]):
            host = canonical.split("/")[0]
            known = platform in platforms or any(f".{host}".endswith(f".{suffix}") for suffix in suffixes)
            assert known or kind == "phone", canonical


def test_the_list_of_real_desks_is_json_lines_with_a_source_each() -> None:
    lines = RECIPIENTS.with_name("directory.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(json.loads(line)["name"] and json.loads(line)["source"] for line in lines)


def test_signals_explain_themselves_in_three_languages() -> None:
    data = toml(SIGNALS)
    signals = data["signal"]
    assert len({signal["name"] for signal in signals}) == len(signals)
    for signal in signals:
        assert signal["lane"] in {"immediate", "high", "normal", "low"}
        assert set(signal["sentence"]) == LANGUAGES
        assert signal["source"] and signal["date"]
        assert len({"words", "answer", "computed"} & set(signal)) == 1, signal["name"]
        beside = signal.get("with", [])  # one list, or several
        assert set([beside] if isinstance(beside, str) else beside) <= set(data["lists"]), signal["name"]


def test_phrases_that_do_not_count_contain_a_phrase_that_would() -> None:
    for signal in toml(SIGNALS)["signal"]:
        for language, phrases in signal.get("unless", {}).items():
            for phrase in phrases:
                assert any(word in phrase for word in signal["words"][language]), phrase
