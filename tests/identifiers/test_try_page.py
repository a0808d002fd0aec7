"""An analyst tries a text: what is found in it, by which rule and file, and what almost matches."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from tocsin.audit.models import AuditRow
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.tried import try_text
from tocsin.tips.models import Tip

pytestmark = pytest.mark.django_db
TEXT = "see https://www.instagram.com/kiln_room88/ and glaze.example.org, 333元/月, 1927 members"


def tried(client: Any, text: str) -> str:
    answer = client.post(reverse("identifiers:try"), {"text": text})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_each_result_names_its_rule_its_file_and_the_source_and_date_of_the_data() -> None:
    (row,) = (one for one in try_text(TEXT).results if one.found.platform == "instagram")
    assert (row.found.canonical, row.found.strength, row.file) == (
        "kiln_room88",
        "handle",
        "platforms/instagram.toml",
    )
    assert row.form and row.source and row.date.startswith("20")
    (site,) = (one for one in try_text(TEXT).results if one.found.kind == "site")
    assert site.source == "" and site.form == "site"


def test_the_pieces_are_the_text() -> None:
    result = try_text(TEXT)
    assert "".join(text for text, _found in result.pieces) == TEXT
    assert [text for text, found in result.pieces if found] == [
        "https://www.instagram.com/kiln_room88/",
        "glaze.example.org",
    ]


def test_the_page_marks_what_was_found_and_makes_nothing_a_link(analyst_client: Any) -> None:
    page = tried(analyst_client, TEXT)
    assert "hxxps://www[.]instagram[.]com/kiln_room88/</mark>" in page
    assert "platforms/instagram.toml" in page and "333" in page and "1927" in page
    assert 'href="http' not in page


def test_a_text_is_kept_nowhere(analyst_client: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tried(analyst_client, TEXT)
    assert not Identifier.objects.exists() and not Tip.objects.exists()
    assert not AuditRow.objects.filter(action__contains="try").exists()
    assert "kiln_room88" not in "".join(
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )


def test_a_text_in_the_address_is_not_read(analyst_client: Any) -> None:
    page = analyst_client.get(reverse("identifiers:try"), {"text": TEXT})
    assert page.status_code == 200 and 'class="found"' not in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store"


def test_the_same_name_on_another_platform_is_a_warning_and_never_a_merge(
    tip: Callable[..., Tip], work: Callable[[], int], analyst_client: Any
) -> None:
    tip("https://www.tiktok.com/@kiln_room88")
    work()
    (near,) = try_text("instagram.com/kiln_room88").near
    assert (near.platform, near.tips) == ("TikTok", 1)
    assert "is in 1 tip." in tried(analyst_client, "instagram.com/kiln_room88")
    assert try_text("instagram.com/other_room88").near == []
    assert try_text("instagram.com/kiln1 tiktok.com/@glaze2").near == []
    here = try_text("instagram.com/kiln_room99 tiktok.com/@kiln_room99").near
    assert {(one.platform, one.tips) for one in here} == {("TikTok", None), ("Instagram", None)}


def test_a_name_of_mixed_scripts_is_told_as_a_warning(analyst_client: Any) -> None:
    mixed = "https://weibo.com/n/k\u0456ln陶土"
    near = [(one.shown, one.scripts) for one in try_text(mixed).near]
    assert near == [("k\u0456ln陶土", "Cyrillic + Latin")]
    assert try_text("пост kiln 陶土 naïve").near == []
    assert "Cyrillic" in tried(analyst_client, mixed)


def test_how_many_tips_name_it_now(tip: Callable[..., Tip], work: Callable[[], int]) -> None:
    tip("glaze.example.org once"), tip("glaze.example.org twice")
    work()
    assert [one.tips for one in try_text("glaze.example.org").results] == [2]


@pytest.mark.parametrize("text", ["", " ", "a\x00b", "x" * 70_000])
def test_what_cannot_be_tried_is_said_kindly(text: str, analyst_client: Any) -> None:
    answer = analyst_client.post(reverse("identifiers:try"), {"text": text})
    if text.strip():
        assert answer.status_code == 400 and "text-danger" in answer.content.decode()
    else:
        assert answer.status_code in (200, 400)


def test_hostile_text_is_shown_as_text(analyst_client: Any) -> None:
    page = tried(analyst_client, "<script>alert(1)</script> \u202egpj.exe glaze.example.org/<b>")
    assert "<script>alert" not in page and "\u202e" not in page.partition('class="narrative-text"')[2]


def test_only_people_who_work_on_cases_may(client: Any, coordinator: Any) -> None:
    from tocsin.accounts.models import User

    assert client.get(reverse("identifiers:try")).status_code == 302
    client.force_login(User.objects.create_user(username="otto", password="x", role="auditor"))
    assert client.post(reverse("identifiers:try"), {"text": TEXT}).status_code == 404
    client.force_login(coordinator)
    page = client.get(reverse("cases:queue")).content.decode()
    assert reverse("identifiers:try") in page
