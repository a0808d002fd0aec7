"""XARF v4 reports that others send: JSON, an array of them, or one a line. The evidence's files are not read.

Specification: github.com/xarf/xarf-spec, schemas/v4 (`category` was called `class` in drafts).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from tocsin.tips.imports.documents import documents
from tocsin.tips.imports.jsonlines import short
from tocsin.tips.imports.source import Message, Rejected, Row, Source

_SAID = (
    "url", "urls", "additional_urls", "domain", "source_identifier", "hosting_provider", "account_id", "username",
    "platform", "file_hashes", "hash_values", "media_hashes", "description", "tags", "evidence_source",
)  # fmt: skip
_TEXT_MOST = 16_384  # bytes of one text of the evidence


def rows(source: Source) -> Iterator[Row]:
    """A message a report."""
    for found in documents(source):
        yield found if isinstance(found, Rejected) else _message(*found, source)


def _message(line: int, value: Any, source: Source) -> Row:
    if not isinstance(value, dict) or not short(value.get("xarf_version")):
        return Rejected(line, "no XARF v4 report: xarf_version is missing")
    if not short(value["xarf_version"]).startswith("4"):
        return Rejected(line, f"XARF {short(value['xarf_version'])[:10]} is not read, only version 4")
    try:
        time = short(value.get("timestamp"))
        at = source.clock.read(time)
    except ValueError:
        return Rejected(line, "the timestamp cannot be read")
    category = short(value.get("category")) or short(value.get("class"))
    lines = [f"XARF {category}/{short(value.get('type'))}".rstrip("/")]
    lines += [f"{name}: {text}" for name in _SAID if (text := _plain(value.get(name)))]
    texts, pictures = _evidence(value.get("evidence"))
    reporter = value.get("reporter")
    reporter = reporter if isinstance(reporter, dict) else {}
    return Message(
        line,
        "\n".join([*lines, *texts]),
        _plain([reporter.get("org"), reporter.get("contact")]),
        at,
        time,
        id=short(value.get("report_id")),
        fields={"contact": short(reporter.get("contact"))},
        pictures=pictures,
    )


def _plain(value: Any, depth: int = 0) -> str:
    """Texts and numbers of a value, lists and objects in one line."""
    if isinstance(value, dict) and depth < 3:
        return ", ".join(
            f"{short(name)} {text}" for name, one in value.items() if (text := _plain(one, depth + 1))
        )
    if isinstance(value, list) and depth < 3:
        return ", ".join(text for one in value[:200] if (text := _plain(one, depth + 1)))
    return value if isinstance(value, str) else short(value)


def _evidence(items: Any) -> tuple[list[str], int]:
    """Descriptions, hashes and texts of the evidence; how many files of another kind were left out."""
    said: list[str] = []
    pictures = 0
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            continue
        said += [
            f"evidence: {text}" for text in (short(item.get("description")), _plain(item.get("hash"))) if text
        ]
        if short(item.get("content_type")).startswith("text/plain"):
            said += [text] if (text := _text(item.get("payload"))) else []
        elif item.get("payload"):
            pictures += 1
    return said, pictures


def _text(payload: Any) -> str:
    if not isinstance(payload, str):
        return ""
    try:
        return base64.b64decode(payload[: _TEXT_MOST * 4 // 3], validate=True)[:_TEXT_MOST].decode(
            "utf-8", "replace"
        )
    except (binascii.Error, ValueError):
        return payload[:_TEXT_MOST]
