"""Show a sealed identifier to a person who works on the case; each look is recorded."""

from __future__ import annotations

from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.cases.models import Case, Finding
from tocsin.lib.writing import write
from tocsin.tips.models import Mention
from tocsin.tips.sealed import open_identifier


def reveal(case: Case, public_id: str, user: User) -> tuple[str, str, str] | None:
    """Kind, platform and canonical text of a sealed mention or finding of this case; None where there is none."""
    sealed = _sealed(case, public_id)
    if sealed is None:
        return None
    with write():
        record(user.actor, "identifier.reveal", case.audit_name, mention=public_id)
    return open_identifier(sealed)


def _sealed(case: Case, public_id: str) -> bytes | memoryview | None:
    mention = Mention.objects.filter(public_id=public_id, tip__case_tip__case=case).first()
    found = mention or Finding.objects.filter(public_id=public_id, case=case).first()
    return found.identifier_sealed if found else None
