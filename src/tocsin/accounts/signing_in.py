"""Sign a person in and out, and keep the language a person chose: the room's writes, each audited."""

from __future__ import annotations

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest

from tocsin.accounts.foureyes import NotAllowed
from tocsin.accounts.models import User
from tocsin.audit.record import record
from tocsin.lib.writing import write


def sign_in(request: HttpRequest, user: User) -> None:
    """Begin a session for a person whose password was checked."""
    with write():
        auth.login(request, user)
        record(user.actor, "accounts.signed_in", user.actor)


def sign_out(request: HttpRequest) -> None:
    """End the session; nothing to do where there is none."""
    user = request.user
    with write():
        auth.logout(request)
        if isinstance(user, User):
            record(user.actor, "accounts.signed_out", user.actor)


def set_language(user: User, code: str) -> None:
    """Keep the language of this person's pages; an empty code follows the browser again."""
    if code and code not in dict(settings.CONSOLE_LANGUAGES):
        raise NotAllowed("This language is not one of ours.")
    with write():
        User.objects.filter(pk=user.pk).update(language=code)
        record(user.actor, "accounts.language", user.actor, language=code)
