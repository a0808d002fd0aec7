"""The copy that a recipient's link opens, and the answer that comes back: sealed both ways (design 5.1).

The worker writes a copy to the link's public key, which is stored beside the dispatch; the door opens it only
while the link is presented, and seals answers to the hotline. The door never needs the private key.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.utils import timezone

from tocsin.audit.record import record
from tocsin.directory.models import RecipientKind
from tocsin.dispatch.models import Answer, Dispatch, DispatchItem, PageCopy
from tocsin.identifiers.catalogue_in_use import in_use, location
from tocsin.identifiers.extract.outward import display
from tocsin.lib import mailbox, sealing
from tocsin.lib.writing import write

Copy = dict[str, Any]


class NotRendered(ValueError):
    """The dispatch has no link yet."""


def write_copy(dispatch: Dispatch) -> PageCopy:
    """Write or refresh what the link of this dispatch shows. Worker or console only.

    Raises `NotRendered` where the dispatch was not proposed yet (no link, no key).
    """
    if not dispatch.mailbox_tag or not dispatch.mailbox_key or not dispatch.link_expires_at:
        raise NotRendered(f"Dispatch {dispatch.public_id} has no link yet.")
    sealed = mailbox.seal_copy(dispatch.mailbox_key, _copy(dispatch))
    with write():
        page, _created = PageCopy.objects.update_or_create(
            tag=dispatch.mailbox_tag,
            defaults={"sealed": sealed, "expires_at": dispatch.link_expires_at, "updated_at": timezone.now()},
        )
    return page


def _copy(dispatch: Dispatch) -> Copy:
    items = list(dispatch.items.select_related("identifier").order_by("pk"))
    return {
        "version": 1,
        "recipient": dispatch.recipient.name,
        "kind": dispatch.kind,
        "police": dispatch.recipient.kind == RecipientKind.POLICE,
        "reference": dispatch.reference,
        "language": dispatch.language,
        "state": dispatch.state,
        "sent_at": dispatch.sent_at.isoformat() if dispatch.sent_at else None,
        "answer": dispatch.last_answer,
        "holds": _holds(dispatch, items),
        "items": [_item(item) for item in items],
    }


def _item(item: DispatchItem) -> Copy:
    found = item.identifier
    platform = in_use().platforms.get(found.platform)
    return {
        "id": item.public_id,
        "kind": found.kind,
        "platform": platform.title if platform else "",
        "shown": display(found.kind, found.platform, found.canonical),
        "copy": location(found.kind, found.platform, found.canonical) or found.canonical,
        "answer": item.answer,
        "answered_at": item.answered_at.isoformat() if item.answered_at else None,
    }


def _holds(dispatch: Dispatch, items: list[DispatchItem]) -> list[Copy]:
    """The holds that this recipient set itself and has not lifted; never anybody else's."""
    ids = {item.identifier_id: item.public_id for item in items}
    found = []
    for hold in dispatch.holds.filter(lifted_at__isnull=True).order_by("pk"):
        bound = hold.holdidentifier_set.filter(lifted_at__isnull=True).values_list("identifier_id", flat=True)
        found.append({"until": hold.until.isoformat(), "items": [ids[one] for one in bound if one in ids]})
    return found


def read_copy(token: str) -> Copy | None:
    """What the link shows, or None where it opens nothing (any more). Needs the token only."""
    page = PageCopy.objects.filter(tag=mailbox.tag(token), expires_at__gt=timezone.now()).first()
    if page is None:
        return None
    copy = mailbox.open_copy(token, page.sealed)
    return copy if isinstance(copy, dict) else None


def take_answer(token: str, form_token: str, answer: Copy) -> str:
    """Seal one answer to the hotline and store it: `new`, `again` (the same form, the same words) or `changed`.

    A form counts once. The second digest, keyed by the form's token, tells a double click from other words in the
    same form: those are not stored, and the page asks for them again (`changed`).
    """
    once = hashlib.blake2b(form_token.encode(), digest_size=16, person=b"tocsin-answer").hexdigest()
    words = json.dumps(answer, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    nonce = once + hashlib.blake2b(words, key=form_token.encode()[:64], digest_size=16).hexdigest()
    tag, sealed = mailbox.tag(token), sealing.seal_json(answer)
    with write():
        before = Answer.objects.filter(nonce__startswith=once).values_list("nonce", "tag").first()
        if before is None:
            Answer.objects.create(nonce=nonce, tag=tag, sealed=sealed, received_at=timezone.now())
            record("door", "answer.received", f"page:{tag[:12]}")
            return "new"
    return "again" if before == (nonce, tag) else "changed"
