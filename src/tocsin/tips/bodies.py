"""Texts that many tips of a storm have in common: sealed once, pointed to by each tip."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from tocsin.lib import keys, sealing
from tocsin.tips.models import SharedBody, Tip

if TYPE_CHECKING:
    from tocsin.tips.accept import Draft


def text_tag(text: str) -> str:
    """32 hex characters, equal for texts that differ in case, width and white space only.

    Keyed with `text.key`, which is never in the database: whoever steals the database cannot try texts.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.blake2b(
        plain.encode("utf-8", "surrogatepass"),
        key=keys.raw("text.key"),
        digest_size=16,
        person=b"tocsin-text",
    ).hexdigest()


def attach(drafts: Sequence[Draft]) -> None:
    """Give each draft that has no sealed text of its own the body of its tag; inside the caller's transaction."""
    wanted = {draft.tip.text_tag: draft.text for draft in drafts if draft.tip.narrative_sealed is None}
    if not wanted:
        return
    known = _known(wanted)
    new = [
        SharedBody(text_tag=tag, sealed=sealing.seal(text), at=timezone.now())
        for tag, text in wanted.items()
        if tag not in known
    ]
    if new:
        SharedBody.objects.bulk_create(new, ignore_conflicts=True)  # another process may write the same one
        known |= _known({body.text_tag: "" for body in new})
    for draft in drafts:
        if draft.tip.narrative_sealed is None:
            draft.tip.body_id = known[draft.tip.text_tag]


def text_of(tip: Tip) -> str:
    """The narrative, wherever it is. Needs the hotline's private key."""
    return sealing.unseal(tip.body.sealed if tip.body is not None else tip.narrative_sealed)


def _known(tags: dict[str, str]) -> dict[str, int]:
    return dict(SharedBody.objects.filter(text_tag__in=list(tags)).values_list("text_tag", "pk"))
