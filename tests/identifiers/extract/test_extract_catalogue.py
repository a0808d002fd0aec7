"""The data files: what a hotline may add, and how a broken file is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.identifiers.extract import CatalogueError, extract, load_catalogue

KILN = """
platform = "kiln"
source = "invented for this test"
date = "2026-11-24"
hosts = ["kiln.example"]
reserved = ["shop"]
[fields]
name = '[A-Za-z0-9]{3,20}'
[[form]]
id = "account"
kind = "account"
canonical = "{name}"
strength = "handle"
at = ["/{name}"]
[form.text]
cues = ["kilnname"]
field = "name"
"""


def test_a_hotline_adds_a_platform_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "kiln.toml").write_text(KILN)
    catalogue = load_catalogue(tmp_path)
    for text in ("https://kiln.example/Finch7", "kilnname: finch7"):
        assert [(i.platform, i.canonical) for i in extract(text, catalogue=catalogue).identifiers] == [
            ("kiln", "finch7")
        ]
    assert extract("https://kiln.example/shop", catalogue=catalogue).identifiers == ()
    assert catalogue.version != load_catalogue().version


def test_the_built_in_platforms_are_untouched_by_a_hotlines_own(tmp_path: Path) -> None:
    (tmp_path / "kiln.toml").write_text(KILN)
    load_catalogue(tmp_path)
    assert "kiln" not in load_catalogue().platforms


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (("hosts = [", "hosts = [["), 6, ""),
        (('kind = "account"', 'kind = "person"'), 10, "kind"),
        (('strength = "handle"', 'strength = "sure"'), 10, "strength"),
        (("'[A-Za-z0-9]{3,20}'", "'[A-Za-z0-9'"), 10, "regular expression"),
        (('at = ["/{name}"]', 'at = ["/{nick}"]'), 10, "nick"),
        (('source = "invented for this test"', ""), 1, "source"),
        (("hosts =", "horsts ="), 5, "horsts"),
        (('id = "account"', 'id = "account"\nresolve = "magic"'), 10, "magic"),
    ],
)
def test_a_broken_file_is_refused_with_file_line_and_reason(
    tmp_path: Path, change: tuple[str, str], line: int, reason: str
) -> None:
    (tmp_path / "kiln.toml").write_text(KILN.replace(*change))
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(tmp_path)
    assert caught.value.file.endswith("kiln.toml")
    assert caught.value.line == line
    assert reason in caught.value.reason


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="not a directory"):
        load_catalogue(tmp_path / "nowhere")


def test_every_platform_has_a_source_a_date_and_a_title() -> None:
    platforms = load_catalogue().platforms
    assert len(platforms) >= 97
    for platform in platforms.values():
        assert platform.source and platform.title
        assert platform.date.startswith("20")


def test_every_host_of_a_platform_file_leads_to_rules() -> None:
    catalogue = load_catalogue()
    for platform in catalogue.platforms.values():
        for host in platform.hosts:
            assert catalogue.rules_for(host.replace("*", "a").replace("{name}", "a"))[0] is not None, host
