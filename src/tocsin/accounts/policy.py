"""Who may do what: one function; each room registers its rules in its `access.py`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from tocsin.accounts.models import Role, User

Rule = Callable[[User, Any], bool]
RULES: dict[str, Rule] = {}
P = ParamSpec("P")

CASEWORK = frozenset({Role.ANALYST, Role.REVIEWER, Role.COORDINATOR})
APPROVERS = frozenset({Role.REVIEWER, Role.COORDINATOR})


def register(action: str, rule: Rule) -> None:
    """Name an action ("case.read") and its rule; a second rule for the same name is a mistake."""
    if action in RULES and RULES[action] is not rule:
        raise ValueError(f"{action} has a rule already")
    RULES[action] = rule


def roles(allowed_roles: frozenset[Role]) -> Rule:
    """The simplest rule: one of these roles."""
    return lambda user, _target: user.role in allowed_roles


def allowed(user: User | AnonymousUser, action: str, target: Any = None) -> bool:
    """Whether this person may do this (to this object). An unknown action is refused."""
    if not isinstance(user, User) or not user.is_active:
        return False
    rule = RULES.get(action)
    return rule is not None and rule(user, target)


class StaffRequest(HttpRequest):
    """A request behind `needs`: the user is a person of the hotline."""

    user: User  # narrower than HttpRequest's on purpose


def needs(
    action: str,
) -> Callable[
    [Callable[Concatenate[StaffRequest, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Guard of a console view: sign-in first; unknown and forbidden are both 404."""

    def decorate(
        view: Callable[Concatenate[StaffRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), login_url="accounts:login")
            if not allowed(request.user, action):
                raise Http404
            response = view(request, *args, **kwargs)  # type: ignore[arg-type]  # user was checked just above
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        guarded.needs = action  # type: ignore[attr-defined]  # read by the test that walks every route
        return guarded  # type: ignore[return-value]  # `wraps` keeps the narrower request of the view

    return decorate
