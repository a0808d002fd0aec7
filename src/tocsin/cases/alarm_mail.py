"""The mail that wakes somebody: case numbers, a link that takes them, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.accounts.models import User
from tocsin.cases.models import Alarm
from tocsin.lib import sealing
from tocsin.post import outbox

POLICY = SMTP.clone(cte_type="7bit", max_line_length=200)
LISTED = 20  # numbers in one mail; the page of alarms has them all


def queue_mail(user: User, alarms: Sequence[Alarm], token: str, which: str) -> str:
    """Put it into the outbox and return its key. Inside `with write():`.

    `which` names this call of this person about these alarms: the same call has the same key and Message-ID, so
    the outbox takes it once.
    """
    name = sealing.lookup_tag("alarm", which)
    outbox.queue(f"alarm:{name}", user.email, _mime(user, alarms, token, name), urgent=True)
    return f"alarm:{name}"


def take_url(token: str) -> str:
    """The page with one button."""
    return _console(reverse("cases:take", args=[token], urlconf="tocsin.server.urls_console"))


def _console(path: str) -> str:
    return f"{settings.CONSOLE_URL}{path}"


def _mime(user: User, alarms: Sequence[Alarm], token: str, name: str) -> bytes:
    language = user.language or settings.LANGUAGE_CODE
    mail = EmailMessage(policy=POLICY)
    mail["Message-ID"] = f"<{name}@{settings.MAIL_DOMAIN}>"
    mail["From"] = Address(settings.HOTLINE_NAME, addr_spec=settings.MAIL_FROM)
    mail["To"] = user.email
    mail["X-Priority"] = "1"
    mail["Importance"] = "high"
    mail["Auto-Submitted"] = "auto-generated"
    with translation.override(language):
        mail["Subject"] = _subject(alarms)
        mail.set_content("\n\n".join(_paragraphs(alarms, token)) + "\n")
    mail["Content-Language"] = language  # after the content, which sets its own headers anew
    return mail.as_bytes()


def _subject(alarms: Sequence[Alarm]) -> str:
    if len(alarms) == 1:
        return _("Immediate: case %(number)s") % {"number": alarms[0].case.number}
    return ngettext("Immediate: %(n)d case", "Immediate: %(n)d cases", len(alarms)) % {"n": len(alarms)}


def _paragraphs(alarms: Sequence[Alarm], token: str) -> list[str]:
    numbers = [alarm.case.number for alarm in alarms[:LISTED]]
    more = len(alarms) - len(numbers)
    said = ngettext("This case needs a person now:", "These cases need a person now:", len(alarms))
    rest = [ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more}] if more > 0 else []
    last = _("Nobody on duty took it.") if any(alarm.unheard for alarm in alarms) else _("You are on duty.")
    again = ngettext(
        "Until somebody takes it, calls go out every minute.",
        "Until somebody takes it, calls go out every %(n)d minutes.",
        settings.ALARM_MINUTES,
    ) % {"n": settings.ALARM_MINUTES}
    return [
        "\n".join([said, *numbers, *rest]),
        _("Take it, with one button and without signing in:") + "\n" + take_url(token),
        _("Then sign in and read it:")
        + "\n"
        + _console(reverse("cases:alarms", urlconf="tocsin.server.urls_console")),
        f"{last} {again}",
    ]
