"""Every way in has words for an analyst, and a doubtful time and cut pictures are seen on the case page."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tocsin.cases.words import SOURCES

SOURCE = Path(__file__).resolve().parents[2] / "src/tocsin"


def test_every_source_that_the_code_names_has_words() -> None:
    named: set[str] = {"web", "share", "phone", "letter", "visit"}  # from menus of the forms
    for module in (SOURCE / "tips").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "source":
                named |= {
                    part.value
                    for part in ast.walk(node.value)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.isalpha()
                }
    assert {"api", "email", "chat", "import", "campaign", "process"} <= named
    assert named - SOURCES.keys() == {"channel"}  # the name of the call-taker's field


@pytest.mark.django_db
def test_what_is_doubtful_or_was_cut_is_shown(analyst_client: Any, tip: Any, work: Any) -> None:
    tip("pots and bowls data:image/png;base64,AAAA", occurred_at=datetime(1970, 1, 1, tzinfo=UTC))
    work()
    page = analyst_client.get("/console/loose/").content.decode()
    assert "doubtful time" in page
    assert "1 picture cut out" in page
