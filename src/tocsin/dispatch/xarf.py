"""A notice's machine-readable part: one XARF v4.2 document an identifier.

Source: https://xarf.org/docs/specification/ and its JSON schemas (package `xarf` 1.0.0, schema 4.2.0):
`content/csam` and `content/csem`. A document describes one incident at one `url`, so a notice about five
accounts carries five documents. Never an `evidence` attachment, never `_internal`.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings

from tocsin.dispatch.categories import Category
from tocsin.identifiers.catalogue_in_use import location
from tocsin.identifiers.models import Identifier

VERSION = "4.2.0"
_DOMAIN = re.compile(r"([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}")  # the schema's own pattern
_TAG_VALUE = re.compile(r"[a-z0-9][a-z0-9_+-]*")


def rfc3339(when: datetime) -> str:
    """Seconds and `Z`, as RFC 3339 and the schema want it."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def address(identifier: Identifier) -> str:
    """An absolute URI for it: its web address; else mailto:, tel:, or a tag: URI (RFC 4151) that names it exactly.

    The schema requires one even for what has no address of its own, such as a group number.
    """
    kind, platform, canonical = identifier.kind, identifier.platform, identifier.canonical
    found = location(kind, platform, canonical)
    if found:
        return found
    if kind == "email":
        return "mailto:" + quote(canonical, safe="@.+-_")
    if kind == "phone":
        return "tel:" + canonical
    return f"tag:{settings.MAIL_DOMAIN},2026:{quote(platform)}/{quote(kind)}/{quote(canonical, safe=':/@')}"


def document(
    identifier: Identifier, item_id: str, reference: str, category: Category, when: datetime
) -> dict[str, Any]:
    """One document. `item_id` is the item's public id: the recipient's page and a later answer use the same one.

    `detection_method` says that a person decided; who or what pointed at it is never told.
    """
    hotline = {
        "org": settings.HOTLINE_NAME[:200],
        "contact": settings.MAIL_FROM,
        "domain": settings.MAIL_DOMAIN,
    }
    found: dict[str, Any] = {
        "xarf_version": VERSION,
        "report_id": _report_id(reference, item_id),
        "timestamp": rfc3339(when),
        "reporter": hotline,
        "sender": hotline,
        "source_identifier": identifier.canonical,
        "category": "content",
        "type": category.xarf_type,
        "url": address(identifier),
        "detection_method": "manual_review",
        "tags": _tags(identifier, category),
        "tocsin": {
            "schema": "tocsin.notice-item",
            "version": 1,
            "reference": reference,
            "item": item_id,
            "kind": identifier.kind,
            "platform": identifier.platform,
            "canonical": identifier.canonical,
        },
    }
    found["classification" if category.xarf_type == "csam" else "exploitation_type"] = category.xarf_value
    host = identifier.canonical.partition("/")[0] if identifier.kind in ("site", "url") else ""
    if _DOMAIN.fullmatch(host):
        found["domain"] = host
    return found


def _report_id(reference: str, item_id: str) -> str:
    """A UUID that stays the same when the same item is rendered again."""
    digest = hashlib.blake2b(
        f"{reference}/{item_id}".encode(), digest_size=16, person=b"tocsin-xarf"
    ).digest()
    return str(uuid.UUID(bytes=digest, version=4))


def _tags(identifier: Identifier, category: Category) -> list[str]:
    pairs = (("kind", identifier.kind), ("platform", identifier.platform), ("category", category.code))
    return [f"{name}:{value}" for name, value in pairs if _TAG_VALUE.fullmatch(value)]
