"""Rows as the rooms below leave them: cases, and dispatches that were approved by two people and sent."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from tocsin.cases.models import Case, CaseTip
from tocsin.directory.models import Recipient, Route
from tocsin.dispatch.models import Dispatch, DispatchItem, Plan
from tocsin.dispatch.pages import take_answer, write_copy
from tocsin.identifiers.models import Identifier, key_of
from tocsin.lib import mailbox, sealing, signing
from tocsin.tips.models import Mention, Tip

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def account(name: str, platform: str = "instagram") -> Identifier:
    """An account row; the same name gives the same row."""
    key = key_of("account", platform, name)
    fields = {
        "kind": "account",
        "platform": platform,
        "canonical": name,
        "strength": "handle",
        "first_seen_at": NOW,
    }
    return Identifier.objects.get_or_create(key=key, defaults=fields)[0]


def case_with(*identifiers: Identifier, received: datetime = NOW, state: str = "assessed") -> Case:
    """A case with one tip that names these identifiers."""
    number = f"2026-{next(_numbers):06d}"
    case = Case.objects.create(
        number=number, state=state, opened_at=received, first_received_at=received, last_received_at=received
    )
    tip = a_tip(*identifiers, received=received)
    CaseTip.objects.create(case=case, tip=tip, at=received)
    return case


def a_tip(*identifiers: Identifier, received: datetime = NOW) -> Tip:
    """A tip that names these identifiers, already read."""
    number = next(_numbers)
    tip = Tip.objects.create(
        source="web",
        mailbox_tag=f"{number:032x}",
        mailbox_key=mailbox.public_key(f"receipt-{number}"),
        narrative_sealed=sealing.seal("Glazed bowls, seen in a shop window."),
        received_at=received,
        recorded_at=received,
    )
    for one in identifiers:
        Mention.objects.create(
            tip=tip, identifier=one, strength="handle", data_version="test", rule="test", start=0, end=1
        )
    return tip


def recipient(kind: str = "provider", name: str = "Kiln Pictures", language: str = "en") -> Recipient:
    """An invented recipient with a confirmed route."""
    key = f"{kind}-{name}".lower().replace(" ", "-")
    fields = {
        "name": name,
        "kind": kind,
        "languages": [language],
        "source": "test",
        "source_date": date(2026, 1, 1),
    }
    found, _new = Recipient.objects.get_or_create(key=key, defaults=fields)
    Route.objects.get_or_create(
        recipient=found, address=f"desk@{key}.example", defaults={"confirmed_at": NOW}
    )
    return found


def plan_for(case: Case, order: str = "police_first") -> Plan:
    return Plan.objects.create(case=case, order=order, made_at=NOW)


def sent(
    plan: Plan,
    to: Recipient,
    identifiers: list[Identifier],
    by: Any,
    other: Any,
    *,
    at: datetime | None = NOW,
    state: str = "sent",
    language: str = "en",
) -> Dispatch:
    """A dispatch in `state`, proposed by one person and approved by another; `at`: when it left, None if not yet."""
    number = next(_numbers)
    token = f"token-{number}-{mailbox.new_token()[:20]}"
    dispatch = Dispatch.objects.create(
        plan=plan,
        case=plan.case,
        kind="referral" if to.kind == "police" or to.kind == "hotline" else "notice",
        recipient=to,
        route=to.routes.get(),
        reference=f"T-{number:05d}",
        language=language,
        content_sealed=sealing.seal_bytes(letter(to, number)),
        link_sealed=sealing.seal_json({"token": token}),
        mailbox_tag=mailbox.tag(token),
        mailbox_key=mailbox.public_key(token),
        link_expires_at=timezone.now() + timedelta(days=90),
    )
    for one in identifiers:
        DispatchItem.objects.create(dispatch=dispatch, identifier=one, role="reported", role_confirmed_by=by)
    fields = dispatch.mark_proposed(by) + dispatch.mark_approved(other, dispatch.digest)
    dispatch.proposed_at = dispatch.approved_at = at or NOW
    if state != "approved":
        dispatch.state, dispatch.sent_at = state, at
    dispatch.save(update_fields=[*fields, "state", "sent_at"])
    write_copy(dispatch)
    return dispatch


def letter(to: Recipient, number: int) -> bytes:
    """A mail that may leave."""
    heads = f"Message-ID: <{number}@hotline.example>\r\nFrom: notices@hotline.example\r\n"
    heads += f"To: {to.routes.get().address}\r\nSubject: T-{number:05d}\r\n\r\n"
    return heads.encode() + b"Two bowls.\r\n"


def reported(case: Case, by: Any) -> None:
    """A person confirmed everything that the tips of this case name as reported."""
    Mention.objects.filter(tip__case_tip__case=case).update(role="reported", role_set_by=by, role_set_at=NOW)


def token_of(dispatch: Dispatch) -> str:
    return str(sealing.unseal_json(dispatch.link_sealed)["token"])


def link_of(dispatch: Dispatch) -> str:
    """The path of the recipient's page."""
    assert dispatch.link_expires_at
    return "/r/" + signing.link(token_of(dispatch), int(dispatch.link_expires_at.timestamp()))


def answer(dispatch: Dispatch, said: dict[str, Any], at: datetime | None = None) -> None:
    """What the door stores when a recipient answers (and, where `at` is given, when that was)."""
    from tocsin.dispatch.models import Answer

    assert take_answer(token_of(dispatch), signing.form_token(), {"version": 1, **said}) == "new"
    if at:
        newest = Answer.objects.order_by("-pk").first()
        assert newest
        Answer.objects.filter(pk=newest.pk).update(received_at=at)


def gone(dispatch: Dispatch, code: str = "suspended") -> dict[str, Any]:
    """Every item of a notice is gone."""
    return {
        "items": {item.public_id: {"answer": code, "reason": ""} for item in dispatch.items.all()},
        "text": "",
    }
