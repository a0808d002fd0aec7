"""Helpers of the import tests: read a text or a file with the pure half, and import one with the whole."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tocsin.tips.imports.source import Options, Row


@pytest.fixture
def read() -> Callable[..., list[Row]]:
    """`read("whatsapp", text_or_bytes, timezone=...)`: what the parser of the format gives."""

    def parse(form: str, content: str | bytes, **options: Any) -> list[Row]:
        from tocsin.tips.imports.run import messages

        raw = content.encode() if isinstance(content, str) else content
        return list(messages(io.BytesIO(raw), form, Options(**options))[1])

    return parse


@pytest.fixture
def bring(tmp_path: Path) -> Callable[..., Any]:
    """`bring("csv", text_or_bytes, ...)`: import it from a file."""

    def go(form: str, content: str | bytes, name: str = "export", **options: Any) -> Any:
        from tocsin.tips.imports.run import run

        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return run(file, form, Options(**options), "cli:import")

    return go
