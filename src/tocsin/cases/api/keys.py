"""Who calls: a key with a scope for cases, and the person whose rights it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest
from ninja.security import HttpBearer

from tocsin.accounts import policy
from tocsin.accounts.models import User
from tocsin.tips import clients
from tocsin.tips.api import callers
from tocsin.tips.api.problems import Problem
from tocsin.tips.models import ApiClient


@dataclass(frozen=True, slots=True)
class Acting:
    """A key that is valid now, and its person."""

    caller: callers.Caller
    user: User

    @property
    def via(self) -> str:
        """How the audit names the key."""
        return f"client:{self.caller.public_id}"


class PersonKey(HttpBearer):
    """`Authorization: Bearer tocsin_…`, for one scope, as a person who may do what the scope stands for."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Acting | None:
        """The key and its person; None (401) for an unknown key. Raises `Problem` 403 without scope or right."""
        caller = callers.caller(token)
        if caller is None:
            return None
        if self.scope not in caller.scopes:
            raise Problem(403, f"This key lacks the scope {self.scope}.")
        user = ApiClient.objects.select_related("acts_as").get(pk=caller.pk).acts_as
        if user is None or not policy.allowed(user, clients.AS_A_PERSON[self.scope]):
            raise Problem(403, "The person as whom this key acts may not do this any more.")
        callers.admit(caller)
        return Acting(caller, user)


def acting(request: HttpRequest) -> Acting:
    """Who calls this route."""
    return cast(Acting, request.auth)  # type: ignore[attr-defined]  # set by the framework once `PersonKey` let it pass
