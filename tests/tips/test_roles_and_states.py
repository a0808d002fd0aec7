"""What people of the hotline do with mentions and tips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tocsin.accounts.foureyes import NotAllowed
from tocsin.audit.models import AuditRow
from tocsin.identifiers.models import Identifier
from tocsin.tips import opening, steps
from tocsin.tips.mentions import set_role
from tocsin.tips.models import Mention, Tip
from tocsin.tips.progress import OUTCOMES, release
from tocsin.tips.sealed import open_identifier

pytestmark = pytest.mark.django_db
Send = Callable[..., Tip]


def mention_of(tip: Tip) -> Mention:
    steps.read(500)
    return tip.mentions.get()


def test_a_person_says_who_is_reported(tip: Send, analyst: Any) -> None:
    mention = set_role(mention_of(tip("https://x.com/binghua_studio")), "reported", analyst)
    assert (mention.role, mention.role_set_by) == ("reported", analyst)
    row = AuditRow.objects.get(action="mention.role")
    assert row.object == f"mention:{mention.public_id}"
    assert row.detail == {"before": "unknown", "after": "reported"}


def test_a_childs_identifier_is_sealed_and_its_readable_row_deleted(tip: Send, analyst: Any) -> None:
    mention = set_role(mention_of(tip("https://x.com/binghua_studio")), "child", analyst)
    assert mention.identifier is None
    assert open_identifier(mention.identifier_sealed or b"") == ("account", "x", "binghua_studio")
    assert b"binghua" not in bytes(mention.identifier_sealed or b"")
    assert not Identifier.objects.exists()


def test_a_row_that_another_tip_names_stays(tip: Send, analyst: Any) -> None:
    first, second = tip("https://x.com/binghua_studio"), tip("x.com/binghua_studio again")
    set_role(mention_of(first), "child", analyst)
    assert Identifier.objects.count() == 1
    assert second.mentions.get().identifier is not None


def test_a_sealed_identifier_comes_back_when_the_role_was_wrong(tip: Send, analyst: Any) -> None:
    before = mention_of(tip("https://x.com/binghua_studio"))
    strength = before.strength
    back = set_role(set_role(before, "child", analyst), "unknown", analyst)
    assert back.identifier_sealed is None and back.identifier is not None
    assert (back.identifier.canonical, back.identifier.strength) == ("binghua_studio", strength)


def test_child_and_reporter_are_both_sealed(tip: Send, analyst: Any) -> None:
    child = set_role(mention_of(tip("https://x.com/binghua_studio")), "child", analyst)
    sealed = child.identifier_sealed
    assert set_role(child, "reporter", analyst).identifier_sealed == sealed


def test_an_unknown_role_is_refused(tip: Send, analyst: Any) -> None:
    with pytest.raises(ValueError, match="suspect"):
        set_role(mention_of(tip("https://x.com/binghua_studio")), "suspect", analyst)


def test_opening_moves_a_tip_once(tip: Send, analyst: Any) -> None:
    one = tip("album")
    assert opening.mark_opened([one], analyst) == 1
    first = Tip.objects.get()
    assert opening.mark_opened([one], analyst) == 0
    assert Tip.objects.get().opened_at == first.opened_at is not None
    assert AuditRow.objects.filter(action="tip.opened").count() == 1


def test_a_closed_tip_stays_closed(tip: Send, analyst: Any) -> None:
    one = tip("album")
    assert opening.mark_actionable([one], analyst) == 1
    assert opening.mark_actionable([one], analyst, actionable=False) == 1
    assert opening.close([one], analyst) == 1
    assert opening.mark_opened([one], analyst) == opening.mark_actionable([one], analyst) == 0
    assert Tip.objects.get().state == "closed"


def test_an_outcome_is_released_by_a_person_and_recorded(tip: Send, reviewer: Any) -> None:
    one = tip("album")
    assert release([one], "helped", reviewer) == 1
    stored = Tip.objects.get()
    assert (stored.outcome, stored.outcome_released_by) == ("helped", reviewer)
    assert stored.outcome_released_at is not None
    assert AuditRow.objects.get(action="tip.outcome").detail == {"outcome": "helped"}
    assert release([one], "helped", reviewer) == 0


def test_nothing_is_released_under_a_hold(tip: Send, reviewer: Any) -> None:
    with pytest.raises(NotAllowed):
        release([tip("album")], "helped", reviewer, held=True)
    assert Tip.objects.get().outcome == ""


def test_an_invented_sentence_is_refused(tip: Send, reviewer: Any) -> None:
    with pytest.raises(NotAllowed):
        release([tip("album")], "he was arrested", reviewer)


def test_no_sentence_speaks_of_police_recipients_or_other_tips() -> None:
    for sentence in OUTCOMES.values():
        lowered = str(sentence).lower()
        assert not any(
            word in lowered for word in ("police", "arrest", "provider", "platform", "other tips", "already")
        )
